// In: traffic that goes by the book for a while, or to its end. Out: proof that the short record stands for exactly the rows
// that the sequence analysis, the states and the facts would have written, after every segment, and goes on as they do.

import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Frame } from '../../src/capture/frame.ts';
import { openCapture } from '../../src/capture/open.ts';
import { CaptureFacts } from '../../src/tcp/capture-facts.ts';
import { Connection } from '../../src/tcp/connection.ts';
import * as Record from '../../src/tcp/textbook-record.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet, PacketKind } from '../../src/wire/packet.ts';
import { SegmentRun } from '../../src/wire/segment-run.ts';
import { conversation } from '../support/conversation.ts';
import { frameOf, hex, join, type TcpFields, tcpFrame } from '../support/frame-builder.ts';
import { ETHERNET_HEADER, LINK_HEADERS, LINK_HEADERS_V6 } from '../support/link-headers.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';
import { rowsOf } from '../support/row-snapshot.ts';
import { runOf } from '../support/run-of.ts';
import { runs } from '../support/runs.ts';

/** Feeds frames to a trace with rows and to one with records, and compares the two. */
class Comparison {
  /** Segments after which the connection was still a record. */
  byTheBook = 0;
  readonly #full = new TcpTrace();
  readonly #short = new TcpTrace({ everySegment: false });
  readonly #decoder = new Decoder();
  readonly #packet = new Packet();

  constructor() {
    this.#full.plain.isOn = false;
  }

