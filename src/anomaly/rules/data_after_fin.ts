// In: the facts of a connection. Out: data beyond the own FIN.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function dataAfterFin(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { afterFin, afterFinFrame, afterFinBytes } = side.trouble;
    if (afterFin === 0) continue;
    const place = { frame: afterFinFrame, count: afterFin };
    found.add('data_after_fin', side, place, { segments: afterFin, bytes: afterFinBytes });
  }
}
