// In: this program while it runs. Out: whether it has been somewhere new, from V8's own block coverage.

import { type Profiler, Session } from 'node:inspector';

/** Only our own code: what the libraries do is theirs. */
const OURS = '/src/';

export class Coverage {
  readonly #session = new Session();
  /** Blocks that have run, as "script:start-end". */
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  }

  get blocks(): number {
    return this.#seen.size;
  }

  /** Blocks that ran since the last call and never before. */
  news(): number {
    const before = this.#seen.size;
    for (const script of this.#take()) {
      if (!script.url.includes(OURS)) continue;
      for (const { ranges } of script.functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) this.#seen.add(`${script.scriptId}:${startOffset}-${endOffset}`);
        }
      }
    }
    return this.#seen.size - before;
  }

  #take(): Profiler.ScriptCoverage[] {
    let taken: Profiler.ScriptCoverage[] = [];
    // The answer of a session in the same thread is there when `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error === null) taken = result;
    });
    return taken;
  }
}
