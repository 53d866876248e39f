// In: captures. Out: what analyze.ts tells of them, worked out by several threads at once, to the last byte the same.
//
//                              ┌─▶ worker 0: all frames pass, those of part 0 are tracked ─▶ batches ─┐
//   reader ─▶ ring of frames ──┼─▶ worker 1: all frames pass, those of part 1 are tracked ─▶ batches ─┼─▶ joiner ─▶ printer
//   (this thread)              └─▶ ...                                                               ─┘   (this thread)
//
// A worker has whole connections, so nothing is shared by frame. What depends on all frames (times, sweeps, the quality of the capture) each
// works out for itself from the few numbers of every frame. The joiner gives streams their numbers, puts what is told in order, and
// feeds the findings of the capture.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type AnalyzeOptions, captureResult, ceilingOf, openFor, type Passage } from '../analyze.ts';
import { CaptureView } from '../anomaly/capture-view.ts';
import type { Capture } from '../capture/open.ts';
import { LinearMemory } from '../linear/memory.ts';
import { CaptureFacts } from '../tcp/capture-facts.ts';
import type { CaptureResult } from '../tcp/flow-result.ts';
import { type Message, pagesFor, TooManyFlows } from './batch.ts';
import { Joiner, type TakeFlow } from './joiner.ts';
import { errorOf, type PartTask } from './part-run.ts';
import { doneWord, joinedWord, RingWriter, ringFor, SLOT_BYTES } from './relay.ts';

/** Starts a part; returns how to end it. */
export type StartPart = (
  task: PartTask,
  receive: (message: Message) => void,
  fail: (error: Error) => void,
) => () => unknown;

export interface ParallelListener {
  flow: TakeFlow;
  progress?(bytesRead: number, totalBytes: number | null): void | Promise<void>;
}

export interface ParallelOptions extends AnalyzeOptions {
  /** How many threads beside this one. */
  workers: number;
  /** Default: a worker thread. */
  start?: StartPart;
}

/** A thread that has died says nothing: so often is looked whether the run is over, in milliseconds. */
const LOOK_MS = 100;
/** The longest that a timer can wait. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * As `analyze`. Null: more connections than `maxFlows` were open at once, or than memory holds, which only one thread that holds them all can deal with; what
 * `listener` was told by then is what `analyze` would have told first.
 */
export async function analyzeInParallel(
  options: ParallelOptions,
  listener: ParallelListener,
): Promise<CaptureResult | null> {
  const capture = await openFor({ chunkBytes: SLOT_BYTES, ...options });
  try {
    return await new ParallelRun(capture, options, listener).run();
  } catch (error) {
    if (error instanceof TooManyFlows) return null;
    throw error;
  } finally {
    await capture.close();
  }
}

class ParallelRun {
  readonly #capture: Capture;
  readonly #options: ParallelOptions;
  readonly #listener: ParallelListener;
  readonly #memory = new LinearMemory();
  readonly #ring;
  readonly #facts = new CaptureFacts();
  readonly #joiner: Joiner;
  readonly #view: CaptureView;
  readonly #large: MessagePort[] = [];
  readonly #messages: [part: number, message: Message][] = [];
  #failure: Error | null = null;
  #isOver = false;
  #wake: (() => void) | null = null;

