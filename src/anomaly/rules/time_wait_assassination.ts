// In: the facts of a connection. Out: a TIME_WAIT that a reset ended.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function timeWaitAssassination(flow: FlowFacts, found: Findings): void {
  for (const side of flow.sides) {
    const { states } = flow.endpoint(side);
    for (let i = 1; i < states.length; i++) {
      const entry = states[i]!;
      const before = states[i - 1]!;
      if (entry.state !== 'CLOSED' || before.state !== 'TIME_WAIT' || !entry.cause?.startsWith('rcv RST')) continue;
      const seconds = (entry.time ?? 0) - (before.time ?? 0);
      found.add('time_wait_assassination', side, { frame: entry.frame ?? 0, time: entry.time }, { seconds });
    }
  }
}
