// In: frames out of a ring, and which part of the connections to look into. Out: all that is told of them, as messages.

import type { MessagePort } from 'node:worker_threads';
import { type AnalyzeOptions, analyzePart, ceilingOf } from '../analyze.ts';
import { Part } from '../wire/part.ts';
import { BATCHES_AHEAD, type Batch, type Message, TooManyFlows } from './batch.ts';
import { Collector } from './collector.ts';
import { joinedWord, RelayedFrames, type Ring, type Wait } from './relay.ts';

/** What a part is given to do: plain values, which go from thread to thread. */
export interface PartTask {
  readonly part: number;
  readonly parts: number;
  readonly options: Pick<AnalyzeOptions, 'timeWaitSeconds' | 'crosswalk' | 'asTheyEnd' | 'maxFlows'>;
  readonly ring: Ring;
  /** See Collector. */
  readonly pages: readonly SharedArrayBuffer[];
  /** Where the bytes of frames come in that fit no slot. */
  readonly large: MessagePort;
}

/** Runs the part to its end. Never rejects: what goes wrong is a message, too. */
export async function runPart(task: PartTask, send: (message: Message) => void, wait: Wait): Promise<void> {
  const { part, parts, options, ring, pages, large } = task;
  const { counts } = ring;
  const joined = joinedWord(part);
  let sent = 0;
  try {
    const sendBatch = async (batch: Batch): Promise<void> => {
      send(batch);
      if (batch.rows.length === 0) return;
      sent++;
      for (let used = Atomics.load(counts, joined); sent - used >= BATCHES_AHEAD; used = Atomics.load(counts, joined)) {
        await wait(counts, joined, used);
      }
    };
    const collector: Collector = new Collector(ceilingOf(options), pages, sendBatch, () => frames.memory.runsOut());
    const frames: RelayedFrames = new RelayedFrames(ring, part, large, wait, () => collector.idle());
    const passage = await analyzePart(frames, options, new Part(part, parts), collector);
    await collector.end();
    send({ kind: 'end', passage });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    send({ kind: 'error', name, message, stack: stack ?? message });
  }
}

/** The error of a part as one of the thread that asked for it. */
export function errorOf({ name, message, stack }: Extract<Message, { kind: 'error' }>): Error {
  if (name === 'TooManyFlows') return new TooManyFlows();
  const error = new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}
