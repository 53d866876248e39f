// In: captures in named pipes, written in pieces. Out: proof that nothing of them is lost, however much is asked for at once, and that waiting can be ended.

import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { openPath } from '../../src/capture/source.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';
import { readAll, readPieces, TemporaryFiles } from '../support/read-capture.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

const FRAMES: FrameToWrite[] = Array.from({ length: 3000 }, (_, i) => ({
  seconds: i,
  nanoseconds: 0,
  bytes: new Uint8Array(20 + ((i * 7919) % 300)).fill(i & 255),
}));
const PCAP = writePcap(FRAMES);

let pipes = 0;
function newPipe(): string {
  const path = join(files.folder, `pipe${pipes++}`);
  execFileSync('mkfifo', [path]);
  return path;
}

async function write(path: string, bytes: Uint8Array, random: Random): Promise<void> {
  const stream = createWriteStream(path);
  for (let at = 0; at < bytes.length; ) {
    const length = random.pick([1, 100, 5000, 70_000, 200_000]);
    await new Promise((resolve) => stream.write(bytes.subarray(at, at + length), resolve));
    at += length;
    if (random.chance(0.2)) await pause(1);
  }
  stream.end();
}

describe.skipIf(process.platform === 'win32')('a named pipe (skipped: Windows has no mkfifo)', () => {
  it.each([
    ['plain', PCAP],
    ['gzip', gzipSync(PCAP)],
  ])('gives what a file gives, in whatever pieces: %s', async (_, bytes) => {
    const whole = await readPieces(bytes);
    expect(whole.frames).toHaveLength(FRAMES.length);
    for (let seed = 1; seed <= 12; seed++) {
      const random = new Random(seed);
      const path = newPipe();
      const written = write(path, bytes, random);
      // Who opens a pipe waits for the other end, this thread too.
      await turn();
      const chunkBytes = random.pick([64, 1000, 65_536, 262_144]);
      const read = await readAll(await openCapture([path], { chunkBytes }));
      await written;
      expect(read).toEqual({ ...whole, formats: read.formats });
    }
  });

  it('that nobody writes into any more is left when asked to', async () => {
    const path = newPipe();
    const stream = createWriteStream(path);
    stream.write(PCAP.subarray(0, 5000));
    await turn();
    const stop = new AbortController();
    const capture = await openCapture([path], { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    const { frames, warnings } = await readAll(capture);
    stream.destroy();
    expect(frames.length).toBeGreaterThan(10);
    expect(warnings).toEqual([]);
  });

  it('that was left gives nothing that comes later', async () => {
    const path = newPipe();
    const stream = createWriteStream(path);
    await turn();
    const source = await openPath(path, path);
    source.stop();
    await new Promise((resolve) => stream.write(PCAP.subarray(0, 100), resolve));
    await pause(20);
    expect(await source.read(new Uint8Array(10), 0, 10)).toBe(0);
    source.close();
    stream.destroy();
  });
});
