// In: flows as they are told, some of them again. Out: how often each finding occurs.

import type { CaptureResult } from '../tcp/flow-result.ts';

/** What the sums over all flows need to know of one. */
export interface Said {
  stream: number;
  revised?: true;
  findings: { code: string; count: number }[];
}

/** More connections than are held for a revision once they have been told of. */
const REMEMBERED = 200_000;

/** Codes and how often each, or a single code that was found once: what most with findings have, and takes no memory of its own. */
type Counted = string | readonly (readonly [string, number])[];

/** How often each finding occurs, over all flows and in the capture as a whole. */
export class FindingCounts {
  readonly #counts = new Map<string, number>();
  readonly #remembered: number;
  /**
   * By stream: the findings told last, of the streams told latest, and of those before them. Two maps, of which the older is dropped whole:
   * taking the oldest out of one map one by one makes each look past all that went before.
   */
  #said = new Map<number, Counted>();
  #saidBefore = new Map<number, Counted>();
  #isEnding = false;

  /** `remembered`: so many streams at the least can be told of again. */
  constructor(remembered = REMEMBERED) {
    this.#remembered = remembered;
  }

  /** Nothing is told again from here on. */
  ending(): void {
    this.#isEnding = true;
  }

  add(flow: Said): void {
    for (const { code, count } of flow.findings) this.#add(code, count);
  }

  /** As `add`; what was said of the connection before, if it was, counts no more. Remembers what was said last of many. */
  addLatest(flow: Said): void {
    const { findings, stream } = flow;
    if (flow.revised) {
      const said = this.#said.get(stream) ?? this.#saidBefore.get(stream) ?? [];
      if (typeof said === 'string') this.#add(said, -1);
      else for (const [code, count] of said) this.#add(code, -count);
      this.#said.delete(stream);
      this.#saidBefore.delete(stream);
    }
    this.add(flow);
    if (findings.length === 0 || this.#isEnding) return;
    const [first] = findings;
    const isSingle = findings.length === 1 && first!.count === 1;
    this.#said.set(stream, isSingle ? first!.code : findings.map(({ code, count }) => [code, count] as const));
    if (this.#said.size < this.#remembered) return;
    this.#saidBefore = this.#said;
    this.#said = new Map();
  }

  #add(code: string, count: number): void {
    const sum = (this.#counts.get(code) ?? 0) + count;
    if (sum === 0) this.#counts.delete(code);
    else this.#counts.set(code, sum);
  }

  /** Those of the capture as a whole. */
  addCapture(capture: CaptureResult): void {
    for (const { code, count } of capture.captureFindings)
      this.#counts.set(code, (this.#counts.get(code) ?? 0) + count);
  }

  toObject(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
