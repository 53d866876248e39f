// In: the facts of a connection. Out: a reset that somebody else probably sent.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset, isFromElsewhere } from '../measures/reset-kind.ts';

export function resetInjected(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'injected') return;
  const { side } = reset;
  const low = side.facts.ttls & 0xff;
  const high = (side.facts.ttls >> 8) & 0xff;
  const usual = low === high ? `${low}` : `${low} to ${high}`;
  const otherTtl = isFromElsewhere(side);
  const ttl = otherTtl ? `its TTL is ${side.reset.ttl}, the others have ${usual}` : '';
  found.add('reset_injected', side, flow.reset(side), { ttl, goesOn: side.odd.afterOwnReset });
}
