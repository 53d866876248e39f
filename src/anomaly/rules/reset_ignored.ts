// In: the facts of a connection. Out: resets that the receiver must not obey.

import { ResetBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function resetIgnored(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'ignored') return;
  const { side } = reset;
  const { ignorable, bits } = side.reset;
  const outside = (bits & ResetBit.OUTSIDE) !== 0;
  found.add('reset_ignored', side, { ...flow.reset(side), count: ignorable }, { times: ignorable, outside });
}
