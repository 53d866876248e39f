// In: a task, from the thread that started this one. Out: messages to it. The entry of a worker thread.

import { parentPort, workerData } from 'node:worker_threads';
import { type PartTask, runPart } from './part-run.ts';

/** After so long without anything to do, it is time to say so. */
const WAIT_MS = 20;

void runPart(
  workerData as PartTask,
  (message) => {
    parentPort?.postMessage(message, message.kind === 'batch' ? [message.opens.buffer] : []);
  },
  (counts, word, value) => Atomics.wait(counts, word, value, WAIT_MS) === 'timed-out',
);
