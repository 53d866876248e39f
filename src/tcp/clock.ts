// In: frame times. Out: the capture's first and latest time, and any time as seconds since the first.

import type { Frame } from '../capture/frame.ts';
import type { FrameRun } from '../capture/frame-run.ts';

/**
 * The capture's own clock. Times inside are two numbers, Unix seconds and nanoseconds, so that nothing is lost; they become
 * one number only here, as seconds since the first frame (a double keeps nanoseconds for 104 days).
 */
/** A moment in Unix time: a frame has one. */
export interface UnixMoment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export class CaptureClock {
  frames = 0;
  startSeconds = 0;
  startNanoseconds = 0;
  /** The latest time seen, which need not be the last frame's. */
  endSeconds = 0;
  endNanoseconds = 0;

  see(frame: Frame): void {
    if (this.frames++ === 0) this.#begin(frame.seconds, frame.nanoseconds);
    else this.#goOn(frame.seconds, frame.nanoseconds);
  }

  /** As `see`, of frames `from` to `to` (not included) of a steady run (CaptureFacts.isSteady). */
  seeRun(run: FrameRun, from: number, to: number): void {
    if (from === to) return;
    if (this.frames === 0) this.#begin(run.seconds[from]!, run.nanoseconds[from]!);
    this.frames += to - from;
    this.#goOn(run.seconds[to - 1]!, run.nanoseconds[to - 1]!);
  }

  #begin(seconds: number, nanoseconds: number): void {
    this.startSeconds = this.endSeconds = seconds;
    this.startNanoseconds = this.endNanoseconds = nanoseconds;
  }

  #goOn(atSeconds: number, nanoseconds: number): void {
    // A damaged time stamp may be more than 68 years away. Rows keep it as int32; the end is the latest of what they can keep.
    const seconds = this.startSeconds + ((atSeconds - this.startSeconds) | 0);
    if (seconds > this.endSeconds || (seconds === this.endSeconds && nanoseconds > this.endNanoseconds)) {
      this.endSeconds = seconds;
      this.endNanoseconds = nanoseconds;
    }
  }

  /** Seconds since the first frame. `seconds` may be an int32 (a row's field): differences wrap correctly. */
  since(seconds: number, nanoseconds: number): number {
    return secondsOf((seconds - this.startSeconds) | 0, nanoseconds - this.startNanoseconds);
  }

  /** As `since`, in whole nanoseconds. */
  nanosecondsSince({ seconds, nanoseconds }: UnixMoment): number {
    return ((seconds - this.startSeconds) | 0) * 1e9 + (nanoseconds - this.startNanoseconds);
  }

  /** Seconds from the first frame to the latest. */
  duration(): number {
    return this.since(this.endSeconds, this.endNanoseconds);
  }

  /** The first frame's time as "2024-05-06T09:57:23.000000000Z", or null before any frame. */
  startIso(): string | null {
    return this.frames === 0 ? null : isoTime(this.startSeconds, this.startNanoseconds);
  }
}

/** One number of seconds from whole seconds and nanoseconds, rounded to the nearest that prints with nine decimals. */
export function secondsOf(seconds: number, nanoseconds: number): number {
  const whole = seconds * 1e9 + nanoseconds;
  return Number.isSafeInteger(whole) ? whole / 1e9 : seconds + nanoseconds / 1e9;
}

/** ISO 8601 in UTC with nine decimals. */
export function isoTime(seconds: number, nanoseconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `@${seconds}.${String(nanoseconds).padStart(9, '0')}`;
  return `${date.toISOString().slice(0, -5)}.${String(nanoseconds).padStart(9, '0')}Z`;
}
