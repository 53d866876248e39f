import { afterAll, describe, expect, it, vi } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { type FrameToWrite, type PcapOptions, writePcap } from '../support/pcap-writer.ts';
import { readAll, readPieces, TemporaryFiles } from '../support/read-capture.ts';

// With one core nothing is read ahead.
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => 2,
}));

const files = new TemporaryFiles();
afterAll(() => files.remove());

const FRAMES: readonly FrameToWrite[] = [
  { seconds: 1714989443, nanoseconds: 25_824_123, bytes: Uint8Array.of(1, 2, 3, 4, 5) },
  { seconds: 1714989443, nanoseconds: 999_999_999, bytes: Uint8Array.of(6), originalLength: 1514 },
  { seconds: 4294967295, nanoseconds: 0, bytes: new Uint8Array(0), originalLength: 60 },
];

function expected(nanoseconds: boolean, changes: object = {}) {
  return [
    {
      seconds: 1714989443,
      nanoseconds: nanoseconds ? 25_824_123 : 25_824_000,
      captured: 5,
      original: 5,
      hex: '0102030405',
    },
    {
      seconds: 1714989443,
      nanoseconds: nanoseconds ? 999_999_999 : 999_999_000,
      captured: 1,
      original: 1514,
      hex: '06',
    },
    { seconds: 4294967295, nanoseconds: 0, captured: 0, original: 60, hex: '' },
  ].map((frame, i) => ({ number: i + 1, file: 0, linkType: 1, fcs: 0, ...frame, ...changes }));
}

// Interface index 2, ETH_P_IP, PACKET_HOST, padding: what the patched libpcap of 1999 puts into each record.
const LINUX_TAG = Uint8Array.of(2, 0, 0, 0, 0, 8, 0, 0xee);
const LINUX_TAG_BIG = Uint8Array.of(0, 0, 0, 2, 8, 0, 0, 0xee);
const SMP_TAG = Uint8Array.of(2, 0, 0, 0, 0, 8, 0, 1, 2, 3, 4, 5);
// 0x9fbfb601 in little-endian order.
const NOKIA_TAG = Uint8Array.of(0x01, 0xb6, 0xbf, 0x9f);

interface Row {
  what: string;
  options: PcapOptions;
  format?: string;
  changes?: object;
  nanoseconds?: boolean;
}

describe('pcap variants', () => {
  const rows: Row[] = [
    { what: 'microseconds, little-endian', options: {} },
    { what: 'microseconds, big-endian', options: { bigEndian: true } },
    { what: 'nanoseconds, little-endian', options: { nanoseconds: true }, format: 'pcap (nanoseconds)' },
    { what: 'nanoseconds, big-endian', options: { nanoseconds: true, bigEndian: true }, format: 'pcap (nanoseconds)' },
    {
      what: 'modified (Kuznetzov), little-endian',
      options: { magic: 0xa1b2cd34, recordExtra: LINUX_TAG },
      format: 'pcap (modified)',
    },
    {
      what: 'modified (Kuznetzov), big-endian',
      options: { magic: 0xa1b2cd34, recordExtra: LINUX_TAG_BIG, bigEndian: true },
      format: 'pcap (modified)',
    },
    {
      what: 'modified, with the fields of 1999-09-15',
      options: { magic: 0xa1b2cd34, recordExtra: SMP_TAG },
      format: 'pcap (modified, 1999-09-15)',
    },
    {
      what: 'Ixia hardware: nanoseconds, longer file header',
      options: { magic: 0x1c0001ac, headerExtra: new Uint8Array(4), nanoseconds: true },
      format: 'pcap (nanoseconds)',
    },
    { what: 'Ixia software: microseconds', options: { magic: 0x1c0001ab, headerExtra: new Uint8Array(4) } },
    { what: 'version 2.2: original length first', options: { version: [2, 2], originalFirst: true } },
    { what: 'version 2.3, lengths in the old order', options: { version: [2, 3], originalFirst: true } },
    { what: 'version 2.3, lengths in the new order', options: { version: [2, 3] } },
    { what: 'DG/UX, version 543.0', options: { version: [543, 0], originalFirst: true } },
    { what: 'snap length 0', options: { snapLength: 0 } },
    { what: 'snap length smaller than the frames', options: { snapLength: 2 } },
    { what: 'FCS length in the link type field', options: { linkTypeUpper: 0x2400 }, changes: { fcs: 4 } },
    { what: 'FCS bits without the flag that makes them count', options: { linkTypeUpper: 0x2000 } },
    { what: 'raw IP under its old number 12', options: { linkType: 12 }, changes: { linkType: 101 } },
    { what: 'raw IP under its OpenBSD number 14', options: { linkType: 14 }, changes: { linkType: 101 } },
    {
      what: 'AIX: version 2.2, interface type 6',
      options: { version: [2, 2], linkType: 6, originalFirst: true, nanoseconds: true, magic: 0xa1b2c3d4 },
      format: 'pcap (AIX)',
    },
  ];
  it.each(rows)('$what', async ({ options, format = 'pcap', changes = {} }) => {
    const result = await readAll(await openCapture([files.write('variant.pcap', writePcap(FRAMES, options))]));
    expect(result.warnings).toEqual([]);
    expect(result.frames).toEqual(expected(options.nanoseconds === true, changes));
    expect(result.formats).toEqual([format]);
  });

  // These have the standard magic number; that their records belong together is part of how they are known.
  const near = FRAMES.map((frame, i) => ({ ...frame, seconds: 1714989443 + i, originalLength: 1514 }));
  it.each([
    ['modified, 1999-04-17', LINUX_TAG, 'pcap (modified, 1999-04-17)'],
    ['Nokia', NOKIA_TAG, 'pcap (Nokia)'],
  ])('standard magic number, but %s', async (_, recordExtra, format) => {
    const result = await readAll(await openCapture([files.write('guess.pcap', writePcap(near, { recordExtra }))]));
    expect(result.warnings).toEqual([]);
    expect(result.formats).toEqual([format]);
    expect(result.frames.map((frame) => frame.hex)).toEqual(['0102030405', '06', '']);
    expect(result.frames.map((frame) => frame.seconds)).toEqual([1714989443, 1714989444, 1714989445]);
  });

  it('takes a stream with the standard magic number for standard at once', async () => {
    const { formats } = await readPieces(writePcap(near));
    expect(formats).toEqual(['pcap']);
  });
});

