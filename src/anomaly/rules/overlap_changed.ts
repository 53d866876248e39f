// In: the facts of a connection. Out: payload sent again with other content than the first time.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function overlapChanged(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { changed } = side.odd;
    if (changed === 0) continue;
    found.add('overlap_changed', side, { ...flow.odd(side, OddEvent.CHANGED), count: changed }, { segments: changed });
  }
}
