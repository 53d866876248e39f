// In: the facts of a connection. Out: copies of frames.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function duplicateFrames(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { copies, copiesFlagged, copiesRouted } = side.odd;
    if (copies === 0) continue;
    const of = side.analysis.segments;
    found.add(
      'duplicate_frames',
      side,
      { ...flow.odd(side, OddEvent.COPY), count: copies, of },
      { copies, of, flagged: copiesFlagged, routed: copiesRouted },
    );
  }
}
