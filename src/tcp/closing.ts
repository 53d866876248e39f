// In: data, acknowledgments and FINs. Out: how far both ends have come in closing the connection.
//
// A FIN that was seen need not have arrived. Its receiver's acknowledgments decide: what covers the FIN proves it; what was
// sent later and does not cover it puts the arrival off; a FIN sent again, unanswered, takes it back.

import { seqAdd, seqAfter, seqAtOrAfter, seqAtOrBefore, seqBefore, seqDistance } from '../wire/seq.ts';
import { type Endpoint, EndpointBit } from './endpoint.ts';
import { Event } from './event.ts';
import { CROSSING_UNKNOWN, type Exchange, voidChecksums } from './exchange.ts';
import { acknowledgesFin, acknowledgesSyn, failsPaws, isSynchronized, withinReach } from './guards.ts';
import { Evidence, type Histories } from './history.ts';
import { meetMidStream } from './opening.ts';
import { State } from './state.ts';

/**
 * A FIN that is not covered by what its receiver sends later has not arrived: after so many loops, and microseconds, since it
 * passed. Before that the two may have crossed.
 */
const UNCOVERED_LOOPS = 1.25;
const UNCOVERED_SLACK = 3000;

/** What the sender's acknowledgment proves of what it has received; and what it shows not to have come yet. */
export function proveReceipt(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  const ack = x.ack;
  if (!x.isSound()) {
    x.note('The checksum is wrong: damaged on the way, so its numbers prove nothing and its receiver drops it.');
    if (!acknowledgesFin(r, ack)) putOffFin(x);
    return;
  }
  if (!withinReach(r, s, ack)) {
    x.note('SEG.ACK acknowledges what cannot have been sent: ignored, perhaps answered with an ACK (3.10.7.4).');
    return;
  }
  if (acknowledgesFin(r, ack)) {
    if (histories.find(r, Event.SND_FIN) && histories.step.held) {
      histories.accept(r);
      histories.walk(r);
    }
    if (!histories.find(s, Event.RCV_FIN)) x.append(s, Event.RCV_FIN, Evidence.INFERRED);
    else if (histories.step.held) chooseFin(x);
    if (histories.step.held || histories.step.open) histories.confirm(s, x.frame);
    // The peer's FIN brought the ACK of ours, if it had ours by then.
    if (finIsAcknowledged(s, r) && isAfterItsPeersFin(histories, r) && histories.findOpen(s, Event.RCV_ACK_OF_FIN)) {
      histories.confirm(s, x.frame);
    }
    histories.walk(s);
  } else putOffFin(x);
  if (seqAfter(ack, r.sndNxt) && (r.bits & EndpointBit.NXT_KNOWN) !== 0) noteUnseen(x);
  if ((r.bits & EndpointBit.NXT_KNOWN) === 0) {
    r.sndNxt = ack;
    r.bits |= EndpointBit.NXT_KNOWN;
  }
  if ((s.bits & EndpointBit.RCV_KNOWN) === 0 || seqAfter(ack, s.rcvNxt)) {
    s.rcvNxt = ack;
    s.takenBack = 0;
    x.progresses = true;
  } else if (ack === r.sndNxt) x.progresses = true;
  s.bits |= EndpointBit.RCV_KNOWN;
  if ((r.bits & EndpointBit.DAMAGED) !== 0 && seqAtOrAfter(ack, r.damagedEnd)) voidChecksums(r);
}

/** The sender does not acknowledge the FIN its peer has sent: that one had not come when this segment was sent. */
function putOffFin(x: Exchange): void {
  const { s, r, histories } = x;
  if ((r.bits & EndpointBit.FIN_KNOWN) === 0 || x.isStale) return;
  // A copy of its own FIN says what it knew when it sent that one.
  if (x.isFin && (s.bits & EndpointBit.FIN_KNOWN) !== 0 && x.isCopy()) return;
  if (!histories.find(s, Event.RCV_FIN) || !(histories.step.held || histories.step.open)) return;
  const patience = s.loop * UNCOVERED_LOOPS + (s.loop === 0 ? CROSSING_UNKNOWN : UNCOVERED_SLACK);
  if (histories.step.open && x.elapsed() > patience) histories.hold(s);
  x.postpone();
  if (histories.findOpen(s, Event.RCV_ACK_OF_FIN) && x.isUnreached(s)) x.postpone();
  x.note('It does not acknowledge the FIN seen before: that one arrives later, or behind a gap, or never.');
  histories.walk(s);
}

