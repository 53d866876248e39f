// In: made-up captures. Out: proof that when connections are told of changes nothing of what is told, that a late segment is
// told as a revision, and that the ceiling of connections is held with nothing lost: every connection told or counted.

import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type AnalyzeOptions, analyze } from '../src/analyze.ts';
import { CaptureView } from '../src/anomaly/capture-view.ts';
import { AddressTable } from '../src/flow/address.ts';
import { LinearMemory } from '../src/linear/memory.ts';
import type { CaptureResult, FlowResult } from '../src/tcp/flow-result.ts';
import { networkOf } from '../src/tcp/folded.ts';
import { tcpFrame } from './support/frame-builder.ts';
import { type FrameToWrite, writePcap } from './support/pcap-writer.ts';
import { randomFrames } from './support/random-segments.ts';

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];

interface Told {
  /** In the order told. */
  flows: FlowResult[];
  /** The last account of each stream: its lives. */
  last: Map<number, FlowResult[]>;
  capture: CaptureResult;
}

async function tell(frames: readonly FrameToWrite[], options: Partial<AnalyzeOptions> = {}): Promise<Told> {
  const flows: FlowResult[] = [];
  const last = new Map<number, FlowResult[]>();
  let before = -1;
  let beforeRevised: true | undefined;
  const capture = await analyze(
    { files: ['-'], stdin: Readable.from([writePcap(frames, { nanoseconds: true })]), ...options },
    {
      flow(flow) {
        flows.push(flow);
        const { revised, ...account } = flow;
        // The lives of a stream are told one after the other, each as often; the first has no earlier one.
        if (flow.stream !== before || flow.revised !== beforeRevised) last.set(flow.stream, [account]);
        else last.get(flow.stream)!.push(account);
        before = flow.stream;
        beforeRevised = flow.revised;
      },
    },
  );
  return { flows, last, capture };
}

const at = (seconds: number, fields: Parameters<typeof tcpFrame>[0]): FrameToWrite => ({
  seconds: 1_700_000_000 + Math.floor(seconds),
  nanoseconds: Math.round((seconds % 1) * 1e9),
  bytes: tcpFrame(fields),
});

const client = (port: number) => ({ src: '10.0.0.1', dst: '10.0.0.2', sport: port, dport: 80 });
const server = (port: number) => ({ src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: port });

/** A connection that opens at `start` and is closed by the client within half a second. */
function closed(port: number, start: number): FrameToWrite[] {
  return [
    at(start, { ...client(port), flags: SYN, seq: 100 }),
    at(start + 0.1, { ...server(port), flags: SYN | ACK, seq: 500, ack: 101 }),
    at(start + 0.2, { ...client(port), flags: ACK, seq: 101, ack: 501 }),
    at(start + 0.3, { ...client(port), flags: FIN | ACK, seq: 101, ack: 501 }),
    at(start + 0.4, { ...server(port), flags: FIN | ACK, seq: 501, ack: 102 }),
    at(start + 0.5, { ...client(port), flags: ACK, seq: 102, ack: 502 }),
  ];
}

