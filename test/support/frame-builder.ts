// In: header fields and payloads. Out: the bytes of frames, put together from the inside out: ethernet(ipv4({...}, tcp({...}))).

import { Frame } from '../../src/capture/frame.ts';
import { Flag } from '../../src/wire/packet.ts';

export type Bytes = Uint8Array;

/** All arguments in a row: numbers are single bytes. */
export function join(...parts: (Bytes | number)[]): Bytes {
  const length = parts.reduce<number>((sum, part) => sum + (typeof part === 'number' ? 1 : part.length), 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'number') bytes[at++] = part;
    else {
      bytes.set(part, at);
      at += part.length;
    }
  }
  return bytes;
}

/** Hexadecimal digits, blanks ignored. */
export function hex(digits: string): Bytes {
  const clean = digits.replace(/\s+/g, '');
  return Uint8Array.from({ length: clean.length / 2 }, (_, i) => Number.parseInt(clean.slice(2 * i, 2 * i + 2), 16));
}

export function u16(value: number): Bytes {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

export function u32(value: number): Bytes {
  return join(u16(value >>> 16), u16(value & 0xffff));
}

export function u16le(value: number): Bytes {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff);
}

export function u32le(value: number): Bytes {
  return join(u16le(value & 0xffff), u16le(value >>> 16));
}

export function ascii(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Ones' complement of the ones' complement sum (RFC 1071). */
export function internetChecksum(bytes: Bytes): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  return ~sum & 0xffff;
}

/** 4 bytes for dotted quads, 16 for anything with a colon. */
export function address(text: string): Bytes {
  if (!text.includes(':')) return Uint8Array.from(text.split('.'), Number);
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((g) => Number.parseInt(g, 16)));
  const left = groups(head);
  const right = groups(tail ?? '');
  const middle = tail === undefined ? [] : new Array<number>(8 - left.length - right.length).fill(0);
  return join(...[...left, ...middle, ...right].map(u16));
}

const FLAG_LETTERS: Readonly<Record<string, number>> = {
  F: Flag.FIN,
  S: Flag.SYN,
  R: Flag.RST,
  P: Flag.PSH,
  A: Flag.ACK,
  '.': Flag.ACK,
  U: Flag.URG,
  E: Flag.ECE,
  C: Flag.CWR,
};

/** "SA" or 0x12. */
function flagBits(flags: string | number): number {
  if (typeof flags === 'number') return flags;
  return [...flags].reduce((bits, letter) => bits | FLAG_LETTERS[letter]!, 0);
}

export interface TcpFields {
  sport?: number;
  dport?: number;
  seq?: number;
  ack?: number;
  /** Letters of FSRPAUEC ("." is ACK too), or the twelve bits. */
  flags?: string | number;
  win?: number;
  urgent?: number;
  /** Padded with zeros to a multiple of 4. */
  options?: Bytes;
  payload?: Bytes | string;
  /** In 4-byte words, where it is to lie. */
  dataOffset?: number;
  /** Where it is to lie; `tcpFrame` fills in the right one. */
  checksum?: number;
}

export function tcp(fields: TcpFields = {}): Bytes {
  const options = fields.options ?? new Uint8Array(0);
  const padding = new Uint8Array((4 - (options.length % 4)) % 4);
  const payload = typeof fields.payload === 'string' ? ascii(fields.payload) : (fields.payload ?? new Uint8Array(0));
  const offset = fields.dataOffset ?? 5 + (options.length + padding.length) / 4;
  return join(
    u16(fields.sport ?? 40000),
    u16(fields.dport ?? 80),
    u32(fields.seq ?? 1000),
    u32(fields.ack ?? 0),
    u16((offset << 12) | flagBits(fields.flags ?? 'S')),
    u16(fields.win ?? 1000),
    u16(fields.checksum ?? 0),
    u16(fields.urgent ?? 0),
    options,
    padding,
    payload,
  );
}

export interface IpFields {
  src?: string;
  dst?: string;
  protocol?: number;
  id?: number;
  ttl?: number;
  /** Bytes, a multiple of 8. */
  fragmentOffset?: number;
  moreFragments?: boolean;
  options?: Bytes;
  /** Where the length field is to lie. */
  length?: number;
}

