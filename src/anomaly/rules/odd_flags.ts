// In: the facts of a connection. Out: impossible sets of TCP flags.

import { OddEvent } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { Flag } from '../../wire/packet.ts';
import type { Findings } from '../findings.ts';

const NAMES = Object.entries(Flag).filter(([name]) => name !== 'RESERVED');

export function oddFlags(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { oddFlags, oddFlagsValue } = side.odd;
    if (oddFlags === 0) continue;
    const flags = NAMES.filter(([, bit]) => (oddFlagsValue & bit) !== 0).map(([name]) => name);
    const place = { ...flow.odd(side, OddEvent.ODD_FLAGS), count: oddFlags };
    found.add('odd_flags', side, place, { segments: oddFlags, flags: flags.join(', ') || 'none at all' });
  }
}
