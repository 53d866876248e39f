// In: SIGINT and SIGTERM. Out: an abort signal for the run; a second one ends the program at once.

import { setMaxListeners } from 'node:events';
import { ExitCode } from './exit-code.ts';

export class Interrupt {
  readonly #controller = new AbortController();
  #graceMs = 0;

  /** Starts to listen. From now on the first signal no longer ends the process. */
  constructor() {
    // Each input listens; a trace of a thousand rotated files is no leak.
    setMaxListeners(0, this.#controller.signal);
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  /** True from the first signal on. */
  isRequested = false;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Goes on reading for this long after the signal, if the input does not end by itself. Ctrl-C reaches `tcpdump -w - |` as
   * well: what it still has to say is on its way.
   */
  setGrace(milliseconds: number): void {
    this.#graceMs = milliseconds;
  }

  readonly #onSignal = (): void => {
    if (this.isRequested) process.exit(ExitCode.INTERRUPTED);
    this.isRequested = true;
    if (this.#graceMs === 0) this.#controller.abort();
    else setTimeout(() => this.#controller.abort(), this.#graceMs).unref();
  };
}
