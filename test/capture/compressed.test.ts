import * as zlib from 'node:zlib';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { InputBuffer } from '../../src/capture/input.ts';
import { openCapture } from '../../src/capture/open.ts';
import { openPath } from '../../src/capture/source.ts';
import { chooseScriptDecoder, ZstdSource } from '../../src/capture/zstd.ts';
import type { CaptureWarning } from '../../src/errors.ts';
import { concat, type FrameToWrite, PcapngWriter, writePcap, writePcapng } from '../support/pcap-writer.ts';
import { readAll, readPieces, TemporaryFiles } from '../support/read-capture.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

// 2000 records of 116 bytes: 232,024 bytes, more than one chunk and more than one zstd block.
const FRAMES: readonly FrameToWrite[] = Array.from({ length: 2000 }, (_, i) => ({
  seconds: 1000 + i,
  nanoseconds: 0,
  bytes: Uint8Array.from({ length: 100 }, (_, j) => (i * 31 + j * j) & 0xff),
}));
const PCAP = writePcap(FRAMES);

/** RFC 8878 by hand: a frame of uncompressed blocks of at most `blockBytes`. */
function storedZstd(content: Uint8Array, blockBytes = 1 << 17): Uint8Array {
  // Window of 128 KiB (exponent 7), no checksum, no content size.
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3)];
  for (let at = 0; at < content.length; at += blockBytes) {
    const block = content.subarray(at, at + blockBytes);
    const header = (block.length << 3) | (at + blockBytes >= content.length ? 1 : 0);
    parts.push(Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16), block);
  }
  return concat(parts);
}

/** RFC 1951 by hand: gzip data of stored blocks; the places of their headers are known. */
function storedGzip(content: Uint8Array, blockBytes: number): { bytes: Uint8Array; headers: number[] } {
  const parts: Uint8Array[] = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)];
  const headers: number[] = [];
  let length = 10;
  for (let at = 0; at < content.length; at += blockBytes) {
    const block = content.subarray(at, at + blockBytes);
    const last = at + blockBytes >= content.length ? 1 : 0;
    headers.push(length);
    parts.push(
      Uint8Array.of(last, block.length & 0xff, block.length >> 8, ~block.length & 0xff, (~block.length >> 8) & 0xff),
      block,
    );
    length += 5 + block.length;
  }
  // CRC and size as gzip itself computes them.
  parts.push(gzipSync(content).subarray(-8));
  return { bytes: concat(parts), headers };
}

const SKIPPABLE = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5);

const PACKED: readonly [what: string, packed: Uint8Array, formats: string[]][] = [
  ['gzip', gzipSync(PCAP), ['pcap, gzip']],
  ['gzip, pcapng', gzipSync(writePcapng(FRAMES)), ['pcapng, gzip']],
  ['gzip of 50 members', concat(split(PCAP, 50).map((part) => gzipSync(part))), ['pcap, gzip']],
  ['gzip, padded with zeros', concat([gzipSync(PCAP), new Uint8Array(512)]), ['pcap, gzip']],
  ['gzip of stored blocks', storedGzip(PCAP, 10_000).bytes, ['pcap, gzip']],
  ['zstd', storedZstd(PCAP), ['pcap, zstd']],
  ['zstd, pcapng', storedZstd(writePcapng(FRAMES)), ['pcapng, zstd']],
  ['zstd of several frames', concat(split(PCAP, 5).map((part) => storedZstd(part))), ['pcap, zstd']],
  ['zstd with skippable frames', concat([SKIPPABLE, storedZstd(PCAP, 5000), SKIPPABLE]), ['pcap, zstd']],
];

describe.each(PACKED)('%s', (_, packed, formats) => {
  it('as a file and as a stream, whole and in pieces', async () => {
    const path = files.write('packed', packed);
    const results = [
      await readAll(await openCapture([path])),
      await readPieces(packed, [packed.length]),
      await readPieces(packed, [777]),
    ];
    for (const result of results) {
      expect(result.warnings).toEqual([]);
      expect(result.formats).toEqual(formats);
      expect(result.frames).toHaveLength(2000);
      expect(result.frames.map((frame) => frame.hex)).toEqual(
        FRAMES.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      );
    }
  });
});

