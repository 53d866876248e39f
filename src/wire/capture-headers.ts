// In: headers that capture systems put before the frame: NFLOG, PKTAP, Juniper, IPNET. Out: the frame or datagram.

import { ethernet } from './ethernet.ts';
import { frameRelay } from './frame-relay.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { LinkType } from './link-types.ts';
import { ciscoHdlc, ppp } from './ppp.ts';
import { rawIp } from './raw-ip.ts';
import { byEtherType, byLinkType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

const NFULA_PACKET_HDR = 1;
const NFULA_PAYLOAD = 9;

/**
 * Linux netfilter log: family, version, resource, then attributes in the capturing host's byte order (little-endian). Of the
 * payload's protocol the packet header's EtherType says more than the family, which may be that of a bridge (tshark 4.0.17).
 */
export function nflog(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('nflog');
  const family = walk.u8(0);
  let protocol = 0;
  let payload = -1;
  let payloadLength = 0;
  for (let at = 4; walk.has(at + 4); ) {
    const length = walk.u16le(at);
    const type = walk.u16le(at + 2) & 0x7fff;
    if (length < 4) return walk.stop('nflog', 'attribute length below 4');
    if (type === NFULA_PAYLOAD) {
      payload = at + 4;
      payloadLength = length - 4;
    } else if (!walk.has(at + length)) return walk.stopShort('nflog');
    else if (type === NFULA_PACKET_HDR && length >= 8) protocol = walk.u16(at + 4);
    at += (length + 3) & ~3;
  }
  if (payload < 0) return walk.stop('nflog', 'no payload attribute');
  walk.pos += payload;
  walk.trim(payloadLength);
  if (protocol !== 0) return byEtherType(walk, protocol);
  if (family === 2) return ipv4;
  if (family === 10) return ipv6;
  return walk.stop('nflog', 'address family without TCP');
}

/** Apple's PKTAP: header length, record type, link type of the frame, all little-endian. */
export function pktap(walk: Walk): Layer | null {
  if (!walk.has(12)) return walk.stopShort('pktap');
  const length = walk.u16le(0);
  const linkType = walk.u16le(8);
  if (length < 12 || !walk.has(length)) return walk.stopShort('pktap');
  walk.pos += length;
  return byLinkType(walk, linkType);
}

/** Solaris IPNET: family in the second byte of 24. */
export function ipnet(walk: Walk): Layer | null {
  if (!walk.has(24)) return walk.stopShort('ipnet');
  const family = walk.u8(1);
  walk.pos += 24;
  if (family === 1 || family === 2) return ipv4;
  if (family === 2 || family === 26) return ipv6;
  return walk.stop('ipnet', 'address family without TCP');
}

const JUNIPER_NO_L2 = 0x02;
const JUNIPER_EXTENSION = 0x80;

/** Juniper's capture header: magic "MGC", flags, extension attributes; then the link layer, or 4 bytes and a datagram. */
export function juniper(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('juniper');
  if ((walk.i32(0) & 0xffffff00) !== (0x4d474300 | 0)) return walk.stop('juniper', 'no magic number');
  const flags = walk.u8(3);
  let length = 4;
  if ((flags & JUNIPER_EXTENSION) !== 0) {
    if (!walk.has(6)) return walk.stopShort('juniper');
    length = 6 + walk.u16(4);
  }
  if (!walk.has(length)) return walk.stopShort('juniper');
  walk.pos += length;
  if ((flags & JUNIPER_NO_L2) !== 0) {
    if (!walk.has(4)) return walk.stopShort('juniper');
    return walk.skip(4, rawIp);
  }
  switch (walk.linkType) {
    case LinkType.JUNIPER_ETHER:
      return ethernet;
    case LinkType.JUNIPER_PPP:
      return ppp;
    case LinkType.JUNIPER_FRELAY:
      return frameRelay;
    case LinkType.JUNIPER_CHDLC:
      return ciscoHdlc;
    default:
      return walk.stop('juniper', 'interface type not decoded');
  }
}
