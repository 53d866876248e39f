// In: frames, one after the other. Out: up to FRAMES_PER_RUN of them that lie in one chunk, side by side as columns.
//
// For loops over many frames, which a processor works on several at a time; where anything is to be said of one, it is a Frame again.

import { Frame } from './frame.ts';

/** Columns and what is made of them fit the processor's first cache. */
export const FRAMES_PER_RUN = 256;

/** Borrowed like the frames in it: valid until the capture is asked for the next frame or run. The columns are those of Frame. */
export class FrameRun {
  count = 0;
  /** The chunk all of them lie in. */
  bytes = new Frame().bytes;
  view = new Frame().view;
  readonly start = new Int32Array(FRAMES_PER_RUN);
  readonly number = new Uint32Array(FRAMES_PER_RUN);
  readonly seconds = new Float64Array(FRAMES_PER_RUN);
  readonly nanoseconds = new Int32Array(FRAMES_PER_RUN);
  readonly capturedLength = new Int32Array(FRAMES_PER_RUN);
  readonly originalLength = new Int32Array(FRAMES_PER_RUN);
  readonly linkType = new Int32Array(FRAMES_PER_RUN);
  readonly #fcsLength = new Int32Array(FRAMES_PER_RUN);
  readonly #frame = new Frame();

  /** Adds a frame. There must be room, and it must lie in the same chunk as those before it. */
  add(frame: Frame): void {
    const i = this.count++;
    if (i === 0) {
      this.bytes = this.#frame.bytes = frame.bytes;
      this.view = this.#frame.view = frame.view;
      this.#frame.file = frame.file;
    }
    this.start[i] = frame.start;
    this.number[i] = frame.number;
    this.seconds[i] = frame.seconds;
    this.nanoseconds[i] = frame.nanoseconds;
    this.capturedLength[i] = frame.capturedLength;
    this.originalLength[i] = frame.originalLength;
    this.linkType[i] = frame.linkType;
    this.#fcsLength[i] = frame.fcsLength;
  }

  /** Frame `i` of the run, borrowed until the next call. */
  frame(i: number): Frame {
    const frame = this.#frame;
    frame.start = this.start[i]!;
    frame.number = this.number[i]!;
    frame.seconds = this.seconds[i]!;
    frame.nanoseconds = this.nanoseconds[i]!;
    frame.capturedLength = this.capturedLength[i]!;
    frame.originalLength = this.originalLength[i]!;
    frame.linkType = this.linkType[i]!;
    frame.fcsLength = this.#fcsLength[i]!;
    return frame;
  }
}
