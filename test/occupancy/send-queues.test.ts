// What each end has sent and not had acknowledged: the same from the record of a connection by the book as from its segments.

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type AnalyzeListener, analyze } from '../../src/analyze.ts';
import type { Moment } from '../../src/occupancy/moment.ts';
import { type SendQueue, SendQueues } from '../../src/occupancy/send-queues.ts';
import { SocketsAt, type SocketsReport } from '../../src/occupancy/sockets.ts';
import { TimeWaitLengths } from '../../src/occupancy/time-wait.ts';
import { livesOf } from '../../src/tcp/flow-result.ts';
import { tcpFrame } from '../support/frame-builder.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';
import { randomFrames } from '../support/random-segments.ts';
import { TemporaryFiles } from '../support/read-capture.ts';
import { runs } from '../support/runs.ts';

const folder = new TemporaryFiles();
afterAll(() => folder.remove());
let written = 0;
const file = (frames: FrameToWrite[]): string => folder.write(`${written++}.pcap`, writePcap(frames));

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];
const A = { src: '10.0.0.1', dst: '10.0.0.2', sport: 40000, dport: 80 };
const B = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40000 };
/** Frame `i` at i + 1 milliseconds. */
const timed = (frames: Uint8Array[], seconds = 1_700_000_000): FrameToWrite[] =>
  frames.map((bytes, i) => ({ seconds, nanoseconds: (i + 1) * 1e6, bytes }));

/** By the book: 5 bytes of A, 100 of B, A closes first. */
const BOOK = [
  { ...A, flags: SYN, seq: 100 },
  { ...B, flags: SYN | ACK, seq: 500, ack: 101 },
  { ...A, flags: ACK, seq: 101, ack: 501 },
  { ...A, flags: ACK, seq: 101, ack: 501, payload: 'hello' },
  { ...B, flags: ACK, seq: 501, ack: 106 },
  { ...B, flags: ACK, seq: 501, ack: 106, payload: new Uint8Array(100) },
  { ...A, flags: FIN | ACK, seq: 106, ack: 501 },
  { ...B, flags: ACK, seq: 601, ack: 107 },
  { ...B, flags: FIN | ACK, seq: 601, ack: 107 },
  { ...A, flags: ACK, seq: 107, ack: 602 },
].map(tcpFrame);

type Queues = Map<string, SendQueue | null>;

/** Of every end in the capture, by stream and port. */
async function queuesOf(path: string, takesRecords: boolean): Promise<Queues & { segments?: number }> {
  const queues = new SendQueues();
  const found: Queues & { segments?: number } = new Map();
  found.segments = 0;
  const listener: AnalyzeListener = {
    segment(frame, packet, trace, clock) {
      found.segments!++;
      queues.observe(packet, trace, clock.nanosecondsSince(frame));
    },
    ...(takesRecords && {
      leavesTheBook: (connection, trace, clock) => queues.adopt(connection, trace, clock),
    }),
    flow(flow) {
      for (const life of livesOf(flow)) {
        for (const { addr, port } of life.endpoints)
          found.set(`${flow.stream} ${addr} ${port}`, queues.of(flow.stream, addr, port));
      }
    },
  };
  await analyze({ files: [path] }, listener);
  return found;
}

describe('a record says the same as the segments it stands for', () => {
  // Unacknowledged bytes of A and B after each of the frames, SYN and FIN counted as one; null where nothing is known.
  const AFTER: [number | null, number | null][] = [
    [1, null],
    [0, 1],
    [0, 0],
    [5, 0],
    [0, 0],
    [0, 100],
    [1, 100],
    [0, 100],
    [0, 101],
  ];
  test.each(AFTER.map(([a, b], i) => [i + 1, a, b] as const))('after %i frames', async (count, a, b) => {
    const path = file(timed(BOOK.slice(0, count)));
    const queues = await queuesOf(path, true);
    expect(queues.segments).toBe(0);
    const unacknowledged = (of: Queues): (number | null | undefined)[] => [
      of.get('0 10.0.0.1 40000')?.unacknowledged,
      of.get('0 10.0.0.2 80')?.unacknowledged,
    ];
    expect(unacknowledged(queues)).toEqual([a, b]);
    expect(unacknowledged(await queuesOf(path, false))).toEqual([a, b]);
  });

  test('of one that has closed by the book nothing is asked', async () => {
    const queues = await queuesOf(file(timed(BOOK)), true);
    expect([...queues.values()]).toEqual([null, null]);
  });

  // The second: after 2038, beyond an int32.
  test.each([1_700_000_000, 3_000_000_000])('when each end last spoke, in CLOSE_WAIT, at %i', async (seconds) => {
    // Frame 6, B's data, at 6 ms and the first frame at 1 ms: 5 ms since the start; frame 8, its acknowledgment, 7 ms.
    const queues = await queuesOf(file(timed(BOOK.slice(0, 8), seconds)), true);
    expect(queues.get('0 10.0.0.2 80')).toEqual({
      unacknowledged: 100,
      sentAfterPeersFin: 0,
      lastPayload: 5e6,
      lastAck: 7e6,
      ackBefore: null,
    });
    expect(queues.get('0 10.0.0.1 40000')).toMatchObject({ unacknowledged: 0, lastAck: 6e6 });
  });

  test('segments that are not by the book count on', async () => {
    // B's data after A's FIN, seven bytes, then the hundred again.
    const more = [
      tcpFrame({ ...B, flags: ACK, seq: 601, ack: 107, payload: 'goodbye' }),
      tcpFrame({ ...B, flags: ACK, seq: 501, ack: 107, payload: new Uint8Array(100) }),
    ];
    const queues = await queuesOf(file(timed([...BOOK.slice(0, 8), ...more])), true);
    expect(queues.segments).toBe(2);
    expect(queues.get('0 10.0.0.2 80')).toEqual({
      unacknowledged: 107,
      sentAfterPeersFin: 107,
      lastPayload: 9e6,
      lastAck: 9e6,
      ackBefore: 8e6,
    });
  });
});

