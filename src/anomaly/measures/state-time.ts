// In: an endpoint's history. Out: when it was in a state.

import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';
import type { StateName } from '../../tcp/state.ts';

export interface Stay {
  /** Frame (0 where a timer did it) and time of the entry. */
  entry: { frame: number; time: number };
  /** When it was left, or the end of the capture. */
  left: number;
  /** It was never left. */
  isOpen: boolean;
}

/** The side's stay in `state`, the last one if there were several; null if it was never there at a known time. */
export function stayIn(flow: FlowFacts, side: SideFacts, state: StateName): Stay | null {
  const { states } = flow.endpoint(side);
  for (let i = states.length - 1; i >= 0; i--) {
    const entry = states[i]!;
    if (entry.state !== state || entry.time === null) continue;
    const next = states[i + 1];
    const isOpen = next === undefined;
    const { frame, time } = entry;
    return { entry: { frame: frame ?? 0, time }, left: next?.time ?? flow.captureEnd, isOpen };
  }
  return null;
}

/** Seconds of the stay in which the side sent no payload: from its last payload on, if there was any. */
export function silentSeconds(flow: FlowFacts, side: SideFacts, stay: Stay): number {
  const lastData = side.facts.dataSegments > 0 ? flow.timeOf(side.facts.dataTick) : 0;
  const from = lastData > stay.entry.time && lastData <= stay.left ? lastData : stay.entry.time;
  return stay.left - from;
}