  /** `looks`: compare the rows now, too. */
  take(frame: Frame, looks: boolean): void {
    this.#decoder.decode(frame, this.#packet);
    if (this.#packet.kind === PacketKind.NONE) return;
    this.#full.observe(frame, this.#packet);
    this.#short.observe(frame, this.#packet);
    expect(this.#short.current).toBe(this.#full.current);
    if (this.#full.current < 0) return;
    expect(this.#short.direction).toBe(this.#full.direction);
    expect(this.#short.sender).toBe(this.#full.sender);
    const connection = new Connection();
    connection.moveTo(this.#short.connections, this.#short.current);
    if (connection.phase !== 0) this.byTheBook++;
    if (looks) this.#compare(this.#short.current, `frame ${frame.number}`);
  }

  /** As `take`, of a run of frames. Returns how many were taken in by loops over it. */
  takeRun(frames: readonly Frame[], until = Number.POSITIVE_INFINITY): number {
    const { memory } = this.#short;
    const run = runOf(frames, memory);
    const segments = new SegmentRun(memory);
    segments.read(run, this.#short.addresses.known);
    this.#short.beginRun(segments, run.count);
    let inRuns = 0;
    for (let i = 0; i < frames.length; i++) {
      const to = this.#short.observeRun(run, segments, i, until);
      expect(to).toBeGreaterThanOrEqual(i);
      for (const frame of frames.slice(i, to)) {
        expect(frame.seconds).toBeLessThan(until);
        this.#decoder.decode(frame, this.#packet);
        this.#full.observe(frame, this.#packet);
        expect(this.#full.current).toBeGreaterThanOrEqual(0);
        inRuns++;
      }
      if (to === frames.length) break;
      this.take(frames[to]!, false);
      i = to;
    }
    return inRuns;
  }

  /** The rows of all connections. */
  get rows(): readonly string[][] {
    return this.#short.held().map((index) => rowsOf(this.#short, index));
  }

  /** Connections whose application is known. */
  get appsFound(): number {
    const connection = new Connection();
    return this.#short.held().filter((index) => {
      connection.moveTo(this.#short.connections, index);
      return connection.app > 0;
    }).length;
  }

  end(): void {
    for (const index of this.#full.held()) this.#compare(index, `connection ${index} at the end`);
    expect(this.#short.held()).toEqual(this.#full.held());
  }

  #compare(index: number, where: string): void {
    const unfolded = this.#short.unfold(index);
    expect(rowsOf(this.#short, index), where).toEqual(rowsOf(this.#full, index));
    if (unfolded) this.#short.fold(index);
  }
}

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url);

for (const name of readdirSync(CAPTURES).filter((file) => file.endsWith('.pcap'))) {
  test(`the rows of ${name}`, async () => {
    for (const looks of [true, false]) {
      const comparison = new Comparison();
      const capture = await openCapture([new URL(name, CAPTURES).pathname]);
      do {
        for (let frame = capture.next(); frame !== null; frame = capture.next()) comparison.take(frame, looks);
      } while (await capture.fill());
      await capture.close();
      comparison.end();
    }
  });
}

test('one record throughout a connection from SYN to the last ACK', () => {
  for (const shortClose of [false, true]) {
    const comparison = new Comparison();
    const frames = [...conversation(new Random(5), { departures: 0, shortClose, hurried: true })];
    for (const frame of frames) comparison.take(frame, true);
    comparison.end();
    expect(comparison.byTheBook).toBe(frames.length);
  }
});

test('random conversations that leave the book somewhere', () => {
  let byTheBook = 0;
  let segments = 0;
  for (let seed = 1; seed <= runs(120); seed++) {
    const random = new Random(seed);
    const comparison = new Comparison();
    const looks = random.chance(0.5);
    const options = { departures: random.pick([0, 0.01, 0.03, 0.1]), shortClose: random.chance(0.3) };
    for (const frame of conversation(random, options)) {
      comparison.take(frame, looks);
      segments++;
    }
    comparison.end();
    byTheBook += comparison.byTheBook;
  }
  // Both ways are to be met often.
  expect(byTheBook / segments).toBeGreaterThan(0.3);
  expect(byTheBook / segments).toBeLessThan(0.9);
}, 60_000);

test('the clock of the capture goes back', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const comparison = new Comparison();
    const frames = [...conversation(random, { departures: 0, shortClose: false })];
    const from = random.int(frames.length);
    const seconds = random.pick([0, 1, 1, 2, 70]);
    const nanoseconds = random.pick([0, 1, 250_000]);
    for (const frame of frames.slice(from)) {
      frame.seconds -= seconds + (frame.nanoseconds < nanoseconds ? 1 : 0);
      frame.nanoseconds += frame.nanoseconds < nanoseconds ? 1_000_000_000 - nanoseconds : -nanoseconds;
    }
    for (const frame of frames) comparison.take(frame, true);
    comparison.end();
  }
});

test("a connection that is let go within a run is not looked for in its row, which may be another one's then", () => {
  const random = new Random(3);
  const life = [...conversation(random, { departures: 0, shortClose: false, hurried: true, clientPort: 1111 })];
  const trace = new TcpTrace({ everySegment: false });
  const decoder = new Decoder();
  const packet = new Packet();
  const observe = (frame: Frame): void => {
    decoder.decode(frame, packet);
    trace.observe(frame, packet);
  };
  for (const frame of life.slice(0, 3)) observe(frame);
  const gone = trace.current;
  // The same numbers between other ports.
  const others = life.slice(0, 3).map((frame) => {
    const bytes = frame.bytes.slice(frame.start, frame.start + frame.capturedLength);
    const view = new DataView(bytes.buffer);
    const at = view.getUint16(34) === 1111 ? 34 : 36;
    view.setUint16(at, 2222);
    view.setUint16(50, 0);
    return Object.assign(frameOf(bytes), { seconds: frame.seconds, nanoseconds: frame.nanoseconds });
  });
  const frames = [...others, ...life.slice(3, 9)];
  const run = runOf(frames, trace.memory);
  const segments = new SegmentRun(trace.memory);
  segments.read(run);
  trace.beginRun(segments, run.count);
  trace.release(gone);
  for (let i = 0; i < run.count; i++) {
    i = trace.observeRun(run, segments, i, Number.POSITIVE_INFINITY);
    if (i < run.count) observe(run.frame(i));
  }
  // A stream each for the connection, the other one, and what comes after the first was forgotten.
  expect(trace.streams).toBe(3);
});

test('random conversations, several at a time, in runs', () => {
  let inRuns = 0;
  let segments = 0;
  for (let seed = 1; seed <= runs(80); seed++) {
    const random = new Random(seed);
    const comparison = new Comparison();
    const departures = random.pick([0, 0.01, 0.03]);
    const clients = Array.from({ length: 3 }, (_, i) => i);
    const lives = clients.map((i) => [
      ...conversation(random, { departures, shortClose: random.chance(0.3), clientPort: 40_000 + i }),
    ]);
    const frames: Frame[] = [];
    while (lives.some((life) => life.length > 0)) frames.push(...lives.flatMap((life) => life.splice(0, 1)));
    for (const [i, frame] of frames.entries()) frame.number = i + 1;
    const until = random.chance(0.3) ? frames[frames.length >> 1]!.seconds : Number.POSITIVE_INFINITY;
    for (let at = 0; at < frames.length; ) {
      const run = frames.slice(at, at + 1 + random.int(40));
      inRuns += comparison.takeRun(run, until);
      at += run.length;
      segments += run.length;
    }
    comparison.end();
  }
  expect(inRuns / segments).toBeGreaterThan(0.2);
  expect(inRuns / segments).toBeLessThan(0.9);
}, 60_000);

test('connections that have left the book go in runs, too: not seen from the beginning, or after others on the same ports', () => {
  let inRuns = 0;
  let segments = 0;
  for (let seed = 1; seed <= runs(60); seed++) {
    const random = new Random(seed);
    const comparison = new Comparison();
    const v6 = random.chance(0.2);
    const lives = [0, 1, 2].map((i) =>
      Array.from({ length: 1 + random.int(3) }, (_, n) => {
        const departures = random.pick([0, 0, 0.003]);
        const options = { departures, shortClose: random.chance(0.3), hurried: true, segments: 80, v6 };
        const frames = [...conversation(random, { ...options, clientPort: 40_000 + i, turned: random.chance(0.3) })];
        for (const frame of frames) frame.seconds += 2 * n;
        return frames.slice(random.pick([0, 0, 1, 3, 5]), frames.length - random.pick([0, 4, 8]));
      }).flat(),
    );
    const frames: Frame[] = [];
    while (lives.some((life) => life.length > 0)) frames.push(...lives.flatMap((life) => life.splice(0, 1)));
    frames.sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);
    for (const [i, frame] of frames.entries()) frame.number = i + 1;
    for (let at = 0; at < frames.length; ) {
      const run = frames.slice(at, at + 1 + random.int(40));
      inRuns += comparison.takeRun(run);
      at += run.length;
      segments += run.length;
    }
    comparison.end();
  }
  expect(inRuns / segments).toBeGreaterThan(0.4);
}, 60_000);

test('of thousands of connections that were open before the capture as well', () => {
  const comparison = new Comparison();
  const data = 100;
  const request = new Uint8Array(data).fill(0x20);
  request.set(new TextEncoder().encode('GET / HTTP/1.1\r\nHost: a\r\n'));
  const ports = Array.from({ length: 2500 }, (_, i) => 10_000 + i);
  let inRuns = 0;
  let number = 0;
  for (let round = 0; round < 4; round++) {
    for (let from = 0; from < ports.length; from += 50) {
      const frames = ports.slice(from, from + 50).flatMap((port) => {
        const seq = 1 + round * data;
        const a = { src: '10.0.0.1', sport: port, dst: '10.0.0.2', dport: 80, id: 1 + round };
        const b = { src: '10.0.0.2', sport: 80, dst: '10.0.0.1', dport: port, id: 7 + round };
        return [
          tcpFrame({
            ...a,
            flags: 'A',
            seq,
            ack: 900,
            payload: round === 1 ? request : new Uint8Array(data).fill(port),
          }),
          tcpFrame({ ...b, flags: 'A', seq: 900, ack: seq + data }),
        ].map((bytes) =>
          frameOf(bytes, { number: ++number, timeNs: 1_700_000_000_000_000_000n + BigInt(number) * 1000n }),
        );
      });
      inRuns += comparison.takeRun(frames);
    }
  }
  comparison.end();
  expect(inRuns).toBeGreaterThan(2500 * 3);
  expect(comparison.appsFound).toBe(2500);
  // Each has sent as much as the others.
  for (const rows of comparison.rows) expect(rows).toContain(`endpoint 0.sndNxt ${1 + 4 * data}`);
});

test('in IPv6 as many segments go in runs as in IPv4', () => {
  let all = 0;
  for (let seed = 1; seed <= runs(20); seed++) {
    const [v4, v6] = [false, true].map((v6) => {
      const random = new Random(seed);
      const comparison = new Comparison();
      const options = { departures: 0, shortClose: random.chance(0.5), v6, hurried: true };
      const lives = [0, 1, 2].map((i) => [...conversation(random, { ...options, clientPort: 40_000 + i })]);
      // The addresses are new with the first SYN only.
      comparison.take(lives[0]!.shift()!, true);
      const frames = lives.flat();
      for (const [i, frame] of frames.entries()) frame.number = i + 2;
      let inRuns = 0;
      for (let at = 0; at < frames.length; ) {
        const run = frames.slice(at, at + 1 + random.int(40));
        inRuns += comparison.takeRun(run);
        at += run.length;
      }
      comparison.end();
      // Nearly always: numbers may come to zero.
      if (inRuns === frames.length) all++;
      return inRuns;
    });
    expect(v6).toBe(v4);
  }
  expect(all / runs(20)).toBeGreaterThan(1.5);
});

test('an IPv6 address that is forgotten within a run gets another id', () => {
  const trace = new TcpTrace({ everySegment: false });
  // Those that came first are never forgotten.
  for (let i = 0; i < 65_536; i++) trace.addresses.intern(4, i, 0, 0, 0);
  const decoder = new Decoder();
  const packet = new Packet();
  const ends = { src: '2001:db8::1', dst: '2001:db8::2', flags: SYN, seq: 7 };
  const [first, second] = [1111, 2222].map((sport, i) => frameOf(tcpFrame({ ...ends, sport }), { number: i + 1 }));
  const observe = (frame: Frame): void => {
    decoder.decode(frame, packet);
    trace.observe(frame, packet);
  };
  observe(first!);
  const gone = trace.current;
  const run = runOf([second!], trace.memory);
  const segments = new SegmentRun(trace.memory);
  segments.read(run, trace.addresses.known);
  expect(segments.isSimple(0)).toBe(true);
  trace.beginRun(segments, run.count);
  trace.release(gone);
  expect(trace.observeRun(run, segments, 0, Number.POSITIVE_INFINITY)).toBe(0);
  observe(run.frame(0));
  const connection = new Connection();
  connection.moveTo(trace.connections, trace.current);
  expect([connection.addressA, connection.addressB].map((id) => trace.addresses.toText(id))).toEqual([
    '2001:db8::1',
    '2001:db8::2',
  ]);
  // Nor is it known any more where it had been.
  trace.release(trace.current);
  segments.read(run, trace.addresses.known);
  expect(segments.isSimple(0)).toBe(false);
});

test('of frames of a run those are listed whose checksums are looked at, and their bytes are added up', () => {
  const facts = new CaptureFacts();
  for (const [first, expected] of [
    [1, 3],
    [9_999, 2],
    [70_015, 1],
    [70_017, 0],
  ] as const) {
    const trace = new TcpTrace({ everySegment: false });
    const frames = scripted(1000, 2000, []);
    for (const [i, frame] of frames.entries()) frame.number = first + i;
    const run = runOf(frames, trace.memory);
    const segments = new SegmentRun(trace.memory);
    segments.read(run);
    trace.beginRun(segments, run.count);
    const to = trace.observeRun(run, segments, 0, Number.POSITIVE_INFINITY);
    const numbers = frames.slice(0, to).map(({ number }) => number);
    expect(to).toBe(3);
    const { checked, checkedCount, bytes, segments: count } = trace.taken;
    expect([...checked.subarray(0, checkedCount)].map((i) => run.number[i])).toEqual(
      numbers.filter((number) => facts.looksInto(number)),
    );
    expect(checkedCount).toBe(expected);
    expect([count, bytes]).toEqual([to, frames.slice(0, to).reduce((sum, frame) => sum + frame.originalLength, 0)]);
  }
});

test.each([
  ...LINK_HEADERS.map((header) => ({ ...header, version: 4 })),
  ...LINK_HEADERS_V6.map((header) => ({ ...header, version: 6 })),
])(
  'a connection in IPv$version behind the link header of $name stays by the book, from SYN to FIN',
  ({ linkType, header, version }) => {
    const frames = scripted(1000, 2000, CLOSING, version === 4 ? {} : V6).map(
      ({ bytes, start, capturedLength, number, seconds }) => {
        const datagram = bytes.subarray(start + ETHERNET_HEADER, start + capturedLength);
        const timeNs = BigInt(seconds) * 1_000_000_000n + 1_000_000n * BigInt(number);
        return frameOf(join(header, datagram), { linkType, number, timeNs });
      },
    );
    const trace = new TcpTrace({ everySegment: false });
    const packet = new Packet();
    new Decoder().decode(frames[0]!, packet);
    if (version === 6) for (const offset of [1, 5] as const) trace.addresses.internV6From(packet, offset);
    const run = runOf(frames, trace.memory);
    const segments = new SegmentRun(trace.memory);
    segments.read(run, trace.addresses.known);
    trace.beginRun(segments, run.count);
    expect(trace.observeRun(run, segments, 0, Number.POSITIVE_INFINITY)).toBe(frames.length);
  },
);

const CLOSING: readonly [from: 'c' | 's', fields: TcpFields][] = [
  ['c', { flags: 16, seq: 1, ack: 1, payload: 'hello' }],
  ['s', { flags: 17, seq: 1, ack: 6 }],
  ['c', { flags: 17, seq: 6, ack: 2 }],
  ['s', { flags: 16, seq: 2, ack: 7 }],
];
const V6 = {
  c: { src: '2001:db8::1', dst: '2001:db8::2' },
  s: { src: '2001:db8::2', dst: '2001:db8::1' },
};
const CLIENT = { src: '10.0.0.1', dst: '10.0.0.2', sport: 40_000, dport: 80 };
const SERVER = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 };
const [FIN, SYN, ACK] = [1, 2, 16];

/** Segments a millisecond apart, the handshake first; `fields` as of tcpFrame, numbers relative to the ISN. */
function scripted(
  iss: number,
  irs: number,
  segments: readonly (readonly [from: 'c' | 's', fields: TcpFields])[],
  ends: { readonly c?: Parameters<typeof tcpFrame>[0]; readonly s?: Parameters<typeof tcpFrame>[0] } = {},
): Frame[] {
  const all: (readonly [from: 'c' | 's', fields: TcpFields])[] = [
    ['c', { flags: SYN, seq: 0 }],
    ['s', { flags: SYN | ACK, seq: 0, ack: 1 }],
    ['c', { flags: ACK, seq: 1, ack: 1 }],
    ...segments,
  ];
  return all.map(([from, { seq = 0, ack = 0, ...fields }], i) => {
    const [mine, others] = from === 'c' ? [iss, irs] : [irs, iss];
    const numbers = { seq: (mine + seq) >>> 0, ack: i === 0 ? 0 : (others + ack) >>> 0 };
    const bytes = tcpFrame({ ...(from === 'c' ? CLIENT : SERVER), ...ends[from], win: 60_000, ...fields, ...numbers });
    return frameOf(bytes, { number: i + 1, timeNs: 1_700_000_000_000_000_000n + 1_000_000n * BigInt(i) });
  });
}

/** Compares after every segment, or after the last few; returns how many went by the book. */
function byTheBook(frames: readonly Frame[], last = frames.length): number {
  const comparison = new Comparison();
  for (const [i, frame] of frames.entries()) comparison.take(frame, frames.length - i <= last);
  comparison.end();
  return comparison.byTheBook;
}

test('numbers that come to zero leave the book, which takes zero for no number', () => {
  const payload = new Uint8Array(100);
  // The data ends at number 0; the acknowledgment of it is 0.
  expect(byTheBook(scripted(-101, 7, [['c', { flags: ACK, seq: 1, ack: 1, payload }]]))).toBe(3);
  const answered: [from: 'c' | 's', fields: TcpFields][] = [
    ['c', { flags: ACK, seq: 1, ack: 1, payload: payload.subarray(0, 99) }],
    ['s', { flags: ACK, seq: 1, ack: 100 }],
    ['c', { flags: ACK | FIN, seq: 100, ack: 1 }],
  ];
  expect(byTheBook(scripted(-101, 7, answered))).toBe(5);
  expect(byTheBook(scripted(-100, 7, answered))).toBe(3);
});

test('payloads larger than the MSS, some of them what an offload engine has joined', () => {
  const sized = (length: number): ['c', TcpFields] => [
    'c',
    { flags: ACK, seq: 1, ack: 1, payload: new Uint8Array(length) },
  ];
  const options = hex('020401f4');
  for (const length of [500, 700, 1000, 1460, 1461]) {
    const [, answer, ...rest] = scripted(1000, 2000, [sized(length)]);
    const [syn, synAck] = [
      tcpFrame({ ...CLIENT, flags: SYN, seq: 1000, win: 60_000, options }),
      tcpFrame({ ...SERVER, flags: SYN | ACK, seq: 2000, ack: 1001, win: 60_000, options }),
    ].map((bytes, i) => frameOf(bytes, { number: i + 1, timeNs: 1_700_000_000_000_000_000n + 1_000_000n * BigInt(i) }));
    expect(answer!.number).toBe(synAck!.number);
    expect(byTheBook([syn!, synAck!, ...rest])).toBe(4);
  }
});

test('a checksum of zero is none, another wrong one takes what opens or closes off the book', () => {
  for (const [checksum, taken] of [
    [0, 4],
    [1, 3],
  ] as const) {
    const frames = scripted(1000, 2000, [['c', { flags: ACK | FIN, seq: 1, ack: 1, checksum }]]);
    expect(byTheBook(frames)).toBe(taken);
    const comparison = new Comparison();
    expect(comparison.takeRun(frames)).toBe(taken);
    comparison.end();
  }
});

test('pauses of days, whose sum is more than is kept', () => {
  const data = Array.from({ length: 4 }, (_, i): readonly ['c' | 's', TcpFields][] => [
    ['c', { flags: ACK, seq: 1 + 10 * i, ack: 1, payload: new Uint8Array(10).fill(i) }],
    ['s', { flags: ACK, seq: 1, ack: 11 + 10 * i }],
  ]).flat();
  const frames = scripted(1000, 2000, data);
  for (const [i, frame] of frames.entries()) frame.seconds += 144_000 * Math.floor(i / 2);
  expect(byTheBook(frames)).toBe(frames.length);
});

test('a silence of a second is one, a tick less is none', () => {
  for (const nanoseconds of [0, 100_000, 200_000]) {
    const frames = scripted(1000, 2000, [
      ['c', { flags: ACK, seq: 1, ack: 1, payload: new Uint8Array(10) }],
      ['s', { flags: ACK, seq: 1, ack: 11 }],
    ]);
    frames[4]!.seconds += 1;
    frames[4]!.nanoseconds = frames[3]!.nanoseconds - nanoseconds;
    expect(byTheBook(frames)).toBe(5);
  }
});

test('more segments without acknowledgment than are kept leave the book', () => {
  const data = Array.from({ length: 1005 }, (_, i): ['c', TcpFields] => [
    'c',
    { flags: ACK, seq: 1 + i, ack: 1, payload: Uint8Array.of(i) },
  ]);
  expect(byTheBook(scripted(1000, 2000, data), 10)).toBe(3 + 1000);
});

test('more bytes than 32 bits count', () => {
  const frames = scripted(1000, 2000, [
    ['c', { flags: ACK, seq: 1, ack: 1, payload: new Uint8Array(100) }],
    ['s', { flags: ACK, seq: 1, ack: 101 }],
    ['c', { flags: ACK, seq: 101, ack: 1, payload: new Uint8Array(100) }],
  ]);
  const [full, short] = [new TcpTrace(), new TcpTrace({ everySegment: false })];
  const packet = new Packet();
  for (const [i, frame] of frames.entries()) {
    new Decoder().decode(frame, packet);
    full.observe(frame, packet);
    short.observe(frame, packet);
    if (i !== 3) continue;
    // As if many had been sent before.
    short.connection.words[short.connection.at + Record.A + Record.BYTES_LOW] = -50;
    full.me.bytesLow = -50;
  }
  expect(short.unfold(0)).toBe(true);
  expect(rowsOf(short, 0)).toEqual(rowsOf(full, 0));
  expect([full.me.bytesHigh, full.me.bytesLow]).toEqual([1, 50]);
});

test('who wants the segments of some connections is told of those, with all that belongs to them', async () => {
  const told: [stream: number, frame: number][] = [];
  const states: string[] = [];
  const path = new URL('many-connections.pcap', CAPTURES).pathname;
  const all = await analyze({ files: [path] }, {});
  await analyze(
    { files: [path] },
    {
      wantsSegments: (stream) => stream === 7 || stream === 16,
      segment(frame, _, trace) {
        told.push([trace.connection.stream, frame.number]);
        states.push(`${trace.states.senderState} ${trace.analysis.seq}`);
      },
    },
  );
  const expected: [number, number][] = [];
  const expectedStates: string[] = [];
  await analyze(
    { files: [path] },
    {
      segment(frame, _, trace) {
        const { stream } = trace.connection;
        if (stream !== 7 && stream !== 16) return;
        expected.push([stream, frame.number]);
        expectedStates.push(`${trace.states.senderState} ${trace.analysis.seq}`);
      },
    },
  );
  expect(told.length).toBeGreaterThan(5);
  expect(told.length).toBeLessThan(all.tcpSegments);
  expect(told).toEqual(expected);
  expect(states).toEqual(expectedStates);
});

test('of whom every segment is wanted none is taken in unseen, however plain', async () => {
  const lives = [0, 1, 2, 3, 4, 5].map((i) => [
    ...conversation(new Random(i + 1), {
      ...{ departures: 0, shortClose: false, hurried: true, segments: 400, v6: false },
      clientPort: 40_000 + i,
    }),
  ]);
  const frames = lives.flat().sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);
  const pcap = writePcap(
    frames.map(({ seconds, nanoseconds, bytes, start, capturedLength }) => ({
      ...{ seconds, nanoseconds },
      bytes: bytes.slice(start, start + capturedLength),
    })),
    { nanoseconds: true },
  );
  const seen = new Map<number, number>();
  const segments = new Map<number, number>();
  await analyze(
    { files: ['-'], stdin: Readable.from([pcap]) },
    {
      wantsSegments: (stream) => stream % 2 === 1,
      segment: (_frame, _packet, { connection: { stream } }) => void seen.set(stream, (seen.get(stream) ?? 0) + 1),
      flow: (flow) => void segments.set(flow.stream, flow.segments),
    },
  );
  expect([...segments.values()].reduce((sum, n) => sum + n, 0)).toBe(frames.length);
  expect(Math.max(...segments.values())).toBeGreaterThan(100);
  expect([...seen]).toEqual([...segments].filter(([stream]) => stream % 2 === 1));
});

test.each([
  ['the client', 'by the book', 0, true],
  ['the server', 'by the book', 1, true],
  ['the client', 'not from the beginning', 0, false],
  ['the server', 'not from the beginning', 1, false],
] as const)(
  'payload that %s sends again with other content is noticed, of a connection seen %s',
  async (_, __, sender, hasSyn) => {
    const ends = [
      { src: '10.0.0.1', dst: '10.0.0.2', sport: 40_000, dport: 80 },
      { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 },
    ] as const;
    const numbers: [number, number] = [101, 501];
    const text = (letter: string) => letter.repeat(50);
    let id = 0;
    const segment = (from: 0 | 1, flags: string, seq: number, payload = '') =>
      tcpFrame({ ...ends[from], flags, seq, ack: flags === 'S' ? 0 : numbers[1 - from]!, id: ++id, payload });
    const open = () => [
      segment(0, 'S', 100),
      tcpFrame({ ...ends[1], flags: 'SA', seq: 500, ack: 101, id: ++id }),
      segment(0, 'A', 101),
    ];
    const bytes = hasSyn ? open() : [];
    for (const letter of ['a', 'b', 'c', 'd']) {
      bytes.push(segment(sender, 'PA', numbers[sender], text(letter)));
      numbers[sender] += 50;
      bytes.push(segment(sender === 0 ? 1 : 0, 'A', numbers[1 - sender]!));
    }
    bytes.push(segment(sender, 'PA', numbers[sender] - 50, text('e')));
    const pcap = writePcap(
      bytes.map((frame, i) => ({ seconds: 1_700_000_000, nanoseconds: 1_000_000 * i, bytes: frame })),
      {
        nanoseconds: true,
      },
    );
    const found: unknown[] = [];
    await analyze(
      { files: ['-'], stdin: Readable.from([pcap]) },
      {
        flow({ findings, endpoints }) {
          for (const { code, endpoint, frame } of findings) found.push([code, endpoints[endpoint ?? 0].port, frame]);
        },
      },
    );
    expect(found).toContainEqual(['overlap_changed', ends[sender].sport, bytes.length]);
  },
);
