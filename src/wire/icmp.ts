// In: ICMP (RFC 792) and ICMPv6 (RFC 4443) errors. Out: the datagram they quote.

import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import type { Layer, Walk } from './walk.ts';

const HEADER = 8;
const FRAGMENTATION_NEEDED = 4;

export function icmp(walk: Walk): Layer | null {
  if (!walk.has(1)) return walk.stopShort('icmp');
  switch (walk.u8(0)) {
    case 3: // destination unreachable
    case 4: // source quench
    case 5: // redirect
    case 11: // time exceeded
    case 12: // parameter problem
      break;
    default:
      return walk.stop('icmp', 'not an error, quotes nothing');
  }
  if (!walk.has(HEADER)) return walk.stopShort('icmp');
  // RFC 4884: where extensions follow the quotation, its length in 4-byte words stands in the sixth byte.
  const quotedLength = walk.u8(5) * 4;
  const type = walk.u8(0);
  walk.packet.undeliverable = type >= 11 || (type === 3 && walk.u8(1) !== FRAGMENTATION_NEEDED);
  walk.pos += HEADER;
  if (quotedLength > 0 && walk.u8(-HEADER) !== 5 && walk.u8(-HEADER) !== 4) walk.trim(quotedLength);
  walk.quoted = true;
  return ipv4;
}

export function icmpv6(walk: Walk): Layer | null {
  if (!walk.has(1)) return walk.stopShort('icmpv6');
  const type = walk.u8(0);
  // 1 unreachable, 2 too big, 3 time exceeded, 4 parameter problem.
  if (type < 1 || type > 4) return walk.stop('icmpv6', 'not an error, quotes nothing');
  if (!walk.has(HEADER)) return walk.stopShort('icmpv6');
  walk.packet.undeliverable = type !== 2;
  walk.pos += HEADER;
  walk.quoted = true;
  return ipv6;
}
