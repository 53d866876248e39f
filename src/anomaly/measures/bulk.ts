// In: one side of a connection. Out: where the time of a large transfer went, as far as an observer can say.
//
// A sender waits for the receiver while it has filled the window; for its program while everything is acknowledged and
// nothing new comes; the rest of the time data is on its way (after Linux' tcp_info: rwnd_limited, busy).

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { SideFacts } from '../../tcp/flow-facts.ts';

/** Less is over before windows and buffers matter: 1 MB is sixteen windows without scaling. */
export const LEAST_BYTES = 1_000_000;
const LEAST_SECONDS = 1;
/** What takes most of the time is what limits. */
export const MOST = 0.5;

export interface Bulk {
  bytes: number;
  /** From the first payload until the last was acknowledged. */
  seconds: number;
  /** Of these, with a filled window, with nothing to send. */
  full: number;
  empty: number;
}

/** Null where the side has not sent much. */
export function bulkOf(side: SideFacts): Bulk | null {
  const { facts } = side;
  const bytes = side.payloadBytes;
  const seconds = (Math.max(facts.dataTick, facts.drainedTick) - facts.firstDataTick) / TICKS_PER_SECOND;
  if (bytes < LEAST_BYTES || seconds < LEAST_SECONDS) return null;
  const full = Math.min(facts.fullTicks / TICKS_PER_SECOND, seconds);
  const empty = Math.min(facts.emptyTicks / TICKS_PER_SECOND, seconds - full);
  return { bytes, seconds, full, empty };
}
