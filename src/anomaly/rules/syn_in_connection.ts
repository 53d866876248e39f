// In: the facts of a connection. Out: a SYN on a connection that was not closed.

import { FlowBit, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { isOldConnectionGoingOn } from '../doubts.ts';
import type { Findings } from '../findings.ts';

/** After as long as this its end may well have been missed, or a NAT have given the port away. */
const RECENT_SECONDS = 120;

export function synInConnection(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  const seconds = flow.facts.reuseTicks / TICKS_PER_SECOND;
  if (opener === null || (flow.facts.bits & FlowBit.REUSED_OPEN) === 0 || seconds > RECENT_SECONDS) return;
  const answered = flow.other(opener).sentSynAck;
  found.add('syn_in_connection', opener, flow.first, { seconds, answered, goesOn: isOldConnectionGoingOn(flow) });
}
