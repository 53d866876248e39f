// In: traffic that goes by the book for a while, or to its end. Out: proof that the short record stands for exactly the rows
// that the sequence analysis, the states and the facts would have written, after every segment, and goes on as they do.

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import type { Frame } from '../../src/capture/frame.ts';
import { openCapture } from '../../src/capture/open.ts';
import { Connection } from '../../src/tcp/connection.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet, PacketKind } from '../../src/wire/packet.ts';
import { frameOf, hex, join, tcpFrame, u16, u32 } from '../support/frame-builder.ts';
import { Random } from '../support/random.ts';
import { rowsOf } from '../support/row-snapshot.ts';

/** Feeds frames to a trace with rows and to one with records, and compares the two. */
class Comparison {
  /** Segments after which the connection was still a record. */
  byTheBook = 0;
  readonly #full = new TcpTrace();
  readonly #short = new TcpTrace({ everySegment: false });
  readonly #decoder = new Decoder();
  readonly #packet = new Packet();

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
    if (connection.textbook !== 0) this.byTheBook++;
    if (looks) this.#compare(this.#short.current, `frame ${frame.number}`);
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
  for (let seed = 1; seed <= 300; seed++) {
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

interface End {
  src: string;
  sport: number;
  seq: number;
  acked: number;
  id: number;
  win: number;
  ttl: number;
  scaled: boolean;
  timestamps: boolean;
}

interface Oddness {
  seq: number;
  ack: number;
  win: number;
  ttl: number;
  id: number;
  ts: number;
  checksum: number;
  options: Uint8Array;
  flags: number;
}

/** Also longer than a second, and than TIME_WAIT lasts. */
const PAUSES_NS = [0, 1000, 30_000, 200_000, 5_000_000, 400_000_000, 1_500_000_000, 61_000_000_000];

const [FIN, SYN, RST, PSH, ACK, URG, ECE] = [1, 2, 4, 8, 16, 32, 64];

/** A connection as two hosts would have it, with `departures` from the book per segment. */
function* conversation(
  random: Random,
  { departures, shortClose, hurried = false }: { departures: number; shortClose: boolean; hurried?: boolean },
): Generator<Frame> {
  const v6 = random.chance(0.2);
  const end = (n: number): End => ({
    src: v6 ? `2001:db8::${n}` : `10.0.0.${n}`,
    sport: n === 1 ? 40_000 : 80,
    // Near the wrap now and then, and where the signed numbers turn.
    seq: random.pick([random.word(), 0xffff_ffff - random.int(4000), 0x7fff_ffff - random.int(4000), 1]),
    acked: 0,
    id: random.pick([0, random.int(60_000)]),
    win: 500 + random.int(60_000),
    ttl: 64,
    scaled: random.chance(0.8),
    timestamps: random.chance(0.8),
  });
  const a = end(1);
  const b = end(2);
  if (!a.timestamps || !b.timestamps) a.timestamps = b.timestamps = false;
  const steadyId = random.chance(0.2);
  let timeNs = random.chance(0.05) ? 0n : 1_700_000_000_123_456_789n;
  let number = 0;
  let sent: Frame | null = null;

  const segment = (from: End, to: End, flags: number, payload: number): Frame => {
    timeNs += hurried ? 30_000n : BigInt(random.pick(PAUSES_NS));
    if (random.chance(0.5)) timeNs += BigInt(random.int(1_000_000));
    if (!steadyId && from.id !== 0) from.id = (from.id + 1) & 0xffff;
    const is = (probability = departures) => random.chance(probability);
    if (is(0.02)) from.win = Math.max(1, from.win + random.int(3000));
    const odd: Oddness = {
      seq: is() ? random.pick([-1, 1, -100, 1000]) : 0,
      ack: is() ? random.pick([-1, 1, 500, 1 << 29]) : 0,
      win: is() ? random.pick([0, 1, from.win - 100]) : from.win,
      ttl: is() ? random.pick([63, 65, 0]) : from.ttl,
      id: is() ? random.int(4) : from.id,
      ts: is() ? random.pick([-5, 5]) : 0,
      checksum: is() ? random.int(2) : -1,
      options: is()
        ? random.pick([hex('0101050a00000001 00000002'), hex('0303 0701'), hex('1e03 20 01'), hex('02 04 05b4')])
        : hex(''),
      flags: is() ? random.pick([FIN!, RST!, URG!, ECE!, ECE! | 128, SYN!]) : 0,
    };
    if (is()) timeNs -= 2_000_000n;
    const isSyn = (flags & SYN!) !== 0;
    const ticks = Number(timeNs / 1_000_000n) + odd.ts;
    const options = join(
      isSyn ? hex('02 04 05b4') : hex(''),
      isSyn && from.scaled ? hex('01 03 03 07') : hex(''),
      isSyn ? hex('01 01 04 02') : hex(''),
      from.timestamps ? join(hex('01 01 08 0a'), u32(ticks >>> 0), u32(isSyn ? 0 : (ticks - 1) >>> 0)) : hex(''),
      odd.options,
    );
    const frame = frameOf(
      tcpFrame({
        src: from.src,
        dst: to.src,
        sport: from.sport,
        dport: to.sport,
        seq: (from.seq + odd.seq) >>> 0,
        ack: (flags & ACK!) !== 0 ? (from.acked + odd.ack) >>> 0 : 0,
        flags: flags | odd.flags,
        win: odd.win,
        id: odd.id,
        ttl: odd.ttl,
        options: options.length > 40 ? options.subarray(0, 40) : options,
        payload: new Uint8Array(payload).fill(random.int(256)),
        ...(odd.checksum >= 0 && { checksum: odd.checksum }),
      }),
      { number: ++number, timeNs },
    );
    from.seq = (from.seq + payload + ((flags & (SYN! | FIN!)) !== 0 ? 1 : 0)) >>> 0;
    sent = frame;
    return frame;
  };
  /** The frame again, now, as a capture on two interfaces would show it; or an ICMP error that quotes it. */
  const again = (frame: Frame): Frame => {
    const bytes = frame.bytes.slice(frame.start, frame.start + frame.capturedLength);
    if (random.chance(0.3) && !v6) {
      const quoted = bytes.subarray(14, 14 + 28);
      const icmp = join(hex('03 01 0000 00000000'), quoted);
      const header = join(0x45, 0, u16(20 + icmp.length), u32(0), 64, 1, u16(0), hex('0a000002 0a000001'));
      return frameOf(join(hex('02 00 00 00 00 02 02 00 00 00 00 01 0800'), header, icmp), { number: ++number, timeNs });
    }
    return frameOf(bytes, { number: ++number, timeNs });
  };
  const departs = () => sent !== null && random.chance(departures);

  yield segment(a, b, SYN!, 0);
  if (departs()) yield again(sent!);
  b.acked = a.seq;
  yield segment(b, a, SYN! | ACK!, 0);
  if (departs()) yield again(sent!);
  a.acked = b.seq;
  if (!random.chance(departures)) yield segment(a, b, ACK!, 0);
  for (let n = random.int(25); n > 0; n--) {
    const [from, to] = random.chance(0.5) ? [a, b] : [b, a];
    const payload = random.pick([0, 1, 9, 100, 1460, 1460, 2920, 5000]);
    const says = random.chance(0.6) ? to.seq : from.acked;
    // An ACK that says nothing new is a duplicate; ends do that rarely.
    if (payload === 0 && says === from.acked && !random.chance(departures)) continue;
    from.acked = says;
    yield segment(from, to, ACK! | (payload > 0 && random.chance(0.5) ? PSH! : 0), payload);
    if (departs()) yield again(sent!);
  }
  const [closer, other] = random.chance(0.5) ? [a, b] : [b, a];
  if (random.chance(0.7)) closer.acked = other.seq;
  yield segment(closer, other, FIN! | ACK!, random.chance(departures) ? 20 : 0);
  if (departs()) yield again(sent!);
  other.acked = closer.seq;
  if (!shortClose) yield segment(other, closer, ACK!, 0);
  if (departs()) yield segment(other, closer, ACK! | PSH!, 100);
  yield segment(other, closer, FIN! | ACK!, 0);
  if (departs()) yield again(sent!);
  closer.acked = other.seq;
  yield segment(closer, other, ACK!, 0);
  if (departs()) yield again(sent!);
  if (random.chance(departures * 3)) {
    a.seq = random.word();
    yield segment(a, b, SYN!, 0);
  }
}
