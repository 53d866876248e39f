// In: tunnels over UDP whose header is a few lines: Teredo, L2TP, AYIYA, CAPWAP, LISP, TZSP. Out: what they carry.

import { ethernet } from './ethernet.ts';
import { ieee80211, ieee80211SwappedControl } from './ieee80211.ts';
import { ipv6 } from './ipv6.ts';
import { pppProtocol } from './ppp.ts';
import { rawIp } from './raw-ip.ts';
import { byIpProtocol } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

/** Teredo (RFC 4380 5.1.1): authentication (00 01) and origin (00 00) indicators may stand before the IPv6 header. */
export function teredo(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('teredo');
  if (walk.u16(0) === 1) {
    if (!walk.has(4)) return walk.stopShort('teredo');
    const length = 4 + walk.u8(2) + walk.u8(3) + 9;
    if (!walk.has(length + 2)) return walk.stopShort('teredo');
    walk.pos += length;
  }
  if (walk.u16(0) === 0) {
    if (!walk.has(9)) return walk.stopShort('teredo');
    walk.pos += 8;
  }
  if (!walk.has(1)) return walk.stopShort('teredo');
  return walk.u8(0) >> 4 === 6 ? ipv6 : walk.stop('teredo', 'no IPv6 datagram inside');
}

/** L2TP version 2 data message (RFC 2661 3.1) with PPP in it. */
export function l2tp(walk: Walk): Layer | null {
  if (!walk.has(6)) return walk.stopShort('l2tp');
  const flags = walk.u16(0);
  if ((flags & 0x8000) !== 0) return walk.stop('l2tp', 'control message');
  if ((flags & 0x000f) !== 2) return walk.stop('l2tp', 'version without PPP');
  let length = (flags & 0x4000) !== 0 ? 8 : 6;
  if ((flags & 0x0800) !== 0) length += 4;
  if ((flags & 0x0200) !== 0) {
    if (!walk.has(length + 2)) return walk.stopShort('l2tp');
    length += 2 + walk.u16(length);
  }
  if (!walk.has(length + 2)) return walk.stopShort('l2tp');
  walk.pos += length;
  if (walk.u16(0) === 0xff03) walk.pos += 2;
  return pppProtocol;
}

/** AYIYA (draft-massar-v6ops-ayiya): identity and signature lengths in the first two bytes, next header in the fourth. */
export function ayiya(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('ayiya');
  const identity = 1 << (walk.u8(0) >> 4);
  const signature = (walk.u8(1) >> 4) * 4;
  const operation = walk.u8(2) & 0x0f;
  const nextHeader = walk.u8(3);
  if (operation !== 1) return walk.stop('ayiya', 'not a forwarded datagram');
  const length = 8 + identity + signature;
  if (!walk.has(length)) return walk.stopShort('ayiya');
  walk.pos += length;
  return byIpProtocol(walk, nextHeader);
}

/** CAPWAP data (RFC 5415 4.3): header length in 4-byte words, bit T for a native (802.11) frame. */
export function capwapData(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('capwap');
  if ((walk.u8(0) & 0x0f) !== 0) return walk.stop('capwap', 'encrypted');
  const length = (walk.u8(1) >> 3) * 4;
  const native = (walk.u8(2) & 1) !== 0;
  const fragment = (walk.u8(3) & 0x80) !== 0;
  const keepAlive = (walk.u8(3) & 0x08) !== 0;
  if (length < 8 || !walk.has(length)) return walk.stopShort('capwap');
  if (fragment || keepAlive) return walk.stop('capwap', 'fragment or keep-alive');
  // Cisco's controllers send the two frame control bytes swapped, and tshark expects that by default.
  return walk.skip(length, native ? ieee80211SwappedControl : ethernet);
}

/** LISP data (RFC 9300 5.1). */
export function lispData(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('lisp');
  return walk.skip(8, rawIp);
}

/** TZSP: version, type, encapsulation, then tagged fields up to the end tag. */
export function tzsp(walk: Walk): Layer | null {
  if (!walk.has(5)) return walk.stopShort('tzsp');
  const encapsulation = walk.u16(2);
  let length = 4;
  for (;;) {
    if (!walk.has(length + 1)) return walk.stopShort('tzsp');
    const kind = walk.u8(length);
    length += 1;
    if (kind === 1) break;
    if (kind === 0) continue;
    if (!walk.has(length + 1)) return walk.stopShort('tzsp');
    length += 1 + walk.u8(length);
  }
  if (!walk.has(length)) return walk.stopShort('tzsp');
  if (encapsulation === 1) return walk.skip(length, ethernet);
  if (encapsulation === 18) return walk.skip(length, ieee80211);
  return walk.stop('tzsp', 'encapsulation without TCP');
}
