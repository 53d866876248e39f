// In: one segment between two endpoints. Out: what opening.ts, closing.ts and aborting.ts need to judge it by.
//
// One code path serves both directions: `s` has sent the segment, `r` is to receive it.

import type { Frame } from '../capture/frame.ts';
import { Checksum, tcpChecksum } from '../wire/checksum.ts';
import { Flag, type Packet } from '../wire/packet.ts';
import { seqAdd, seqAfter, seqAtOrAfter, seqAtOrBefore, seqBefore, seqDistance } from '../wire/seq.ts';
import { Endpoint, EndpointBit, MAX_LOOP } from './endpoint.ts';
import { Event } from './event.ts';
import { acknowledgesFin, failsPaws, isClosed } from './guards.ts';
import { type Evidence, type Histories, microsecondsBetween } from './history.ts';
import { Incarnation } from './incarnation.ts';
import { State } from './state.ts';

/** Crossing segments: how long after a segment passed, in loops and microseconds, its receiver may not have had it yet. */
const CROSSING_LOOPS = 1.25;
const CROSSING_SLACK = 1000;
/** The same where the loop is not known. No TCP sends a control segment again sooner than this (Linux: 200 ms and more). */
export const CROSSING_UNKNOWN = 100_000;
/** A RST and data of the same sender may change places on the way, but hardly by more than this (microseconds). */
export const REORDERING = 20_000;
/** What an answer may be delayed beyond the loop, microseconds (delayed ACK: Linux 40 ms). */
const ANSWER_SLACK = 50_000;
/** What was seen less than a loop ago cannot have reached who now sends; a little less, for the loop's own inaccuracy. */
const UNREACHED_LOOPS = 0.9;
const UNREACHED_SLACK = 3000;

/** How this segment answers the SYN of the incarnation's opener. */
export const Answer = { NONE: 0, ACCEPTED: 1, REFUSED: 2 } as const;
export type Answer = (typeof Answer)[keyof typeof Answer];

/** The segment in hand, the rows of its two endpoints and of their incarnation, and small judgements on them. */
export class Exchange {
  readonly histories: Histories;
  /** Windows on rows, moved by the tracker before each segment. */
  readonly incarnation = new Incarnation();
  readonly s = new Endpoint();
  readonly r = new Endpoint();

  packet!: Packet;
  frame = 0;
  seconds = 0;
  nanoseconds = 0;
  seq = 0;
  /** The number after the segment, SYN and FIN counted. */
  end = 0;
  /** Payload bytes. */
  length = 0;
  ack = 0;
  hasAck = false;
  isSyn = false;
  isFin = false;
  /** Its acknowledgment shows that the peer's segments arrive. */
  progresses = false;
  answer: Answer = Answer.NONE;
  /** The events, as bits, whose steps of the sender happened after this segment was sent. */
  postponed = 0;
  /** What the rules had to say of this segment; null unless someone asks (`explain --frame`). */
  notes: string[] | null = null;
  private soundness: -1 | 0 | 1 = -1;

  constructor(histories: Histories) {
    this.histories = histories;
  }

  take(frame: Frame, packet: Packet): void {
    const { flags } = packet;
    this.packet = packet;
    this.frame = frame.number;
    this.seconds = frame.seconds | 0;
    this.nanoseconds = frame.nanoseconds;
    this.isSyn = (flags & Flag.SYN) !== 0;
    this.isFin = (flags & Flag.FIN) !== 0;
    this.hasAck = (flags & Flag.ACK) !== 0;
    this.length = Math.max(packet.payloadLength, 0);
    this.seq = packet.seq;
    this.end = seqAdd(packet.seq, this.length + (this.isSyn ? 1 : 0) + (this.isFin ? 1 : 0));
    this.ack = packet.ack;
    this.progresses = this.isSyn;
    this.answer = Answer.NONE;
    this.postponed = 0;
    this.soundness = -1;
  }

  note(text: string): void {
    if (this.notes !== null) this.notes.push(text);
  }

