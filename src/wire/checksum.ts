// In: a decoded Packet. Out: whether its TCP checksum (RFC 9293 3.1, RFC 1071) is right, as far as the capture lets one say.

import { HeaderCut, type Packet, PacketKind } from './packet.ts';

/** Numbers that are no address in linear memory: see textbook.as.ts. */
export const Checksum = {
  /** The segment was not wholly captured, or is no segment. */
  UNKNOWN: 0,
  CORRECT: 1,
  /** The sum of the pseudo header alone: the sending host left the rest to its network card, and was captured before that. */
  PARTIAL: 2,
  WRONG: 3,
} as const;
export type Checksum = (typeof Checksum)[keyof typeof Checksum];

const PROTOCOL_TCP = 6;

/** Judges the checksum. Reads the whole payload; called only where someone asks. */
export function tcpChecksum(packet: Packet): Checksum {
  const length = packet.headerLength + packet.payloadLength;
  const whole =
    packet.kind === PacketKind.SEGMENT &&
    packet.payloadLength >= 0 &&
    packet.cut !== HeaderCut.BOGUS_LENGTH &&
    packet.payloadEnd - packet.tcpStart >= length;
  if (!whole) return Checksum.UNKNOWN;
  const pseudo = pseudoHeaderSum(packet, length);
  if (fold(segmentSum(packet.view, packet.tcpStart, length, pseudo)) === 0xffff) return Checksum.CORRECT;
  return packet.checksum === fold(pseudo) ? Checksum.PARTIAL : Checksum.WRONG;
}

/** True or false for a checksum that is right or wrong, a partial one being wrong; null where it cannot be told. */
export function tcpChecksumOk(packet: Packet): boolean | null {
  const verdict = tcpChecksum(packet);
  return verdict === Checksum.UNKNOWN ? null : verdict === Checksum.CORRECT;
}

/** Source, destination, protocol and length (RFC 9293 3.1 for IPv4, RFC 8200 8.1 for IPv6), as an unfolded sum. */
function pseudoHeaderSum(packet: Packet, length: number): number {
  const { ipLayers, ip } = packet;
  let sum = PROTOCOL_TCP + (length >>> 16) + (length & 0xffff);
  // Words that IPv4 leaves unused are not read: they hold what an earlier frame left.
  const words = ipLayers[ip] === 4 ? 1 : 4;
  for (let word = 0; word < words; word++) {
    sum += halves(ipLayers[ip + 1 + word]!) + halves(ipLayers[ip + 5 + word]!);
  }
  return sum;
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/** Bytes whose words add up to less than 2^31 in either half. */
const RUN_BYTES = 1 << 16;

/** The sum over the segment, checksum field included, added to `sum`. Doubles hold it exactly; most is added in int32, twice as fast. */
function segmentSum(view: DataView, start: number, length: number, sum: number): number {
  const end = start + length;
  let at = start;
  while (at + 15 < end) {
    const last = Math.min(at + RUN_BYTES, end) - 16;
    let high = 0;
    let low = 0;
    for (; at <= last; at += 16) {
      const a = view.getInt32(at);
      const b = view.getInt32(at + 4);
      const c = view.getInt32(at + 8);
      const d = view.getInt32(at + 12);
      high = (high + (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)) | 0;
      low = (low + (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff)) | 0;
    }
    sum += high + low;
  }
  for (; at + 1 < end; at += 2) sum += view.getUint16(at);
  if (at < end) sum += view.getUint8(at) << 8;
  return sum;
}

/** Ones' complement addition of the carries. */
function fold(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}
