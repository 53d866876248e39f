// In: the facts of a connection. Out: whether an option that the SYN offered is missing from the SYN-ACK.

import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';
import { HandshakeBit } from '../../wire/handshake.ts';

/** The side whose SYN-ACK lacks the option, or null. */
export function declinedBy(flow: FlowFacts, option: number): SideFacts | null {
  const { opener } = flow;
  if (opener === null) return null;
  const other = flow.other(opener);
  if (!other.sentSynAck || other.sentSyn) return null;
  const offered = (opener.facts.handshake & option) !== 0;
  return offered && (other.facts.handshake & option) === 0 ? other : null;
}

export const WINDOW_SCALE = HandshakeBit.WINDOW_SCALE;
export const SACK = HandshakeBit.SACK;
export const TIMESTAMPS = HandshakeBit.TIMESTAMPS;
