// In: the facts of a connection. Out: the longest wait of the client for an answer.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** What users notice as waiting; shorter waits are the business of a latency report. */
export const SLOW_SECONDS = 1;

export function slowAnswer(flow: FlowFacts, found: Findings): void {
  const seconds = flow.facts.answer / TICKS_PER_SECOND;
  const { opener } = flow;
  if (seconds < SLOW_SECONDS || opener === null) return;
  found.add('slow_answer', flow.other(opener), { ...flow.answer, worstFrame: flow.answer.frame }, { seconds });
}
