// In: nothing. Out: a capture of a few connections by the book, for running through before a large one.
//
// V8 compiles a function for what it has met so far, and starts again when something new comes: in a capture of a thousand connections the first
// FIN may come after a hundred thousand segments. Met once before, all of it is compiled at once (docs/PERFORMANCE.md says what that gives).

import { Readable } from 'node:stream';
import { Flag } from './wire/packet.ts';

/** From so many bytes on it takes less time than it saves. */
export const REHEARSED_BYTES = 1 << 26;

/** V8 begins to remember what a function meets at its eighth call or so. */
const CONNECTIONS = 24;
/** Of them so many at a time. */
const CONCURRENT = 3;

const FILE_HEADER = [0xa1b2c3d4, 0x00020004, 0, 0, 65535, 1];
const RECORD_HEADER = 16;
const IP = 14;
const TCP = 34;
const SYN_HEADER = 40;
const HEADER = 32;
/** MSS 1460, SACK permitted, window scale 7, and room for timestamps; timestamps alone. */
const SYN_OPTIONS = [0x020405b4, 0x0402080a, 0, 0, 0x01030307];
const OPTIONS = [0x0101080a, 0, 0];

/** Sender (0: the client), flags, bytes of payload. */
const LIFE: readonly (readonly [sender: 0 | 1, flags: number, payload: number])[] = [
  [0, Flag.SYN, 0],
  [1, Flag.SYN | Flag.ACK, 0],
  [0, Flag.ACK, 0],
  [0, Flag.ACK | Flag.PSH, 300],
  [1, Flag.ACK, 0],
  [1, Flag.ACK, 1280],
  [1, Flag.ACK | Flag.PSH, 1280],
  [0, Flag.ACK, 0],
  [1, Flag.ACK | Flag.PSH, 1280],
  [0, Flag.ACK, 0],
  [0, Flag.FIN | Flag.ACK, 0],
  [1, Flag.ACK, 0],
  [1, Flag.FIN | Flag.ACK, 0],
  [0, Flag.ACK, 0],
];

/** The connections as a pcap stream. */
export function rehearsal(): Readable {
  const head = new DataView(new ArrayBuffer(FILE_HEADER.length * 4));
  for (const [i, word] of FILE_HEADER.entries()) head.setUint32(4 * i, word);
  const parts = [head];
  for (let first = 0; first < CONNECTIONS; first += CONCURRENT) {
    const next = Array.from({ length: CONCURRENT }, () => [1, 1]);
    for (const [step, [sender, flags, payload]] of LIFE.entries()) {
      for (const [i, numbers] of next.entries()) {
        const ack = (flags & Flag.ACK) === 0 ? 0 : numbers[1 - sender]!;
        parts.push(record(first + i, step, sender, flags, numbers[sender]!, ack, payload));
        numbers[sender]! += payload + ((flags & (Flag.SYN | Flag.FIN)) === 0 ? 0 : 1);
      }
    }
  }
  return Readable.from([Buffer.concat(parts.map(({ buffer }) => new Uint8Array(buffer)))]);
}

function record(
  connection: number,
  step: number,
  sender: 0 | 1,
  flags: number,
  seq: number,
  ack: number,
  payload: number,
): DataView<ArrayBuffer> {
  const isSyn = (flags & Flag.SYN) !== 0;
  const header = isSyn ? SYN_HEADER : HEADER;
  const length = TCP + header + payload;
  const view = new DataView(new ArrayBuffer(RECORD_HEADER + length));
  view.setUint32(0, 1);
  view.setUint32(4, connection * LIFE.length + step);
  view.setUint32(8, length);
  view.setUint32(12, length);
  view.setUint16(RECORD_HEADER + 12, 0x0800);
  const ip = RECORD_HEADER + IP;
  view.setUint32(ip, 0x45000000 | (length - IP));
  view.setUint32(ip + 8, 0x40060000);
  const addresses = [0x0a000001, 0x0a000002];
  view.setUint32(ip + 12, addresses[sender]!);
  view.setUint32(ip + 16, addresses[1 - sender]!);
  const tcp = RECORD_HEADER + TCP;
  const ports = [20000 + connection, 12345];
  view.setUint16(tcp, ports[sender]!);
  view.setUint16(tcp + 2, ports[1 - sender]!);
  view.setUint32(tcp + 4, seq);
  view.setUint32(tcp + 8, ack);
  view.setUint16(tcp + 12, (header << 10) | flags);
  view.setUint16(tcp + 14, 500);
  for (const [i, word] of (isSyn ? SYN_OPTIONS : OPTIONS).entries()) view.setUint32(tcp + 20 + 4 * i, word);
  // RFC 9293 3.1: the pseudo header's addresses lie before it; its protocol and length are added.
  let sum = 6 + header + payload;
  for (let at = ip + 12; at < view.byteLength; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  view.setUint16(tcp + 16, ~sum & 0xffff);
  return view;
}
