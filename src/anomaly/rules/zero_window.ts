// In: the facts of a connection. Out: Wireshark's zero_window per direction, and how long it lasted.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { closedTime } from '../measures/closed-time.ts';
import { eachWithFlag, flagBit } from '../measures/flag.ts';

const BIT = flagBit('zero_window');

export function zeroWindow(flow: FlowFacts, found: Findings): void {
  eachWithFlag(flow, BIT, (side, segments, place) => {
    const { longest, total, frame } = closedTime(flow, side);
    found.add('zero_window', side, { ...place, worstFrame: frame || place.frame }, { segments, total, longest });
  });
}
