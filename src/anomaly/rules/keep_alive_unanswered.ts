// In: the facts of a connection. Out: keep-alives that nobody answered.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** One or two may be lost. Windows gives up after 10, Linux after 9, both without an answer. */
const LEAST = 3;

export function keepAliveUnanswered(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { probesMost, probesMostFrame } = side.trouble;
    if (probesMost < LEAST || flow.other(side).analysis.segments === 0) continue;
    found.add('keep_alive_unanswered', side, { frame: probesMostFrame, count: probesMost }, { probes: probesMost });
  }
}
