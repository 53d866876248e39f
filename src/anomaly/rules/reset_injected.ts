// In: the facts of a connection. Out: a reset that somebody else probably sent.

import { ResetBit } from '../../tcp/fact-rows.ts';
import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';
import { decidingReset } from '../measures/reset-kind.ts';

/** So few segments may all have taken one path by chance; with more the TTL of an end is known. */
const KNOWN_SEGMENTS = 3;

export function resetInjected(flow: FlowFacts, found: Findings): void {
  const reset = decidingReset(flow);
  if (reset?.kind !== 'injected') return;
  const { side } = reset;
  const { facts, trouble } = side;
  const row = side.reset;
  const low = facts.ttls & 0xff;
  const high = (facts.ttls >> 8) & 0xff;
  const otherTtl = (row.bits & ResetBit.OTHER_TTL) !== 0 && side.analysis.segments - row.count >= KNOWN_SEGMENTS;
  if (!otherTtl && trouble.afterOwnReset === 0) return;
  const usual = low === high ? `${low}` : `${low} to ${high}`;
  const ttl = otherTtl ? `its TTL is ${row.ttl}, the others have ${usual}` : '';
  found.add('reset_injected', side, { frame: row.frame, tick: row.tick }, { ttl, goesOn: trouble.afterOwnReset });
}