describe('pcap records', () => {
  it('keeps a captured length above the original length', async () => {
    const { frames, warnings } = await readPieces(writePcap([{ ...FRAMES[0]!, originalLength: 3 }]));
    expect(warnings).toEqual([]);
    expect(frames).toMatchObject([{ captured: 5, original: 3 }]);
  });

  it('carries a fraction of more than a second over', async () => {
    const bytes = writePcap([FRAMES[0]!]);
    new DataView(bytes.buffer).setUint32(24 + 4, 2_500_001, true);
    const { frames } = await readPieces(bytes);
    expect(frames).toMatchObject([{ seconds: 1714989445, nanoseconds: 500_001_000 }]);
  });

  it('bounds an original length at 2^31 - 1, as tshark does', async () => {
    const { frames } = await readPieces(writePcap([{ ...FRAMES[0]!, originalLength: 0xffffffff }]));
    expect(frames).toMatchObject([{ original: 2147483647 }]);
  });

  it('reads frames larger than the chunk, up to the largest', async () => {
    const bytes = new Uint8Array(262144).fill(0xab);
    const capture = await openCapture([files.write('large.pcap', writePcap([{ ...FRAMES[0]!, bytes }, FRAMES[1]!]))], {
      chunkBytes: 4096,
    });
    const { frames, warnings } = await readAll(capture);
    expect(warnings).toEqual([]);
    expect(frames.map((frame) => frame.captured)).toEqual([262144, 1]);
    expect(frames[0]!.hex).toBe('ab'.repeat(262144));
  });

  it('takes a file header alone for a capture without frames', async () => {
    const { frames, warnings, linkTypes } = await readPieces(writePcap([], { linkType: 113 }));
    expect({ frames, warnings, linkTypes }).toEqual({ frames: [], warnings: [], linkTypes: ['LINUX_SLL'] });
  });

  it('refills one frame, and reads into three buffers in turn after the first chunk', async () => {
    const many = Array.from({ length: 5000 }, () => FRAMES[0]!);
    const capture = await openCapture([files.write('many.pcap', writePcap(many))], { chunkBytes: 1024 });
    const seen = new Set<unknown>();
    const buffers = new Set<unknown>();
    do {
      for (let frame = capture.next(); frame !== null; frame = capture.next()) {
        seen.add(frame);
        buffers.add(frame.bytes);
      }
    } while (await capture.fill());
    expect(capture.interfaces).toMatchObject([{ file: 0, name: null, linkType: 1, snapLength: 262144, frames: 5000 }]);
    expect([seen.size, buffers.size]).toEqual([1, 4]);
    await capture.close();
  });
});
