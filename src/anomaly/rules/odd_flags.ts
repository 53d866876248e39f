// In: the facts of a connection. Out: impossible sets of TCP flags.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import { Flag } from '../../wire/packet.ts';
import type { Findings } from '../findings.ts';

const NAMES = Object.entries(Flag).filter(([name]) => name !== 'RESERVED');

export function oddFlags(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { oddFlags, oddFlagsFrame, oddFlagsValue } = side.trouble;
    if (oddFlags === 0) continue;
    const flags = NAMES.filter(([, bit]) => (oddFlagsValue & bit) !== 0).map(([name]) => name);
    const place = { frame: oddFlagsFrame, count: oddFlags };
    found.add('odd_flags', side, place, { segments: oddFlags, flags: flags.join(', ') || 'none at all' });
  }
}
