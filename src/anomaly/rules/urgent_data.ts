// In: the facts of a connection. Out: segments with the urgent flag.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function urgentData(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { urgent } = side.odd;
    if (urgent === 0) continue;
    found.add('urgent_data', side, { ...flow.odd(side, OddEvent.URGENT), count: urgent }, { segments: urgent });
  }
}
