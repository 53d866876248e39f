import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { FileSource } from '../../src/capture/source.ts';
import { concat, type FrameToWrite, PcapngWriter, writePcap } from '../support/pcap-writer.ts';
import { readAll, TemporaryFiles } from '../support/read-capture.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

function at(microseconds: number, mark: number): FrameToWrite {
  return {
    seconds: Math.floor(microseconds / 1e6),
    nanoseconds: (microseconds % 1e6) * 1000,
    bytes: Uint8Array.of(mark),
  };
}

const availableParallelism = vi.hoisted(() => vi.fn(() => 2));
vi.mock('node:os', async (original) => ({ ...(await original<typeof import('node:os')>()), availableParallelism }));

async function merged(parts: readonly (readonly FrameToWrite[])[], chunkBytes = 64) {
  const paths = parts.map((part, i) => files.write(`part${i}.pcap`, writePcap(part)));
  return readAll(await openCapture(paths, { chunkBytes }));
}

describe('several files are one trace', () => {
  it.each([
    [8, 2, true],
    [9, 2, false],
    [8, 1, false],
  ])('%i files, %i cores: read ahead is %s', async (count, cores, isAhead) => {
    availableParallelism.mockReturnValue(cores);
    const readBeside = vi.spyOn(FileSource.prototype, 'readBeside');
    const parts = Array.from({ length: count }, (_, n) => Array.from({ length: 120 }, (_, i) => at(i * 100 + n, n)));
    const { frames } = await merged(parts);
    expect(readBeside.mock.calls.length > 0).toBe(isAhead);
    readBeside.mockRestore();
    // One of each in turn.
    expect(frames.map(({ file }) => file)).toEqual(Array.from({ length: 120 * count }, (_, i) => i % count));
  });

  it('a file system that gives less than it was asked for loses nothing', async () => {
    availableParallelism.mockReturnValue(2);
    const { readBeside } = FileSource.prototype;
    let calls = 0;
    const spy = vi.spyOn(FileSource.prototype, 'readBeside').mockImplementation(function (
      this: FileSource,
      target,
      offset,
      length,
    ) {
      const asked = this.nextOffset + length;
      const read = readBeside.call(this, target, offset, ++calls % 3 === 2 ? 100 : length);
      this.nextOffset = asked;
      return read;
    });
    const part = Array.from({ length: 400 }, (_, i) => at(i, i & 255));
    const { frames, warnings } = await merged([part]);
    spy.mockRestore();
    expect(calls).toBeGreaterThan(6);
    expect(warnings).toEqual([]);
    expect(frames.map(({ hex }) => Number.parseInt(hex, 16))).toEqual(part.map(({ bytes }) => bytes[0]));
  });

  it('earliest first; equal times: the file named first; order inside a file unchanged', async () => {
    const { frames, warnings, formats } = await merged([
      [at(10, 0xa0), at(20, 0xa1), at(20, 0xa2), at(5, 0xa3), at(30, 0xa4)],
      [at(10, 0xb0), at(20, 0xb1), at(25, 0xb2), at(40, 0xb3)],
      [],
      [at(1, 0xc0)],
    ]);
    expect(warnings).toEqual([]);
    expect(formats).toEqual(['pcap', 'pcap', 'pcap', 'pcap']);
    // a3 (time 5) comes late in its file: it follows a2 at once, as its file's head is the earliest then.
    expect(frames.map((frame) => frame.hex)).toEqual(['c0', 'a0', 'b0', 'a1', 'a2', 'a3', 'b1', 'b2', 'a4', 'b3']);
    expect(frames.map((frame) => frame.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(frames.map((frame) => frame.file)).toEqual([3, 0, 1, 0, 0, 0, 1, 1, 0, 1]);
  });

  it('a capture cut into files is put together as it was', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.array(fc.nat(40), { maxLength: 4 }),
        fc.integer({ min: 24, max: 200 }),
        async (us, cuts, chunk) => {
          const frames = us.sort((a, b) => a - b).map((time, i) => at(time, i));
          const edges = [0, ...cuts.filter((cut) => cut < frames.length).sort((a, b) => a - b), frames.length];
          const parts = edges.slice(1).map((edge, i) => frames.slice(edges[i]!, edge));
          const result = await merged(parts, chunk);
          expect(result.frames.map((frame) => Number.parseInt(frame.hex, 16))).toEqual(frames.map((_, i) => i));
          expect(result.frames.map((frame) => frame.number)).toEqual(frames.map((_, i) => i + 1));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('agrees with the obvious way of merging', async () => {
    const part = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 24, max: 200 }),
        async (parts, chunk) => {
          const heads = parts.map((times) => [...times]);
          const expected: [file: number, time: number][] = [];
          for (;;) {
            let best = -1;
            for (const [i, head] of heads.entries()) {
              if (head.length > 0 && (best < 0 || head[0]! < heads[best]![0]!)) best = i;
            }
            if (best < 0) break;
            expected.push([best, heads[best]!.shift()!]);
          }
          const result = await merged(
            parts.map((times) => times.map((time) => at(time, time))),
            chunk,
          );
          expect(result.frames.map((frame) => [frame.file, frame.nanoseconds / 1000])).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('a damaged file ends, the others go on', async () => {
    const good = files.write('good.pcap', writePcap([at(1, 1), at(30, 3)]));
    const cut = files.write('cut.pcap', writePcap([at(2, 2), at(20, 9)]).subarray(0, -1));
    const { frames, warnings } = await readAll(await openCapture([cut, good]));
    expect(frames.map((frame) => frame.hex)).toEqual(['01', '02', '03']);
    expect(warnings).toEqual([
      {
        file: cut,
        offset: 41,
        truncated: true,
        message: 'the capture is cut short inside a frame (0 of 1 bytes are there)',
      },
    ]);
  });

  it('formats, resolutions and standard input together', async () => {
    const ng = new PcapngWriter({ bigEndian: true });
    const pcapng = files.write(
      'x.pcapng',
      concat([
        ng.section(),
        ng.interface({ tsresol: 9, linkType: 101 }),
        ng.simplePacket(Uint8Array.of(0xee)),
        ng.enhancedPacket(10_001n, Uint8Array.of(0xe1)),
      ]),
    );
    const stdin = new PassThrough();
    stdin.end(writePcap([at(10, 0xa0), at(11, 0xa1)]));
    const capture = await openCapture(['-', pcapng], { stdin });
    expect(capture.totalBytes).toBeNull();
    const { frames, linkTypes, formats } = await readAll(capture);
    expect(frames.map((frame) => frame.hex)).toEqual(['ee', 'a0', 'e1', 'a1']);
    expect(frames.map((frame) => frame.linkType)).toEqual([101, 1, 101, 1]);
    expect(linkTypes).toEqual(['ETHERNET', 'RAW']);
    expect(formats).toEqual(['pcap', 'pcapng']);
  });

  it('numbers custom blocks where they stand', async () => {
    const ng = new PcapngWriter();
    const pcapng = files.write(
      'custom.pcapng',
      concat([
        ng.section(),
        ng.interface(),
        ng.enhancedPacket(1n, Uint8Array.of(1)),
        ng.block(0xbad, ng.numbers([4, 1])),
        ng.enhancedPacket(3n, Uint8Array.of(3)),
      ]),
    );
    const other = files.write('other.pcap', writePcap([at(2, 2), at(4, 4)]));
    const { frames } = await readAll(await openCapture([pcapng, other]));
    expect(frames.map((frame) => frame.hex)).toEqual(['01', '02', '03', '04']);
    expect(frames.at(-1)!.number).toBe(5);
  });
});

describe('progress and ending', () => {
  it('counts the bytes read', async () => {
    const a = files.write('a.pcap', writePcap([at(1, 1)]));
    const b = files.write('b.pcap', writePcap([at(1, 1), at(2, 2)]));
    const capture = await openCapture([a, b]);
    expect(capture.totalBytes).toBe(24 + 17 + 24 + 34);
    await readAll(capture);
    expect(capture.bytesRead).toBe(capture.totalBytes);
  });

  it('lets the event loop have its turn while a large file is read', async () => {
    const path = files.write('large.pcap', writePcap(Array.from({ length: 20_000 }, (_, i) => at(i, 1))));
    const capture = await openCapture([path], { chunkBytes: 512 });
    let turns = 0;
    let running = true;
    const turn = (): void => {
      turns++;
      if (running) setImmediate(turn);
    };
    setImmediate(turn);
    await readAll(capture);
    running = false;
    // 340,024 bytes in chunks of 512 are 664 chunks; a turn every 16.
    expect(turns).toBeGreaterThanOrEqual(40);
  });

  it.each(['stop', 'abort'])('%s ends a wait for standard input, without a warning', async (how) => {
    const stdin = new PassThrough();
    const abort = new AbortController();
    stdin.write(writePcap([at(1, 1), at(2, 2)]).subarray(0, 24 + 17 + 5));
    const capture = await openCapture(['-'], { stdin, signal: abort.signal });
    expect(capture.next()?.number).toBe(1);
    expect(capture.next()).toBeNull();
    const filling = capture.fill();
    setTimeout(() => (how === 'stop' ? capture.stop() : abort.abort()), 5);
    // The reader holds 5 bytes of a record more, and no more bytes come.
    expect(await filling).toBe(false);
    expect(capture.next()).toBeNull();
    expect(await capture.fill()).toBe(false);
    expect(capture.warnings).toEqual([]);
    await capture.close();
  });

  it('delivers a live frame as soon as it is whole', async () => {
    const stdin = new PassThrough();
    const bytes = writePcap([at(1, 1), at(2, 2)]);
    stdin.write(bytes.subarray(0, 24));
    const capture = await openCapture(['-'], { stdin });
    expect(capture.next()).toBeNull();
    stdin.write(bytes.subarray(24, 41));
    expect(await capture.fill()).toBe(true);
    expect(capture.next()?.seconds).toBe(0);
    await capture.close();
  });
});

it('many files and a signal are no leak', async () => {
  const warned: Error[] = [];
  const onWarning = (warning: Error): void => void warned.push(warning);
  process.on('warning', onWarning);
  const path = files.write('one-of-many.pcap', writePcap([]));
  const capture = await openCapture(new Array(30).fill(path), { signal: new AbortController().signal });
  await capture.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('warning', onWarning);
  expect(warned).toEqual([]);
});
