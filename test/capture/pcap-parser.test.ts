// Differential: the npm package pcap-parser (another author's reader) and ours see the same frames in every pcap it can read.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import pcapParser from 'pcap-parser';
import { expect, it } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { type ReadResult, readAll, readPieces } from '../support/read-capture.ts';

type Frames = { seconds: number; nanoseconds: number; captured: number; original: number; hex: string }[];

/** What pcap-parser reads; `end` is called when its input is to be ended. */
function theirs(input: string | PassThrough): Promise<Frames> {
  return new Promise((resolve, reject) => {
    const frames: Frames = [];
    const parser = pcapParser.parse(input);
    parser.on('packet', ({ header, data }) => {
      frames.push({
        seconds: header.timestampSeconds,
        nanoseconds: header.timestampMicroseconds * 1000,
        captured: header.capturedLength,
        original: header.originalLength,
        hex: data.toString('hex'),
      });
    });
    parser.on('end', () => resolve(frames));
    parser.on('error', reject);
  });
}

function ours({ frames, warnings }: ReadResult): Frames {
  expect(warnings).toEqual([]);
  return frames.map(({ seconds, nanoseconds, captured, original, hex }) => ({
    seconds,
    nanoseconds,
    captured,
    original,
    hex,
  }));
}

const CAPTURES = join(import.meta.dirname, '../../fixtures/captures');
const fixtures = readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pcap'));

it.each(fixtures)('%s', async (name) => {
  const path = join(CAPTURES, name);
  const result = await readAll(await openCapture([path]));
  // pcap-parser knows microseconds only.
  if (result.formats[0] !== 'pcap' || result.warnings.length > 0) return;
  expect(ours(result)).toEqual(await theirs(path));
});

it('generated captures', async () => {
  const frame = fc.record({
    seconds: fc.integer({ min: 0, max: 0xffffffff }),
    nanoseconds: fc.integer({ min: 0, max: 999_999 }).map((us) => us * 1000),
    bytes: fc.uint8Array({ maxLength: 100 }),
    originalLength: fc.integer({ min: 0, max: 0x7fffffff }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 20 }), fc.boolean(), async (frames, bigEndian) => {
      const bytes = writePcap(frames, { bigEndian });
      const stream = new PassThrough();
      const reading = theirs(stream);
      stream.end(bytes);
      expect(ours(await readPieces(bytes))).toEqual(await reading);
    }),
    { numRuns: 100 },
  );
});