/**
 * Copies of the receiver's FIN were seen, and the sender acknowledges one of them: the latest, unless its time stamp echo
 * is older. TS.Recent is taken from the segment that was next in order (RFC 7323 4.3), here the FIN that arrived; so an
 * older echo means that an earlier copy had come, and that only its acknowledgment was lost.
 */
function chooseFin(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  const latest = histories.step.index;
  if (!histories.findFirst(s, Event.RCV_FIN) || histories.step.index === latest) return;
  const packet = x.packet;
  const early =
    packet.hasTimestamps &&
    (r.bits & EndpointBit.CONTROL_TS) !== 0 &&
    s.rcvNxt === r.controlSeq &&
    seqBefore(packet.tsEcr, r.controlTs);
  const first = histories.step.index;
  x.note(
    early
      ? 'Its time stamp echo is older than the latest FIN: an earlier copy had arrived, and its acknowledgment was lost.'
      : 'The FIN was seen more than once; the latest copy is the one that arrived.',
  );
  histories.step.moveTo(histories.pool, early ? latest : first);
  histories.remove(s);
  histories.step.moveTo(histories.pool, early ? first : latest);
}

/** The peer's numbers go further than what was captured of it: loss in the capture. One number may be its FIN. */
function noteUnseen(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  if ((r.bits & EndpointBit.FIN_CANDIDATE) !== 0) dropFin(x, r, s);
  const unseen = seqDistance(r.sndNxt, x.ack);
  r.sndNxt = x.ack;
  if (r.first === 0) meetMidStream(x, r);
  x.note(`It acknowledges ${unseen} number${unseen === 1 ? '' : 's'} that nobody saw sent: loss in the capture.`);
  if (unseen !== 1 || (r.bits & EndpointBit.FIN_KNOWN) !== 0 || !isSynchronized(r.state)) return;
  r.bits |= EndpointBit.FIN_CANDIDATE;
  r.finEnd = x.ack;
  x.append(r, Event.SND_FIN, Evidence.INFERRED, true);
  x.append(r, Event.RCV_ACK_OF_FIN, Evidence.INFERRED, true);
  x.append(s, Event.RCV_FIN, Evidence.INFERRED, true);
  histories.walk(r);
}

/**
 * The sender has skipped one number that nobody saw: it has sent a FIN the capture lacks, before this segment and so
 * before anything that this segment is the first to acknowledge.
 */
export function noteSkipped(x: Exchange): void {
  const s = x.s;
  const { histories } = x;
  if ((s.bits & (EndpointBit.FIN_KNOWN | EndpointBit.FIN_CANDIDATE)) !== 0) return;
  if ((s.bits & EndpointBit.NXT_KNOWN) === 0 || !isSynchronized(s.state)) return;
  s.bits |= EndpointBit.FIN_CANDIDATE;
  s.finEnd = x.seq;
  x.append(s, Event.SND_FIN, Evidence.INFERRED, true);
  if (histories.findOpen(s, Event.RCV_FIN)) histories.moveToEnd(s);
}

/** What this segment's acknowledgment does to the receiver, if it arrives. */
export function acknowledge(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const ack = x.ack;
  const current = !x.packet.hasTimestamps || !failsPaws(s, x.packet.tsVal);
  if (r.state === State.SYN_RCVD && acknowledgesSyn(r, ack) && current) arrive(x, r, Event.RCV_ACK_OF_SYN);
  if (!acknowledgesFin(r, ack)) return;
  if ((s.bits & EndpointBit.FIN_CANDIDATE) !== 0 && x.length === 0 && x.seq === s.finEnd) adoptFin(x, s, r);
  if (current) arrive(x, r, Event.RCV_ACK_OF_FIN);
  else x.note('Its time stamp is older than what has arrived: PAWS (RFC 7323 5) drops it.');
}