const inOrder = (frames: FrameToWrite[]): FrameToWrite[] =>
  frames.sort((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);

describe('as they end', () => {
  test('once each, also where some of those left at the end have been told of', async () => {
    // Never silent for a minute: nothing is found of it.
    const long = closed(1, 0).slice(0, 3);
    for (const [n, time] of [50, 100, 150].entries()) {
      long.push(at(time, { ...client(1), flags: ACK, seq: 101 + n * 5, ack: 501, payload: 'hello' }));
      long.push(at(time + 0.1, { ...server(1), flags: ACK, seq: 501, ack: 106 + n * 5 }));
    }
    long.push(at(198.3, { ...client(1), flags: FIN | ACK, seq: 116, ack: 501 }));
    long.push(at(198.4, { ...server(1), flags: FIN | ACK, seq: 501, ack: 117 }));
    long.push(at(198.5, { ...client(1), flags: ACK, seq: 117, ack: 502 }));
    const { flows } = await tell(inOrder([...long, ...closed(2, 10), ...closed(3, 11), ...closed(4, 197)]), {
      asTheyEnd: true,
    });
    expect(flows.map(({ stream, findings }) => [stream, findings.length])).toEqual([
      [1, 0],
      [2, 0],
      [0, 0],
      [3, 0],
    ]);
  });

  test('in the order of their ends; what is still open, at the end', async () => {
    const open = [
      at(0, { ...client(1), flags: SYN, seq: 1 }),
      at(0.1, { ...server(1), flags: SYN | ACK, seq: 5, ack: 2 }),
    ];
    const { flows } = await tell(inOrder([...open, ...closed(2, 10), ...closed(3, 5), ...closed(4, 200)]), {
      asTheyEnd: true,
    });
    expect(flows.map(({ endpoints }) => endpoints[0].port)).toEqual([3, 2, 1, 4]);
    expect(flows.map(({ stream }) => stream)).toEqual([1, 2, 0, 3]);
    expect(flows[0]!.endpoints[0].finalState).toBe('CLOSED');
  });

  test('at the first look after a minute of silence, however long it had been open', async () => {
    // Something else goes on all the time, so that there is a clock.
    const others = Array.from({ length: 2500 }, (_, i) => at(i / 10, { ...client(9), flags: SYN, seq: 1 }));
    const long = [...closed(2, 0).slice(0, 3), ...closed(2, 100).slice(3)];
    const heard: number[] = [];
    await analyze(
      {
        files: ['-'],
        stdin: Readable.from([writePcap(inOrder([...others, ...long]), { nanoseconds: true })]),
        asTheyEnd: true,
      },
      {
        flow(flow, clock) {
          if (flow.endpoints[0].port === 2) heard.push(clock.duration());
        },
      },
    );
    expect(heard).toHaveLength(1);
    expect(heard[0]).toBeGreaterThanOrEqual(160.5);
    expect(heard[0]).toBeLessThan(162.5);
  });

  test('without it, by stream', async () => {
    const { flows } = await tell(inOrder([...closed(2, 10), ...closed(3, 5), ...closed(4, 200)]));
    expect(flows.map(({ endpoints }) => endpoints[0].port)).toEqual([3, 2, 4]);
  });

  test('a segment after that: the connection is told again, revised, and is the same as if it had been told once', async () => {
    const frames = inOrder([...closed(2, 0), ...closed(3, 100), at(150, { ...server(2), flags: RST, seq: 502 })]);
    const { flows, last } = await tell(frames, { asTheyEnd: true });
    expect(flows.map(({ stream, segments, revised }) => [stream, segments, revised])).toEqual([
      [0, 6, undefined],
      [0, 7, true],
      [1, 6, undefined],
    ]);
    expect(last).toEqual((await tell(frames)).last);
  });

  test('an unanswered SYN on the ports shows nothing new of the old one: told once', async () => {
    const frames = [
      ...closed(2, 0),
      ...closed(7, 90),
      at(100, { ...client(2), flags: SYN, seq: 9000 }),
      ...closed(8, 400),
    ];
    const { flows, last } = await tell(frames, { asTheyEnd: true });
    expect(flows.map(({ stream, revised }) => [stream, revised])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ]);
    expect(last).toEqual((await tell(frames)).last);
  });

  test('a new connection on the ports shows another end of the old one: told again, revised', async () => {
    const frames = [...closed(2, 0), ...closed(7, 61.5), ...closed(2, 90), ...closed(8, 400)];
    const { flows, last } = await tell(frames, { asTheyEnd: true });
    expect(flows.filter(({ revised }) => revised).map(({ stream }) => stream)).toEqual([0]);
    expect(last).toEqual((await tell(frames)).last);
  });

  test('random traffic with long pauses: the last account of each stream is the one told at the end', async () => {
    let revised = 0;
    let early = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 60 }), async (seed, stretch) => {
        let shift = 0;
        const frames = randomFrames(seed, { segments: 150, damage: false }).map((frame, i) => {
          if (i % 20 === 19) shift += stretch;
          return { ...frame, seconds: frame.seconds + shift };
        });
        const asTheyEnd = await tell(frames, { asTheyEnd: true });
        const once = await tell(frames);
        expect(asTheyEnd.last).toEqual(once.last);
        expect(asTheyEnd.capture).toEqual(once.capture);
        revised += asTheyEnd.flows.filter((flow) => flow.revised).length;
        if (asTheyEnd.flows.some((flow, i) => i > 0 && flow.stream < asTheyEnd.flows[i - 1]!.stream)) early++;
      }),
      { numRuns: 40, seed: 8 },
    );
    expect(revised).toBeGreaterThan(0);
    expect(early).toBeGreaterThan(0);
  });
});

