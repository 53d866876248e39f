// In: nothing. Out: what a reader of one capture file is to the merge in open.ts.

import type { Frame } from './frame.ts';
import type { FrameRun } from './frame-run.ts';
import type { InputBuffer } from './input.ts';

/** One interface of a capture file; a pcap file has one. */
export interface CaptureInterface {
  /** Index of the input file, from 0. */
  readonly file: number;
  /** As the capturing system called it; null where the file does not say. Foreign text: escape it before printing. */
  readonly name: string | null;
  /** LINKTYPE_ value. */
  readonly linkType: number;
  /** Most bytes captured of a frame; null: not limited, or not known. */
  readonly snapLength: number | null;
  /** Frames read from it so far. */
  frames: number;
}

export interface FrameReader {
  readonly input: InputBuffer;
  /** Borrowed: refilled by every `next`. */
  readonly frame: Frame;
  /** As shown to the user: "pcap", "pcap (nanoseconds)", "pcapng", ... */
  readonly format: string;
  readonly interfaces: readonly CaptureInterface[];
  /** True once no frame will come any more. */
  done: boolean;
  /** Records passed over since the last frame that have a frame number in Wireshark although they hold no frame. */
  passedOver: number;
  /** Reads the next frame into `frame`. False: more bytes are needed (`input.more`), or there are none (`done`). */
  next(): boolean;
  /** Adds frames to the run, as `next` would deliver them, as long as nothing is to be said of any. `number`: of the frame before. Returns how many. */
  nextRun?(run: FrameRun, number: number): number;
}
