// In: the facts of a connection. Out: a reset by an end whose own data was not yet acknowledged.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function resetDataLost(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'data-lost') return;
  const { side } = reset;
  found.add('reset_data_lost', side, flow.reset(side), { bytes: side.reset.loses });
}
