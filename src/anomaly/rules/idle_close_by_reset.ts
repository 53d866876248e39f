// In: the facts of a connection. Out: a reset that ended a long silence itself.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function idleCloseByReset(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'idle-close') return;
  const { side } = reset;
  found.add('idle_close_by_reset', side, flow.reset(side), { idle: reset.idle });
}
