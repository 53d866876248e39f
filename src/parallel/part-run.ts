// In: frames out of a ring, and which part of the connections to look into. Out: all that is told of them, as messages.

import type { MessagePort } from 'node:worker_threads';
import { type AnalyzeOptions, analyzePart, DEFAULT_MAX_FLOWS } from '../analyze.ts';
import { Part } from '../wire/part.ts';
import { type Message, TooManyFlows } from './batch.ts';
import { Collector } from './collector.ts';
import { joinedWord, RelayedCapture, type Ring, type Wait } from './relay.ts';

/** What a part is given to do: plain values, which go from thread to thread. */
export interface PartTask {
  readonly part: number;
  readonly parts: number;
  readonly options: Pick<AnalyzeOptions, 'timeWaitSeconds' | 'crosswalk' | 'asTheyEnd' | 'maxFlows'>;
  readonly ring: Ring;
  /** Where the bytes of frames come in that fit no slot. */
  readonly large: MessagePort;
}

/** Batches of a part that are on their way or wait to be joined; then it waits. Some megabytes. */
const BATCHES_AHEAD = 8;

/** Runs the part to its end. Never rejects: what goes wrong is a message, too. */
export async function runPart(task: PartTask, send: (message: Message) => void, wait: Wait): Promise<void> {
  const { part, parts, options, ring, large } = task;
  const { counts } = ring;
  const joined = joinedWord(part);
  let sent = 0;
  try {
    const collector = new Collector(options.maxFlows ?? DEFAULT_MAX_FLOWS, async (batch) => {
      send(batch);
      if (batch.rows.length === 0) return;
      sent++;
      for (let used = Atomics.load(counts, joined); sent - used >= BATCHES_AHEAD; used = Atomics.load(counts, joined)) {
        await wait(counts, joined, used);
      }
    });
    const capture = new RelayedCapture(ring, part, large, wait, () => collector.idle());
    const passage = await analyzePart(capture, options, new Part(part, parts), collector);
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
