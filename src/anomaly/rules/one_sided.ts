// In: the facts of a connection. Out: a connection of which one direction was captured.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { isOneSided } from '../doubts.ts';
import type { Findings } from '../findings.ts';

export function oneSided(flow: FlowFacts, found: Findings): void {
  if (!isOneSided(flow)) return;
  const [a, b] = flow.sides;
  const seen = a.analysis.segments > 0 ? a : b;
  found.add('one_sided', seen, flow.first, { segments: seen.analysis.segments });
}
