// In: conversations in which the capture itself is odd now and then. Out: proof that it does not matter whether frames are taken in runs or singly.

import { afterAll, expect, test } from 'vitest';
import { type AnalyzeOptions, analyze } from '../src/analyze.ts';
import type { CaptureResult, FlowResult } from '../src/tcp/flow-result.ts';
import { conversation } from './support/conversation.ts';
import { type FrameToWrite, writePcap } from './support/pcap-writer.ts';
import { Random } from './support/random.ts';
import { TemporaryFiles } from './support/read-capture.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

/** What may befall the clock of a capture: seconds to add from then on. */
const STEPS = [-1, -0.000_001, 0, 1, 70, 90_000, -90_000, 2_000_000_000];

function capture(random: Random): Uint8Array {
  const frames: FrameToWrite[] = [];
  const lives = Array.from({ length: 6 }, (_, i) => [
    ...conversation(random, { departures: random.pick([0, 0.01]), shortClose: false, clientPort: 40_000 + (i % 4) }),
  ]);
  const oddness = random.pick([0, 0, 0.02]);
  let shift = 0;
  while (lives.some((life) => life.length > 0)) {
    for (const frame of lives.flatMap((life) => life.splice(0, 1 + random.int(3)))) {
      if (random.chance(oddness)) shift = random.pick(STEPS);
      const time = Math.max(0, frame.seconds + frame.nanoseconds / 1e9 + shift);
      const { start, capturedLength } = frame;
      const whole = frame.bytes.slice(start, start + capturedLength);
      frames.push({
        seconds: Math.floor(time),
        nanoseconds: Math.floor((time % 1) * 1e9),
        bytes: random.chance(oddness) ? whole.subarray(0, 20 + random.int(whole.length - 20)) : whole,
        originalLength: frame.originalLength,
      });
    }
  }
  return writePcap(oddness === 0 ? frames.sort(byTime) : frames, { nanoseconds: true });
}

const byTime = (a: FrameToWrite, b: FrameToWrite): number => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds;

async function told(options: AnalyzeOptions): Promise<{ flows: FlowResult[]; capture: Partial<CaptureResult> }> {
  const flows: FlowResult[] = [];
  const {
    files: _,
    formats,
    linkTypes,
    ...rest
  } = await analyze(options, {
    flow: (flow) => void flows.push(flow),
  });
  return { flows, capture: rest };
}

test('in runs and singly', async () => {
  // Several files are read frame by frame.
  const empty = files.write('empty.pcap', writePcap([]));
  let flows = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const path = files.write(`${seed}.pcap`, capture(random));
    const options = {
      asTheyEnd: random.chance(0.7),
      ...(random.chance(0.3) && { maxFlows: 1 + random.int(4) }),
      chunkBytes: random.pick([1 << 12, 1 << 18]),
    };
    const inRuns = await told({ ...options, files: [path] });
    expect(inRuns, `seed ${seed}`).toEqual(await told({ ...options, files: [path, empty] }));
    flows += inRuns.flows.length;
  }
  expect(flows).toBeGreaterThan(100);
}, 60_000);
