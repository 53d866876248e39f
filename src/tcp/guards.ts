// In: an endpoint, its peer, and a segment's numbers. Out: the questions the table leaves open, each a named predicate.
//
// An observer knows an endpoint's variables only as far as its segments showed them when they passed. RCV.NXT in particular
// may be ahead of what its latest acknowledgment said, up to all the peer has sent.

import {
  seqAdd,
  seqAfter,
  seqAtOrAfter,
  seqAtOrBefore,
  seqBefore,
  seqDistance,
  seqInWindow,
  seqRelative,
} from '../wire/seq.ts';
import { type Endpoint, EndpointBit, SHIFT_UNKNOWN } from './endpoint.ts';
import { State } from './state.ts';

/** Beyond this no segment of a living connection lies: half of what a window can be (RFC 7323 2.3). */
export const FAR = 1 << 29;
/** What a sender may be ahead of the window the observer knows, for want of some captured segments. */
const WINDOW_SLACK = 1 << 20;

/** Is this an acknowledgment of `endpoint`'s SYN: ISS < SEG.ACK =< SND.NXT (RFC 9293 3.10.7.3)? */
export function acknowledgesSyn(endpoint: Endpoint, ack: number): boolean {
  return (
    (endpoint.bits & EndpointBit.ISS_KNOWN) !== 0 && seqAfter(ack, endpoint.iss) && seqDistance(endpoint.iss, ack) < FAR
  );
}

/** As `acknowledgesSyn`, for an endpoint that has sent nothing but its SYN: nothing beyond can be acknowledged. */
export function answersSyn(endpoint: Endpoint, ack: number): boolean {
  return acknowledgesSyn(endpoint, ack) && seqAtOrBefore(ack, endpoint.sndNxt);
}

/** Is this an acknowledgment of `endpoint`'s FIN? */
export function acknowledgesFin(endpoint: Endpoint, ack: number): boolean {
  return (
    (endpoint.bits & EndpointBit.FIN_KNOWN) !== 0 &&
    seqAtOrAfter(ack, endpoint.finEnd) &&
    seqDistance(endpoint.finEnd, ack) < FAR
  );
}

/**
 * Would `receiver` take this RST as one at RCV.NXT (RFC 9293 3.10.7.4, RFC 5961 3.2)? RCV.NXT is at least what it has
 * acknowledged and at most what its peer has sent. After a FIN Linux takes RCV.NXT - 1 as well: the RST that answers data
 * is numbered by that data's acknowledgment, which may be from before the FIN.
 */
export function resetIsExact(receiver: Endpoint, sender: Endpoint, seq: number): boolean {
  if ((receiver.bits & EndpointBit.RCV_KNOWN) === 0) {
    return (sender.bits & EndpointBit.NXT_KNOWN) === 0 || seq === sender.sndNxt;
  }
  const { rcvNxt } = receiver;
  if (seq === rcvNxt) return true;
  if ((sender.bits & EndpointBit.FIN_KNOWN) !== 0 && seq === seqAdd(sender.finEnd, -1)) return true;
  return (sender.bits & EndpointBit.NXT_KNOWN) !== 0 && seqAfter(seq, rcvNxt) && seqAtOrBefore(seq, sender.sndNxt);
}

/** Is `seq` in the receive window of `receiver`, as far as it is known? */
export function inWindow(receiver: Endpoint, seq: number): boolean {
  return (receiver.bits & EndpointBit.RCV_KNOWN) === 0 || seqInWindow(seq, receiver.rcvNxt, windowOf(receiver));
}

/**
 * Can `sender` itself have sent a RST with this number? A RST of its own accord bears SND.NXT, one that answers a segment
 * bears that segment's acknowledgment (RFC 9293 3.10.7.1): at least what the peer has acknowledged, at most SND.NXT.
 */
export function resetIsOwn(sender: Endpoint, receiver: Endpoint, seq: number): boolean {
  if ((sender.bits & EndpointBit.NXT_KNOWN) === 0) return true;
  if (seqAfter(seq, sender.sndNxt)) return false;
  if ((receiver.bits & EndpointBit.RCV_KNOWN) === 0) return true;
  return seqAtOrAfter(seq, receiver.rcvNxt) || seq === seqAdd(receiver.rcvNxt, -1);
}

/** Is this segment an old duplicate by its time stamp (PAWS, RFC 7323 5)? */
export function failsPaws(sender: Endpoint, tsVal: number): boolean {
  return (sender.bits & EndpointBit.TS_KNOWN) !== 0 && seqBefore(tsVal, sender.tsRecent);
}

/** May `sender` have this many numbers out: is `end` not beyond what its peer's window ever allowed? */
export function withinReach(sender: Endpoint, receiver: Endpoint, end: number): boolean {
  if ((sender.bits & EndpointBit.NXT_KNOWN) === 0) return true;
  if (seqAtOrBefore(end, sender.sndNxt)) return seqDistance(end, sender.sndNxt) < FAR;
  if ((receiver.bits & EndpointBit.RCV_KNOWN) === 0) return seqDistance(sender.sndNxt, end) < FAR;
  return seqDistance(receiver.rcvNxt, end) <= windowOf(receiver) + WINDOW_SLACK;
}

/** Its window in bytes; the largest there is where its scale is not known. */
export function windowOf(endpoint: Endpoint): number {
  return endpoint.shift === SHIFT_UNKNOWN ? FAR : Math.max(endpoint.window, 0xffff);
}

/** Is the endpoint in a state in which it has a connection: sequence numbers agreed, not closed? */
export function isSynchronized(state: number): boolean {
  return state >= State.ESTABLISHED;
}

/** Done: no segment can move it on any more. */
export function isClosed(state: number): boolean {
  return state === State.CLOSED || state === State.LISTEN;
}

/**
 * How well a segment fits an incarnation: 0 not at all, else the more the better. `sender` and `receiver` are the
 * incarnation's endpoints; `hasAck` and `ack` the segment's.
 */
export function fitOf(sender: Endpoint, receiver: Endpoint, seq: number, hasAck: boolean, ack: number): number {
  if ((sender.bits & EndpointBit.NXT_KNOWN) === 0) return 0;
  let fit = 1;
  if (seq === sender.sndNxt) fit = 3;
  else {
    if (seqRelative(seqAdd(seq, FAR), sender.sndNxt) > 2 * FAR) return 0;
    if ((sender.bits & EndpointBit.ISS_KNOWN) !== 0 && seqAtOrBefore(seq, sender.iss)) return 0;
    if (!withinReach(sender, receiver, seq)) return 0;
  }
  if (!hasAck) return fit;
  if ((receiver.bits & EndpointBit.NXT_KNOWN) === 0) return fit;
  if (ack === receiver.sndNxt) return fit + 3;
  if ((receiver.bits & EndpointBit.ISS_KNOWN) !== 0 && seqAtOrBefore(ack, receiver.iss)) return 0;
  return withinReach(receiver, sender, ack) ? fit + 1 : 0;
}
