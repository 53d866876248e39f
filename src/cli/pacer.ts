// In: a run's progress, once per chunk. Out: the bar moved on, signals let in, and the run held back while the output is full.

import type { Session } from './command.ts';
import type { Progress } from './progress.ts';

/** How long files may be read without a turn of the event loop, in which signals and the output's news are heard. */
const TURN_MS = 50;
/** After Ctrl-C, how long the writer at the other end of a pipe gets to send its rest. */
const STREAM_GRACE_MS = 300;

export class Pacer {
  readonly #session: Session;
  readonly #progress: Progress | null;
  #lastTurn = Date.now();

  /** `shows`: whether a bar may be drawn. */
  constructor(session: Session, captures: readonly string[], { shows = true } = {}) {
    this.#session = session;
    this.#progress = shows ? session.progress() : null;
    if (captures.includes('-')) session.interrupt.setGrace(STREAM_GRACE_MS);
  }

  /** For AnalyzeListener.progress. */
  readonly progress = (bytesRead: number, totalBytes: number | null): void | Promise<void> => {
    this.#progress?.update(bytesRead, totalBytes);
    const now = Date.now();
    if (now - this.#lastTurn < TURN_MS) return this.#session.output().ready();
    this.#lastTurn = now;
    // Asked only then: a promise that fails during the turn, before anyone waits for it, would end the program.
    return turn().then(() => this.#session.output().ready());
  };

  /** Takes the bar away. */
  clear(): void {
    this.#progress?.clear();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
