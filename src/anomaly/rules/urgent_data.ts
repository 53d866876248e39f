// In: the facts of a connection. Out: segments with the urgent flag.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function urgentData(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { urgent, urgentFrame } = side.trouble;
    if (urgent > 0) found.add('urgent_data', side, { frame: urgentFrame, count: urgent }, { segments: urgent });
  }
}
