// In: the facts of a connection. Out: new data with an older timestamp than before (PAWS).

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function timestampBackwards(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { timeBack, timeBackFrame, timeBackMost } = side.trouble;
    if (timeBack === 0) continue;
    const place = { frame: timeBackFrame, count: timeBack };
    found.add('timestamp_backwards', side, place, { segments: timeBack, step: timeBackMost });
  }
}
