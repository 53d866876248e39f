// In: a seed and a time. Out: trials, one after the other, told to the main thread before they begin and when they fail.
// A thread of its own, so that one that hangs can be ended.

import { parentPort, workerData } from 'node:worker_threads';
import { Random } from '../../test/support/random.ts';
import { Coverage } from './coverage.ts';
import { changedBytes, changedText } from './mutation.ts';
import type { Kind, Recipe, Step, Trial } from './recipe.ts';
import { findSeeds, type Seeds } from './seeds.ts';
import { Targets } from './targets.ts';

export interface Task {
  readonly folders: readonly string[];
  readonly seed: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Cuts and changes of every capture, before anything else. */
  readonly cuts: number;
  /** Trials done by workers before: as many cuts and changes are passed over, and what comes then is chosen otherwise. */
  readonly skip: number;
  /** Just this one. */
  readonly only: Trial | null;
}

/** `before` a trial; `after` it, with how it went; at last `done`. */
export type Message =
  | { readonly before: Trial }
  | { readonly after: Trial; readonly milliseconds: number; readonly grownMb: number; readonly failure: string | null }
  | { readonly done: { readonly kept: number; readonly blocks: number } };

/** Inputs are changed again at most so often: long recipes lead nowhere that short ones do not. */
const MOST_STEPS = 12;
/** How much of a large capture is changed and changed again. */
const BEGINNING = 16 << 10;
/** Commands each whole capture is given to. */
const COMMANDS = 4;

interface Known {
  readonly recipe: Recipe;
  readonly bytes: Uint8Array;
}

class Fuzzer {
  readonly #task: Task;
  readonly #seeds: Seeds;
  readonly #targets = new Targets();
  readonly #coverage = new Coverage();
  /** By kind: what is worth changing. */
  readonly #pools = new Map<Kind, Known[]>();
  #number = 0;
  #peak = process.resourceUsage().maxRSS;

  constructor(task: Task) {
    this.#task = task;
    this.#seeds = findSeeds(task.folders);
  }

  async run(): Promise<void> {
    const { only } = this.#task;
    if (only !== null) await this.#try(only, this.#make(only.kind, only.input));
    else {
      await this.#systematic();
      await this.#generations();
    }
    this.#targets.close();
    const kept = [...this.#pools.values()].reduce((sum, pool) => sum + pool.length, 0);
    tell({ done: { kept, blocks: this.#coverage.blocks } });
  }

  get #isOver(): boolean {
    return Date.now() >= this.#task.until;
  }

  /** Every capture cut and changed at random places, and given to a few commands. */
  async #systematic(): Promise<void> {
    const { cuts, seed: choices } = this.#task;
    if (cuts === 0) return;
    const random = new Random(choices);
    for (const [seed, load] of this.#seeds.captures) {
      if (this.#isOver) return;
      const bytes = load();
      const input = { seed, steps: [] };
      const kinds: readonly Kind[] = ['cut', 'change'];
      for (const kind of kinds) {
        for (let i = 0; i < cuts; i++) await this.#once({ kind, input, use: random.word() }, bytes);
      }
      for (let i = 0; i < COMMANDS; i++) await this.#once({ kind: 'capture', input, use: random.word() }, bytes);
    }
  }

  /** Inputs changed again and again; those that reach code no other reached are kept, and changed further. */
  async #generations(): Promise<void> {
    const random = new Random(this.#task.seed + this.#task.skip);
    this.#fill('capture', this.#seeds.captures.keys());
    this.#fill('filter', this.#seeds.filters.keys());
    this.#fill('rules', this.#seeds.rules.keys());
    this.#fill('baseline', this.#seeds.baselines.keys());
    this.#coverage.news();
    while (!this.#isOver) {
      const kind = random.pick<Kind>(['capture', 'capture', 'capture', 'capture', 'filter', 'rules']);
      const chosen: Kind = kind === 'rules' && random.chance(0.2) ? 'baseline' : kind;
      const pool = this.#pools.get(chosen)!;
      // The newest are the most promising.
      const parent = random.chance(0.3)
        ? pool[pool.length - 1 - random.int(Math.min(50, pool.length))]!
        : random.pick(pool);
      const other = random.chance(0.4) ? random.pick(pool) : null;
      const step: Step = {
        random: random.word(),
        ...(other !== null && other.recipe.steps.length <= 2 && { other: other.recipe }),
      };
      const recipe: Recipe = { seed: parent.recipe.seed, steps: [...parent.recipe.steps, step] };
      const bytes = this.#changed(chosen, parent.bytes, step);
      await this.#try({ kind: chosen, input: recipe, use: random.word() }, bytes);
      if (this.#coverage.news() > 0 && recipe.steps.length < MOST_STEPS) pool.push({ recipe, bytes });
    }
  }

  #fill(kind: Kind, names: Iterable<string>): void {
    const pool: Known[] = [];
    for (const seed of names) {
      const recipe = { seed, steps: [] };
      pool.push({ recipe, bytes: this.#beginning(kind, seed) });
    }
    this.#pools.set(kind, pool);
  }

  #beginning(kind: Kind, seed: string): Uint8Array {
    const text =
      this.#seeds.filters.get(seed) ?? this.#seeds.rules.get(seed) ?? this.#seeds.baselines.get(seed) ?? null;
    if (text !== null) return Buffer.from(text);
    const load = this.#seeds.captures.get(seed);
    if (load === undefined) throw new Error(`there is no starting input "${seed}"; name the folder it came from`);
    const bytes = load();
    return kind === 'capture' ? bytes.slice(0, BEGINNING) : bytes;
  }

  /** The input of a recipe. */
  #make(kind: Kind, recipe: Recipe): Uint8Array {
    // A capture that was not changed was tried whole.
    if (recipe.steps.length === 0 && this.#task.only !== null) return this.#seeds.captures.get(recipe.seed)!();
    let bytes = this.#beginning(kind, recipe.seed);
    for (const step of recipe.steps) bytes = this.#changed(kind, bytes, step);
    return bytes;
  }

  #changed(kind: Kind, bytes: Uint8Array, step: Step): Uint8Array {
    const random = new Random(step.random);
    const other = step.other === undefined ? null : this.#otherBytes(kind, step.other);
    if (kind === 'capture') return changedBytes(bytes, random, other);
    const text = (b: Uint8Array): string => Buffer.from(b).toString('utf8');
    return Buffer.from(changedText(text(bytes), random, other === null ? null : text(other), this.#seeds.words));
  }

  #otherBytes(kind: Kind, recipe: Recipe): Uint8Array {
    let bytes = this.#beginning(kind, recipe.seed);
    for (const step of recipe.steps) bytes = this.#changed(kind, bytes, step);
    return bytes;
  }

  /** Unless a worker before has tried it. */
  async #once(trial: Trial, bytes: Uint8Array): Promise<void> {
    if (++this.#number > this.#task.skip) await this.#try(trial, bytes);
  }

  async #try(trial: Trial, bytes: Uint8Array): Promise<void> {
    tell({ before: trial });
    const start = performance.now();
    let failure: string | null = null;
    try {
      await this.#targets.use(trial.kind, bytes, new Random(trial.use));
    } catch (error) {
      failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const milliseconds = performance.now() - start;
    const peak = process.resourceUsage().maxRSS;
    const grownMb = (peak - this.#peak) / 1024;
    this.#peak = peak;
    tell({ after: trial, milliseconds, grownMb, failure });
  }
}

function tell(message: Message): void {
  parentPort!.postMessage(message);
}

if (parentPort !== null) await new Fuzzer(workerData as Task).run();
