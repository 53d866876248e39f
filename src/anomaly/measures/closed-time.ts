// In: one side of a connection. Out: for how long it kept its window closed.

import { FactBit, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';

export interface ClosedTime {
  /** Seconds: in all, and the longest. */
  total: number;
  longest: number;
  /** The frame that began the longest; 0 if there was none. */
  frame: number;
  /** The longest is one that never ended. */
  isOpen: boolean;
}

export function closedTime(flow: FlowFacts, side: SideFacts): ClosedTime {
  const { trouble } = side;
  let total = trouble.zeroTicks;
  let longest = trouble.zeroLongest;
  let frame = trouble.zeroLongestFrame;
  let isOpen = false;
  if (side.has(FactBit.WINDOW_CLOSED)) {
    // What is still closed lasts until the connection's last segment; what came after that is not known.
    const lasted = Math.max(0, flow.facts.tick - trouble.zeroSince);
    total += lasted;
    if (lasted > longest) {
      longest = lasted;
      frame = trouble.zeroFrame;
      isOpen = true;
    }
  }
  return { total: total / TICKS_PER_SECOND, longest: longest / TICKS_PER_SECOND, frame, isOpen };
}
