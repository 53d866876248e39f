// In: link headers of older or rarer networks: FDDI, token ring, ARCNET, IP over InfiniBand, ATM, Fibre Channel. Out: LLC or IP.

import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { llc } from './llc.ts';
import { rawIp } from './raw-ip.ts';
import { byEtherType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

/** FDDI: frame control, two addresses; asynchronous LLC frames only. */
export function fddi(walk: Walk): Layer | null {
  if (!walk.has(13)) return walk.stopShort('fddi');
  const control = walk.u8(0);
  if ((control & 0xf0) !== 0x50) return walk.stop('fddi', 'not an LLC frame');
  return walk.skip(13, llc);
}

/** IEEE 802.5: access and frame control, two addresses, a routing field if the source's first bit says so. */
export function tokenRing(walk: Walk): Layer | null {
  if (!walk.has(14)) return walk.stopShort('token ring');
  if (walk.u8(1) >> 6 !== 1) return walk.stop('token ring', 'not an LLC frame');
  let length = 14;
  if ((walk.u8(8) & 0x80) !== 0) {
    if (!walk.has(16)) return walk.stopShort('token ring');
    length += walk.u8(14) & 0x1f;
  }
  if (!walk.has(length)) return walk.stopShort('token ring');
  return walk.skip(length, llc);
}

/** ARCNET as the BSDs capture it: source, destination, protocol. */
export function arcnet(walk: Walk): Layer | null {
  return arcnetProtocol(walk, 2);
}

/** ARCNET as Linux captures it: two bytes of offset after the addresses. */
export function arcnetLinux(walk: Walk): Layer | null {
  return arcnetProtocol(walk, 4);
}

function arcnetProtocol(walk: Walk, at: number): Layer | null {
  if (!walk.has(at + 1)) return walk.stopShort('arcnet');
  const protocol = walk.u8(at);
  let length = at + 1;
  // RFC 1201 has a split flag and a sequence number, RFC 1051 (240, 241) has not.
  if (protocol !== 240 && protocol !== 241) {
    if (!walk.has(length + 3)) return walk.stopShort('arcnet');
    const exception = walk.u8(length) === 0xff;
    length += exception ? 7 : 3;
  }
  if (!walk.has(length)) return walk.stopShort('arcnet');
  switch (protocol) {
    case 212:
    case 240:
      return walk.skip(length, ipv4);
    case 196:
      return walk.skip(length, ipv6);
    default:
      return walk.stop('arcnet', 'protocol without TCP');
  }
}

/** LINKTYPE_IPOIB: 40 bytes of which the second half is the destination, then RFC 4391's EtherType and two reserved bytes. */
export function ipOverInfiniBand(walk: Walk): Layer | null {
  if (!walk.has(44)) return walk.stopShort('ipoib');
  const type = walk.u16(40);
  walk.pos += 44;
  return byEtherType(walk, type);
}

/** Classical IP over ATM (LINKTYPE_LINUX_IRDA's neighbour 106): a bare datagram, or LLC/SNAP before it. */
export function atmClip(walk: Walk): Layer | null {
  if (!walk.has(3)) return walk.stopShort('clip');
  return walk.u8(0) === 0xaa && walk.u8(1) === 0xaa ? llc : rawIp;
}

/** LINKTYPE_SUNATM: direction and traffic type, VPI, VCI; AAL5 traffic types 1 (LLC) and 2 (LANE) only the first. */
export function sunAtm(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('atm');
  if ((walk.u8(0) & 0x0f) !== 2) return walk.stop('atm', 'traffic type without LLC');
  return walk.skip(4, llc);
}

/** RFC 2625: network header of IP over Fibre Channel. */
export function ipOverFibreChannel(walk: Walk): Layer | null {
  if (!walk.has(16)) return walk.stopShort('ipfc');
  return walk.skip(16, llc);
}
