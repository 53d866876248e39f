// In: one side of a connection. Out: for how long it kept its window closed.

import { FactBit, TICKS_PER_SECOND, TroubleEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts, Moment, SideFacts } from '../../tcp/flow-facts.ts';

export interface ClosedTime extends Moment {
  /** Seconds: in all, and the longest, which began at this frame and time (frame 0: never closed). */
  total: number;
  longest: number;
  /** The longest is one that never ended. */
  isOpen: boolean;
}

export function closedTime(flow: FlowFacts, side: SideFacts): ClosedTime {
  const { zeroTicks, zeroLongest, zeroSince } = side.trouble;
  // What is still closed lasts until the connection's last segment; what came after that is not known.
  const open = side.has(FactBit.WINDOW_CLOSED) ? Math.max(0, flow.facts.tick - zeroSince) : 0;
  const isOpen = open > zeroLongest;
  return {
    ...flow.trouble(side, isOpen ? TroubleEvent.ZERO : TroubleEvent.ZERO_LONGEST),
    total: (zeroTicks + open) / TICKS_PER_SECOND,
    longest: Math.max(zeroLongest, open) / TICKS_PER_SECOND,
    isOpen,
  };
}