  /** The sender is alive and sends this: whatever of its history says that it cannot is taken back. */
  contradict(): void {
    const s = this.s;
    const { histories } = this;
    if (this.isStale || this.isForeignFin) return;
    if (histories.find(s, Event.SND_RST) && histories.step.held) histories.remove(s);
    if (!isClosed(s.state) || !histories.findLastMove(s)) return;
    const { step } = histories;
    switch (step.event) {
      case Event.SND_RST:
        // New data, the acknowledgment of a FIN that passed after it, or anything much later: the RST was forged.
        if (this.isSyn || (!seqAfter(this.end, s.sndNxt) && this.elapsed() <= REORDERING && !this.provesFinAfter()))
          return;
        break;
      case Event.RCV_RST:
      case Event.RCV_RST_PASSIVE:
      case Event.RCV_ICMP_ERROR:
        if (!step.open || this.isCopy()) return;
        if (this.crosses(s)) {
          this.postpone();
          return;
        }
        break;
      case Event.REPLACED:
        break;
      case Event.TIMEOUT_2MSL:
        // It waits longer than was supposed, and still acknowledges.
        if (!this.hasAck || this.isSyn) return;
        break;
      case Event.RCV_ACK_OF_FIN:
        if (!step.open || this.isSyn || this.crosses(s)) return;
        if (this.isFin ? this.isCopy() : this.seq !== s.finEnd) return;
        break;
      default:
        return;
    }
    histories.remove(s);
    histories.walk(s);
    this.note(
      'Its sender was thought CLOSED, and is not: the segment that was to have closed it was forged, or did not arrive.',
    );
  }

  /** Does the sender acknowledge a FIN that was seen after the step in hand? */
  private provesFinAfter(): boolean {
    const { histories, s, r } = this;
    const { index, frame } = histories.step;
    const isProof =
      this.hasAck && acknowledgesFin(r, this.ack) && histories.find(s, Event.RCV_FIN) && histories.step.frame > frame;
    histories.step.moveTo(histories.pool, index);
    return isProof;
  }

  /**
   * The acknowledgment of the step in hand did not reach the sender, which sends again. A later segment of the peer that
   * says the same may still be on its way: then that one is meant.
   */
  takeBack(s: Endpoint, r: Endpoint): void {
    const { histories } = this;
    const { step } = histories;
    if (microsecondsBetween(step.seconds, step.nanoseconds, r.lastSeconds, r.lastNanoseconds) > 0) {
      histories.date(r.lastFrame, r.lastSeconds, r.lastNanoseconds);
      if (this.crosses(s)) return;
    }
    histories.remove(s);
    s.takenBack++;
  }

  beginSending(endpoint: Endpoint, iss: number, next: number): void {
    endpoint.iss = iss;
    if ((endpoint.bits & EndpointBit.NXT_KNOWN) === 0 || seqAfter(next, endpoint.sndNxt)) endpoint.sndNxt = next;
    endpoint.bits |= EndpointBit.ISS_KNOWN | EndpointBit.NXT_KNOWN;
  }

  /** SND.NXT, window, time stamp and silence, after the segment has been judged. */
  advance(): void {
    const s = this.s;
    const r = this.r;
    const packet = this.packet;
    if ((s.bits & EndpointBit.NXT_KNOWN) === 0) {
      s.sndNxt = this.end;
      s.bits |= EndpointBit.NXT_KNOWN;
    } else if (seqAfter(this.end, s.sndNxt) && !(this.isFin && this.end === this.seq)) s.sndNxt = this.end;
    else if (!this.isSyn && asksAgain(s, this.seq, seqDistance(this.seq, this.end))) {
      countUnanswered(s, this.seconds, this.nanoseconds);
    }
    if (this.isSyn) s.shift = packet.windowScale < 0 ? 0 : Math.min(packet.windowScale, 14);
    s.window = s.shift > 0 && !this.isSyn ? packet.window << s.shift : packet.window;
    if (
      packet.hasTimestamps &&
      ((r.bits & EndpointBit.RCV_KNOWN) === 0 || seqAtOrBefore(this.seq, r.rcvNxt)) &&
      this.isSound() &&
      !failsPaws(s, packet.tsVal)
    ) {
      s.tsRecent = packet.tsVal;
      s.bits |= EndpointBit.TS_KNOWN;
    }
    if (!this.isSound()) {
      s.bits |= EndpointBit.DAMAGED;
      s.damagedEnd = this.end;
    } else if ((s.bits & EndpointBit.DAMAGED) !== 0 && seqAtOrAfter(this.end, s.damagedEnd)) {
      s.bits &= ~EndpointBit.DAMAGED;
    }
    this.seen(s);
  }

