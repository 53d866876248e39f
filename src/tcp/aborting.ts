// In: a RST. Out: what it says of its sender, and what it does to its receiver.

import { seqAdd, seqAfter, seqBefore } from '../wire/seq.ts';
import { proveReceipt } from './closing.ts';
import { type Endpoint, EndpointBit } from './endpoint.ts';
import { Event } from './event.ts';
import { Answer, type Exchange, REORDERING } from './exchange.ts';
import {
  acknowledgesSyn,
  answersSyn,
  inWindow,
  isClosed,
  isSynchronized,
  resetIsExact,
  resetIsOwn,
  withinReach,
} from './guards.ts';
import { Evidence, microsecondsBetween } from './history.ts';
import { meetMidStream } from './opening.ts';
import { State } from './state.ts';

/** Microseconds after which an unanswered SYN,ACK has been sent again (RFC 6298 5.7: 1 s; RFC 1122 4.2.3.1: 3 s). */
const SYN_ACK_PATIENCE = 3_500_000;

/** What a RST without ACK says its sender has not taken in. */
const UNPROVED = [Event.RCV_SYN_ACK, Event.RCV_ACK_OF_SYN, Event.RCV_FIN] as const;

export function reset(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  const seq = x.seq;

  if (!x.hasAck && !isClosed(s.state) && x.isPrompt(s, r) && resetIsOwn(s, r, seq)) holdUnproved(x, s);
  histories.walk(s);
  if (s.first === 0 && r.state === State.SYN_SENT) {
    histories.startFrom(s, State.CLOSED);
    x.answer = Answer.REFUSED;
  }
  if (x.hasAck && s.first === 0 && r.first === 0) resetFirst(x);
  // One that answers a SYN has number 0, and acknowledges that SYN.
  if (x.hasAck && isSynchronized(s.state) && withinReach(s, r, seq)) {
    if (acknowledgesSyn(r, x.ack) && histories.findOpen(s, Event.RCV_SYN_ACK)) histories.confirm(s, x.frame);
    proveReceipt(x);
  }
  if (!isClosed(s.state)) {
    if (s.state === State.SYN_SENT ? x.hasAck || answersSyn(s, seq) : resetIsOwn(s, r, seq)) {
      if (x.hasAck) meetMidStream(x, s);
      // An ACK of its FIN that cannot have reached it yet, or had not when what it answers came.
      const early =
        histories.findOpen(s, Event.RCV_ACK_OF_FIN) &&
        !x.echoes(r) &&
        (x.isUnreached(s) || (!x.hasAck && seqBefore(seq, s.finEnd)));
      x.append(s, Event.SND_RST, Evidence.OBSERVED);
      x.repeatPostponed();
      if (early) histories.moveAllToEnd(s, 1 << Event.RCV_ACK_OF_FIN);
    } else if (isSynchronized(s.state) && seqAfter(seq, s.sndNxt) && !histories.find(s, Event.SND_RST)) {
      // Beyond all it has sent: forged, unless the capture missed some of its data. Held until it stays silent to the end.
      x.append(s, Event.SND_RST, Evidence.OBSERVED, true);
      x.note(
        'A RST beyond all its sender has sent: forged, or the capture lacks what came before. It moves its sender only if nothing follows.',
      );
    } else {
      x.note(
        'Its number is none the sender would use now: it answers a segment of another connection (3.10.7.1), or is forged.',
      );
    }
  }

  if (resetIsTaken(x)) {
    const event =
      r.state === State.SYN_RCVD && (r.bits & EndpointBit.ACTIVE) === 0 ? Event.RCV_RST_PASSIVE : Event.RCV_RST;
    if (histories.find(r, event) && histories.step.held) histories.remove(r);
    if (x.isCutOff(s, r))
      x.note('Its receiver has left earlier segments unanswered: that the RST arrives has to be proved.');
    x.append(r, event, Evidence.INFERRED, !x.isSound() || x.isCutOff(s, r));
  } else
    x.note('Its number is not RCV.NXT: in the window it draws a challenge ACK, outside it is ignored (RFC 5961 3.2).');
  x.seen(s);
}

/**
 * A RST without ACK is an answer of who has no connection (RFC 9293 3.10.7.1; an abort of Linux's carries ACK). So what its
 * sender was thought to have received, and never acknowledged, found nobody: a SYN,ACK after the attempt was given up, a
 * third segment at a full queue (tcp_abort_on_overflow), a FIN, or the acknowledgment of one, for an orphan that had timed out.
 * But who had waited for a third segment so long would have sent its SYN,ACK again: it has lost the connection since.
 * Held, not removed: should the RST turn out to be forged, what comes after it proves them.
 */
function holdUnproved(x: Exchange, s: Endpoint): void {
  const { histories } = x;
  for (const event of UNPROVED) {
    if (histories.find(s, event) && histories.step.open) {
      if (event === Event.RCV_ACK_OF_SYN && x.elapsed() > SYN_ACK_PATIENCE) continue;
      histories.hold(s);
      x.note('A RST without ACK answers who has no connection: what it answers had found nobody (3.10.7.1).');
    }
  }
  // Who waits for a FIN does not answer an acknowledgment alone, of which there may be copies; a probe comes much later.
  const { r } = x;
  if (r.sndNxt !== s.rcvNxt || !histories.findOpen(s, Event.RCV_ACK_OF_FIN)) return;
  const { frame, seconds, nanoseconds } = histories.step;
  if (s.lastFrame > frame) return;
  if (microsecondsBetween(seconds, nanoseconds, r.lastSeconds, r.lastNanoseconds) > REORDERING) return;
  histories.hold(s);
  x.note('A RST without ACK answers the acknowledgment of the FIN: there was no connection any more when that came.');
}

/** The capture begins with a RST,ACK. With number 0 it answers a SYN (RFC 9293 3.10.7.1), else it aborts a connection. */
function resetFirst(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  if (x.seq === 0) {
    histories.startFrom(s, State.CLOSED);
    histories.startFrom(r, State.CLOSED);
    r.bits |= EndpointBit.ACTIVE | EndpointBit.SYN_AGAIN;
    x.beginSending(r, seqAdd(x.ack, -1), x.ack);
    x.append(r, Event.SND_SYN, Evidence.INFERRED);
    histories.confirm(r, x.frame);
  } else {
    meetMidStream(x, s);
    meetMidStream(x, r);
    r.sndNxt = x.ack;
    r.bits |= EndpointBit.NXT_KNOWN;
  }
  histories.walk(s);
  histories.walk(r);
}

/** Does the receiver obey this RST, if it arrives? */
function resetIsTaken(x: Exchange): boolean {
  const s = x.s;
  const r = x.r;
  switch (r.state) {
    case State.CLOSED:
    case State.LISTEN:
      return false;
    case State.SYN_SENT:
      return x.hasAck && answersSyn(r, x.ack);
    case State.SYN_RCVD:
      return inWindow(r, x.seq);
    case State.TIME_WAIT:
      return x.seq === r.rcvNxt;
    default:
      return resetIsExact(r, s, x.seq);
  }
}
