// In: the facts of a connection. Out: resets of a connection of which nothing else was captured.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function strayReset(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'stray') return;
  const { side } = reset;
  const { count } = side.reset;
  found.add('stray_reset', side, { ...flow.reset(side), count }, { times: count });
}
