// In: the facts of a connection. Out: a SYN to which nothing came back.

import { OddEvent, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { ANSWER_SECONDS, secondsToEnd } from '../measures/waited.ts';

export function synUnanswered(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  if (opener === null) return;
  const other = flow.other(opener);
  // Whoever goes on after its SYN got an answer that was not captured.
  const others = opener.analysis.segments - opener.syns - opener.odd.copies - opener.reset.count;
  if (other.analysis.segments > 0 || others > 0) return;
  const again = flow.odd(opener, OddEvent.SYN_AGAIN).frame > 0;
  const toEnd = secondsToEnd(flow, 0);
  if (!again && toEnd < ANSWER_SECONDS) return;
  const seconds = again ? opener.facts.tick / TICKS_PER_SECOND : toEnd;
  found.add('syn_unanswered', opener, flow.first, { sent: opener.syns, seconds, icmp: flow.facts.icmpErrors });
}
