// In: traffic of all kinds. Out: proof that plain segments leave the same rows, the same analysis and the same states, whether
// they take the short way or the long one.

import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { Frame } from '../../src/capture/frame.ts';
import { openCapture } from '../../src/capture/open.ts';
import { Connection } from '../../src/tcp/connection.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { UNACKED_LIMIT } from '../../src/tcp/unacked.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet, PacketKind } from '../../src/wire/packet.ts';
import { conversation } from '../support/conversation.ts';
import { tcpFrame } from '../support/frame-builder.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';
import { rowsOf } from '../support/row-snapshot.ts';
import { runs } from '../support/runs.ts';

/** Feeds frames to a trace that takes the short way and to one that does not, and compares the two after each. */
class Comparison {
  segments = 0;
  /** Those of them that took the short way. */
  plain = 0;
  readonly #long = new TcpTrace();
  readonly #short = new TcpTrace();
  readonly #decoder = new Decoder();
  readonly #packet = new Packet();

  constructor() {
    this.#long.plain.isOn = false;
    const { plain } = this.#short;
    const observe = plain.observe.bind(plain);
    plain.observe = (...segment) => {
      const isPlain = observe(...segment);
      if (isPlain) this.plain++;
      return isPlain;
    };
  }

  take(frame: Frame): void {
    this.#decoder.decode(frame, this.#packet);
    if (this.#packet.kind === PacketKind.NONE) return;
    this.segments++;
    for (const trace of [this.#long, this.#short]) trace.observe(frame, this.#packet);
    const where = `frame ${frame.number}`;
    expect(this.#short.current, where).toBe(this.#long.current);
    if (this.#long.current < 0) return;
    expect(this.#short.direction, where).toBe(this.#long.direction);
    if (!isDeepStrictEqual(this.#short.analysis, this.#long.analysis)) {
      expect(this.#short.analysis, where).toEqual(this.#long.analysis);
    }
    expect([this.#short.states.senderState, this.#short.states.receiverState], where).toEqual([
      this.#long.states.senderState,
      this.#long.states.receiverState,
    ]);
    const { connection, current } = this.#long;
    // All words of the record, by their places, which are the same here; the names are for reading.
    for (const [pool, index] of [
      ['connections', current],
      ['directions', connection.rows - 1],
      ['facts', connection.rows - 1],
    ] as const) {
      if (this.#record(this.#short, pool, index).equals(this.#record(this.#long, pool, index))) continue;
      expect(rowsOf(this.#short, current), where).toEqual(rowsOf(this.#long, current));
      throw new Error(`${where}: ${pool} differ in what rowsOf leaves out`);
    }
  }

  /** Compares all that the two hold. */
  end(): void {
    const pools = (trace: TcpTrace) => {
      const { states, facts, analyzer } = trace;
      const all = { states: states.endpoints, steps: states.histories.pool, incarnations: states.incarnations };
      return {
        ...all,
        troubles: facts.troubles,
        oddities: facts.oddities,
        resets: facts.resets,
        tallies: analyzer.tallies.pool,
      };
    };
    const [long, short] = [pools(this.#long), pools(this.#short)];
    for (const name of ['states', 'steps', 'incarnations', 'troubles', 'oddities', 'resets', 'tallies'] as const) {
      expect(short[name].pages.length, name).toBe(long[name].pages.length);
      for (const [n, page] of long[name].pages.entries()) {
        if (!bytesOf(short[name].pages[n]!).equals(bytesOf(page))) expect(short[name].pages[n], name).toEqual(page);
      }
    }
    for (const index of this.#long.held()) expect(rowsOf(this.#short, index)).toEqual(rowsOf(this.#long, index));
  }

  #record(trace: TcpTrace, pool: 'connections' | 'directions' | 'facts', index: number): Buffer {
    const rows = pool === 'facts' ? trace.facts.pool : trace[pool];
    const row = new Connection();
    row.moveTo(rows, index);
    return bytesOf(row.words.subarray(row.at, row.at + rows.stride));
  }

  async takeFile(path: string, stdin?: Readable): Promise<void> {
    const capture = await openCapture([path], stdin === undefined ? {} : { stdin });
    do {
      for (let frame = capture.next(); frame !== null; frame = capture.next()) this.take(frame);
    } while (await capture.fill());
    await capture.close();
  }
}

function bytesOf(words: Int32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url);

for (const name of readdirSync(CAPTURES).filter((file) => file.endsWith('.pcap'))) {
  test(`the rows of ${name}`, async () => {
    const comparison = new Comparison();
    await comparison.takeFile(new URL(name, CAPTURES).pathname);
    comparison.end();
  });
}

test('the rows of fixtures below', async () => {
  const captures = readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\/.*\.pcap(?:ng)?$/.test(file))
    .filter((_, i) => i % 8 === 0 || runs(1) > 1);
  let plain = 0;
  for (const name of captures) {
    const comparison = new Comparison();
    await comparison.takeFile(new URL(name, CAPTURES).pathname);
    comparison.end();
    plain += comparison.plain;
  }
  expect(plain).toBeGreaterThan(40);
});

test('more unacknowledged segments than tshark lists', async () => {
  const a = { src: '10.0.0.1', dst: '10.0.0.2', sport: 40_000, dport: 80 };
  const b = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000, win: 60_000 };
  const bytes = [
    tcpFrame({ ...a, flags: 'S', seq: 100 }),
    tcpFrame({ ...b, flags: 'SA', seq: 900, ack: 101 }),
    tcpFrame({ ...a, flags: 'A', seq: 101, ack: 901 }),
    tcpFrame({ ...a, flags: 'A', seq: 101, ack: 901, payload: 'x' }),
    tcpFrame({ ...b, flags: 'A', seq: 901, ack: 102 }),
    ...Array.from({ length: UNACKED_LIMIT + 20 }, (_, i) =>
      tcpFrame({ ...a, flags: 'A', seq: 102 + i, ack: 901, payload: 'x' }),
    ),
    tcpFrame({ ...b, flags: 'A', seq: 901, ack: 5000 }),
    tcpFrame({ ...b, flags: 'A', seq: 901, ack: 101 + UNACKED_LIMIT + 20 }),
  ];
  const frames = bytes.map((frame, i) => ({ seconds: 1, nanoseconds: 1000 * i, bytes: frame }));
  const comparison = new Comparison();
  await comparison.takeFile('-', Readable.from([writePcap(frames, { nanoseconds: true })]));
  comparison.end();
  expect(comparison.plain).toBeGreaterThan(UNACKED_LIMIT);
});

test('random conversations of which the beginning was not captured', () => {
  let plain = 0;
  let segments = 0;
  for (let seed = 1; seed <= runs(40); seed++) {
    const random = new Random(seed);
    const comparison = new Comparison();
    const lost = random.pick([1, 2, 3, 3, 4, 10]);
    const options = {
      departures: random.pick([0, 0.003, 0.03]),
      shortClose: false,
      segments: 150,
      declines: random.chance(0.3),
    };
    let n = 0;
    for (const frame of conversation(random, { ...options, hurried: true })) if (n++ >= lost) comparison.take(frame);
    comparison.end();
    plain += comparison.plain;
    segments += comparison.segments;
  }
  expect(plain / segments).toBeGreaterThan(0.2);
});

test('random conversations, plain and less plain', () => {
  let plain = 0;
  let segments = 0;
  for (let seed = 1; seed <= runs(40); seed++) {
    const random = new Random(seed);
    const comparison = new Comparison();
    const options = {
      departures: random.pick([0, 0.003, 0.01, 0.03, 0.1]),
      shortClose: random.chance(0.3),
      segments: 150,
    };
    for (const frame of conversation(random, { ...options, hurried: random.chance(0.5) })) comparison.take(frame);
    comparison.end();
    plain += comparison.plain;
    segments += comparison.segments;
  }
  // Both ways are to be met often.
  expect(plain / segments).toBeGreaterThan(0.2);
  expect(plain / segments).toBeLessThan(0.9);
});
