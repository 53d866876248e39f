// In: bytes, and the pieces they arrive in. Out: a fingerprint of every frame our readers find in them.

import { Readable } from 'node:stream';
import { openCapture } from '../../src/capture/open.ts';
import { CaptureError, type CaptureWarning } from '../../src/errors.ts';
import type { Random } from '../../test/support/random.ts';

export interface FramesFound {
  /** One number a frame: of its header fields and its bytes. */
  readonly prints: readonly number[];
  readonly warnings: readonly CaptureWarning[];
  /** Why it is no capture at all, or null. */
  readonly refusal: string | null;
}

export async function framesOf(stdin: Readable): Promise<FramesFound> {
  const prints: number[] = [];
  try {
    const capture = await openCapture(['-'], { stdin });
    try {
      do {
        for (let frame = capture.next(); frame !== null; frame = capture.next()) {
          const { number, seconds, nanoseconds, capturedLength, originalLength, linkType, fcsLength } = frame;
          let print = number;
          for (const field of [seconds, nanoseconds, capturedLength, originalLength, linkType, fcsLength]) {
            print = Math.imul(print ^ field, 0x01000193);
          }
          const { bytes, start } = frame;
          for (let at = start; at < start + capturedLength; at++) print = Math.imul(print ^ bytes[at]!, 0x01000193);
          prints.push(print);
        }
      } while (await capture.fill());
    } finally {
      await capture.close();
    }
    return { prints, warnings: capture.warnings, refusal: null };
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return { prints, warnings: [], refusal: error.message };
  }
}

/** The bytes as a pipe might deliver them: at once, or in pieces of any size, a few hundred at most. */
export function arriving(bytes: Uint8Array, random: Random): Readable {
  const pieces: Buffer[] = [];
  const least = Math.ceil(bytes.length / 300);
  const most = random.pick([1, 20, 1000, 1 << 18]);
  for (let at = 0; at < bytes.length; ) {
    const size = least + random.int(most);
    pieces.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return Readable.from(pieces, { objectMode: false });
}
