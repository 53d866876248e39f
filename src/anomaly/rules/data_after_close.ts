// In: the facts of a connection. Out: data answered with a reset by an end that had closed.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function dataAfterClose(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'late-data') return;
  const { side } = reset;
  found.add('data_after_close', side, flow.reset(side), { bytes: side.reset.losesPeer });
}