/** An acknowledgment reaches the receiver, if it does; a damaged one is held. */
function arrive(x: Exchange, receiver: Endpoint, event: Event): void {
  const { histories } = x;
  if (!histories.find(receiver, event)) {
    // After two that did not arrive, the next one has to be proved.
    x.append(receiver, event, Evidence.INFERRED, !x.isSound() || receiver.takenBack > 1);
  } else if (histories.step.held && x.isSound() && receiver.takenBack <= 1) {
    histories.accept(receiver);
    x.dateNow();
    histories.moveToEnd(receiver);
  }
  histories.walk(receiver);
}

/** Has `receiver` acknowledged the FIN of `sender`? Not as long as nothing is known of what it has received. */
function finIsAcknowledged(sender: Endpoint, receiver: Endpoint): boolean {
  return (receiver.bits & EndpointBit.RCV_KNOWN) !== 0 && acknowledgesFin(sender, receiver.rcvNxt);
}

export function carryData(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  const dataEnd = x.isFin ? seqAdd(x.end, -1) : x.end;
  if ((s.bits & EndpointBit.FIN_CANDIDATE) !== 0 && seqAtOrAfter(dataEnd, s.finEnd)) dropFin(x, s, r);
  // Nothing follows a FIN: with data beyond it, it was not the sender's.
  if ((s.bits & EndpointBit.FIN_KNOWN) !== 0 && seqAtOrAfter(dataEnd, s.finEnd) && !finIsAcknowledged(s, r)) {
    x.note("Data where the FIN was: the FIN seen before was not this endpoint's own.");
    dropFin(x, s, r);
  }
  if ((s.bits & EndpointBit.NXT_KNOWN) !== 0 && seqAfter(x.seq, s.sndNxt)) {
    s.bits |= EndpointBit.GAP;
    s.gap = x.seq;
  }
  // Data that fills the hole in front of a FIN is what lets the FIN take effect.
  if (
    (s.bits & EndpointBit.FIN_KNOWN) !== 0 &&
    !x.isFin &&
    (r.bits & EndpointBit.RCV_KNOWN) !== 0 &&
    seqAtOrBefore(x.seq, r.rcvNxt) &&
    seqAfter(x.end, r.rcvNxt) &&
    histories.find(r, Event.RCV_FIN) &&
    (histories.step.held || histories.step.open)
  ) {
    x.dateNow();
    histories.moveToEnd(r);
    histories.walk(r);
    x.note('It fills the gap in front of the FIN, which takes effect with it.');
  }
}

export function sendFin(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  const known = (s.bits & EndpointBit.FIN_KNOWN) !== 0;
  if (known && x.end === s.finEnd) {
    repeatFin(x);
    return;
  }
  if (known && finIsAcknowledged(s, r)) return;
  if (x.isForeignFin) {
    x.note('A FIN before what its sender has sent since, and its peer acknowledged: forged.');
    return;
  }
  if ((s.bits & EndpointBit.FIN_CANDIDATE) !== 0 && x.end === s.finEnd) {
    // The FIN that was missed comes again.
    adoptFin(x, s, r);
    repeatFin(x);
    return;
  }
  const old = x.packet.hasTimestamps && failsPaws(s, x.packet.tsVal);
  // Beyond all it has sent, or old: perhaps not its own. What the peer acknowledges, or the FIN itself again, will show.
  const doubtful = old || ((s.bits & EndpointBit.NXT_KNOWN) !== 0 && seqAfter(x.seq, s.sndNxt));
  if (known && doubtful) return;
  if (known || (s.bits & EndpointBit.FIN_CANDIDATE) !== 0) dropFin(x, s, r);
  const mayMiss = (s.bits & EndpointBit.GAP) !== 0 && (r.bits & EndpointBit.RCV_KNOWN) !== 0;
  const inOrder = !mayMiss || seqAtOrAfter(r.rcvNxt, s.gap);
  s.finEnd = x.end;
  s.bits |= EndpointBit.FIN_KNOWN;
  if (doubtful) x.end = x.seq;
  x.append(s, Event.SND_FIN, Evidence.OBSERVED, doubtful);
  histories.walk(s);
  x.noteControl();
  if (old) x.note('Its time stamp is older than what has arrived: PAWS (RFC 7323 5) drops it; perhaps it is forged.');
  else if (doubtful) x.note('A FIN beyond all its sender has sent: forged, or the capture lacks what came before.');
  else if (!inOrder) x.note('Data before the FIN is missing: it takes effect when the gap is filled.');
  else if (x.isCutOff(s, r))
    x.note('Its receiver has left earlier segments unanswered: that this one arrives has to be proved.');
  x.append(r, Event.RCV_FIN, Evidence.INFERRED, doubtful || !inOrder || !x.isSound() || x.isCutOff(s, r));
}

