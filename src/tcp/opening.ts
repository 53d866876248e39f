// In: a SYN, a SYN,ACK, or the first segment after them. Out: how far both ends have come in opening the connection.

import { seqAdd, seqAfter, seqAtOrBefore } from '../wire/seq.ts';
import { type Endpoint, EndpointBit } from './endpoint.ts';
import { Event } from './event.ts';
import { Answer, countUnanswered, type Exchange } from './exchange.ts';
import { acknowledgesSyn, answersSyn } from './guards.ts';
import { Evidence } from './history.ts';
import { State } from './state.ts';

export function sendSyn(x: Exchange): void {
  const s = x.s;
  const { histories } = x;
  if ((s.bits & EndpointBit.ISS_KNOWN) === 0 || s.first === 0) {
    x.beginSending(s, x.seq, x.end);
    histories.startFrom(s, State.CLOSED);
    s.bits |= EndpointBit.ACTIVE;
    x.append(s, Event.SND_SYN, Evidence.OBSERVED);
    x.noteControl();
    return;
  }
  if (x.isCopy()) {
    x.note('A copy of the SYN, made by the network: same time stamp or IP identification.');
    return;
  }
  s.bits |= EndpointBit.SYN_AGAIN;
  x.noteControl();
  if (s.state === State.SYN_SENT) {
    countUnanswered(s, x.seconds, x.nanoseconds);
    x.note('The SYN is sent again: it, or its answer, was lost (3.8.1).');
  } else if (histories.findOpen(s, Event.RCV_SYN_ACK) && !x.crosses(s)) {
    histories.hold(s);
    histories.walk(s);
    x.note('The SYN is sent again, so the SYN,ACK seen before has not arrived.');
  } else x.note('An old SYN: its sender has left SYN_SENT. If it arrives it is answered with an ACK (RFC 5961 4.2).');
}

export function sendSynAck(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  if ((r.bits & EndpointBit.ISS_KNOWN) === 0) {
    // The SYN was not captured; its answer shows it.
    x.note('No SYN was captured; this answer shows that there was one.');
    x.beginSending(r, seqAdd(x.ack, -1), x.ack);
    if (r.first === 0) histories.startFrom(r, State.CLOSED);
    r.bits |= EndpointBit.ACTIVE | EndpointBit.SYN_AGAIN;
    x.append(r, Event.SND_SYN, Evidence.INFERRED);
    histories.confirm(r, x.frame);
    histories.walk(r);
  }
  const copy = x.isCopy();
  if (!histories.find(s, Event.SND_SYN_ACK)) {
    if (s.first === 0) {
      histories.startFrom(s, State.LISTEN);
      s.bits |= EndpointBit.PASSIVE;
    }
    if ((s.bits & EndpointBit.ISS_KNOWN) === 0) x.beginSending(s, x.seq, x.end);
    if (seqAfter(x.ack, seqAdd(r.iss, 1))) {
      s.bits |= EndpointBit.FAST_OPEN;
      x.note('It acknowledges data in the SYN: Fast Open (RFC 7413). Data may follow before the handshake has ended.');
    }
    if ((r.bits & EndpointBit.SYN_AGAIN) === 0 && histories.find(r, Event.SND_SYN)) x.measureLoop(s);
    // It answers a SYN, so it had not had the peer's SYN,ACK yet.
    if (histories.find(s, Event.RCV_SYN_ACK) && (histories.step.held || histories.step.open)) x.postpone();
    x.append(s, Event.SND_SYN_ACK, Evidence.OBSERVED);
    x.answer = Answer.ACCEPTED;
  } else if (!copy) {
    s.bits |= EndpointBit.SYN_AGAIN;
    if (s.state === State.SYN_RCVD) countUnanswered(s, x.seconds, x.nanoseconds);
    else if (histories.findOpen(s, Event.RCV_ACK_OF_SYN) || histories.findOpen(s, Event.RCV_SYN_ACK)) {
      // It still waits for the ACK of its SYN. Linux: lost, or ignored because the accept queue is full.
      if (x.crosses(s)) {
        x.postpone();
        x.note('The SYN,ACK again: it crossed the ACK on the way, which takes effect after it.');
      } else {
        x.takeBack(s, r);
        x.note('The SYN,ACK again: the ACK seen before has not taken effect (lost, or the accept queue is full).');
      }
      histories.walk(s);
    }
  }
  x.noteControl();
  if (seqAfter(x.ack, s.rcvNxt) || (s.bits & EndpointBit.RCV_KNOWN) === 0) s.rcvNxt = x.ack;
  s.bits |= EndpointBit.RCV_KNOWN;
  x.repeatPostponed();
  if (
    !answersSyn(r, x.ack) ||
    (r.state !== State.SYN_SENT && r.state !== State.SYN_RCVD && r.state !== State.ESTABLISHED)
  ) {
    return;
  }
  if (!histories.find(r, Event.RCV_SYN_ACK)) {
    if (r.state !== State.ESTABLISHED) x.append(r, Event.RCV_SYN_ACK, Evidence.INFERRED, !x.isSound());
  } else if (histories.step.held) {
    x.dateNow();
    histories.moveToEnd(r);
  } else if (histories.step.open && !copy && !x.crosses(r)) {
    // Sent again and still no word of the receiver: the one before did not arrive, and this one has to be proved.
    histories.hold(r);
    x.dateNow();
    histories.moveToEnd(r);
    x.note('Sent again and not answered: the SYN,ACK before did not arrive, and this one has to be proved.');
  }
}

