// In: the facts of a connection. Out: Wireshark's retransmission per direction, with share and cost.

import { TICKS_PER_SECOND, TroubleEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { flagBit } from '../measures/flag.ts';

const PLAIN = flagBit('retransmission');
const FAST = flagBit('fast_retransmission');
const SPURIOUS = flagBit('spurious_retransmission');
/** In tshark's fields a fast or spurious retransmission is a retransmission too. */
const KINDS = [PLAIN, FAST, SPURIOUS];

export function retransmission(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const all = side.flagCount(PLAIN) + side.flagCount(FAST) + side.flagCount(SPURIOUS);
    if (all === 0) continue;
    const { trouble, facts, odd } = side;
    const firstFrame = (bit: number): number => side.flagFrame(bit) || Number.POSITIVE_INFINITY;
    const first = KINDS.reduce((a, b) => (firstFrame(b) < firstFrame(a) ? b : a));
    const worst = flow.trouble(side, TroubleEvent.RESEND).frame;
    const dataSegments = Math.max(facts.dataSegments, trouble.resent);
    found.add(
      'retransmission',
      side,
      {
        ...flow.flag(side, first),
        count: all,
        of: Math.max(dataSegments, all),
        worstFrame: worst || side.flagFrame(first),
      },
      {
        all,
        withData: trouble.resent,
        dataSegments,
        waited: trouble.resendTicks / TICKS_PER_SECOND,
        longest: trouble.resendLongest / TICKS_PER_SECOND,
        copies: odd.copiesFlagged,
      },
    );
  }
}
