// In: the facts of a connection. Out: timestamps in use that the handshake as captured did not agree on.

import { FactBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { HandshakeBit } from '../../wire/handshake.ts';
import type { Findings } from '../findings.ts';

export function optionsStripped(flow: FlowFacts, found: Findings): void {
  const [a, b] = flow.sides;
  const { opener } = flow;
  if (opener === null || !flow.other(opener).sentSynAck) return;
  if ((a.facts.handshake & b.facts.handshake & HandshakeBit.TIMESTAMPS) !== 0) return;
  for (const side of flow.sides) {
    if (!side.has(FactBit.TIMESTAMPS_USED)) continue;
    const missing = (side.facts.handshake & HandshakeBit.TIMESTAMPS) === 0 ? 'mine' : 'theirs';
    found.add('options_stripped', side, flow.first, { missing });
    return;
  }
}
