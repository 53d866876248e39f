// In: the facts of a connection. Out: a port pair in TIME_WAIT used again, as the rules allow.

import { FlowBit, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function timeWaitReuse(flow: FlowFacts, found: Findings): void {
  const { bits, reuseTicks } = flow.facts;
  const { opener } = flow;
  if (opener === null || (bits & FlowBit.REUSED_CLOSED) === 0) return;
  const seconds = reuseTicks / TICKS_PER_SECOND;
  if (seconds >= flow.timeWaitSeconds) return;
  if ((bits & FlowBit.REUSED_ABOVE) !== 0) found.add('time_wait_reuse', opener, flow.first, { seconds });
}
