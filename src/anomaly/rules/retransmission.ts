// In: the facts of a connection. Out: Wireshark's retransmission per direction (fast and spurious ones are also this), with share and cost.

import { TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { flagBit } from '../measures/flag.ts';

const PLAIN = flagBit('retransmission');
const FAST = flagBit('fast_retransmission');
const SPURIOUS = flagBit('spurious_retransmission');

export function retransmission(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    // In tshark's fields a fast or spurious retransmission is a retransmission too.
    const all = side.flagCount(PLAIN) + side.flagCount(FAST) + side.flagCount(SPURIOUS);
    if (all === 0) continue;
    const { trouble, facts } = side;
    const bits = [PLAIN, FAST, SPURIOUS].filter((bit) => side.flagCount(bit) > 0);
    const first = bits.reduce((a, b) => (side.flagFrame(b) < side.flagFrame(a) ? b : a));
    const place = {
      frame: side.flagFrame(first),
      tick: side.flagTick(first),
      count: all,
      of: Math.max(facts.dataSegments, all),
      worstFrame: trouble.resendFrame || side.flagFrame(first),
    };
    found.add('retransmission', side, place, {
      all,
      withData: trouble.resent,
      dataSegments: Math.max(facts.dataSegments, trouble.resent),
      waited: trouble.resendTicks / TICKS_PER_SECOND,
      longest: trouble.resendLongest / TICKS_PER_SECOND,
      copies: trouble.copiesFlagged,
    });
  }
}