export function ipv4(fields: IpFields, payload: Bytes): Bytes {
  const options = fields.options ?? new Uint8Array(0);
  const headerLength = 20 + options.length;
  const header = join(
    0x40 | (headerLength / 4),
    0,
    u16(fields.length ?? headerLength + payload.length),
    u16(fields.id ?? 0),
    u16(((fields.fragmentOffset ?? 0) / 8) | (fields.moreFragments === true ? 0x2000 : 0)),
    fields.ttl ?? 64,
    fields.protocol ?? 6,
    u16(0),
    address(fields.src ?? '10.0.0.1'),
    address(fields.dst ?? '10.0.0.2'),
    options,
  );
  header.set(u16(internetChecksum(header)), 10);
  return join(header, payload);
}

/** `length` overrides the payload length field, `protocol` is the next header. */
export function ipv6(fields: IpFields, payload: Bytes): Bytes {
  return join(
    u32(0x60000000),
    u16(fields.length ?? payload.length),
    fields.protocol ?? 6,
    fields.ttl ?? 64,
    address(fields.src ?? '2001:db8::1'),
    address(fields.dst ?? '2001:db8::2'),
    payload,
  );
}

export function udp(sport: number, dport: number, payload: Bytes): Bytes {
  return join(u16(sport), u16(dport), u16(8 + payload.length), u16(0), payload);
}

/** Ethernet II; the type is found from an IP version nibble unless given. */
export function ethernet(payload: Bytes, type = etherTypeOf(payload)): Bytes {
  return join(hex('02 00 00 00 00 02 02 00 00 00 00 01'), u16(type), payload);
}

/** A tag and what it carries, to stand behind an EtherType field: ethernet(vlan(7, packet), 0x8100). */
export function vlan(id: number, payload: Bytes, type = etherTypeOf(payload)): Bytes {
  return join(u16(id), u16(type), payload);
}

function etherTypeOf(payload: Bytes): number {
  return payload[0]! >> 4 === 6 ? 0x86dd : 0x0800;
}

/** LLC and SNAP with an EtherType (RFC 1042). */
export function snap(payload: Bytes, type = etherTypeOf(payload)): Bytes {
  return join(hex('aaaa03000000'), u16(type), payload);
}

/** One TCP segment in Ethernet, IPv4 or IPv6 by the look of `src`, with right checksums. */
export function tcpFrame(fields: TcpFields & { src?: string; dst?: string; id?: number; ttl?: number } = {}): Bytes {
  return ethernet(tcpPacket(fields));
}

/** The same without Ethernet. */
export function tcpPacket(fields: TcpFields & { src?: string; dst?: string; id?: number; ttl?: number } = {}): Bytes {
  const { src = '10.0.0.1', dst = '10.0.0.2', id = 0, ttl = 64, ...rest } = fields;
  const segment = tcp(rest);
  if (rest.checksum === undefined) {
    const pseudo = join(address(src), address(dst), u32(segment.length), u32(6));
    segment.set(u16(internetChecksum(join(pseudo, segment))), 16);
  }
  const ip = { src, dst, id, ttl };
  return src.includes(':') ? ipv6(ip, segment) : ipv4(ip, segment);
}

export interface FrameFields {
  linkType?: number;
  /** Bytes the frame had on the wire; by default all that are there. */
  originalLength?: number;
  /** Snap length: only so many bytes were captured. */
  captured?: number;
  number?: number;
  /** Nanoseconds since 1970. */
  timeNs?: bigint;
  fcsLength?: number;
}

/** A Frame as a reader would hand it over, at an odd offset in a larger buffer, as in a chunk. */
export function frameOf(bytes: Bytes, fields: FrameFields = {}): Frame {
  const captured = Math.min(fields.captured ?? bytes.length, bytes.length);
  const chunk = new Uint8Array(captured + 14).fill(0xee);
  chunk.set(bytes.subarray(0, captured), 7);
  const frame = new Frame();
  frame.number = fields.number ?? 1;
  const timeNs = fields.timeNs ?? 1_700_000_000_000_000_000n;
  frame.seconds = Number(timeNs / 1_000_000_000n);
  frame.nanoseconds = Number(timeNs % 1_000_000_000n);
  frame.capturedLength = captured;
  frame.originalLength = fields.originalLength ?? bytes.length;
  frame.linkType = fields.linkType ?? 1;
  frame.fcsLength = fields.fcsLength ?? 0;
  frame.bytes = chunk;
  frame.view = new DataView(chunk.buffer);
  frame.start = 7;
  return frame;
}
