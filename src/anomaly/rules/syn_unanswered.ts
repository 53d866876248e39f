// In: the facts of a connection. Out: a SYN to which nothing came back.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { ANSWER_SECONDS, secondsToEnd } from '../measures/waited.ts';

export function synUnanswered(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  if (opener === null) return;
  const other = flow.other(opener);
  // Whoever goes on after its SYN got an answer that was not captured.
  if (
    other.analysis.segments > 0 ||
    opener.analysis.segments > opener.syns + opener.trouble.copies + opener.reset.count
  )
    return;
  const again = opener.trouble.synAgainFrame > 0;
  const toEnd = secondsToEnd(flow, 0);
  if (!again && toEnd < ANSWER_SECONDS) return;
  const seconds = again ? opener.facts.tick / TICKS_PER_SECOND : toEnd;
  const { icmpErrors } = flow.facts;
  found.add(
    'syn_unanswered',
    opener,
    { frame: flow.flow.frames[0], tick: 0, worstFrame: flow.flow.frames[0] },
    { sent: opener.syns, seconds, icmp: icmpErrors },
  );
}
