// In: the facts of a connection. Out: a handshake that took long though nothing was sent again.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** No distance on Earth takes as long: half way round and back in fibre is 0.2 s. Only a geostationary satellite comes near. */
export const SLOW_SECONDS = 0.5;

export function slowHandshake(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  if (opener === null) return;
  const other = flow.other(opener);
  if (!other.sentSynAck || opener.syns > 1 || other.synAcks > 1) return;
  const seconds = flow.irtt;
  if (seconds >= SLOW_SECONDS) found.add('slow_handshake', null, flow.first, { seconds });
}
