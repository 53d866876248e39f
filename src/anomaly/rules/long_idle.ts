// In: the facts of a connection. Out: the longest silence in which nobody waited for an answer.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** The shortest idle timeouts of load balancers and proxies (AWS ELB, nginx): silence below it is safe nearly everywhere. */
export const LONG_SECONDS = 60;

export function longIdle(flow: FlowFacts, found: Findings): void {
  const seconds = flow.facts.idle / TICKS_PER_SECOND;
  if (seconds < LONG_SECONDS) return;
  found.add('long_idle', null, { ...flow.idle, worstFrame: flow.idle.frame }, { seconds });
}
