// In: the facts of a connection. Out: copies of frames.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function duplicateFrames(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { copies, copyFrame, copiesFlagged, copiesRouted } = side.trouble;
    if (copies === 0) continue;
    const of = side.analysis.segments;
    found.add(
      'duplicate_frames',
      side,
      { frame: copyFrame, count: copies, of },
      { copies, of, flagged: copiesFlagged, routed: copiesRouted },
    );
  }
}
