// Whatever pieces the bytes arrive in, the frames are the same.

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { concat, type FrameToWrite, PcapngWriter, writePcap, writePcapng } from '../support/pcap-writer.ts';
import { readAll, readPieces, TemporaryFiles } from '../support/read-capture.ts';
import { runs } from '../support/runs.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

const frame: fc.Arbitrary<FrameToWrite> = fc.record({
  seconds: fc.integer({ min: 0, max: 0xffffffff }),
  nanoseconds: fc.integer({ min: 0, max: 999_999 }).map((us) => us * 1000),
  bytes: fc.uint8Array({ maxLength: 200 }),
  originalLength: fc.integer({ min: 0, max: 0x7fffffff }),
});
const frames = fc.array(frame, { maxLength: 12 });
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });

function asRead(written: readonly FrameToWrite[], linkType: number) {
  return written.map(({ seconds, nanoseconds, bytes, originalLength }, i) => ({
    number: i + 1,
    file: 0,
    seconds,
    nanoseconds,
    captured: bytes.length,
    original: originalLength ?? bytes.length,
    linkType,
    fcs: 0,
    hex: Buffer.from(bytes).toString('hex'),
  }));
}

describe('any chunking gives the frames that were written', () => {
  it('pcap', async () => {
    await fc.assert(
      fc.asyncProperty(frames, sizes, fc.boolean(), fc.boolean(), async (written, pieces, bigEndian, nanoseconds) => {
        const bytes = writePcap(written, { bigEndian, nanoseconds, linkType: 228 });
        const result = await readPieces(bytes, pieces, { chunkBytes: 64 });
        expect(result.warnings).toEqual([]);
        expect(result.frames).toEqual(asRead(written, 228));
      }),
      { numRuns: runs(150) },
    );
  });

  it('pcapng', async () => {
    await fc.assert(
      fc.asyncProperty(frames, sizes, fc.boolean(), async (written, pieces, bigEndian) => {
        const result = await readPieces(writePcapng(written, { bigEndian }), pieces, { chunkBytes: 64 });
        expect(result.warnings).toEqual([]);
        expect(result.frames).toEqual(asRead(written, 1));
      }),
      { numRuns: runs(150) },
    );
  });

  it('a file, for any chunk size', async () => {
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 24, max: 500 }), async (written, chunkBytes) => {
        const path = files.write('any.pcap', writePcap(written));
        const result = await readAll(await openCapture([path], { chunkBytes }));
        expect(result.frames).toEqual(asRead(written, 1));
      }),
      { numRuns: runs(50) },
    );
  });
});

const SMALL: readonly FrameToWrite[] = [
  { seconds: 1, nanoseconds: 1000, bytes: Uint8Array.of(1, 2, 3), originalLength: 3 },
  { seconds: 2, nanoseconds: 2000, bytes: Uint8Array.of(4, 5, 6, 7, 8), originalLength: 50 },
];
const ng = new PcapngWriter();
const NG_WITH_UNKNOWN_BLOCK = concat([
  ng.section(),
  ng.interface({ tsresol: 9 }),
  ng.block(0x77, new Uint8Array(9)),
  ng.enhancedPacket(1_000_001_000n, SMALL[0]!.bytes),
  ng.enhancedPacket(2_000_002_000n, SMALL[1]!.bytes, { originalLength: 50 }),
]);

describe.each([
  ['pcap', writePcap(SMALL)],
  ['pcapng', NG_WITH_UNKNOWN_BLOCK],
  [
    'gzip of two members',
    concat([gzipSync(writePcap(SMALL).subarray(0, 30)), gzipSync(writePcap(SMALL).subarray(30))]),
  ],
])('standard input, %s', (_, bytes) => {
  it('split at every offset', async () => {
    for (let at = 1; at < bytes.length; at++) {
      const result = await readPieces(bytes, [at, bytes.length]);
      expect(result.warnings).toEqual([]);
      expect(result.frames).toEqual(asRead(SMALL, 1));
    }
  });

  it('byte by byte', async () => {
    const result = await readPieces(bytes, [1]);
    expect(result.warnings).toEqual([]);
    expect(result.frames).toEqual(asRead(SMALL, 1));
  });

  it('cut at every offset: whole frames, and a warning where one is missing', async () => {
    const boundaries = new Set<number>();
    for (let at = 13; at < bytes.length; at++) {
      const result = await readPieces(bytes.subarray(0, at)).catch((error: Error) => error);
      if (result instanceof Error) {
        // Only where not even the four bytes are there by which a capture is known.
        expect(_).toMatch(/gzip/);
        continue;
      }
      expect(asRead(SMALL, 1).slice(0, result.frames.length)).toEqual(result.frames);
      if (result.warnings.length === 0) boundaries.add(at);
      else expect(result.warnings).toMatchObject([{ file: '-', truncated: true }]);
    }
    // pcap: after the file header (24) and the first record (16 + 3). pcapng: after section (28), interface (20 + 12), unknown
    // block (24), first packet (36). gzip: at the end of the first member, 30 bytes in, a record is cut.
    const expected = { pcap: [24, 43], pcapng: [28, 60, 84, 120] }[_] ?? [];
    expect([...boundaries]).toEqual(expected);
  });
});
