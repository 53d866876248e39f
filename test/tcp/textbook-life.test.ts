// In: fixtures, and made-up captures of connections that mostly go by the book. Out: proof that all that is told of such a connection
// at once, from its record, is what its rows say: the account, that no rule finds anything, what counts for the capture.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AnalyzeOptions, analyze } from '../../src/analyze.ts';
import { CaptureView } from '../../src/anomaly/capture-view.ts';
import { digestLife, FlowDigest } from '../../src/anomaly/digest.ts';
import { isQuiet } from '../../src/anomaly/quiet.ts';
import { writeLives } from '../../src/report/life-json.ts';
import { RowBytes } from '../../src/report/row-bytes.ts';
import { CaptureClock } from '../../src/tcp/clock.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { printOf, printOfLife } from '../../src/tcp/lifetimes.ts';
import { flowOf, LifeReader, type Lives, type TextbookLife } from '../../src/tcp/textbook-life.ts';
import * as Book from '../../src/tcp/textbook-record.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet } from '../../src/wire/packet.ts';
import { type ConversationOptions, conversation } from '../support/conversation.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';
import { runs } from '../support/runs.ts';
import { shownView } from '../support/shown-view.ts';

/** Whatever has been told of without rows was lent. */
let lent = 0;
const { lend } = LifeReader.prototype;
// Not spied on: a spy keeps whatever it has seen, and with it the memory of each analysis.
LifeReader.prototype.lend = function (lives) {
  lent += lives.to - lives.from;
  lend.call(this, lives);
};
beforeEach(() => {
  lent = 0;
});

/** The numbers that count for the capture, and what a view would hold that was given nothing else. */
const digests: number[][] = [];
const digest = new FlowDigest();
const views = new Map<CaptureView, CaptureView>();
const { add, addLife } = CaptureView.prototype;
function note(view: CaptureView, given: FlowDigest): void {
  digests.push([...given.words]);
  const other = views.get(view) ?? new CaptureView(view.facts, view.addressText);
  views.set(view, other);
  add.call(other, given);
}
CaptureView.prototype.add = function (given) {
  note(this, given);
  add.call(this, given);
};
CaptureView.prototype.addLife = function (life) {
  digestLife(life, digest);
  note(this, digest);
  addLife.call(this, life);
};

/** All that is told, as text: the order of members counts. */
async function told(options: AnalyzeOptions, listener: Parameters<typeof analyze>[1]): Promise<string[]> {
  const lines: string[] = [];
  const capture = await analyze(options, { ...listener, flow: (flow) => void lines.push(JSON.stringify(flow)) });
  lines.push(JSON.stringify(capture), ...digests.splice(0).map(String));
  for (const [view, other] of views) expect(shownView(view)).toEqual(shownView(other));
  views.clear();
  return lines;
}

const USUAL = {
  pausesNs: [...new Array<number>(20).fill(30_000), 1000, 5_000_000, 400_000_000],
  payloads: [0, 1, 100, 1460],
};
/** On both sides of a million bytes. */
const LARGE = { payloads: [65_000], segments: 45, mss: 65_000 };
const LONG_PAUSES_NS = [600_000_000, 1_500_000_000, 61_000_000_000];

function written(lives: Lives): string[] {
  const out = new RowBytes(16);
  writeLives(out, lives, '', '\n');
  return Buffer.from(out.block.subarray(0, out.length)).toString().trimEnd().split('\n');
}

/** From records and from rows, which are made of every connection whose segments somebody listens to. */
async function compare(options: () => AnalyzeOptions): Promise<void> {
  const lives: string[] = [];
  const fromRecords = await told(options(), {});
  const accounts = lent;
  await told(options(), {
    lives: (some) => {
      lives.push(...written(some));
      for (const life of some) expect(printOfLife(life)).toBe(printOf(flowOf(life)));
    },
  });
  const before = lent;
  expect(lives.length).toBe(before - accounts);
  const accountLines = new Set(fromRecords);
  expect(lives.filter((life) => !accountLines.has(life))).toEqual([]);
  const fromRows = await told(options(), { segment() {} });
  expect(lent).toBe(before);
  expect(fromRecords.join('\n')).toBe(fromRows.join('\n'));
}

