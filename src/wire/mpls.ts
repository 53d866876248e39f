// In: a stack of MPLS labels (RFC 3032). Out: what the bottom label carries, which nothing names: guessed as tshark does.

import { ethernet } from './ethernet.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import type { Layer, Walk } from './walk.ts';

const BOTTOM_OF_STACK = 0x100;
const LOCALLY_ADMINISTERED = 0x02;

export function mpls(walk: Walk): Layer | null {
  for (;;) {
    if (!walk.has(4)) return walk.stopShort('mpls');
    const entry = walk.i32(0);
    walk.pos += 4;
    if ((entry & BOTTOM_OF_STACK) !== 0) break;
  }
  if (!walk.has(1)) return walk.stopShort('mpls');
  // RFC 4928 3: IP is known by its version nibble; a pseudowire keeps clear of 4 and 6 with its control word.
  switch (walk.u8(0) >> 4) {
    case 4:
      return ipv4;
    case 6:
      return ipv6;
    case 1:
      return walk.stop('mpls', 'associated channel, no TCP');
    case 0:
      // RFC 4448: four bytes of control word, then Ethernet. tshark takes it for a bare frame only if it knows the vendors
      // of both addresses; a vendor is known only where neither address is locally administered.
      return looksLikeEthernet(walk) ? ethernet : walk.skip(4, ethernet);
    default:
      return walk.stop('mpls', 'payload is neither IP nor a pseudowire');
  }
}

/**
 * tshark's list of vendors in a few words: 00:00:00 is a vendor's (and what a zero control word before addresses with zeros
 * in them looks like); any other address counts as known if it is not locally administered and a plausible type follows.
 */
function looksLikeEthernet(walk: Walk): boolean {
  if (!walk.has(14)) return false;
  if ((walk.i32(0) | walk.i32(6)) >>> 8 === 0) return true;
  if (((walk.u8(0) | walk.u8(6)) & LOCALLY_ADMINISTERED) !== 0) return false;
  switch (walk.u16(12)) {
    case 0x0800:
    case 0x0806:
    case 0x86dd:
    case 0x8100:
    case 0x8847:
    case 0x88a8:
      return true;
    default:
      return false;
  }
}
