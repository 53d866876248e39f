// In: the facts of a connection. Out: data beyond the own FIN.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function dataAfterFin(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { afterFin, afterFinBytes } = side.odd;
    if (afterFin === 0) continue;
    found.add(
      'data_after_fin',
      side,
      { ...flow.odd(side, OddEvent.AFTER_FIN), count: afterFin },
      { segments: afterFin, bytes: afterFinBytes },
    );
  }
}
