// In: files or bytes. Out: every frame our reader finds in them, copied so that tests can compare.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Capture, type OpenOptions, openCapture } from '../../src/capture/open.ts';
import type { CaptureWarning } from '../../src/errors.ts';

export interface ReadFrame {
  number: number;
  file: number;
  seconds: number;
  nanoseconds: number;
  captured: number;
  original: number;
  linkType: number;
  fcs: number;
  /** The frame's bytes in hex. */
  hex: string;
}

export interface ReadResult {
  frames: ReadFrame[];
  warnings: readonly CaptureWarning[];
  formats: readonly string[];
  linkTypes: readonly string[];
}

/** Reads everything in `capture` and closes it. */
export async function readAll(capture: Capture): Promise<ReadResult> {
  const frames: ReadFrame[] = [];
  do {
    for (let frame = capture.next(); frame !== null; frame = capture.next()) {
      frames.push({
        number: frame.number,
        file: frame.file,
        seconds: frame.seconds,
        nanoseconds: frame.nanoseconds,
        captured: frame.capturedLength,
        original: frame.originalLength,
        linkType: frame.linkType,
        fcs: frame.fcsLength,
        hex: Buffer.from(frame.bytes.subarray(frame.start, frame.start + frame.capturedLength)).toString('hex'),
      });
    }
  } while (await capture.fill());
  const { warnings, formats, linkTypes } = capture;
  await capture.close();
  return { frames, warnings, formats, linkTypes };
}

/** Reads bytes as standard input, in pieces of the given sizes (the last one again and again). */
export async function readPieces(
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length],
  options: OpenOptions = {},
): Promise<ReadResult> {
  return readAll(
    await openCapture(['-'], { ...options, stdin: Readable.from(pieces(bytes, sizes), { objectMode: false }) }),
  );
}

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)]!);
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** A folder for the files of one test file. */
export class TemporaryFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'tcpstate-test-'));

  /** Writes a file and returns its path. */
  write(name: string, bytes: Uint8Array | string): string {
    const path = join(this.folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
