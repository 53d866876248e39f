// In: BSD loopback headers: an address family in the byte order of the machine that captured. Out: IP.

import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { ppp } from './ppp.ts';
import { byEtherType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

/** What is above is an EtherType, as in IEEE 802.3. */
const MOST_FAMILY = 1500;

/** LINKTYPE_NULL: the family in host byte order, which the number itself gives away (families are small). */
export function nullLoopback(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('null');
  // An ISDN driver writes PPP frames under this link type.
  if (walk.u16(0) === 0xff03) return ppp;
  let family = (walk.u16le(0) | (walk.u16le(2) << 16)) >>> 0;
  // Above 16 bits: in the upper half where that is small, else in the other byte order, of which 16 bits count (tshark 4.0.17).
  if (family > 0xffff) family = family < 0x0006_0000 ? family >>> 16 : walk.i32(0) >>> 0;
  if (family > MOST_FAMILY) {
    walk.pos += 4;
    return byEtherType(walk, family & 0xffff);
  }
  // 2 in the first 16 bits, big-endian, the rest 0: IRIX.
  return addressFamily(walk, family === 0x0200 ? 2 : family);
}

/** LINKTYPE_LOOP: OpenBSD, always network byte order. */
export function loop(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('loop');
  return addressFamily(walk, walk.i32(0) >>> 0);
}

/** LINKTYPE_ENC: OpenBSD's encapsulating interface: family in host byte order, SPI, flags. */
export function enc(walk: Walk): Layer | null {
  if (!walk.has(12)) return walk.stopShort('enc');
  const family = walk.u8(0) | walk.u8(3);
  walk.pos += 8;
  return addressFamily(walk, family);
}

/** LINKTYPE_PFLOG: OpenBSD's packet filter log: header length, family, verdict. */
export function pflog(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('pflog');
  const family = walk.u8(1);
  const length = (walk.u8(0) + 3) & ~3;
  if (length < 4 || !walk.has(length)) return walk.stopShort('pflog');
  walk.pos += length - 4;
  return addressFamily(walk, family);
}

/** AF_INET6 is 24 on NetBSD and OpenBSD (and Npcap), 28 on FreeBSD, 30 on macOS. */
function addressFamily(walk: Walk, family: number): Layer | null {
  walk.pos += 4;
  switch (family) {
    case 2:
      return ipv4;
    case 24:
    case 28:
    case 30:
      return ipv6;
  }
  return walk.stop('null', 'address family without TCP');
}
