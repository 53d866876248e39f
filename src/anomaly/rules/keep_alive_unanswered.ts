// In: the facts of a connection. Out: keep-alives that nobody answered.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** One or two may be lost. Windows gives up after 10, Linux after 9. */
const LEAST = 3;

export function keepAliveUnanswered(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { probesMost } = side.odd;
    if (probesMost < LEAST || flow.other(side).analysis.segments === 0) continue;
    const place = { ...flow.odd(side, OddEvent.PROBES_MOST), count: probesMost };
    found.add('keep_alive_unanswered', side, place, { probes: probesMost });
  }
}