describe('what is told at once is what the rows say', () => {
  // A quarter of them either way by default.
  test.each<[number, Partial<AnalyzeOptions>]>([
    [0, {}],
    [1, { asTheyEnd: true, timeWaitSeconds: 0.3 }],
  ])('in fixtures (%d of 4): %o', async (quarter, options) => {
    const captures = readdirSync('fixtures/captures', { recursive: true, encoding: 'utf8' })
      .filter((entry) => /\.pcap(?:ng)?$/.test(entry))
      .filter((_, i) => i % 4 === quarter || runs(1) > 1);
    for (const entry of captures) {
      await compare(() => ({ files: [join('fixtures/captures', entry)], ...options }));
    }
    expect(lent).toBeGreaterThan(2);
  });

  test('names that others use are for the rows', async () => {
    await compare(() => ({ files: ['fixtures/captures/textbook.pcap'], crosswalk: true }));
    expect(lent).toBe(0);
  });

  // Each kind comes near the thresholds of some rules, and beyond.
  const kinds: Record<string, Partial<ConversationOptions>> = {
    usual: USUAL,
    'with longer pauses': { ...USUAL, pausesNs: [...USUAL.pausesNs, ...LONG_PAUSES_NS] },
    'with departures': { ...USUAL, departures: 0.005 },
    large: { ...LARGE, hurried: true },
    'large and slow': { ...LARGE, pausesNs: [1000, 100_000_000] },
    'larger than agreed': { ...LARGE, mss: 1460, hurried: true },
    'without options': { hurried: true, payloads: [100], declines: true },
    'large, without options': { ...LARGE, hurried: true, declines: true },
  };
  test.each(Object.keys(kinds))('in random conversations: %s', async (kind) => {
    let conversations = 0;
    for (let seed = 1; seed <= runs(kind.startsWith('large') ? 6 : 12); seed++) {
      const random = new Random(seed);
      const frames: FrameToWrite[] = [];
      for (let n = 1 + random.int(kind.startsWith('large') ? 1 : 4); n > 0; n--) {
        conversations++;
        const shortClose = random.chance(0.3);
        const options = { departures: 0, shortClose, clientPort: 40_000 + n, ...kinds[kind] };
        for (const frame of conversation(random, options)) frames.push(toWrite(frame));
      }
      frames.sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);
      // Others then begin before the capture, by its clock.
      if (random.chance(0.15)) frames.unshift(frames.pop()!);
      const bytes = writePcap(frames, { nanoseconds: true });
      const asTheyEnd = random.chance(0.5);
      const timeWaitSeconds = random.pick([60, 0, 0.25, 1, 100]);
      const maxFlows = random.pick([1_000_000, 2]);
      await compare(() => ({ files: ['-'], stdin: Readable.from([bytes]), asTheyEnd, timeWaitSeconds, maxFlows }));
    }
    // As accounts and as lives.
    const share = lent / (2 * conversations);
    expect(share).toBeLessThan(1);
    if (!kind.startsWith('large') && kind !== 'without options') expect(share).toBeGreaterThan(0.01);
  });

  const HURRIED = { departures: 0, shortClose: true, hurried: true, segments: 4, payloads: [100] };
  const hurried = (clientPort = 40_000): FrameToWrite[] =>
    [...conversation(new Random(3), { ...HURRIED, clientPort })].map(toWrite);
  const later = (frame: FrameToWrite, seconds: number): FrameToWrite => ({
    ...frame,
    seconds: frame.seconds + seconds,
  });

  // Frames of another connection, five seconds before and ten after; those that are short end before the last.
  test.each([
    ...[0, 0.25, 0.75, 0.999999999, 9, 8_999_990].map((seconds) => [seconds, 6]),
    // Beyond what a double tells apart, and beyond 32 bits.
    ...[8_999_999, 9_000_001, 1e10, 2 ** 32 + 9].map((seconds) => [seconds, 0]),
  ])('TIME_WAIT of %d seconds, %d lives', async (timeWaitSeconds, lives) => {
    for (const nanoseconds of [0, 500_000_000, 999_000_000]) {
      const frames = hurried().map((frame) => ({
        ...frame,
        nanoseconds: nanoseconds + (frame.nanoseconds % 1_000_000),
      }));
      const others = hurried(50_000);
      const all = [others[0]!, ...frames.map((frame) => later(frame, 5)), later(others[1]!, 15)];
      const bytes = writePcap(all, { nanoseconds: true });
      await compare(() => ({ files: ['-'], stdin: Readable.from([bytes]), timeWaitSeconds }));
    }
    expect(lent).toBe(lives);
  });

  test('a minute in which nobody waits is found', async () => {
    const codes: string[] = [];
    for (const seconds of [58, 61]) {
      // Between the handshake and the first request.
      const frames = hurried().map((frame, i) => (i < 3 ? frame : later(frame, seconds)));
      const bytes = writePcap(frames, { nanoseconds: true });
      const options = () => ({ files: ['-'], stdin: Readable.from([bytes]) });
      await compare(options);
      await analyze(options(), { flow: ({ findings }) => void codes.push(findings.map(({ code }) => code).join()) });
      digests.length = 0;
    }
    expect(codes).toEqual(['', 'long_idle']);
  });

  test('payloads of more than 32 bits', () => {
    const trace = new TcpTrace({ everySegment: false });
    const clock = new CaptureClock();
    const packet = new Packet();
    for (const frame of conversation(new Random(3), HURRIED)) {
      clock.see(frame);
      new Decoder().decode(frame, packet);
      trace.observe(frame, packet);
    }
    const reader = new LifeReader(trace, clock);
    const read = (): TextbookLife => {
      const lives = reader.read([0]);
      expect(lives.to).toBe(1);
      return lives.all[0]!;
    };
    expect(isQuiet(read())).toBe(true);
    const few = read().sides[1].payloadBytes;
    trace.connections.pages[0]![Book.B + Book.BYTES_HIGH] = 1;
    const life = read();
    expect([life.sides[1].payloadBytes, isQuiet(life)]).toEqual([2 ** 32 + few, false]);
  });

  // What is found by the number of a connection has to be found for one that comes after thousands without rows.
  test('few of thousands left the book, far from one another', async () => {
    const left = [0, 2100, 2101, 2590];
    const random = new Random(7);
    const frames: FrameToWrite[] = [];
    for (let n = 0; n < 2600; n++) {
      const usual = { departures: 0, shortClose: true, hurried: true, segments: 2, clientPort: 10_000 + n };
      const all = [...conversation(random, { ...usual, payloads: [100], pausesNs: [1000] })].map(toWrite);
      // One of its segments comes twice, and its end is missing.
      const kept = left.includes(n) ? [...all.slice(0, 3), ...all.slice(2, -2)] : all;
      for (const [i, frame] of kept.entries()) {
        frames.push({
          ...frame,
          seconds: 1_700_000_000 + Math.floor(n / 100),
          nanoseconds: (n % 100) * 1e6 + i * 1000,
        });
      }
    }
    const bytes = writePcap(frames, { nanoseconds: true });
    const flows: FlowResult[] = [];
    await analyze({ files: ['-'], stdin: Readable.from([bytes]) }, { flow: (flow) => void flows.push(flow) });
    digests.length = 0;
    expect(lent).toBe(2600 - left.length);
    for (const { stream, frames: own, endpoints } of flows) {
      for (const { frame } of endpoints.flatMap(({ states }) => states)) {
        if (frame !== null && (frame < own[0] || frame > own[1]))
          expect.fail(`stream ${stream} moved by frame ${frame}`);
      }
    }
    await compare(() => ({ files: ['-'], stdin: Readable.from([bytes]) }));
  });
});

function toWrite({ seconds, nanoseconds, bytes, start, capturedLength }: FrameOf): FrameToWrite {
  return { seconds, nanoseconds, bytes: bytes.slice(start, start + capturedLength) };
}
type FrameOf = ReturnType<typeof conversation> extends Generator<infer One> ? One : never;
