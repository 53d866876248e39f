// In: the facts of a connection. Out: bytes that were acknowledged and never captured.

import { TroubleEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function captureGap(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { missingBytes, missingPlaces, missingMostFrame } = side.trouble;
    if (missingBytes <= 0) continue;
    found.add(
      'capture_gap',
      side,
      { ...flow.trouble(side, TroubleEvent.MISSING), count: missingPlaces, worstFrame: missingMostFrame },
      { bytes: missingBytes, places: missingPlaces, of: side.payloadBytes + missingBytes },
    );
  }
}
