// In: the facts of a connection. Out: a SYN that was answered by a SYN, whose sender left the SYN-ACK to the opener.

import type { FlowFacts } from '../../tcp/flow-facts.ts';
import type { Findings } from '../findings.ts';

export function splitHandshake(flow: FlowFacts, found: Findings): void {
  const { opener } = flow;
  if (opener === null) return;
  const other = flow.other(opener);
  if (!other.sentSyn || other.sentSynAck || !opener.sentSynAck) return;
  found.add('split_handshake', other, flow.first, {});
}
