// In: the history of one endpoint. Out: its stays: which state it was in from when until when.
//
//   history   CLOSED   SYN_SENT      ESTABLISHED          FIN_WAIT_1  TIME_WAIT            (2MSL) CLOSED
//   time      null     0.0           0.1                  7.2         7.3                  67.3
//   stays              [SYN_SENT  )  [ESTABLISHED      )  [FW1     )  [TIME_WAIT        )
//
// A stay holds its first moment and not its last: at the moment of a change `ss` would have shown the new state.

import type { FlowResult, StateEntry } from '../tcp/flow-result.ts';
import type { StateName } from '../tcp/state.ts';
import { givesUpAt } from './give-up.ts';
import type { SendQueue, SendQueues } from './send-queues.ts';
import type { TimeWaitLengths } from './time-wait.ts';

export const NANOSECONDS = 1e9;

/** What ended a stay. */
export const StayEnd = {
  /** Nothing did: it lasts as long as the capture, and beyond. */
  NONE: 0,
  /** 2MSL or another timer. */
  TIMER: 1,
  /** A segment, sent or received. */
  SEGMENT: 2,
  /** Silence: it stopped retransmitting, so it has given up (give-up.ts). */
  GIVEN_UP: 3,
} as const;
export type StayEnd = (typeof StayEnd)[keyof typeof StayEnd];

export interface Stay {
  state: StateName;
  /** Nanoseconds since the capture's start; whole numbers. */
  from: number;
  /** Exclusive; Infinity where nothing ended it. What a timer ends may end behind the capture's end. */
  to: number;
  end: StayEnd;
  /** When 2MSL would have ended it; Infinity in other states. */
  expires: number;
  /** How the state was entered, and what came next; null where nothing did, or 2MSL ended it. */
  entry: StateEntry;
  ended: StateEntry | null;
}

/** Seconds as printed, in whole nanoseconds. */
export function toNanoseconds(seconds: number): number {
  return Math.round(seconds * NANOSECONDS);
}

/**
 * CLOSED is no socket, and LISTEN is the listener's, not this connection's. Both end a stay and begin none.
 */
export function isOccupied(state: StateName): boolean {
  return state !== 'CLOSED' && state !== 'LISTEN';
}

/**
 * The stays of endpoint `index`, in order. States left at the moment they were entered (one segment led through them) are
 * left out: no one could have seen them.
 *
 * @param timeWait how long TIME_WAIT lasts at which host; the history must have been made with `timeWait.longest()`.
 * @param queues when each end last sent an acknowledgment; without it a TIME_WAIT is never restarted.
 */
export function staysOf(flow: FlowResult, index: 0 | 1, timeWait: TimeWaitLengths, queues?: SendQueues): Stay[] {
  const endpoint = flow.endpoints[index];
  const stays: Stay[] = [];
  const start = toNanoseconds(flow.start);
  let before = start;
  for (const [i, entry] of endpoint.states.entries()) {
    // Merged captures may carry a clock that steps back: a stay is never negative.
    const from = entry.time === null ? start : Math.max(before, toNanoseconds(entry.time));
    before = from;
    if (!isOccupied(entry.state)) continue;
    const next = endpoint.states[i + 1];
    const stay: Stay = {
      state: entry.state,
      from,
      to: next === undefined ? Infinity : Math.max(from, toNanoseconds(next.time ?? flow.start)),
      end: next === undefined ? StayEnd.NONE : next.evidence === 'timer' ? StayEnd.TIMER : StayEnd.SEGMENT,
      expires: Infinity,
      entry,
      ended: next ?? null,
    };
    if (entry.state === 'TIME_WAIT') {
      const queue = queues?.of(flow.stream, endpoint.addr, endpoint.port) ?? null;
      endTimeWait(stay, timeWait.at(endpoint.addr), queue);
    }
    if (next === undefined) giveUp(stay, flow, index);
    if (stay.to > stay.from) stays.push(stay);
  }
  return stays;
}

/** The stays of both endpoints. */
export function bothStays(flow: FlowResult, timeWait: TimeWaitLengths, queues?: SendQueues): [Stay[], Stay[]] {
  return [staysOf(flow, 0, timeWait, queues), staysOf(flow, 1, timeWait, queues)];
}

/** Ends a stay that lasts although the endpoint has stopped retransmitting. */
function giveUp(stay: Stay, flow: FlowResult, index: 0 | 1): void {
  const [endpoint, peer] = [flow.endpoints[index], flow.endpoints[1 - index]!];
  // Segments of another stream may belong to this connection as well: its history then goes on behind its own last frame.
  const heard = Math.max(stay.from, toNanoseconds(flow.end));
  const givenUp = givesUpAt(stay.state, endpoint, peer, stay.from, heard);
  if (givenUp >= stay.to) return;
  stay.to = givenUp;
  stay.end = StayEnd.GIVEN_UP;
}

/**
 * 2MSL ends TIME_WAIT (RFC 9293 3.10.8), unless a segment did so before. A FIN that comes again is acknowledged again, and
 * starts the 2MSL anew (3.10.7.4, eighth step); the first acknowledgment is that of the FIN which led into TIME_WAIT.
 */
function endTimeWait(stay: Stay, seconds: number, queue: SendQueue | null): void {
  // What ended the history's own timer says nothing where this host's is another.
  if (stay.end === StayEnd.TIMER) {
    stay.to = Infinity;
    stay.end = StayEnd.NONE;
  }
  const lastAck = queue?.lastAck ?? -1;
  const isAgain = stay.entry.cause !== 'rcv FIN' || (queue?.ackBefore ?? -1) >= stay.from;
  const isRestarted = isAgain && stay.from < lastAck && lastAck < stay.to;
  stay.expires = (isRestarted ? lastAck : stay.from) + toNanoseconds(seconds);
  if (stay.expires > stay.to) return;
  stay.to = stay.expires;
  stay.end = StayEnd.TIMER;
  stay.ended = null;
}
