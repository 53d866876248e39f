// In: the facts of a connection. Out: data that stands after its acknowledgment.

import { TroubleEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function captureOrder(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { lateBytes } = side.trouble;
    if (lateBytes > 0) found.add('capture_order', side, flow.trouble(side, TroubleEvent.LATE), { bytes: lateBytes });
  }
}
