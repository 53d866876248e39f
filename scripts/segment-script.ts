// In: a Markdown page with segments written one a line, as in packetdrill. Out: the frames of a capture.
//
//     ```segments
//     A 10.0.0.1:56219  iss 1000000
//     B 10.0.0.2:80     iss 5000000
//     A> S   0:0(0)       win 8192         <mss 1460,nop,wscale 8,nop,nop,sackOK>
//     B> S.  0:0(0)       ack 1 win 29200  <mss 1460>
//     A> .   1:1(0)       ack 1 win 256    +0.5
//     A> P.  1:626(625)   ack 1 win 256    pad
//     ```
//
// Flags: S F R P U E W and . for ACK, - for none. Numbers are relative to `iss`, windows raw. `+0.5`: seconds since the line before
// (else the block's `step`). `pad`: padded to the 60 bytes of a received Ethernet frame. `ttl 50`; `id 7`: IP identification; `copy`: that of
// the sender's frame before; `sum wrong`, `sum partial`: the TCP checksum; `cut 80`: only so many bytes captured; `stamp -0.01`: the
// frame keeps its place in the file but is stamped so much later; `other`: filler of other content; `offset 4`: the header's data
// offset field. What a side sends is cut from its block "bytes A"
// or "bytes B" (lines end in CR LF) by sequence number, so a retransmission carries the same bytes; beyond it comes filler.
// Other lines of a block: `at 2.5` begins it that many seconds after the start, `step 0.01`, `repeat 30 every 0.1` repeats it with
// other ports of A (with `hosts`, `ports` or `sources` behind it: other addresses of B, ports of B, addresses of A) and sequence numbers. A block "frame" is one frame in hexadecimal, with `at` and comments after #.

import { Flag } from '../src/wire/packet.ts';
import { hex, internetChecksum, join, tcpFrame, u16, u32 } from '../test/support/frame-builder.ts';
import type { FrameToWrite } from '../test/support/pcap-writer.ts';

interface Side {
  address: string;
  port: number;
  iss: number;
  bytes: Uint8Array;
  ipId: number;
}

interface TimedFrame {
  /** Nanoseconds since the start. */
  at: number;
  bytes: Uint8Array;
  /** Bytes on the wire, if not all were captured. */
  originalLength?: number;
  /** Nanoseconds by which its time stamp is off. */
  off?: number;
}

interface Line {
  fromA: boolean;
  flags: number;
  seq: number;
  length: number;
  ack: number;
  window: number;
  /** As written; sequence numbers in it depend on the round. */
  options: string;
  /** Seconds since the line before, or null for the block's step. */
  after: number | null;
  isPadded: boolean;
  ttl: number | null;
  ipId: number | null;
  isCopy: boolean;
  sum: 'right' | 'wrong' | 'partial';
  cut: number | null;
  /** Nanoseconds. */
  off: number;
  hasOtherContent: boolean;
  dataOffset: number | null;
}

interface Block {
  kind: string;
  lines: string[];
}

const FLAG_BITS: Readonly<Record<string, number>> = {
  F: Flag.FIN,
  S: Flag.SYN,
  R: Flag.RST,
  P: Flag.PSH,
  '.': Flag.ACK,
  U: Flag.URG,
  E: Flag.ECE,
  W: Flag.CWR,
};
const DEFAULT_START = Date.UTC(2024, 4, 6, 9, 57, 23) / 1000;
const DEFAULT_STEP = 0.001;
const NS = 1e9;
/** Smallest Ethernet frame without its check sequence (IEEE 802.3). */
const LEAST_FRAME = 60;

/** The frames the page describes, in the order of their times. @throws Error naming the line it cannot read */
export function framesOfScript(markdown: string): FrameToWrite[] {
  const blocks = codeBlocks(markdown);
  const bytesOf = (name: string): Uint8Array =>
    new TextEncoder().encode(
      blocks
        .filter((block) => block.kind === `bytes ${name}`)
        .map((block) => block.lines.map((line) => `${unescapeText(line)}\r\n`).join(''))
        .join(''),
    );
  const frames: TimedFrame[] = [];
  for (const block of blocks) {
    if (block.kind === 'segments') frames.push(...connectionFrames(block.lines, bytesOf('A'), bytesOf('B')));
    else if (block.kind === 'frame') frames.push(rawFrame(block.lines));
  }
  frames.sort((x, y) => x.at - y.at);
  return frames.map(({ at, bytes, originalLength, off = 0 }) => ({
    seconds: DEFAULT_START + Math.floor((at + off) / NS),
    nanoseconds: (at + off + NS) % NS,
    bytes,
    ...(originalLength !== undefined && { originalLength }),
  }));
}

function codeBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('```')) open?.lines.push(line);
    else if (open === null) {
      open = { kind: line.slice(3).trim(), lines: [] };
      blocks.push(open);
    } else open = null;
  }
  return blocks;
}

/** `\x1b` and `\u202e` in a bytes block are those characters, in UTF-8: they do not belong in a Markdown page. */
function unescapeText(line: string): string {
  return line.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4}))/g, (_all, two?: string, four?: string) =>
    String.fromCharCode(Number.parseInt(two ?? four!, 16)),
  );
}

function rawFrame(lines: readonly string[]): TimedFrame {
  const at = lines.find((line) => line.startsWith('at '));
  const digits = lines.filter((line) => !line.startsWith('at ')).map((line) => line.replace(/#.*/, ''));
  return { at: Math.round(Number(at?.slice(3) ?? 0) * NS), bytes: hex(digits.join('')) };
}

function connectionFrames(lines: readonly string[], bytesA: Uint8Array, bytesB: Uint8Array): TimedFrame[] {
  let start = 0;
  let step = DEFAULT_STEP;
  let repeat = 1;
  let every = 0;
  let varied = 'own ports';
  const sides: { A?: Side; B?: Side } = {};
  const segments: Line[] = [];
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const [first, second] = words;
    if (first === '' || first === undefined || first.startsWith('#')) continue;
    if (first === 'at') start = Number(second);
    else if (first === 'step') step = Number(second);
    else if (first === 'repeat') [repeat, every, varied] = [Number(second), Number(words[3]), words[4] ?? varied];
    else if (first === 'A' || first === 'B') sides[first] = side(line, first === 'A' ? bytesA : bytesB);
    else segments.push(segmentLine(line));
  }
  const { A, B } = sides;
  if (A === undefined || B === undefined) throw new Error('a segments block needs the lines A and B');
  const frames: TimedFrame[] = [];
  for (let round = 0; round < repeat; round++) {
    const a = { ...A, iss: A.iss + round * 1_000_003, ipId: 1 + round * 100 };
    const b = { ...B, iss: B.iss + round * 1_000_033, ipId: 1 + round * 100 };
    if (varied === 'own ports') a.port += round;
    else if (varied === 'ports') b.port += round;
    else if (varied === 'hosts') b.address = nthAddress(b.address, round);
    else a.address = nthAddress(a.address, round);
    let at = Math.round((start + round * every) * NS);
    segments.forEach((segment, i) => {
      if (i > 0 || segment.after !== null) at += Math.round((segment.after ?? step) * NS);
      const bytes = segment.fromA ? frameBytes(segment, a, b) : frameBytes(segment, b, a);
      const { cut, off } = segment;
      frames.push({
        at,
        off,
        bytes: cut === null ? bytes : bytes.slice(0, cut),
        ...(cut !== null && { originalLength: bytes.length }),
      });
    });
  }
  return frames;
}

function side(line: string, bytes: Uint8Array): Side {
  const match = /^[AB]\s+(?:\[(.+?)\]|([\d.]+)):(\d+)(?:\s+iss\s+(\d+))?/.exec(line.trim());
  if (match === null) throw new Error(`cannot read the endpoint in: ${line}`);
  const [, v6, v4, port, iss] = match;
  return { address: v6 ?? v4!, port: Number(port), iss: Number(iss ?? 1_000_000), bytes, ipId: 1 };
}

/** The address `n` after an IPv4 one. */
function nthAddress(text: string, n: number): string {
  const bytes = text.split('.').map(Number);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0) + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

const SEGMENT = /^([AB])>\s+([-SFRPUEW.]+)\s+(\d+):(\d+)\((\d+)\)(.*)$/;

function segmentLine(line: string): Line {
  const match = SEGMENT.exec(line.trim());
  if (match === null) throw new Error(`cannot read the segment in: ${line}`);
  const [, from, letters, seq, end, length, rest] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (Number(end) - Number(seq) !== Number(length)) throw new Error(`sequence numbers and length differ in: ${line}`);
  const options = /<(.*?)>/.exec(rest)?.[1];
  const numberAfter = (word: string): number => Number(new RegExp(`\\b${word} (\\d+)`).exec(rest)?.[1] ?? 0);
  const after = /\+([\d.]+)/.exec(rest)?.[1];
  return {
    fromA: from === 'A',
    flags: [...letters].reduce((bits, letter) => bits | (FLAG_BITS[letter] ?? 0), 0),
    seq: Number(seq),
    length: Number(length),
    ack: numberAfter('ack'),
    window: numberAfter('win'),
    options: options ?? '',
    after: after === undefined ? null : Number(after),
    isPadded: /\bpad\b/.test(rest),
    ttl: numberOrNull(rest, 'ttl'),
    ipId: numberOrNull(rest, 'id'),
    isCopy: /\bcopy\b/.test(rest),
    sum: (/\bsum (wrong|partial)\b/.exec(rest)?.[1] ?? 'right') as Line['sum'],
    cut: numberOrNull(rest, 'cut'),
    off: Math.round(Number(/\bstamp (-?[\d.]+)/.exec(rest)?.[1] ?? 0) * NS),
    hasOtherContent: /\bother\b/.test(rest),
    dataOffset: numberOrNull(rest, 'offset'),
  };
}

function numberOrNull(text: string, word: string): number | null {
  const digits = new RegExp(`\\b${word} (\\d+)`).exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** "mss 1460,nop,wscale 8,sackOK,TS val 1 ecr 0,sack 1461:2921": as tcpdump prints them; `sack` edges are relative too. */
function optionBytes(text: string, peerIss: number): Uint8Array {
  return join(
    ...text.split(',').flatMap((option): (Uint8Array | number)[] => {
      const [name, ...values] = option.trim().split(/[\s:]+/);
      const number = (at: number): number => Number(values[at]);
      switch (name) {
        case 'nop':
          return [1];
        case 'mss':
          return [2, 4, u16(number(0))];
        case 'wscale':
          return [3, 3, number(0)];
        case 'sackOK':
          return [4, 2];
        case 'sack':
          return [5, 10, u32((peerIss + number(0)) >>> 0), u32((peerIss + number(1)) >>> 0)];
        case 'tfo': {
          const cookie = hex(values[0] ?? '');
          return [34, 2 + cookie.length, cookie];
        }
        case 'TS':
          return [8, 10, u32(number(1)), u32(number(3))];
        default:
          throw new Error(`unknown TCP option "${option.trim()}"`);
      }
    }),
  );
}

function frameBytes(segment: Line, sender: Side, receiver: Side): Uint8Array {
  if (segment.isCopy) sender.ipId--;
  const id = segment.ipId ?? sender.ipId++;
  const frame = tcpFrame({
    src: sender.address,
    dst: receiver.address,
    id,
    ...(segment.ttl !== null && { ttl: segment.ttl }),
    ...(segment.dataOffset !== null && { dataOffset: segment.dataOffset }),
    sport: sender.port,
    dport: receiver.port,
    seq: (sender.iss + segment.seq) >>> 0,
    ack: (segment.flags & Flag.ACK) === 0 ? 0 : (receiver.iss + segment.ack) >>> 0,
    flags: segment.flags,
    win: segment.window,
    ...(segment.options !== '' && { options: optionBytes(segment.options, receiver.iss) }),
    payload: payloadBytes(sender, segment.seq, segment.length, segment.hasOtherContent ? 13 : 0),
  });
  if (segment.sum !== 'right') spoilChecksum(frame, segment.sum === 'partial');
  if (!segment.isPadded || frame.length >= LEAST_FRAME) return frame;
  const padded = new Uint8Array(LEAST_FRAME);
  padded.set(frame);
  return padded;
}

/** The bytes with sequence numbers from `seq`; data begins at 1, behind the SYN. Filler is the alphabet, by position. */
function payloadBytes(sender: Side, seq: number, length: number, shift: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const at = seq - 1 + i;
    bytes[i] = sender.bytes[at] ?? 97 + ((at + shift) % 26);
  }
  return bytes;
}

/** Puts a wrong TCP checksum into an IPv4 frame, or the pseudo header's sum alone, as a host with offload leaves it. */
function spoilChecksum(frame: Uint8Array, isPartial: boolean): void {
  const ip = 14;
  const segment = ip + 20;
  const at = segment + 16;
  if (isPartial) {
    const pseudo = join(frame.subarray(ip + 12, ip + 20), u32(6), u32(frame.length - segment));
    frame.set(u16(~internetChecksum(pseudo) & 0xffff), at);
  } else frame[at]! ^= 0x55;
}
