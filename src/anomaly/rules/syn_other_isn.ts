// In: the facts of a connection. Out: a new attempt on the ports of one that was never answered.

import { FlowBit, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** How long connect() of the usual systems goes on trying (Linux tcp_syn_retries 6: 127 s). Later it is another matter. */
const ATTEMPT_SECONDS = 127;

export function synOtherIsn(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  const seconds = flow.facts.reuseTicks / TICKS_PER_SECOND;
  if (opener === null || (flow.facts.bits & FlowBit.REUSED_UNANSWERED) === 0 || seconds > ATTEMPT_SECONDS) return;
  found.add('syn_other_isn', opener, flow.first, { seconds });
}