// `zstd -19 --check` 1.5.4 of a pcap of one frame: 1.5 s, LINKTYPE_IPV4, 60 times 01 23 45 67 89 ab cd ef.
// A compressed block and a checksum.
const REAL_ZSTD = 'KLUv/QRobQEAFALUw7KhAgAEAAQA5AAAAAEAAAAgoQcA4AEAASNFZ4mrze8DANWv4l2xNsAFpegIzw==';

describe('zstd', () => {
  it('reads what the zstd program writes', async () => {
    const { frames, warnings } = await readPieces(Buffer.from(REAL_ZSTD, 'base64'));
    expect(warnings).toEqual([]);
    expect(frames).toMatchObject([{ seconds: 1, nanoseconds: 500_000_000, captured: 480, linkType: 228 }]);
    expect(frames[0]!.hex).toBe('0123456789abcdef'.repeat(60));
  });

  it('is read by fzstd just as by Node itself', async () => {
    for (const packed of [
      Buffer.from(REAL_ZSTD, 'base64'),
      storedZstd(PCAP, 3000),
      concat([storedZstd(PCAP), SKIPPABLE]),
    ]) {
      const path = files.write('zst', packed);
      const source = new ZstdSource(await openPath(path, path), chooseScriptDecoder);
      const warnings: CaptureWarning[] = [];
      const input = new InputBuffer(source, path, warnings, 1 << 20);
      while (await input.more()) {}
      source.close();
      expect(warnings).toEqual([]);
      const through = await readPieces(input.bytes.slice(0, input.end));
      expect(through.frames).toEqual((await readPieces(packed)).frames);
    }
  });
});

describe('damage in compressed data', () => {
  // Whole records in the first n bytes of PCAP.
  const within = (n: number): number => Math.floor((n - 24) / 116);

  it('gzip: everything before a bad block is delivered', async () => {
    const { bytes, headers } = storedGzip(PCAP, 10_000);
    // A stored block whose length and its complement differ.
    bytes[headers[17]! + 1]! ^= 1;
    const { frames, warnings } = await readAll(await openCapture([files.write('bad.gz', bytes)]));
    expect(frames).toHaveLength(within(170_000));
    expect(warnings).toMatchObject([
      { offset: 170_000, truncated: false, message: 'the gzip data is damaged here (invalid stored block lengths)' },
    ]);
  });

  it('gzip: a wrong checksum is told, and takes nothing away', async () => {
    const bytes = gzipSync(PCAP);
    bytes[bytes.length - 8]! ^= 1;
    const { frames, warnings } = await readAll(await openCapture([files.write('crc.gz', bytes)]));
    expect(frames).toHaveLength(2000);
    expect(warnings).toMatchObject([
      { offset: PCAP.length, message: 'the gzip data is damaged here (incorrect data check)' },
    ]);
  });

  it('gzip: bytes after the end that are not gzip', async () => {
    const { frames, warnings } = await readAll(
      await openCapture([files.write('tail.gz', concat([gzipSync(PCAP), new TextEncoder().encode('tail')]))]),
    );
    expect(frames).toHaveLength(2000);
    expect(warnings).toMatchObject([
      { offset: PCAP.length, truncated: false, message: 'what follows the gzip data here is not gzip' },
    ]);
  });

  it('gzip: cut short', async () => {
    const { bytes, headers } = storedGzip(PCAP, 10_000);
    const cut = bytes.subarray(0, headers[9]! + 5 + 1234);
    for (const result of [await readAll(await openCapture([files.write('cut.gz', cut)])), await readPieces(cut)]) {
      expect(result.frames).toHaveLength(within(91_234));
      expect(result.warnings).toMatchObject([
        { offset: 91_234, truncated: true, message: 'the gzip data is cut short here' },
      ]);
    }
  });

  it.each([
    [
      'cut inside a block',
      (z: Uint8Array) => z.subarray(0, 6 + 2 * 3 + 5000 + 100),
      5000,
      true,
      /^the zstd data is cut short here$/,
    ],
    [
      'a reserved block type',
      (z: Uint8Array) => patched(z, 6 + 3 + 5000, 7),
      5000,
      false,
      /^the zstd data is damaged here \(no such block\)$/,
    ],
    [
      'followed by something else',
      (z: Uint8Array) => concat([z, new TextEncoder().encode('else')]),
      PCAP.length,
      false,
      /^what follows the zstd data here is not zstd$/,
    ],
    [
      'cut between frames, in the next magic number',
      (z: Uint8Array) => concat([z, z.subarray(0, 3)]),
      PCAP.length,
      true,
      /^the zstd data is cut short here$/,
    ],
  ])('zstd: %s', async (_, change, offset, truncated, message) => {
    const { frames, warnings } = await readPieces(change(storedZstd(PCAP, 5000)));
    expect(frames).toHaveLength(within(offset));
    expect(warnings).toEqual([{ file: '-', offset, truncated, message: expect.stringMatching(message) }]);
  });

  it('zstd: cut in the checksum after the last block', async () => {
    const { frames, warnings } = await readPieces(Buffer.from(REAL_ZSTD, 'base64').subarray(0, -1));
    expect(frames).toHaveLength(1);
    expect(warnings).toMatchObject([{ offset: 520, truncated: true, message: 'the zstd data is cut short here' }]);
  });

  // fzstd, used where Node has no zstd, does not compare checksums.
  it.skipIf(!('createZstdDecompress' in zlib))('zstd: a wrong checksum (skipped where Node has no zstd)', async () => {
    const bytes = Buffer.from(REAL_ZSTD, 'base64');
    bytes[bytes.length - 1]! ^= 1;
    const { frames, warnings } = await readPieces(bytes);
    expect(frames).toHaveLength(1);
    expect(warnings).toMatchObject([{ offset: 520, truncated: false }]);
  });

  it('zstd: a window too large', async () => {
    // Exponent 20: a window of 1 GiB.
    const bytes = storedZstd(PCAP);
    bytes[5] = 20 << 3;
    await expect(readPieces(bytes)).rejects.toThrow(/needs a window of 1073741824 bytes/);
  });
});

