import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../../src/capture/frame.ts';
import { TimeResolution } from '../../src/capture/time-resolution.ts';
import { concat, PcapngWriter, writePcapng } from '../support/pcap-writer.ts';
import { readPieces } from '../support/read-capture.ts';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);
const little = new PcapngWriter();
const big = new PcapngWriter({ bigEndian: true });

describe.each([
  ['little-endian', little],
  ['big-endian', big],
])('pcapng blocks, %s', (_, ng) => {
  it('reads enhanced, simple and old packet blocks', async () => {
    const { frames, warnings, formats } = await readPieces(
      concat([
        ng.section(),
        ng.interface({ linkType: 113, snapLength: 3 }),
        ng.enhancedPacket(1_714_989_443_025_824n, BYTES, { originalLength: 99 }),
        ng.simplePacket(BYTES.subarray(0, 3), 77),
        ng.packet(7n, BYTES, { originalLength: 5 }),
      ]),
    );
    expect(warnings).toEqual([]);
    expect(formats).toEqual(['pcapng']);
    const common = { file: 0, linkType: 113, fcs: 0 };
    expect(frames).toEqual([
      {
        number: 1,
        seconds: 1714989443,
        nanoseconds: 25_824_000,
        captured: 5,
        original: 99,
        hex: '0102030405',
        ...common,
      },
      // A simple packet has no time; its captured length is the smaller of original and snap length.
      { number: 2, seconds: 0, nanoseconds: 0, captured: 3, original: 77, hex: '010203', ...common },
      { number: 3, seconds: 0, nanoseconds: 7000, captured: 5, original: 5, hex: '0102030405', ...common },
    ]);
  });

  it('gives each interface its own link type, resolution, offset and FCS length', async () => {
    const { frames, warnings, linkTypes } = await readPieces(
      concat([
        ng.section(),
        ng.interface({ linkType: 1, name: 'eth0', fcslen: 32 }),
        ng.interface({ linkType: 101, tsresol: 9, tsoffset: 100n }),
        ng.interface({ linkType: 0, tsresol: 0x80 | 10, tsoffset: -10n, fcslen: 4 }),
        ng.enhancedPacket(5n * 1024n + 512n, BYTES, { interface: 2 }),
        ng.enhancedPacket(1_000_000_001n, BYTES, { interface: 1 }),
        ng.enhancedPacket(1_000_001n, BYTES, { interface: 0 }),
      ]),
    );
    expect(warnings).toEqual([]);
    expect(frames).toMatchObject([
      { linkType: 0, seconds: -5, nanoseconds: 500_000_000, fcs: 4 },
      { linkType: 101, seconds: 101, nanoseconds: 1, fcs: 0 },
      { linkType: 1, seconds: 1, nanoseconds: 1000, fcs: 4 },
    ]);
    expect(linkTypes).toEqual(['ETHERNET', 'RAW', 'NULL']);
  });

  it('takes the FCS length of one frame from its flags', async () => {
    // Flags: FCS length 2 in bits 5 to 8; a comment before them.
    const options = concat([
      ng.option(1, new TextEncoder().encode('hello')),
      ng.option(2, ng.numbers([4, 2 << 5])),
      ng.option(0, new Uint8Array(0)),
    ]);
    const { frames } = await readPieces(
      concat([
        ng.section(),
        ng.interface({ fcslen: 32 }),
        ng.enhancedPacket(0n, BYTES, { options }),
        ng.enhancedPacket(0n, BYTES),
      ]),
    );
    expect(frames.map((frame) => frame.fcs)).toEqual([2, 4]);
  });

  it('starts anew with every section', async () => {
    const { frames, warnings } = await readPieces(
      concat([
        ng.section(),
        ng.interface({ linkType: 1 }),
        ng.interface({ linkType: 101 }),
        ng.enhancedPacket(1n, BYTES, { interface: 1 }),
        ng.section([1, 2]),
        ng.interface({ linkType: 228 }),
        ng.enhancedPacket(2n, BYTES),
      ]),
    );
    expect(warnings).toEqual([]);
    expect(frames.map((frame) => frame.linkType)).toEqual([101, 228]);
  });

  it('passes over blocks it does not know, and numbers frames as tshark does', async () => {
    const { frames, warnings } = await readPieces(
      concat([
        ng.section(),
        ng.block(4, new Uint8Array(20)), // name resolution
        ng.block(0x0a0d0a01, new Uint8Array(7)), // nobody's
        ng.interface(),
        ng.block(0xbad, ng.numbers([4, 32473], [4, 0])), // custom: has a frame number in Wireshark
        ng.enhancedPacket(1n, BYTES),
        ng.block(5, new Uint8Array(12)), // interface statistics
        ng.block(0x40000bad, ng.numbers([4, 32473])),
        ng.enhancedPacket(2n, BYTES),
      ]),
    );
    expect(warnings).toEqual([]);
    expect(frames.map((frame) => frame.number)).toEqual([2, 4]);
  });

  it('passes over a large block without holding it', async () => {
    const { frames, warnings } = await readPieces(
      concat([ng.section(), ng.interface(), ng.block(10, new Uint8Array(3_000_000)), ng.enhancedPacket(1n, BYTES)]),
      [50_000],
      { chunkBytes: 4096 },
    );
    expect(warnings).toEqual([]);
    expect(frames).toHaveLength(1);
  });

  it('delivers a frame with megabytes of options', async () => {
    const comment = ng.option(1, new Uint8Array(60_000));
    const options = concat(Array.from({ length: 40 }, () => comment));
    const { frames, warnings } = await readPieces(
      concat([ng.section(), ng.interface(), ng.enhancedPacket(1n, BYTES, { options }), ng.enhancedPacket(2n, BYTES)]),
    );
    expect(warnings).toEqual([]);
    expect(frames.map((frame) => frame.hex)).toEqual(['0102030405', '0102030405']);
  });

  it('rounds a total length up that its writer forgot to pad', async () => {
    const { frames, warnings } = await readPieces(
      concat([
        ng.section(),
        ng.interface(),
        ng.block(0x77, new Uint8Array(6), { before: 18, after: 18 }),
        ng.enhancedPacket(1n, BYTES),
      ]),
    );
    expect(warnings).toEqual([]);
    expect(frames).toHaveLength(1);
  });
});