describe('the ceiling', () => {
  test('who is let go while TIME_WAIT lasts is said to be', async () => {
    const others = [4, 5, 6].map((port) => at(port, { ...client(port), flags: ACK, seq: 9, ack: 9, payload: 'data' }));
    const frames = [...closed(1, 0), ...closed(2, 1), ...closed(3, 2), ...others];
    const { flows, capture } = await tell(frames, { maxFlows: 4 });
    // The account is that of one who stays.
    const { flows: all } = await tell(frames);
    expect(flows.slice(0, 3)).toEqual(all.slice(0, 3).map((flow) => ({ ...flow, evicted: true })));
    expect(flows.slice(3).map(({ evicted }) => evicted)).toEqual([undefined, undefined, undefined]);
    expect([capture.evicted, capture.folded]).toEqual([3, undefined]);
  });

  const syn = (i: number): FrameToWrite =>
    at(i * 0.001, {
      src: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
      dst: '10.9.9.9',
      sport: 1000,
      dport: 443,
      flags: SYN,
      seq: i,
    });

  test('unanswered SYNs are counted; told and counted together are all of them', async () => {
    const frames = Array.from({ length: 1000 }, (_, i) => syn(i));
    const { flows, capture } = await tell(frames, { maxFlows: 100 });
    expect(capture.streams).toBe(1000);
    const { folded } = capture;
    expect(folded!.flows + flows.length).toBe(1000);
    expect(flows.length).toBeLessThan(100);
    expect(folded!.segments).toBe(folded!.flows);
    expect(folded!.servers).toEqual([{ addr: '10.9.9.9', port: 443, flows: folded!.flows }]);
    // The first 768 are in three whole networks; all of those were folded.
    expect(folded!.networks.slice(0, 3)).toEqual(
      ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'].map((network) => ({ network, flows: 256 })),
    );
    expect(capture.warnings).toEqual([
      `more than 100 connections at once (--max-flows): ${folded!.flows} connections without any answer only counted`,
    ]);
    expect(capture.evicted).toBeUndefined();
  });

  test('those that have closed go before SYNs that are not answered yet', async () => {
    const frames = inOrder(Array.from({ length: 200 }, (_, i) => closed(1 + i, i / 50)).flat());
    for (const asTheyEnd of [true, false]) {
      // Some 25 are open at a time, five of them but SYNs.
      const { flows, capture } = await tell(frames, { maxFlows: 100, asTheyEnd });
      expect(capture.folded).toBeUndefined();
      expect(flows.map(({ verdict }) => verdict)).toEqual(Array(200).fill('closed-by-client'));
      expect(capture.streams).toBe(200);
      // Nobody goes who is not to make room: ten at a time.
      expect(capture.evicted).toBeGreaterThanOrEqual(100);
      expect(capture.evicted).toBeLessThan(120);
    }
  });

  test('where memory runs out fewer are held from there on, and each segment is told of all the same', async () => {
    const runsOut = vi.spyOn(LinearMemory.prototype, 'runsOut');
    for (const asTheyEnd of [true, false]) {
      runsOut.mockReset();
      runsOut.mockReturnValueOnce(false).mockReturnValueOnce(true).mockReturnValueOnce(false).mockReturnValueOnce(true);
      runsOut.mockReturnValue(false);
      const ports = Array.from({ length: 60 }, (_, i) => i + 1);
      const frames = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((round) =>
        ports.flatMap((port) => {
          const seq = 101 + round * 5;
          const payload = 'hello';
          return [
            at(round + port / 1000, { ...client(port), flags: ACK, seq, ack: 501, payload }),
            at(round + port / 1000 + 0.0001, { ...server(port), flags: ACK, seq: 501, ack: seq + 5 }),
          ];
        }),
      );
      const { flows, capture } = await tell(frames, { chunkBytes: 16_384, asTheyEnd });
      expect(runsOut.mock.calls.length).toBeGreaterThan(4);
      expect(capture.evicted).toBeGreaterThan(10);
      expect(flows.filter(({ evicted }) => evicted).length).toBe(capture.evicted);
      expect(flows.reduce((sum, { segments }) => sum + segments, 0)).toBe(frames.length);
      const [warning] = capture.warnings;
      const [, held, told] =
        /^4 GB hold what is known of (\d+) connections at once, not more: (\d+) connections told of before the end$/.exec(
          warning!,
        )!;
      // Of 60 nine tenths, 54, and of those nine tenths at first, 49: then it was nine tenths of 49 to 53.
      expect(Number(held)).toBeGreaterThanOrEqual(44);
      expect(Number(held)).toBeLessThanOrEqual(47);
      expect(Number(told)).toBe(capture.evicted);
    }
    runsOut.mockRestore();
  });

  test('folded from a record, a SYN counts for the same as from rows', async () => {
    // Some are sent again, some to a second port: those have rows either way.
    const frames = Array.from({ length: 3000 }, (_, i) => syn(i))
      .concat(
        Array.from({ length: 300 }, (_, i) =>
          at(40, { ...client(1000 + i), dport: 1 + (i % 200), flags: SYN, seq: i }),
        ),
      )
      .concat(Array.from({ length: 100 }, (_, i) => ({ ...syn(10 * i), seconds: 1_700_000_050 })));
    const options = { files: ['-'], maxFlows: 50 };
    const stdin = () => Readable.from([writePcap(frames)]);
    // The numbers that count for the capture.
    const digests: number[][] = [];
    const { add } = CaptureView.prototype;
    const spy = vi.spyOn(CaptureView.prototype, 'add').mockImplementation(function (this: CaptureView, digest) {
      digests.push([...digest.words]);
      add.call(this, digest);
    });
    const short = await analyze({ ...options, stdin: stdin() }, {});
    const fromRecords = digests.splice(0);
    // Whoever listens to segments gets rows.
    const long = await analyze({ ...options, stdin: stdin() }, { segment() {} });
    spy.mockRestore();
    expect(fromRecords).toEqual(digests);
    expect(short.folded!.flows).toBeGreaterThan(3000);
    expect(short.captureFindings.map(({ code }) => code)).toContain('syn_flood');
    expect(short).toEqual(long);
  });

  test('a flood is found whatever the ceiling', async () => {
    const frames = Array.from({ length: 3000 }, (_, i) => syn(i)).concat(at(10, { ...client(9), flags: SYN }));
    const free = await tell(frames);
    const held = await tell(frames, { maxFlows: 50 });
    const codes = ({ capture }: Told) => capture.captureFindings.map(({ code, count }) => [code, count]);
    expect(codes(free).map(([code]) => code)).toContain('syn_flood');
    expect(codes(held)).toEqual(codes(free));
  });

  test('those that are over go first, then unanswered ones, then the longest silent, told as evicted', async () => {
    const established = (port: number, start: number) => closed(port, start).slice(0, 3);
    const frames = [
      ...closed(1, 0),
      ...established(2, 100),
      ...established(3, 101),
      at(102, { ...client(4), flags: SYN, seq: 1 }),
    ];
    const two = await tell([...frames, ...established(5, 103)], { maxFlows: 4 });
    expect(two.flows.map(({ endpoints, evicted }) => [endpoints[0].port, evicted])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [5, undefined],
    ]);
    expect(two.capture.folded!.flows).toBe(1);
    const three = await tell([...frames, ...established(5, 103), ...established(6, 104), ...established(7, 105)], {
      maxFlows: 4,
    });
    expect(three.flows.map(({ endpoints, evicted }) => [endpoints[0].port, evicted])).toEqual([
      [1, undefined],
      [2, true],
      [3, true],
      [5, undefined],
      [6, undefined],
      [7, undefined],
    ]);
    expect(three.capture.evicted).toBe(2);
  });

  test('what comes after an eviction is a connection of its own; no segment is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 5 }), async (seed, maxFlows) => {
        const frames = randomFrames(seed, { segments: 150, damage: false });
        const { last, capture } = await tell(frames, { maxFlows });
        let segments = capture.folded?.segments ?? 0;
        for (const [life] of last.values()) segments += life!.segments;
        expect(segments).toBe((await tell(frames)).capture.tcpSegments);
        expect(last.size + (capture.folded?.flows ?? 0)).toBe(capture.streams);
      }),
      { numRuns: 10, seed: 8 },
    );
  });
});