  seen(s: Endpoint): void {
    s.bits |= EndpointBit.SEEN;
    s.lastFrame = this.frame;
    s.lastSeconds = this.seconds;
    s.lastNanoseconds = this.nanoseconds;
    if (this.progresses) this.r.unanswered = 0;
  }

  /** Can the segment be an answer to the latest one of its receiver, as far as the time tells? */
  isPrompt(s: Endpoint, r: Endpoint): boolean {
    const waited = microsecondsBetween(r.lastSeconds, r.lastNanoseconds, this.seconds, this.nanoseconds);
    return waited <= (s.loop === 0 ? CROSSING_UNKNOWN : s.loop * CROSSING_LOOPS) + ANSWER_SLACK;
  }

  /** Has the receiver left the sender without an answer, so that this segment need not have arrived either? */
  isCutOff(s: Endpoint, r: Endpoint): boolean {
    if (s.unanswered === 0 || (r.bits & EndpointBit.SEEN) === 0) return false;
    const { unansweredSeconds, unansweredNanoseconds } = s;
    const waited = microsecondsBetween(unansweredSeconds, unansweredNanoseconds, this.seconds, this.nanoseconds);
    return waited > r.loop * CROSSING_LOOPS + ANSWER_SLACK;
  }

  /** False if the segment was damaged on the way: its checksum is wrong, and this sender's checksums mean something. */
  isSound(): boolean {
    if (this.soundness < 0) {
      // Zero was never filled in: a capture made by a program, anonymised, or taken before the network card computed it.
      const void_ = (this.s.bits & EndpointBit.CHECKSUM_VOID) !== 0 || this.packet.checksum === 0;
      this.soundness = void_ || tcpChecksum(this.packet) !== Checksum.WRONG ? 1 : 0;
    }
    return this.soundness === 1;
  }

  /**
   * Learns from an acknowledgment of just what had a wrong checksum that it was not damaged: that end's checksums mean nothing. Where this one is wrong, too, those
   * of both ends do not, as after anonymising: two segments that were damaged on the way do not fit together like this. Nor do two in a row, of an end whose peer is not
   * in the capture.
   */
  learnChecksums(): void {
    const { s, r } = this;
    const isAlone = (r.bits & EndpointBit.SEEN) === 0;
    const answers = (r.bits & EndpointBit.DAMAGED) !== 0 && this.ack === r.damagedEnd;
    const goesOn = isAlone && (s.bits & EndpointBit.DAMAGED) !== 0 && !this.isSyn && this.seq === s.damagedEnd;
    if ((answers || goesOn) && !this.isSound()) {
      voidChecksums(s);
      this.soundness = 1;
    }
    if (answers) voidChecksums(r);
  }

  noteControl(): void {
    const s = this.s;
    const packet = this.packet;
    if (packet.hasTimestamps) {
      s.bits |= EndpointBit.CONTROL_TS;
      s.controlTs = packet.tsVal;
    } else s.bits &= ~EndpointBit.CONTROL_TS;
    s.controlId = packet.ipId;
    s.controlSeq = this.seq;
  }

  /** Is this a copy, made by the network, of the sender's latest SYN or FIN? One sent again differs in time or identification. */
  isCopy(): boolean {
    const s = this.s;
    const packet = this.packet;
    if (packet.hasTimestamps && (s.bits & EndpointBit.CONTROL_TS) !== 0) return packet.tsVal === s.controlTs;
    // Linux numbers SYN,ACK and RST 0: that says nothing.
    return packet.ipId > 0 && packet.ipId === s.controlId;
  }

  /** May this segment of `endpoint` have been sent before the segment of the step in hand reached it? */
  crosses(endpoint: Endpoint): boolean {
    const limit = endpoint.loop === 0 ? CROSSING_UNKNOWN : endpoint.loop * CROSSING_LOOPS + CROSSING_SLACK;
    return this.elapsed() <= limit;
  }

