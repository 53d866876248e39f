// In: PPP (RFC 1661) with or without HDLC framing, PPPoE (RFC 2516), Cisco HDLC. Out: the protocol inside.

import { ethernet } from './ethernet.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { llc } from './llc.ts';
import { mpls } from './mpls.ts';
import { byEtherType } from './registry.ts';
import { Trailer } from './trailer.ts';
import { vjUncompressed } from './vj.ts';
import type { Layer, Walk } from './walk.ts';

/** PPP as captures hold it: address and control may be there (ff 03) or negotiated away; 0f and 8f mean Cisco HDLC. */
export function ppp(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('ppp');
  const address = walk.u8(0);
  if (address === 0x0f || address === 0x8f) return ciscoHdlc;
  if (address === 0xff) walk.pos += 2;
  return pppProtocol(walk);
}

/** One byte of direction, then PPP (LINKTYPE_PPP_WITH_DIR, LINKTYPE_PPP_PPPD). */
export function pppWithDirection(walk: Walk): Layer | null {
  if (!walk.has(1)) return walk.stopShort('ppp');
  return walk.skip(1, ppp);
}

/** The protocol field: one byte where its lowest bit is set (RFC 1661 6.5), else two. */
export function pppProtocol(walk: Walk): Layer | null {
  if (!walk.has(1)) return walk.stopShort('ppp');
  let protocol = walk.u8(0);
  if ((protocol & 1) !== 0) {
    walk.pos += 1;
  } else {
    if (!walk.has(2)) return walk.stopShort('ppp');
    protocol = walk.u16(0);
    walk.pos += 2;
  }
  switch (protocol) {
    case 0x0021:
    case 0x0800:
      return ipv4;
    case 0x0057:
    case 0x86dd:
      return ipv6;
    case 0x002f:
      return vjUncompressed;
    case 0x002d:
      return walk.stop('ppp', 'Van Jacobson compressed TCP header');
    case 0x0031:
      // Bridging (RFC 3518): flags, MAC type (1 = Ethernet), then the frame.
      if (!walk.has(2)) return walk.stopShort('ppp');
      if (walk.u8(1) !== 1) return walk.stop('ppp', 'bridged frame that is not Ethernet');
      return walk.skip(2, ethernet);
    case 0x004b:
      return llc;
    case 0x0281:
    case 0x0283:
      return mpls;
    default:
      return walk.stop('ppp', 'protocol without TCP');
  }
}

/** PPPoE session (EtherType 0x8864, and LINKTYPE_PPP_ETHER): version and type, code, session, length, PPP without framing. */
export function pppoe(walk: Walk): Layer | null {
  if (!walk.has(6)) return walk.stopShort('pppoe');
  const length = walk.u16(4);
  walk.pos += 6;
  walk.trailer = Trailer.NONE;
  walk.trim(length);
  return pppProtocol;
}

/** Cisco HDLC: address, control, EtherType. */
export function ciscoHdlc(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('chdlc');
  const type = walk.u16(2);
  walk.pos += 4;
  return byEtherType(walk, type);
}

/** One byte of direction, then Cisco HDLC. */
export function ciscoHdlcWithDirection(walk: Walk): Layer | null {
  if (!walk.has(1)) return walk.stopShort('chdlc');
  return walk.skip(1, ciscoHdlc);
}
