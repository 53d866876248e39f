// In: the facts of a connection. Out: data sent again and again until the end, and nothing heard of the other end any more.

import { FactBit, TICKS_PER_SECOND, TroubleEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { seqDistance } from '../../wire/seq.ts';
import type { Findings } from '../findings.ts';

/** Timers run out one after another, each twice as long: three in a row are no loss of single segments any more. */
const LEAST_TIMEOUTS = 3;
/** Silence of the other end meanwhile; three timeouts of Linux' 200 ms alone take longer. */
const SILENCE_SECONDS = 1;

/** More outstanding than any window is a stray number. */
const MOST_BYTES = 2 ** 30;

export function peerVanished(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const other = flow.other(side);
    const { facts, trouble } = side;
    if (trouble.timeouts < LEAST_TIMEOUTS || other.analysis.segments === 0) continue;
    if (!side.has(FactBit.HIGH | FactBit.ACKED)) continue;
    const bytes = seqDistance(facts.acked, facts.high);
    const silence = facts.tick - other.facts.tick;
    // The longest wait, the last of a row that doubles, must lie in that silence.
    if (
      bytes <= 0 ||
      bytes > MOST_BYTES ||
      silence < SILENCE_SECONDS * TICKS_PER_SECOND ||
      trouble.resendLongest > silence
    )
      continue;
    const worst = flow.trouble(side, TroubleEvent.RESEND);
    found.add(
      'peer_vanished',
      side,
      { ...worst, worstFrame: worst.frame },
      { bytes, seconds: silence / TICKS_PER_SECOND, tries: trouble.timeouts },
    );
  }
}
