// In: how far a run has come. Out: a bar on standard error, where that is a terminal and the work takes a while.

import { bytes, duration } from '../units.ts';

/** Nothing is drawn before this: short runs stay quiet. */
const DELAY_MS = 1000;
/** Time between two drawings. */
const INTERVAL_MS = 100;
const LEAST_BAR = 8;
const MOST_BAR = 30;

interface ProgressDevice {
  write(text: string): unknown;
  columns?: number | undefined;
}

export class Progress {
  readonly #device: ProgressDevice;
  readonly #now: () => number;
  readonly #start: number;
  #lastDrawn = 0;
  #isDrawn = false;

  /** `now` in milliseconds. Not `performance`: touching it loads a module at every start. */
  constructor(device: ProgressDevice, now: () => number = Date.now) {
    this.#device = device;
    this.#now = now;
    this.#start = now();
  }

  /** `total` is null where it is not known (standard input). */
  update(bytesRead: number, total: number | null): void {
    const now = this.#now();
    if (now - this.#start < DELAY_MS || now - this.#lastDrawn < INTERVAL_MS) return;
    this.#lastDrawn = now;
    this.#isDrawn = true;
    this.#device.write(
      `\r\x1b[K${progressLine(bytesRead, total, (now - this.#start) / 1000, this.#device.columns || 80)}`,
    );
  }

  /** Takes the bar away, before anything else is printed. */
  clear(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    this.#device.write('\r\x1b[K');
  }
}

/** The line without its control sequences, at most `columns` - 1 long. */
export function progressLine(bytesRead: number, total: number | null, seconds: number, columns: number): string {
  const rate = `${bytes(bytesRead / seconds)}/s`;
  if (total === null || total <= 0) return `${bytes(bytesRead)} read, ${rate}; Ctrl-C ends it`.slice(0, columns - 1);
  const share = Math.min(1, bytesRead / total);
  const left = share > 0 ? (seconds * (1 - share)) / share : 0;
  const words = `${String(Math.floor(share * 100)).padStart(3)} %  ${bytes(bytesRead)} of ${bytes(total)}, ${rate}, ${left < 1 ? 'less than 1 s' : duration(Math.round(left))} left`;
  const room = Math.min(MOST_BAR, columns - 3 - words.length);
  if (room < LEAST_BAR) return words.trimStart().slice(0, columns - 1);
  const filled = Math.round(share * room);
  return `${'█'.repeat(filled)}${'░'.repeat(room - filled)} ${words}`;
}
