// In: the facts of a connection. Out: the same SYN with other options.

import { FactBit, OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { handshakeOptions } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function optionsChanged(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const other = flow.odd(side, OddEvent.SYN_OTHER);
    if (other.frame === 0) continue;
    const { synOtherOptions, synOtherCopy } = side.odd;
    // Windows leaves options out of a SYN that it sends again; that matters only if it was this one that got through.
    if (synOtherCopy === 0 && !side.has(FactBit.ACKED)) continue;
    const before = optionText(side.facts.handshake);
    const after = optionText(synOtherOptions);
    found.add('options_changed', side, other, { before, after, onTheWay: synOtherCopy === 1 });
  }
}

function optionText(word: number): string {
  const { mss, windowScale, sack, timestamps } = handshakeOptions(word);
  const parts: string[] = [];
  if (mss >= 0) parts.push(`MSS ${mss}`);
  if (windowScale >= 0) parts.push(`window scale ${windowScale}`);
  if (sack) parts.push('SACK');
  if (timestamps) parts.push('timestamps');
  return parts.join(', ') || 'none';
}