test('segments too short to belong to a connection count as TCP', async () => {
  const table = new SocketsAt({ kind: 'end' }, new TimeWaitLengths(60));
  // Ethernet, IPv4, and ten bytes of TCP.
  const path = file(timed([BOOK[0]!.subarray(0, 44)]));
  await analyze(
    { files: [path] },
    {
      segment: (...args) => table.segment(...args),
      leavesTheBook: (...args) => table.leavesTheBook(...args),
    },
  );
  expect(table.finish(0)).toMatchObject({ time: '2023-11-14T22:13:20.001000000Z', sockets: [] });
});

/** What there is at the moment, from all segments or with records. */
async function sockets(path: string, takesRecords: boolean, moment: Moment): Promise<SocketsReport> {
  const table = new SocketsAt(moment, new TimeWaitLengths(60));
  const { duration } = await analyze(
    { files: [path] },
    {
      segment: (...args) => table.segment(...args),
      ...(takesRecords && { leavesTheBook: (...args) => table.leavesTheBook(...args) }),
      // Of no account by itself, as where a filter asks for all segments.
      lastMoment: (clock) => table.lastMoment(clock),
      flow(flow, clock) {
        table.begin(clock);
        for (const life of livesOf(flow)) table.flow(life);
      },
    },
  );
  return table.finish(duration);
}

describe('wherever a connection leaves the book', () => {
  /** The book up to somewhere, then anything. */
  function straying(seed: number, stream: number): Uint8Array[] {
    const random = new Random(seed);
    const [a, b] = [A, B].map((end) => ({ ...end }));
    a!.sport = b!.dport = 40000 + stream;
    const frames: Uint8Array[] = BOOK.slice(0, 1 + random.int(BOOK.length)).map((frame) => {
      const own = new Uint8Array(frame);
      const view = new DataView(own.buffer, own.byteOffset);
      const at = view.getUint16(34) === 80 ? 36 : 34;
      // Another port, and so no right checksum: none at all says nothing either way.
      view.setUint16(at, 40000 + stream);
      view.setUint16(50, 0);
      return own;
    });
    for (let more = random.int(6); more > 0; more--) {
      const from = random.int(2) === 0 ? a! : b!;
      const flags = [ACK, ACK, FIN | ACK, RST, RST | ACK, SYN, SYN | ACK][random.int(7)]!;
      const [seq, ack] = from === a ? [95, 495] : [495, 95];
      const payload = new Uint8Array(random.int(3) * 60);
      frames.push(tcpFrame({ ...from, flags, seq: seq + random.int(120), ack: ack + random.int(120), payload }));
    }
    return frames;
  }

  test('all segments, and records with what comes after them, come to the same', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const own = Array.from({ length: 30 }, (_, stream) => straying(seed + stream, stream)).flat();
        for (const path of [file(timed(own)), file(randomFrames(seed, { segments: 150 }))]) {
          const [slow, fast] = [await queuesOf(path, false), await queuesOf(path, true)];
          expect([...fast.keys()]).toEqual([...slow.keys()]);
          for (const [end, queue] of fast) {
            const all = slow.get(end)!;
            if (queue === null) continue;
            expect({ end, ...queue }, end).toEqual({
              end,
              ...all,
              // Not known of what came before its FIN, and before the latest acknowledgment of a record.
              lastPayload: queue.lastPayload === null ? null : all.lastPayload,
              ackBefore: queue.ackBefore === null ? null : all.ackBefore,
            });
          }
          const end = { kind: 'end' } as const;
          expect(await sockets(path, true, end)).toEqual(await sockets(path, false, end));
        }
      }),
      { numRuns: runs(12) },
    );
  });

  test('the same at any moment, though times go back', { timeout: 120_000 }, async () => {
    let withSockets = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom('kept', 'jumbled', 'later part first'), async (seed, order) => {
        const random = new Random(seed);
        // Connections segment by segment in turn; more than runs of frames hold, where whole runs are to be late.
        const connections = order === 'later part first' ? 150 : 30;
        const own = Array.from({ length: connections }, (_, stream) => straying(seed + stream, stream));
        const inTurn: Uint8Array[] = [];
        while (own.length > 0) {
          const at = random.int(own.length);
          inTurn.push(own[at]!.shift()!);
          if (own[at]!.length === 0) own.splice(at, 1);
        }
        const frames = inTurn.map((bytes, i) => {
          const back = order === 'jumbled' && random.int(12) === 0 ? random.int(150) : 0;
          const time = (i - Math.min(i, back)) * 20;
          return { seconds: 1_700_000_000 + Math.floor(time / 1000), nanoseconds: (time % 1000) * 1e6, bytes };
        });
        if (order === 'later part first') frames.unshift(...frames.splice(-random.int(frames.length)));
        const path = file(frames);
        for (let n = 0; n < 4; n++) {
          const moment = { kind: 'relative', nanoseconds: random.int(frames.length + 2) * 20e6 } as const;
          const fast = await sockets(path, true, moment);
          withSockets += fast.sockets.filter(({ sendQ }) => sendQ !== null && sendQ > 0).length;
          expect(fast).toEqual(await sockets(path, false, moment));
        }
      }),
      { numRuns: runs(12) },
    );
    expect(withSockets).toBeGreaterThan(100);
  });
});