it('reads sections of both byte orders in one file', async () => {
  const { frames, warnings } = await readPieces(
    concat([
      writePcapng([{ seconds: 1, nanoseconds: 2, bytes: BYTES }]),
      writePcapng([{ seconds: 3, nanoseconds: 4, bytes: BYTES }], { bigEndian: true, linkType: 228 }),
      writePcapng([{ seconds: 5, nanoseconds: 999_999_999, bytes: BYTES }]),
    ]),
  );
  expect(warnings).toEqual([]);
  expect(frames.map((f) => [f.number, f.seconds, f.nanoseconds, f.linkType])).toEqual([
    [1, 1, 2, 1],
    [2, 3, 4, 228],
    [3, 5, 999_999_999, 1],
  ]);
});

describe('timestamps', () => {
  // By hand: 2^64 - 1 in microseconds is 18446744073709.551615 s, in nanoseconds 18446744073.709551615 s.
  it.each([
    [6, 0xffffffff, 0xffffffff, 18446744073709, 551615000],
    [9, 0xffffffff, 0xffffffff, 18446744073, 709551615],
    [0, 0, 1234567890, 1234567890, 0],
    [0x80 | 1, 0, 3, 1, 500000000],
  ])('if_tsresol %i: %i, %i', (tsresol, high, low, seconds, nanoseconds) => {
    const frame = new Frame();
    new TimeResolution(tsresol, 0).convert(high, low, frame);
    expect([frame.seconds, frame.nanoseconds]).toEqual([seconds, nanoseconds]);
  });

  it('agree with BigInt for every resolution', () => {
    const half = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 1, 0xffffffff, 0x80000000));
    const resolution = fc.oneof(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0x80, max: 0x80 + 70 }));
    fc.assert(
      fc.property(resolution, half, half, fc.integer({ min: -1e9, max: 1e9 }), (tsresol, high, low, offset) => {
        const units = (tsresol & 0x80 ? 2n : 10n) ** BigInt(tsresol & 0x7f);
        const time = (BigInt(high) << 32n) | BigInt(low);
        // A double holds seconds exactly below 2^53.
        fc.pre(time / units < 1n << 52n);
        const frame = new Frame();
        new TimeResolution(tsresol, offset).convert(high, low, frame);
        expect(BigInt(frame.seconds)).toBe(time / units + BigInt(offset));
        expect(BigInt(frame.nanoseconds)).toBe(((time % units) * 1_000_000_000n) / units);
      }),
      { numRuns: 5000 },
    );
  });
});