/** What the sender's segment proves of the handshake: without it, it would not send so. */
export function proveHandshake(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  if (histories.find(s, Event.RCV_SYN_ACK)) {
    if (histories.step.held || histories.step.open) {
      if (histories.step.open && (r.bits & EndpointBit.SYN_AGAIN) === 0) x.measureLoop(s);
      histories.confirm(s, x.frame);
      histories.walk(s);
    }
  } else if (s.state === State.SYN_SENT) {
    if ((r.bits & EndpointBit.ISS_KNOWN) === 0) x.beginSending(r, seqAdd(x.ack, -1), x.ack);
    if (acknowledgesSyn(r, x.ack)) proveSynAckUnseen(x);
  }
  const waits = histories.find(s, Event.RCV_ACK_OF_SYN) && (histories.step.held || histories.step.open);
  if (s.state !== State.SYN_RCVD && !waits) return;
  // Fast Open: data may be sent in SYN_RCVD, so only what acknowledges more than the SYN did is proof.
  if ((s.bits & EndpointBit.FAST_OPEN) !== 0 && seqAtOrBefore(x.ack, s.rcvNxt)) {
    x.note('Sent in SYN_RCVD, as Fast Open allows: no proof that the handshake has ended.');
    return;
  }
  if (!waits) x.append(s, Event.RCV_ACK_OF_SYN, Evidence.INFERRED);
  histories.confirm(s, x.frame);
  s.takenBack = 0;
  histories.walk(s);
  // And the peer must have had the SYN,ACK to acknowledge it.
  if (histories.find(r, Event.RCV_SYN_ACK)) histories.confirm(r, x.frame);
  else if (r.state === State.SYN_SENT) {
    x.append(r, Event.RCV_SYN_ACK, Evidence.INFERRED);
    histories.confirm(r, x.frame);
  }
  histories.walk(r);
}

/** The sender acknowledges a SYN,ACK that is not in the capture. */
function proveSynAckUnseen(x: Exchange): void {
  x.note('No SYN,ACK was captured; this acknowledgment shows that there was one.');
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  if (r.first === 0) {
    histories.startFrom(r, State.LISTEN);
    r.bits |= EndpointBit.PASSIVE | EndpointBit.SYN_AGAIN;
    x.append(r, Event.SND_SYN_ACK, Evidence.INFERRED);
    histories.confirm(r, x.frame);
    histories.walk(r);
  }
  x.append(s, Event.RCV_SYN_ACK, Evidence.INFERRED);
  histories.confirm(s, x.frame);
  histories.walk(s);
}

/** A connection whose start is not in the capture. */
export function meetMidStream(x: Exchange, endpoint: Endpoint): void {
  if (endpoint.state !== State.UNKNOWN || x.histories.find(endpoint, Event.MID_STREAM)) return;
  if ((endpoint.bits & EndpointBit.ISS_KNOWN) !== 0) return;
  const { firstFrame, firstSeconds, firstNanoseconds } = x.incarnation;
  x.histories.prepend(endpoint, Event.MID_STREAM, Evidence.ASSUMED, firstFrame, firstSeconds, firstNanoseconds);
  x.histories.walk(endpoint);
}
