// In: the facts of a connection. Out: a reset after a long silence.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function resetAfterIdle(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'idle') return;
  const { side } = reset;
  found.add('reset_after_idle', side, flow.reset(side), { idle: reset.idle });
}
