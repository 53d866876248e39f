// In: the facts of a connection. Out: a server that reset instead of answering.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function resetUnreadData(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'unanswered') return;
  const { side } = reset;
  found.add('reset_unread_data', side, flow.reset(side), {
    bytes: side.reset.unanswered,
    seconds: side.reset.sinceData / TICKS_PER_SECOND,
  });
}
