// In: the facts of a connection. Out: a SYN-ACK to which the third segment never came.

import { FactBit, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { ANSWER_SECONDS, secondsToEnd } from '../measures/waited.ts';

export function halfOpen(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  if (opener === null) return;
  const side = flow.other(opener);
  if (!side.sentSynAck || side.has(FactBit.ACKED) || opener.reset.count > 0 || side.reset.count > 0) return;
  if (side.sentSyn || side.trouble.synAckWrongFrame > 0) return;
  const { tick } = flow.facts;
  const again = side.synAcks > 1;
  if (!again && secondsToEnd(flow, tick) < ANSWER_SECONDS) return;
  found.add(
    'half_open',
    side,
    { frame: side.trouble.synAgainFrame || flow.flow.frames[1], tick },
    { sent: side.synAcks, seconds: again ? tick / TICKS_PER_SECOND : secondsToEnd(flow, tick) },
  );
}