/** The FIN once more: it, or its acknowledgment, was lost; or the network made a copy. */
function repeatFin(x: Exchange): void {
  const s = x.s;
  const r = x.r;
  const { histories } = x;
  if (x.isCopy()) {
    x.note('A copy of the FIN, made by the network: same time stamp or IP identification.');
    return;
  }
  x.noteControl();
  if (histories.find(s, Event.SND_FIN) && histories.step.held) {
    histories.accept(s);
    x.dateNow();
  }
  if (histories.findOpen(s, Event.RCV_ACK_OF_FIN) && !x.crosses(s)) {
    x.takeBack(s, r);
    x.note('The FIN is sent again: the acknowledgment seen before has not arrived.');
  }
  histories.walk(s);
  if (histories.find(r, Event.RCV_FIN) && (histories.step.held || (histories.step.open && !x.crosses(r)))) {
    x.note(
      'The FIN is sent again and was not acknowledged: the copy before did not arrive, and this one has to be proved.',
    );
    // Either did not arrive, as it seems. The first and the latest copy are kept, held, until one is acknowledged.
    histories.hold(r);
    const latest = histories.step.index;
    if (histories.findFirst(r, Event.RCV_FIN) && histories.step.index !== latest) {
      histories.step.moveTo(histories.pool, latest);
      x.dateNow();
      histories.moveToEnd(r);
    } else x.append(r, Event.RCV_FIN, Evidence.INFERRED, true);
    histories.walk(r);
  }
}

/** The FIN of `sender` was not one, or not its own: both ends forget it. */
function dropFin(x: Exchange, sender: Endpoint, receiver: Endpoint): void {
  const { histories } = x;
  sender.bits &= ~(EndpointBit.FIN_KNOWN | EndpointBit.FIN_CANDIDATE);
  if (histories.find(sender, Event.SND_FIN)) histories.remove(sender);
  if (histories.find(sender, Event.RCV_ACK_OF_FIN)) histories.remove(sender);
  while (histories.find(receiver, Event.RCV_FIN)) histories.remove(receiver);
  histories.walk(sender);
  histories.walk(receiver);
}

/** The FIN nobody captured is taken for real. */
export function adoptFin(x: Exchange, sender: Endpoint, receiver: Endpoint): void {
  const { histories } = x;
  sender.bits = (sender.bits & ~EndpointBit.FIN_CANDIDATE) | EndpointBit.FIN_KNOWN;
  if (histories.find(sender, Event.SND_FIN)) histories.accept(sender);
  if (histories.find(sender, Event.RCV_ACK_OF_FIN)) histories.accept(sender);
  if (histories.find(receiver, Event.RCV_FIN)) {
    histories.accept(receiver);
    // Of the one captured direction only: the FIN will have brought the acknowledgment that was not captured either.
    if (
      (sender.bits & EndpointBit.SEEN) === 0 &&
      !histories.find(receiver, Event.RCV_ACK_OF_FIN) &&
      isClosing(x, receiver) &&
      histories.find(receiver, Event.RCV_FIN)
    ) {
      const { frame, seconds, nanoseconds } = histories.step;
      histories.append(receiver, Event.RCV_ACK_OF_FIN, Evidence.INFERRED, frame, seconds, nanoseconds);
      histories.find(receiver, Event.RCV_FIN);
      histories.moveToEnd(receiver);
    }
  }
  histories.walk(sender);
  histories.walk(receiver);
}

function isClosing(x: Exchange, endpoint: Endpoint): boolean {
  x.histories.walk(endpoint);
  return endpoint.state === State.CLOSING;
}

/** Had this endpoint received its peer's FIN before it sent its own? */
function isAfterItsPeersFin(histories: Histories, endpoint: Endpoint): boolean {
  return (
    endpoint.state === State.LAST_ACK || (endpoint.state === State.CLOSED && histories.find(endpoint, Event.RCV_FIN))
  );
}
