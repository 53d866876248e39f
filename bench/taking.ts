// In: another checkout of this repository, with its scripts built, and a pcap file. Out: how long this one takes to take frames in, to the other's.
//
// Both work in one process, a chunk of the file in turn, each with all that it keeps of its own. So a machine that is fast now and slow
// then is so for both: a few per cent show, where whole runs differ by twenty. Each also drives the other's data out of the processor's cache, and therefore
// takes longer than alone.
//
//   npm run -s build:scripts && node build/bench/taking.js OTHER_CHECKOUT CAPTURE [--chunks 1600]

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Capture } from '../src/capture/open.ts';
import type { LinearMemory } from '../src/linear/memory.ts';

type Here = typeof import('../src/capture/open.ts') &
  typeof import('../src/linear/memory.ts') &
  typeof import('../src/tcp/trace.ts') &
  typeof import('../src/tcp/capture-facts.ts') &
  typeof import('../src/tcp/clock.ts') &
  typeof import('../src/tcp/flow-facts.ts') &
  typeof import('../src/anomaly/capture-view.ts') &
  typeof import('../src/anomaly/judge.ts') &
  typeof import('../src/intake.ts') &
  typeof import('../src/telling.ts');

const MODULES = [
  ...['capture/open', 'linear/memory', 'tcp/trace', 'tcp/capture-facts', 'tcp/clock', 'tcp/flow-facts'],
  ...['anomaly/capture-view', 'anomaly/judge', 'intake', 'telling'],
];
/** Until all is compiled. */
const WARM_UP = 100;
const STEPS = ['records', 'rows and connections', 'segments'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { chunks: { type: 'string', default: '1600' } },
});
const [other, file] = positionals;
if (other === undefined || file === undefined) {
  throw new Error('usage: node build/bench/taking.js OTHER_CHECKOUT CAPTURE [--chunks N]');
}

/** Takes in a file chunk by chunk, with the program in `root`. */
class Taking {
  readonly name: string;
  /** Milliseconds by step. */
  readonly spent = STEPS.map(() => 0);
  frames = 0;
  readonly #capture;
  readonly #intake;
  readonly #telling;

  private constructor(name: string, here: Here, capture: Capture, memory: LinearMemory) {
    this.name = name;
    this.#capture = capture;
    const trace = new here.TcpTrace({ memory, everySegment: false });
    const clock = new here.CaptureClock();
    const facts = new here.CaptureFacts();
    const judge = new here.Judge(new here.CaptureView(facts, (id) => trace.addresses.toText(id)));
    const options = { asTheyEnd: true, maxFlows: 1_000_000, crosswalk: false, tells: true };
    const reader = new here.FlowFactsReader(trace, clock, facts);
    this.#telling = new here.Telling(trace, clock, reader, judge, {}, options);
    this.#intake = new here.Intake(trace, clock, facts, this.#telling, {}, null);
  }

  static async of(name: string, root: string, path: string): Promise<Taking> {
    const load = (module: string) => import(pathToFileURL(resolve(root, 'build/src', `${module}.js`)).href);
    const here: Here = Object.assign({}, ...(await Promise.all(MODULES.map(load))));
    const memory = new here.LinearMemory();
    return new Taking(name, here, await here.openCapture([path], { memory }), memory);
  }

  forget(): void {
    this.spent.fill(0);
    this.frames = 0;
  }

  /** The next chunk; false after the last one. */
  async take(): Promise<boolean> {
    const { spent } = this;
    const intake = this.#intake;
    let before = performance.now();
    const lap = (step: number): void => {
      const now = performance.now();
      spent[step]! += now - before;
      before = now;
    };
    for (let run = this.#capture.nextRun!(); run !== null; run = this.#capture.nextRun!()) {
      lap(0);
      const isSteady = intake.begin(run);
      lap(1);
      this.frames += run.count;
      for (let i = 0; i < run.count; i++) {
        if (isSteady) i = intake.takeRun(run, i);
        if (i === run.count) break;
        intake.takeFrom(run, i);
        if (this.#telling.isDue()) await this.#telling.catchUp(intake.last);
      }
      lap(2);
    }
    return await this.#capture.fill();
  }
}

const both = [await Taking.of('the other', other, file), await Taking.of('this one', '.', file)] as const;
let goesOn = true;
for (let chunk = 0; goesOn && chunk < Number(values.chunks); chunk++) {
  // Whoever comes second may find the file's bytes in the cache.
  for (const taking of chunk % 2 === 0 ? both : [both[1], both[0]]) goesOn = (await taking.take()) && goesOn;
  if (chunk === WARM_UP) for (const taking of both) taking.forget();
}
const [them, us] = both;
for (const { name, spent, frames } of both) {
  const parts = STEPS.map((step, i) => `${step} ${((spent[i]! * 1e6) / frames).toFixed(0)}`);
  process.stdout.write(`${name.padEnd(9)}  ns a frame: ${parts.join(', ')}\n`);
}
const sum = (spent: readonly number[]): number => spent.reduce((all, each) => all + each, 0);
const ratios = STEPS.map((step, i) => `${step} ${(us.spent[i]! / them.spent[i]!).toFixed(2)}`);
process.stdout.write(`ratio      ${ratios.join(', ')}; all ${(sum(us.spent) / sum(them.spent)).toFixed(2)}\n`);
process.exit(0);
