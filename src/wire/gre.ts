// In: GRE (RFC 2784, 2890; version 1: RFC 2637) and what Cisco and others put into it. Out: the protocol inside.

import { ethernet } from './ethernet.ts';
import { frameRelay } from './frame-relay.ts';
import { ipv4 } from './ipv4.ts';
import { ppp } from './ppp.ts';
import { byEtherType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGMENT = 0x0080;
const VERSION = 0x0007;

export function gre(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('gre');
  const flags = walk.u16(0);
  const protocol = walk.u16(2);
  let length = 4;
  if ((flags & (CHECKSUM | ROUTING)) !== 0) length += 4;
  if ((flags & KEY) !== 0) length += 4;
  if ((flags & SEQUENCE) !== 0) length += 4;
  if ((flags & VERSION) === 1 && (flags & ACKNOWLEDGMENT) !== 0) length += 4;
  if ((flags & ROUTING) !== 0) {
    // Source route entries (RFC 1701): family, offset, length, then that many bytes; family 0 ends the list.
    for (;;) {
      if (!walk.has(length + 4)) return walk.stopShort('gre');
      const family = walk.u16(length);
      const entry = walk.u8(length + 3);
      length += 4 + entry;
      if (family === 0 && entry === 0) break;
    }
  }
  if (!walk.has(length)) return walk.stopShort('gre');
  walk.pos += length;
  walk.greSequence = (flags & SEQUENCE) !== 0;
  return greProtocol(walk, protocol);
}

/** Goes on with what GRE's protocol field names: EtherTypes and a few of its own. */
export function greProtocol(walk: Walk, protocol: number): Layer | null {
  switch (protocol) {
    case 0x0800:
      return ipv4;
    case 0x880b: // PPP (PPTP)
    case 0x88d2: // CDMA2000
    case 0x8881:
      return ppp;
    case 0x6558:
    case 0x6400: // Fortinet and others
      return ethernet;
    case 0x6559:
      return frameRelay;
    case 0x883e: // WCCP: four bytes of redirect header, left out by version 1
      if (!walk.has(1)) return walk.stopShort('gre');
      return walk.u8(0) >> 4 === 4 ? ipv4 : wccp;
    case 0x88be:
      return erspan;
    case 0x22eb:
      return erspan;
  }
  if (protocol < 0x600) return walk.stop('gre', 'protocol without TCP');
  return byEtherType(walk, protocol);
}

function wccp(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('wccp');
  return walk.skip(4, ipv4);
}

/** ERSPAN: type I has no header and no GRE sequence number, II has 8 bytes, III has 12 and 8 more if its last bit is set. */
function erspan(walk: Walk): Layer | null {
  if (!walk.greSequence) return ethernet;
  if (!walk.has(8)) return walk.stopShort('erspan');
  const version = walk.u8(0) >> 4;
  if (version === 1) return walk.skip(8, ethernet);
  if (version !== 2) return walk.stop('erspan', 'unknown version');
  if (!walk.has(12)) return walk.stopShort('erspan');
  const length = (walk.u8(11) & 1) !== 0 ? 20 : 12;
  if (!walk.has(length)) return walk.stopShort('erspan');
  return walk.skip(length, ethernet);
}
