// In: the facts of a connection. Out: new data with an older timestamp than before (PAWS).

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function timestampBackwards(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { timeBack, timeBackMost } = side.odd;
    if (timeBack === 0) continue;
    found.add(
      'timestamp_backwards',
      side,
      { ...flow.odd(side, OddEvent.TIME_BACK), count: timeBack },
      { segments: timeBack, step: timeBackMost },
    );
  }
}