  constructor(capture: Capture, options: ParallelOptions, listener: ParallelListener) {
    this.#capture = capture;
    this.#options = options;
    this.#listener = listener;
    this.#ring = ringFor(this.#memory, options.workers);
    const { counts } = this.#ring;
    this.#joiner = new Joiner(options.workers, ceilingOf(options), listener.flow, (part) => {
      Atomics.add(counts, joinedWord(part), 1);
      Atomics.notify(counts, joinedWord(part));
    });
    this.#view = new CaptureView(this.#facts, (id) => this.#joiner.addresses.toText(id));
    this.#joiner.taker = this.#view;
  }

  async run(): Promise<CaptureResult> {
    const { workers } = this.#options;
    const ends = Array.from({ length: workers }, (_, part) => this.#start(part));
    const reading = this.#read().catch((error: Error) => this.#fail(error));
    // Who waits for a word of shared memory does not keep Node from ending; where all parts have given up nothing else would.
    const alive = setInterval(() => {}, FOR_EVER_MS);
    try {
      const passages = await this.#join();
      await reading;
      this.#facts.join(passages.map(({ facts }) => facts));
      const { signal } = this.#options;
      const passage = { ...joined(passages), interrupted: signal?.aborted === true };
      return captureResult(this.#capture, passage, this.#joiner.streams, this.#view);
    } finally {
      this.#isOver = true;
      await reading;
      clearInterval(alive);
      for (const port of this.#large) port.close();
      await Promise.all(ends.map((end) => end()));
    }
  }

  #start(part: number): () => unknown {
    const { workers, start = startWorker, timeWaitSeconds, crosswalk, asTheyEnd, maxFlows } = this.#options;
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    this.#large.push(port1);
    const options = {
      ...(timeWaitSeconds !== undefined && { timeWaitSeconds }),
      ...(crosswalk !== undefined && { crosswalk }),
      ...(asTheyEnd !== undefined && { asTheyEnd }),
      ...(maxFlows !== undefined && { maxFlows }),
    };
    return start(
      {
        part,
        parts: workers,
        options,
        ring: this.#ring,
        pages: pagesFor(),
        large: port2,
      },
      (message) => {
        if (message.kind === 'error') this.#fail(errorOf(message));
        else this.#messages.push([part, message]);
        this.#awaken();
      },
      (error) => this.#fail(error),
    );
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#isOver = true;
    this.#awaken();
  }

  #awaken(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** Reads the captures into the ring, to their end or to the signal. */
  async #read(): Promise<void> {
    const capture = this.#capture;
    const writer = new RingWriter(this.#ring, this.#memory, (frame) => {
      for (const port of this.#large) port.postMessage(frame);
    });
    const slowest = (): number => writer.slowest();
    capture.readInto?.(() => writer.lend() ?? this.#whenLent(writer));
    const into = writer.runIn.bind(writer);
    do {
      // Runs first: what they leave of a chunk is added singly, and so is what comes by itself.
      for (let run = capture.nextRun?.(into) ?? null; run !== null; run = capture.nextRun!(into)) {
        if (writer.has(run)) continue;
        for (let i = 0; i < run.count; i++) {
          while (!writer.add(run.frame(i))) if (await this.#full(slowest)) return;
        }
      }
      for (let frame = capture.next(); frame !== null; frame = capture.next()) {
        while (!writer.add(frame)) if (await this.#full(slowest)) return;
      }
      writer.keep();
      const ready = this.#listener.progress?.(capture.bytesRead, capture.totalBytes);
      if (ready !== undefined) await ready;
    } while (!this.#isOver && this.#options.signal?.aborted !== true && (await capture.fill()));
    writer.publish();
    while (!writer.isFree()) if (await this.#full(slowest)) return;
    writer.end();
  }

  /** Waits for memory to read into. Where the run is over it is of no account what memory that is. */
  async #whenLent(writer: RingWriter): Promise<Uint8Array> {
    for (;;) {
      if (await this.#full(() => writer.slowestOfLent())) return new Uint8Array(0);
      const memory = writer.lend();
      if (memory !== null) return memory;
    }
  }

  /** Waits until there may be room in the ring; true if the run is over. */
  async #full(slowest: () => number): Promise<boolean> {
    const part = slowest();
    if (part >= 0) {
      const { counts } = this.#ring;
      const word = doneWord(part);
      const wait = Atomics.waitAsync(counts, word, Atomics.load(counts, word), LOOK_MS);
      if (slowest() === part) await wait.value;
    }
    return this.#isOver;
  }

  /** Joins what the parts tell until all are at their end. */
  async #join(): Promise<Passage[]> {
    const passages: Passage[] = [];
    let ended = 0;
    while (ended < this.#options.workers) {
      if (this.#failure !== null) throw this.#failure;
      const next = this.#messages.shift();
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const [part, message] = next;
      if (message.kind === 'end') {
        passages[part] = message.passage;
        ended++;
      } else if (message.kind === 'batch') {
        this.#joiner.receive(part, message);
        await this.#joiner.advance();
      }
    }
    return passages;
  }
}

/** What was counted of all frames is the same in all; what was counted of segments adds up. */
function joined(passages: readonly Passage[]): Passage {
  const others = new Map<string, Passage['otherFrames'][number]>();
  for (const { layer, frames, first } of passages.flatMap(({ otherFrames }) => otherFrames)) {
    const other = others.get(layer) ?? { layer, frames: 0, first };
    others.set(layer, { layer, frames: other.frames + frames, first: Math.min(other.first, first) });
  }
  return {
    ...passages[0]!,
    tcpSegments: passages.reduce((sum, { tcpSegments }) => sum + tcpSegments, 0),
    otherFrames: [...others.values()].sort((a, b) => a.first - b.first),
  };
}

/** In the package this is in `chunks/`, and the worker's entry beside that (rolldown.config.js). */
function startWorker(task: PartTask, receive: (message: Message) => void, fail: (error: Error) => void): () => unknown {
  const worker = new Worker(new URL('../worker.cjs', import.meta.url), {
    workerData: task,
    transferList: [task.large],
  });
  let isOver = false;
  worker.on('message', receive);
  worker.on('error', fail);
  worker.on('exit', (code) => {
    if (!isOver && code !== 0) fail(new Error(`a worker thread ended with code ${code}`));
  });
  return () => {
    isOver = true;
    return worker.terminate();
  };
}
