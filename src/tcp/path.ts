// In: the rows of one incarnation, finished. Out: its endpoints' histories as plain objects, and who opened and closed it.

import { type Endpoint, EndpointBit } from './endpoint.ts';
import { EVENTS, Event } from './event.ts';
import type { StateEntry } from './flow-result.ts';
import { EVIDENCE, Evidence, type Histories, Step } from './history.ts';
import { STATES, State } from './state.ts';

export type Opener = 'active' | 'passive' | 'simultaneous' | 'unknown';
export type Closer = 'active' | 'passive' | 'simultaneous' | 'reset' | null;

/** Windows for the walks below: made once, as walks are made some twenty times for each connection. */
const step = new Step();

/** Seconds since the start of the capture, from a row's time. */
export type Since = (seconds: number, nanoseconds: number) => number;

/** The states of `endpoint` in order, the start state first. Times never go back, though what was inferred may be dated so. */
export function stateEntries(histories: Histories, endpoint: Endpoint, since: Since): StateEntry[] {
  const entries: StateEntry[] = [
    { state: STATES[endpoint.start]!, time: null, frame: null, cause: null, evidence: 'assumed' },
  ];
  let latest = Number.NEGATIVE_INFINITY;
  for (let at = endpoint.first; at !== 0; at = step.next) {
    step.moveTo(histories.pool, at - 1);
    if (!step.moved) continue;
    latest = Math.max(latest, since(step.seconds, step.nanoseconds));
    entries.push({
      state: STATES[step.to]!,
      time: latest,
      frame: step.frame === 0 ? null : step.frame,
      cause: EVENTS[step.event],
      evidence: EVIDENCE[step.evidence],
      ...(step.confirmedBy !== 0 && step.evidence === Evidence.INFERRED && { confirmedBy: step.confirmedBy }),
    });
  }
  return entries;
}

/** How `endpoint` took part in opening. */
export function openerOf(endpoint: Endpoint, peer: Endpoint): Opener {
  if ((endpoint.bits & EndpointBit.ACTIVE) !== 0) {
    return (peer.bits & EndpointBit.ACTIVE) !== 0 ? 'simultaneous' : 'active';
  }
  return (endpoint.bits & EndpointBit.PASSIVE) !== 0 ? 'passive' : 'unknown';
}

/** How `endpoint` took part in closing: its part in the FINs, or that its RST ended the connection. */
export function closerOf(histories: Histories, endpoint: Endpoint, peer: Endpoint): Closer {
  if (movedBy(histories, endpoint, Event.SND_RST)) return 'reset';
  const closedFirst = visited(histories, endpoint, State.FIN_WAIT_1);
  if (closedFirst) return visited(histories, peer, State.FIN_WAIT_1) ? 'simultaneous' : 'active';
  return visited(histories, endpoint, State.LAST_ACK) ? 'passive' : null;
}

/** Did the endpoint enter this state? */
export function visited(histories: Histories, endpoint: Endpoint, state: State): boolean {
  for (let at = endpoint.first; at !== 0; at = step.next) {
    step.moveTo(histories.pool, at - 1);
    if (step.moved && step.to === state) return true;
  }
  return false;
}

/** Did this event move the endpoint? */
export function movedBy(histories: Histories, endpoint: Endpoint, event: Event): boolean {
  return histories.find(endpoint, event) && histories.step.moved;
}
