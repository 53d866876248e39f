// In: one of Wireshark's flags and the facts of a connection. Out: how often each direction had it.

import { ANALYSIS_CODES, type AnalysisCode } from '../../tcp/analysis-flag.ts';
import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';
import type { Place } from '../findings.ts';

/** Bit number of a flag. */
export function flagBit(code: AnalysisCode): number {
  return ANALYSIS_CODES.indexOf(code);
}

/** Calls `tell` for each direction that had the flag, with the number of segments and where the first is. */
export function eachWithFlag(
  flow: FlowFacts,
  bit: number,
  tell: (side: SideFacts, segments: number, place: Place) => void,
): void {
  for (const side of flow.sides) {
    const count = side.flagCount(bit);
    if (count > 0) tell(side, count, { ...flow.flag(side, bit), count });
  }
}
