// In: pcap files with all a record can say. Out: proof that the frames of runs, read by the program in linear memory, are those that `next` delivers.

import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Capture, openCapture } from '../../src/capture/open.ts';
import { LinearMemory } from '../../src/linear/memory.ts';
import { writePcap } from '../support/pcap-writer.ts';

interface Told {
  frames: unknown[];
  warnings: unknown;
  counts: unknown;
}

async function told(capture: Capture, isInRuns: boolean): Promise<Told> {
  const frames: unknown[] = [];
  let inRuns = 0;
  do {
    if (isInRuns) {
      for (let run = capture.nextRun!(); run !== null; run = capture.nextRun!()) {
        inRuns += run.count;
        for (let i = 0; i < run.count; i++) frames.push(values(run.frame(i)));
      }
    } else for (let frame = capture.next(); frame !== null; frame = capture.next()) frames.push(values(frame));
  } while (await capture.fill());
  expect(inRuns).toBe(isInRuns ? frames.length : 0);
  const counts = capture.interfaces.map((iface) => iface.frames);
  await capture.close();
  return { frames, warnings: capture.warnings, counts };
}

function values(frame: NonNullable<ReturnType<Capture['next']>>): unknown {
  const { bytes, view, start, capturedLength, ...numbers } = frame;
  expect([view.buffer, view.byteOffset]).toEqual([bytes.buffer, bytes.byteOffset]);
  return { ...numbers, capturedLength, bytes: [...bytes.subarray(start, start + capturedLength)] };
}

const frame = fc.record({
  seconds: fc.oneof(fc.nat(3), fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff)),
  // Beyond the second, too, as some writers count.
  nanoseconds: fc.oneof(fc.nat(999_999_999), fc.constantFrom(1_000_000_000, 3_000_000_001, 0xffff_fc18)),
  bytes: fc.uint8Array({ maxLength: 70 }),
  originalLength: fc.option(fc.constantFrom(0, 70, 0x7fffffff, 0x80000000, 0xffffffff), { nil: undefined }),
});
const options = fc.record({
  bigEndian: fc.boolean(),
  nanoseconds: fc.boolean(),
  linkType: fc.constantFrom(1, 101, 113),
  linkTypeUpper: fc.constantFrom(0, 0x2400),
  version: fc.constantFrom<[number, number]>([2, 4], [2, 3], [2, 2]),
});

test('runs are what single frames are, in chunks of any size, cut or damaged anywhere', async () => {
  const damage = fc.option(fc.tuple(fc.nat(3000), fc.nat(255)), { nil: null });
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 400 }),
      options,
      fc.integer({ min: 64, max: 5000 }),
      fc.option(fc.nat(20_000), { nil: null }),
      damage,
      async (frames, how, chunkBytes, cutAt, damaged) => {
        const bytes = writePcap(
          frames.map(({ originalLength, ...rest }) => ({
            ...rest,
            ...(originalLength !== undefined && { originalLength }),
          })),
          how,
        ).slice(0, cutAt === null ? undefined : 24 + cutAt);
        if (damaged !== null && 24 + damaged[0] < bytes.length) bytes[24 + damaged[0]] = damaged[1];
        const open = (memory?: LinearMemory): Promise<Capture> =>
          openCapture(['-'], { stdin: Readable.from([Buffer.from(bytes)]), chunkBytes, ...(memory && { memory }) });
        const singly = await told(await open(), false);
        expect(await told(await open(new LinearMemory()), true)).toEqual(singly);
        expect(await told(await open(), true)).toEqual(singly);
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
