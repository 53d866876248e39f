// In: the facts of a connection. Out: resets that the receiver must not obey.

import { ResetBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

export function resetIgnored(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { reset } = side;
    // The first one decides; a row of resets for one broken connection has only its first at the expected number.
    if (reset.ignorable === 0 || (reset.bits & (ResetBit.IN_WINDOW | ResetBit.OUTSIDE)) === 0) continue;
    const deciding = decidingReset(flow);
    if (deciding === null || deciding.side !== side || deciding.kind !== 'ignored') continue;
    const outside = (reset.bits & ResetBit.OUTSIDE) !== 0;
    found.add(
      'reset_ignored',
      side,
      { frame: reset.ignorableFrame, tick: reset.tick, count: reset.ignorable },
      { times: reset.ignorable, outside },
    );
  }
}
