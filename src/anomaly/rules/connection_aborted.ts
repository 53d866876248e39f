// In: the facts of a connection. Out: a connection ended by reset with nothing of the resetter outstanding.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function connectionAborted(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'aborted') return;
  const { side } = reset;
  found.add('connection_aborted', side, flow.reset(side), {
    late: side.reset.sinceData / TICKS_PER_SECOND,
    losesPeer: side.reset.losesPeer,
  });
}