describe('bombs', () => {
  const ng = new PcapngWriter();
  // A block of 96 MiB of zeros that nobody knows, then one frame.
  const size = 96 << 20;
  const start = concat([ng.section(), ng.interface(), ng.numbers([4, 0x77], [4, size + 12])]);
  const end = concat([ng.numbers([4, size + 12]), ng.enhancedPacket(1n, Uint8Array.of(1))]);

  it('zstd: 96 MiB out of 3 KB', async () => {
    const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3), stored(start, false)];
    const run = ((1 << 17) << 3) | (1 << 1);
    for (let at = 0; at < size; at += 1 << 17) parts.push(Uint8Array.of(run & 0xff, (run >> 8) & 0xff, run >> 16, 0));
    parts.push(stored(end, true));
    await expectBounded(concat(parts));
  });

  it('gzip: 96 MiB out of 100 KB', async () => {
    const zeros = deflateRawSync(new Uint8Array(size));
    await expectBounded(
      concat([gzipSync(start), Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), zeros, trailer(size), gzipSync(end)]),
    );
  });

  function stored(content: Uint8Array, last: boolean): Uint8Array {
    const header = (content.length << 3) | (last ? 1 : 0);
    return concat([Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16), content]);
  }

  function trailer(length: number): Uint8Array {
    const zeros = gzipSync(new Uint8Array(length), { level: 1 });
    return zeros.subarray(-8);
  }

  async function expectBounded(packed: Uint8Array): Promise<void> {
    const path = files.write('bomb', packed);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const capture = await openCapture([path]);
    let frames = 0;
    do {
      for (let frame = capture.next(); frame !== null; frame = capture.next()) frames++;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    } while (await capture.fill());
    expect(capture.warnings).toEqual([]);
    await capture.close();
    expect(frames).toBe(1);
    expect(most).toBeLessThan(48 << 20);
  }
});

function split(bytes: Uint8Array, parts: number): Uint8Array[] {
  const size = Math.ceil(bytes.length / parts);
  return Array.from({ length: parts }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}
