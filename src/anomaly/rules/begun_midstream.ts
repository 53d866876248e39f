// In: the facts of a connection. Out: a connection that began before the capture.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function begunMidstream(flow: FlowFacts, found: Findings): void {
  const [a, b] = flow.sides;
  if (a.sentSyn || b.sentSyn || a.analysis.segments + b.analysis.segments === 0) return;
  found.add('begun_midstream', null, flow.first, {});
}
