// In: the facts of a connection. Out: bytes that were acknowledged and never captured.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function captureGap(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { missingBytes, missingPlaces, missingFrame, missingMostFrame } = side.trouble;
    if (missingBytes <= 0) continue;
    const of = side.payloadBytes + missingBytes;
    found.add(
      'capture_gap',
      side,
      { frame: missingFrame, count: missingPlaces, worstFrame: missingMostFrame },
      { bytes: missingBytes, places: missingPlaces, of },
    );
  }
}
