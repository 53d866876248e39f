// In: the facts of a connection. Out: the reset that counts, and what kind it is. Each rule about resets takes one kind.

import { ResetBit, TICKS_PER_SECOND } from '../../tcp/fact-rows.ts';
import type { FlowFacts, SideFacts } from '../../tcp/flow-facts.ts';

export type ResetKind =
  | 'stray'
  | 'refused'
  | 'handshake'
  | 'injected'
  | 'ignored'
  | 'after-close'
  | 'idle'
  | 'idle-close'
  | 'late-data'
  | 'after-fin'
  | 'data-lost'
  | 'unanswered'
  | 'aborted';

export interface DecidingReset {
  side: SideFacts;
  kind: ResetKind;
  /** Seconds of silence before the exchange that led to it. */
  idle: number;
}

/** The shortest idle timeouts in use (AWS ELB, nginx 60 s; HAProxy 50 s; many servers 5 to 15 s) leave out what people do while they think. */
export const IDLE_SECONDS = 30;

/** A TLS close_notify has 24 to 85 bytes, "221 Bye" hardly more: farewells that nobody misses. */
const FAREWELL_BYTES = 128;
/** With so many segments the TTL of an end is known; its path may still change by a hop. With fewer it may by a few. */
const KNOWN_SEGMENTS = 3;
const HOPS = 2;
const HOPS_OF_FEW = 5;

/** The first reset of the connection that its receiver had to obey, else the first of all; null without one. */
export function decidingReset(flow: FlowFacts): DecidingReset | null {
  const [a, b] = flow.sides;
  if (a.reset.count === 0 && b.reset.count === 0) return null;
  const side = a.reset.count === 0 ? b : b.reset.count === 0 ? a : precedes(b, a) ? b : a;
  return { side, kind: kindOf(flow, side), idle: side.reset.idle / TICKS_PER_SECOND };
}

/** `b`'s reset counts before `a`'s. */
function precedes(b: SideFacts, a: SideFacts): boolean {
  const ignorable = ResetBit.IN_WINDOW | ResetBit.OUTSIDE;
  const aCounts = (a.reset.bits & ignorable) === 0;
  const bCounts = (b.reset.bits & ignorable) === 0;
  return aCounts === bCounts ? b.reset.frame < a.reset.frame : bCounts;
}

function kindOf(flow: FlowFacts, side: SideFacts): ResetKind {
  const { bits, idle, loses, losesPeer, unanswered, count, ignorable } = side.reset;
  if (flow.flow.segments <= count + flow.other(side).reset.count) return 'stray';
  if ((bits & ResetBit.REFUSES) !== 0) return 'refused';
  if ((bits & (ResetBit.OPENER | ResetBit.RESPONDER)) !== 0) return 'handshake';
  if (side.odd.afterOwnReset > 0 || isFromElsewhere(side)) return 'injected';
  if ((bits & ResetBit.AFTER_CLOSE) !== 0) return 'after-close';
  if ((bits & ResetBit.AFTER_OWN_FIN) !== 0 && (bits & ResetBit.LATE_DATA) !== 0) {
    return losesPeer > FAREWELL_BYTES ? 'late-data' : 'after-fin';
  }
  if ((bits & (ResetBit.AFTER_OWN_FIN | ResetBit.AFTER_PEER_FIN)) !== 0) return 'after-fin';
  if (ignorable === count) return 'ignored';
  if (idle / TICKS_PER_SECOND >= IDLE_SECONDS) return (bits & ResetBit.BREAKS_SILENCE) !== 0 ? 'idle-close' : 'idle';
  // A client that goes away never answers what the server sent last; a server that does so has not done its work.
  if (unanswered > 0 && flow.opener !== null && flow.opener !== side) return 'unanswered';
  return loses > FAREWELL_BYTES ? 'data-lost' : 'aborted';
}

/** Its TTL is another than all other segments of this end have: it started elsewhere. */
export function isFromElsewhere(side: SideFacts): boolean {
  const { reset, facts } = side;
  if ((reset.bits & ResetBit.OTHER_TTL) === 0) return false;
  const low = facts.ttls & 0xff;
  const high = (facts.ttls >> 8) & 0xff;
  const hops = reset.ttl < low ? low - reset.ttl : reset.ttl - high;
  return hops >= (side.analysis.segments - reset.count >= KNOWN_SEGMENTS ? HOPS : HOPS_OF_FEW);
}
