// In: the facts of a connection. Out: a connection that was open when the capture ended.

import { FactBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { secondsToEnd } from '../measures/waited.ts';

export function endedMidstream(flow: FlowFacts, found: Findings): void {
  const [a, b] = flow.sides;
  if (((a.facts.bits | b.facts.bits) & (FactBit.FIN | FactBit.RST)) !== 0) return;
  // An attempt that never became a connection is told elsewhere.
  if (a.facts.dataSegments + b.facts.dataSegments === 0 && !(a.has(FactBit.ACKED) && b.has(FactBit.ACKED))) return;
  found.add('ended_midstream', null, flow.last, { seconds: secondsToEnd(flow, flow.facts.tick) });
}
