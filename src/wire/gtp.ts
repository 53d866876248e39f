// In: GTP-U (3GPP TS 29.281), versions 0 and 1. Out: the user's IP datagram or PPP frame.

import { ethernet } from './ethernet.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { ppp } from './ppp.ts';
import type { Layer, Walk } from './walk.ts';

const MESSAGE_G_PDU = 255;
/** 0: GTP' (3GPP TS 32.295); in version 0 with a header of 6 bytes, or one as long as GTP's. */
const PROTOCOL_TYPE = 0x10;
const SHORT_HEADER = 0x01;
/** Any of: extension header, sequence number, N-PDU number; the four optional bytes are then there together. */
const OPTIONAL_FIELDS = 0x07;
const EXTENSION = 0x04;

export function gtp(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('gtp');
  const flags = walk.u8(0);
  if (walk.u8(1) !== MESSAGE_G_PDU) return walk.stop('gtp', 'not user data');
  const version = flags >> 5;
  if ((flags & PROTOCOL_TYPE) === 0 && (version === 1 || (flags & SHORT_HEADER) !== 0))
    return walk.stop('gtp', "GTP', which carries charging data");
  if (version === 0) {
    if (!walk.has(20)) return walk.stopShort('gtp');
    walk.trim(20 + walk.u16(2));
    return walk.skip(20, userDatagram);
  }
  if (version !== 1) return walk.stop('gtp', 'version without user data');
  walk.trim(8 + walk.u16(2));
  let length = 8;
  if ((flags & OPTIONAL_FIELDS) !== 0) {
    if (!walk.has(12)) return walk.stopShort('gtp');
    length = 12;
    if ((flags & EXTENSION) !== 0) {
      // Each extension: its length in 4-byte words, content, type of the next one.
      let next = walk.u8(11);
      while (next !== 0) {
        if (!walk.has(length + 1)) return walk.stopShort('gtp');
        const words = walk.u8(length);
        if (words === 0 || !walk.has(length + words * 4)) return walk.stopShort('gtp');
        length += words * 4;
        next = walk.u8(length - 1);
      }
    }
  }
  walk.pos += length;
  return userDatagram;
}

/** Nothing names the user's protocol; tshark's guess by first byte. */
function userDatagram(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('gtp');
  const first = walk.u8(0);
  if (first >= 0x45 && first <= 0x4e) return ipv4;
  if (first >> 4 === 6) return ipv6;
  if (first === 0xff && walk.u8(1) === 0x03) return ppp;
  return ethernet;
}
