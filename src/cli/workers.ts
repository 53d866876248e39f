// In: captures and what was asked for. Out: among how many threads to divide the work.

import { availableParallelism } from 'node:os';
import { plainBytes } from '../capture/plain-files.ts';

/** Below that a run is over before it would pay to start threads for it (docs/PERFORMANCE.md). */
const LEAST_BYTES = 1 << 25;
/** One thread reads for all and puts together what they tell: with more of them it is the one that is waited for. */
const MOST_BY_ITSELF = 8;

/** 1: this thread alone. So it is, whatever was `asked` for, where the input can be read only once. */
export function workersFor(captures: readonly string[], asked: number | undefined): number {
  if (asked === 1) return 1;
  const bytes = plainBytes(captures);
  if (bytes === null) return 1;
  if (asked !== undefined) return asked;
  // A core for each and one for the reader: two workers on two cores do the work of one in twice the CPU time (measured).
  return bytes < LEAST_BYTES ? 1 : Math.max(1, Math.min(availableParallelism() - 1, MOST_BY_ITSELF));
}
