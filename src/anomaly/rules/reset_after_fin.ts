// In: the facts of a connection. Out: a reset after the close had begun.

import { ResetBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function resetAfterFin(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'after-fin') return;
  const { side } = reset;
  found.add('reset_after_fin', side, flow.reset(side), { own: (side.reset.bits & ResetBit.AFTER_OWN_FIN) !== 0 });
}
