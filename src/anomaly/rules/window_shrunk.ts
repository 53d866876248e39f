// In: the facts of a connection. Out: a window that was taken back.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function windowShrunk(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { shrinks, shrinkBytes } = side.odd;
    if (shrinks === 0) continue;
    found.add(
      'window_shrunk',
      side,
      { ...flow.odd(side, OddEvent.SHRINK), count: shrinks },
      { times: shrinks, most: shrinkBytes },
    );
  }
}
