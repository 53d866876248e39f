// In: the facts of a connection. Out: a handshake that took long though nothing was sent again.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

/** The first retransmission timer (RFC 6298 2.1): a handshake must be quicker, or the SYN is sent again for nothing. */
export const SLOW_SECONDS = 1;

export function slowHandshake(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  if (opener === null) return;
  const other = flow.other(opener);
  if (!other.sentSynAck || opener.syns > 1 || other.synAcks > 1) return;
  const seconds = flow.irtt;
  if (seconds >= SLOW_SECONDS) found.add('slow_handshake', null, flow.first, { seconds });
}
