// In: the facts of a connection. Out: two SYNs that crossed.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function simultaneousOpen(flow: FlowFacts, found: Findings): void {
  const [a, b] = flow.sides;
  if (!a.sentSyn || !b.sentSyn || !a.sentSynAck || !b.sentSynAck) return;
  found.add('simultaneous_open', null, flow.first, {});
}