test('the event loop turns while many connections are told of at the end', async () => {
  const frames = Array.from({ length: 20_000 }, (_, i) => at(0, { ...client(i % 65_536), flags: SYN, seq: i }));
  const seen: number[] = [];
  let told = 0;
  const look = setInterval(() => seen.push(told), 0);
  await analyze(
    { files: ['-'], stdin: Readable.from([writePcap(frames)]) },
    {
      flow() {
        told++;
      },
    },
  );
  clearInterval(look);
  expect(told).toBe(20_000);
  expect(seen.some((n) => n > 0 && n < told)).toBe(true);
});

test('addresses that nobody holds are forgotten beyond the first 65,536, and found again under a new id', () => {
  const table = new AddressTable();
  const ids = Array.from({ length: 80_000 }, (_, i) => table.intern(4, i, 0, 0, 0));
  for (const id of ids) table.hold(id);
  for (const id of ids.slice(0, 75_000)) table.release(id);
  expect(table.live).toBe(65_536 + 5000);
  expect(ids.slice(0, 65_536).every((id) => table.intern(4, id, 0, 0, 0) === id)).toBe(true);
  expect(ids.slice(75_000).every((id) => table.intern(4, id, 0, 0, 0) === id)).toBe(true);
  expect(table.toText(79_999)).toBe('0.1.56.127');
  expect(table.toText(70_000)).toBe('(forgotten)');
  const again = table.intern(4, 70_000, 0, 0, 0);
  table.hold(again);
  expect(again).toBe(80_000);
  expect(table.toText(again)).toBe('0.1.17.112');
});

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:0:1::5', '2001:db8:0:1::/64'],
  ['2001:db8::5', '2001:db8::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['fe80::1', 'fe80::/64'],
  ['::1', '::/64'],
  ['::ffff:10.0.0.1', '::/64'],
])('%s lies in %s', (addr, network) => {
  expect(networkOf(addr)).toBe(network);
});
