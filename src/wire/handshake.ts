// In: a SYN. Out: what its options offer, as one word.

import type { Packet } from './packet.ts';

/** The word: MSS in the low 16 bits, window shift in the next four, then these. */
export const HandshakeBit = {
  WINDOW_SCALE: 1 << 20,
  SACK: 1 << 21,
  TIMESTAMPS: 1 << 22,
  MSS: 1 << 23,
  /** A SYN, a SYN-ACK was sent by this end. */
  SYN: 1 << 24,
  SYN_ACK: 1 << 25,
  /** The first of them carried data; a Fast Open cookie or request for one. */
  DATA: 1 << 26,
  FAST_OPEN: 1 << 27,
  /** The shift was above 14 (RFC 7323 2.3). */
  SCALE_TOO_LARGE: 1 << 28,
  /** The SYN-ACK did not acknowledge that data. */
  DATA_IGNORED: 1 << 29,
} as const;

export function handshakeWord(packet: Packet): number {
  let word = packet.mss > 0 ? packet.mss | HandshakeBit.MSS : 0;
  if (packet.windowScale >= 0) {
    word |= HandshakeBit.WINDOW_SCALE | (Math.min(packet.windowScale, 14) << 16);
    if (packet.windowScale > 14) word |= HandshakeBit.SCALE_TOO_LARGE;
  }
  if (packet.sackPermitted) word |= HandshakeBit.SACK;
  if (packet.hasTimestamps) word |= HandshakeBit.TIMESTAMPS;
  if (packet.payloadLength > 0) word |= HandshakeBit.DATA;
  if (packet.fastOpenCookieLength >= 0) word |= HandshakeBit.FAST_OPEN;
  return word;
}
