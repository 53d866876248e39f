// In: the facts of a connection. Out: the longest wait of the client for an answer.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** Long enough that somebody who waits gives up or tries again; shorter waits are the business of a latency report. */
const SLOW_SECONDS = 5;

export function slowAnswer(flow: FlowFacts, found: Findings): void {
  const seconds = flow.facts.answer / TICKS_PER_SECOND;
  const { opener } = flow;
  if (seconds < SLOW_SECONDS || opener === null) return;
  found.add('slow_answer', flow.other(opener), { ...flow.answer, worstFrame: flow.answer.frame }, { seconds });
}
