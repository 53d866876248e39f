// In: the facts of a connection. Out: whether the capture went on long enough to say that an answer is missing.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';

/** The first retransmission timer of older stacks (RFC 1122 4.2.3.1; RFC 6298 has 1 s): by then an answer or a retry is due. */
export const ANSWER_SECONDS = 3;

/** Seconds from a tick of the connection to the end of the capture. */
export function secondsToEnd(flow: FlowFacts, tick: number): number {
  return flow.captureEnd - flow.flow.start - tick / TICKS_PER_SECOND;
}
