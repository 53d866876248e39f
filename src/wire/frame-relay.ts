// In: frame relay with RFC 2427 or Cisco encapsulation. Out: the protocol inside.

import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { snap } from './llc.ts';
import { ppp } from './ppp.ts';
import { byEtherType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

const CONTROL_UI = 0x03;

export function frameRelay(walk: Walk): Layer | null {
  // The address ends with the byte whose lowest bit is set (Q.922): 2 to 4 bytes.
  let length = 0;
  do {
    if (!walk.has(length + 1)) return walk.stopShort('frame relay');
    length++;
  } while ((walk.u8(length - 1) & 1) === 0 && length < 4);
  if (!walk.has(length + 2)) return walk.stopShort('frame relay');
  walk.pos += length;
  if (walk.u8(0) !== CONTROL_UI) {
    const type = walk.u16(0);
    walk.pos += 2;
    return byEtherType(walk, type);
  }
  let at = 1;
  if (walk.u8(at) === 0) at++;
  if (!walk.has(at + 1)) return walk.stopShort('frame relay');
  const protocol = walk.u8(at);
  walk.pos += at + 1;
  switch (protocol) {
    case 0xcc:
      return ipv4;
    case 0x8e:
      return ipv6;
    case 0xcf:
      return ppp;
    case 0x80:
      return walk.has(5) ? snap(walk) : walk.stopShort('frame relay');
    default:
      return walk.stop('frame relay', 'protocol without TCP');
  }
}

/** One byte of direction first (LINKTYPE_FRELAY_WITH_DIR). */
export function frameRelayWithDirection(walk: Walk): Layer | null {
  if (!walk.has(1)) return walk.stopShort('frame relay');
  return walk.skip(1, frameRelay);
}
