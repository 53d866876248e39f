// In: captures to begin with, a seed, a time. Out: inputs that crash us, hang us, eat our memory or make us say nonsense; none, if all is well.
//
//   npm run fuzz -- [--minutes N] [--seed N] [--cuts N] [--keep DIR] [DIR...]
//   npm run fuzz -- --replay FILE.json [DIR...]
//
// First every capture of the folders, cut and changed at random places; then, until the time is over, captures, filters, rule
// files and baselines changed at random, guided by which of our code they reach. A failing input is kept in `--keep` with its
// recipe, from which --replay makes it again. Without folders the inputs to begin with are made here.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Trial } from './fuzz/recipe.ts';
import type { Message, Task } from './fuzz/worker.ts';

/** An input that takes longer hangs: the largest of our corpora take a second. */
const HANGS_AFTER_MS = 20_000;
/** No input of these sizes may take more memory than what came before it and this. The window of zstd may be 128 MB. */
const TOO_MUCH_MB = 400;
/** JavaScript's own heap; typed arrays are not in it. */
const HEAP_MB = 1024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    cuts: { type: 'string', default: '50' },
    keep: { type: 'string', default: 'build/fuzz' },
    replay: { type: 'string' },
  },
});

class Run {
  readonly #until: number;
  readonly #only: Trial | null;
  readonly #counts = new Map<string, number>();
  /** Failures by what they say, so that one bug is told once. */
  readonly #failures = new Map<string, number>();
  #slowest: { trial: Trial; milliseconds: number } | null = null;
  #blocks = 0;
  #kept = 0;
  #tried = 0;

  constructor(until: number, only: Trial | null) {
    this.#until = until;
    this.#only = only;
  }

  async run(): Promise<number> {
    const start = Date.now();
    // A worker that hangs or dies is followed by another that goes on behind it.
    while (!(await this.#work())) {}
    const minutes = ((Date.now() - start) / 60_000).toFixed(1);
    const kinds = [...this.#counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
    print(`${this.#tried} inputs in ${minutes} minutes (${kinds})`);
    print(`${this.#blocks} blocks of our code reached, ${this.#kept} inputs in the pool at the end`);
    if (this.#slowest !== null) {
      print(`slowest: ${this.#slowest.milliseconds.toFixed(0)} ms, ${JSON.stringify(this.#slowest.trial)}`);
    }
    print(`peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
    print(
      this.#failures.size === 0
        ? 'nothing failed'
        : `${this.#failures.size} different failures, kept in ${values.keep}`,
    );
    return this.#failures.size === 0 ? 0 : 1;
  }

  /** True where the worker came to its end. */
  #work(): Promise<boolean> {
    const task: Task = {
      folders: positionals,
      seed: Number(values.seed),
      until: this.#until,
      cuts: Number(values.cuts),
      skip: this.#tried,
      only: this.#only,
    };
    const worker = new Worker(new URL('./fuzz/worker.js', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    let current: Trial | null = null;
    let since = Date.now();
    const watchdog = setInterval(() => {
      if (current === null || Date.now() - since < HANGS_AFTER_MS) return;
      this.#fail(current, `it hangs: more than ${HANGS_AFTER_MS} ms`);
      void worker.terminate();
    }, 500);
    return new Promise((resolve) => {
      let isDone = false;
      worker.on('message', (message: Message) => {
        if ('before' in message) {
          current = message.before;
          since = Date.now();
        } else if ('after' in message) {
          this.#note(message);
          current = null;
        } else {
          isDone = true;
          this.#blocks = Math.max(this.#blocks, message.done.blocks);
          this.#kept = message.done.kept;
        }
      });
      worker.on('error', (error) => {
        if (current === null) throw error;
        this.#fail(current, error.stack ?? error.message);
      });
      worker.on('exit', () => {
        clearInterval(watchdog);
        if (!isDone) this.#tried++;
        resolve(isDone || this.#only !== null);
      });
    });
  }

  #note({ after, milliseconds, grownMb, failure }: Extract<Message, { after: Trial }>): void {
    this.#tried++;
    this.#counts.set(after.kind, (this.#counts.get(after.kind) ?? 0) + 1);
    if (milliseconds > (this.#slowest?.milliseconds ?? 0)) this.#slowest = { trial: after, milliseconds };
    if (failure !== null) this.#fail(after, failure);
    if (grownMb > TOO_MUCH_MB) this.#fail(after, `it takes ${grownMb.toFixed(0)} MB`);
  }

  #fail(trial: Trial, failure: string): void {
    const lines = failure.split('\n');
    // Numbers differ from input to input.
    const key = [trial.kind, lines[0]!.slice(0, 60), lines.find((line) => line.includes('/src/')) ?? '']
      .join(' ')
      .replace(/\d+/g, 'N');
    const times = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, times);
    if (times > 1) return;
    mkdirSync(values.keep, { recursive: true });
    const path = join(values.keep, `failure-${this.#failures.size}.json`);
    writeFileSync(path, `${JSON.stringify(trial)}\n`);
    print(`failed: ${lines.slice(0, 8).join('\n    ')}\n    npm run fuzz -- --replay ${path} ${positionals.join(' ')}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const only = values.replay === undefined ? null : (JSON.parse(readFileSync(values.replay, 'utf8')) as Trial);
process.exitCode = await new Run(Date.now() + Number(values.minutes) * 60_000, only).run();
