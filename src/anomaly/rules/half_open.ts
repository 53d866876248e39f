// In: the facts of a connection. Out: a SYN-ACK to which the third segment never came.

import { FactBit, OddEvent, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { ANSWER_SECONDS, secondsToEnd } from '../measures/waited.ts';

export function halfOpen(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  if (opener === null) return;
  const side = flow.other(opener);
  if (!side.sentSynAck || side.has(FactBit.ACKED) || opener.reset.count > 0 || side.reset.count > 0) return;
  if (side.sentSyn || flow.odd(side, OddEvent.SYN_ACK_WRONG).frame > 0) return;
  const { tick } = flow.facts;
  const again = side.synAcks > 1;
  const toEnd = secondsToEnd(flow, tick);
  if (!again && toEnd < ANSWER_SECONDS) return;
  const place = again ? flow.odd(side, OddEvent.SYN_AGAIN) : flow.last;
  found.add('half_open', side, place, { sent: side.synAcks, seconds: again ? tick / TICKS_PER_SECOND : toEnd });
}