  /** Was the segment sent before some that were seen earlier? An endpoint never takes an acknowledgment back. */
  get isStale(): boolean {
    const { s, packet } = this;
    if (packet.hasTimestamps && failsPaws(s, packet.tsVal)) return true;
    return this.hasAck && (s.bits & EndpointBit.RCV_KNOWN) !== 0 && seqBefore(this.ack, s.rcvNxt);
  }

  /** A FIN, none seen before, in front of what the sender has sent since, and its peer acknowledged: not its own. */
  get isForeignFin(): boolean {
    const { s, r, end } = this;
    if (!this.isFin || ((s.bits & EndpointBit.FIN_KNOWN) !== 0 && end === s.finEnd)) return false;
    return (r.bits & EndpointBit.RCV_KNOWN) !== 0 && seqBefore(end, r.rcvNxt);
  }

  /** Can the segment of the step in hand not have reached `endpoint` before it sent this one? */
  isUnreached(endpoint: Endpoint): boolean {
    return this.elapsed() < (endpoint.loop - UNREACHED_SLACK) * UNREACHED_LOOPS;
  }

  /** Does it echo the time stamp of the peer's latest segment: had that one arrived (RFC 7323 4.3)? */
  echoes(peer: Endpoint): boolean {
    return this.packet.hasTimestamps && (peer.bits & EndpointBit.TS_KNOWN) !== 0 && this.packet.tsEcr === peer.tsRecent;
  }

  /** Microseconds since the step in hand. */
  elapsed(): number {
    const { step } = this.histories;
    return microsecondsBetween(step.seconds, step.nanoseconds, this.seconds, this.nanoseconds);
  }

  /** The step in hand was answered by this segment of `endpoint`. */
  measureLoop(endpoint: Endpoint): void {
    const elapsed = Math.ceil(this.elapsed());
    if (elapsed >= 0 && elapsed < MAX_LOOP && (endpoint.loop === 0 || elapsed < endpoint.loop))
      endpoint.loop = elapsed + 1;
  }

  append(endpoint: Endpoint, event: Event, evidence: Evidence, held = false): void {
    this.histories.append(endpoint, event, evidence, this.frame, this.seconds, this.nanoseconds, held);
  }

  dateNow(): void {
    this.histories.date(this.frame, this.seconds, this.nanoseconds);
  }

  /** The sender's steps of the event in hand happened after it sent this segment; they keep their times. */
  postpone(): void {
    this.postponed |= 1 << this.histories.step.event;
  }

  /** Puts the postponed steps behind those that this segment has added. */
  repeatPostponed(): void {
    if (this.postponed === 0) return;
    this.histories.moveAllToEnd(this.s, this.postponed);
    this.postponed = 0;
    this.histories.walk(this.s);
  }

  settle(endpoint: Endpoint): void {
    const known = EndpointBit.NXT_KNOWN | EndpointBit.RCV_KNOWN;
    const settled =
      endpoint.state === State.ESTABLISHED && (endpoint.bits & known) === known && !this.histories.isOpen(endpoint);
    if (settled) endpoint.bits |= EndpointBit.SETTLED;
    else endpoint.bits &= ~EndpointBit.SETTLED;
  }
}

/** Does the segment send something again, or ask whether the peer is there (RFC 9293 3.8.4)? An acknowledgment that was overtaken does neither. */
export function asksAgain(endpoint: Endpoint, seq: number, length: number): boolean {
  return seqBefore(seq, endpoint.sndNxt) && (length > 0 || seqAdd(seq, 1) === endpoint.sndNxt);
}

/** `endpoint` sends something again that its peer has not acknowledged, or asks whether the peer is there. */
export function countUnanswered(endpoint: Endpoint, seconds: number, nanoseconds: number): void {
  if (endpoint.unanswered++ > 0) return;
  endpoint.unansweredSeconds = seconds;
  endpoint.unansweredNanoseconds = nanoseconds;
}

/** From now on no checksum of this end means anything: they are not those that were on the wire. */
export function voidChecksums(endpoint: Endpoint): void {
  endpoint.bits = (endpoint.bits & ~EndpointBit.DAMAGED) | EndpointBit.CHECKSUM_VOID;
}
