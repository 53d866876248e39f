// In: VXLAN (RFC 7348), VXLAN-GPE, NSH (RFC 8300). Out: the frame or datagram inside.

import { ethernet } from './ethernet.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { mpls } from './mpls.ts';
import type { Layer, Walk } from './walk.ts';

export function vxlan(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('vxlan');
  return walk.skip(8, ethernet);
}

export function vxlanGpe(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('vxlan');
  const protocol = walk.u8(3);
  walk.pos += 8;
  return nextProtocol(walk, protocol);
}

/** Network service header (EtherType 0x894f and others): its length counts 4-byte words. */
export function nsh(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('nsh');
  const length = (walk.u8(1) & 0x3f) * 4;
  const protocol = walk.u8(3);
  if (length < 8 || !walk.has(length)) return walk.stopShort('nsh');
  walk.pos += length;
  return nextProtocol(walk, protocol);
}

/** The registry that VXLAN-GPE and NSH share. */
function nextProtocol(walk: Walk, protocol: number): Layer | null {
  switch (protocol) {
    case 1:
      return ipv4;
    case 2:
      return ipv6;
    case 3:
      return ethernet;
    case 4:
      return nsh;
    case 5:
      return mpls;
    default:
      return walk.stop('nsh', 'next protocol without TCP');
  }
}
