// In: the facts of a connection. Out: what of the capture's quality makes findings about it less sure, as a Doubt set.

import { FactBit, FlowBit } from '../tcp/fact-rows.ts';
import type { FlowFacts } from '../tcp/flow-facts.ts';
import { seqDistance } from '../wire/seq.ts';
import { Doubt } from './entry.ts';

/** One copied frame may be the network's own duplicate; several are the capture's. */
const COPIES_OF_A_CAPTURE = 3;

export function doubtsOf(flow: FlowFacts): number {
  const [a, b] = flow.sides;
  let doubts = 0;
  if (a.trouble.missingBytes > 0 || b.trouble.missingBytes > 0) doubts |= Doubt.MISSING;
  const isBackwards = (flow.facts.bits & FlowBit.BACKWARDS) !== 0;
  if (a.trouble.lateBytes > 0 || b.trouble.lateBytes > 0 || isBackwards) doubts |= Doubt.ORDER;
  if (a.odd.copies + b.odd.copies >= COPIES_OF_A_CAPTURE) doubts |= Doubt.COPIES;
  if (a.odd.oversizedJoined > 0 || b.odd.oversizedJoined > 0) doubts |= Doubt.JOINED;
  if (isOneSided(flow)) doubts |= Doubt.ONE_SIDED;
  if (!a.sentSyn && !b.sentSyn) doubts |= Doubt.MIDSTREAM;
  if (isOldConnectionGoingOn(flow)) doubts |= Doubt.FOREIGN;
  return doubts;
}

/** One end's segments were captured alone, though they show that the other end answers. */
export function isOneSided(flow: FlowFacts): boolean {
  const [a, b] = flow.sides;
  if (a.analysis.segments > 0 === b.analysis.segments > 0) return false;
  const [seen, unseen] = a.analysis.segments > 0 ? [a, b] : [b, a];
  if (!unseen.has(FactBit.ACKED)) return false;
  // Whoever completes a handshake got its SYN-ACK; who acknowledges ever more got data. A lone FIN or keep-alive shows nothing.
  return seen.sentSyn || seqDistance(unseen.analysis.base, unseen.facts.acked) > 1;
}

/** A stray or forged SYN began this stream, and it is the connection before that goes on in it. */
export function isOldConnectionGoingOn(flow: FlowFacts): boolean {
  if ((flow.facts.bits & FlowBit.REUSED_OPEN) === 0) return false;
  const [a, b] = flow.sides;
  if (a.synAcks + b.synAcks > 0) return false;
  return a.analysis.segments + b.analysis.segments > a.syns + b.syns + a.reset.count + b.reset.count;
}
