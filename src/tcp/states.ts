// In: one segment and its connection. Out: both endpoints moved through the RFC 9293 states, with evidence.
//
//   segment ─▶ which life of the 4-tuple ─▶ (plain data? done) ─▶ what it proves of its sender ─▶ what it may do to its receiver
//
// The observer stands somewhere on the path. What an endpoint sent is *observed*. What it received is *inferred*: the segment
// may still be lost, damaged, dropped by a full queue or answered by a challenge ACK. So an inferred step stays open until a
// later segment of that endpoint proves it, and is held or taken back when one disproves it: a FIN, SYN or SYN,ACK that is
// sent again has not arrived, unless its answer was seen before. The history is then walked anew (history.ts).
// One code path serves both directions: `s` sends, `r` receives.

import type { Frame } from '../capture/frame.ts';
import { RowPool } from '../flow/rows.ts';
import { Checksum, tcpChecksum } from '../wire/checksum.ts';
import { Flag, type Packet } from '../wire/packet.ts';
import { seqAdd, seqAfter, seqAtOrAfter, seqAtOrBefore, seqBefore, seqDistance } from '../wire/seq.ts';
import { ENDPOINT_WORDS, Endpoint, EndpointBit, MAX_LOOP, SHIFT_UNKNOWN } from './endpoint.ts';
import { Event } from './event.ts';
import {
  acknowledgesFin,
  acknowledgesSyn,
  answersSyn,
  failsPaws,
  fitOf,
  inWindow,
  isClosed,
  isSynchronized,
  resetIsExact,
  resetIsOwn,
  withinReach,
} from './guards.ts';
import { Evidence, Histories, microsecondsBetween } from './history.ts';
import { INCARNATION_WORDS, Incarnation, IncarnationBit } from './incarnation.ts';
import { State } from './state.ts';

const CONTROL = Flag.SYN | Flag.FIN | Flag.RST;
const SYN_ACK = Flag.SYN | Flag.ACK;

/** Crossing segments: how long after a segment passed, in loops and microseconds, its receiver may not have had it yet. */
const CROSSING_LOOPS = 1.25;
const CROSSING_SLACK = 1000;
/** The same where the loop is not known. No TCP sends a control segment again sooner than this (Linux: 200 ms and more). */
const CROSSING_UNKNOWN = 100_000;
/** As above where nothing but patience speaks for "lost": a FIN that its receiver has not acknowledged in what it sent. */
const UNCOVERED_LOOPS = 2;
const UNCOVERED_SLACK = 50_000;
/** A RST and data of the same sender may change places on the way, but hardly by more than this (microseconds). */
const REORDERING = 20_000;
/** Tracks the state of both endpoints of every connection. */
export class StateTracker {
  /** States of the sender and of the receiver after the segment observed last, as far as known then. */
  senderState: State = State.UNKNOWN;
  receiverState: State = State.UNKNOWN;

  readonly histories = new Histories();
  readonly incarnations = new RowPool(INCARNATION_WORDS);
  readonly endpoints = new RowPool(2 * ENDPOINT_WORDS);
  /**
   * Per connection: its first incarnation, and the one that its segments are given to, times two; plus one where the
   * connection's A is that one's B.
   */
  #firstOf = new Int32Array(1024);
  #currentOf = new Int32Array(1024);

  // Windows on rows, moved per segment.
  readonly #incarnation = new Incarnation();
  readonly #older = new Incarnation();
  readonly #s = new Endpoint();
  readonly #r = new Endpoint();
  readonly #gone = new Endpoint();

  // The segment in hand (not set on the plain path).
  #packet!: Packet;
  #frame = 0;
  #seconds = 0;
  #nanoseconds = 0;
  #seq = 0;
  #end = 0;
  #length = 0;
  #ack = 0;
  #hasAck = false;
  #isSyn = false;
  #isFin = false;
  #soundness: -1 | 0 | 1 = -1;
  /** Its acknowledgment shows that the peer's segments arrive. */
  #progresses = false;
  /** The event whose steps of the sender happened after this segment was sent; -1: none. */
  #postponed: Event | -1 = -1;

  /**
   * Makes the records of connection `index`; called once, before its first segment.
   * `older`: index + 1 of the connection that held the 4-tuple before, or 0; `flipped`: A here is B there.
   */
  open(index: number, older = 0, flipped = false): void {
    const incarnation = this.#take();
    if (index >= this.#firstOf.length) {
      this.#firstOf = grown(this.#firstOf);
      this.#currentOf = grown(this.#currentOf);
    }
    this.#firstOf[index] = incarnation;
    this.#currentOf[index] = incarnation << 1;
    if (older !== 0) {
      const current = this.#currentOf[older - 1]!;
      this.#chain(incarnation, current >> 1, flipped !== ((current & 1) === 1));
    }
  }

  /** Steps both endpoints of connection `index`. `direction` 0: A sent it. */
  observe(frame: Frame, packet: Packet, index: number, direction: 0 | 1): void {
    const s = this.#s;
    const r = this.#r;
    const current = this.#currentOf[index]!;
    direction = (direction ^ (current & 1)) as 0 | 1;
    this.#select(current >> 1, direction);
    if (this.#incarnation.older !== 0) this.#route(packet, index, direction);

    const { seq, flags, payloadLength: length } = packet;
    // The plain path: data and acknowledgments between two endpoints in ESTABLISHED.
    if (
      (flags & (CONTROL | Flag.ACK)) === Flag.ACK &&
      (s.bits & EndpointBit.SETTLED) !== 0 &&
      r.state === State.ESTABLISHED &&
      length >= 0
    ) {
      const end = seqAdd(seq, length);
      const { ack } = packet;
      if (seqAtOrBefore(ack, r.sndNxt) && seqAtOrBefore(seq, s.sndNxt) && seqDistance(s.sndNxt, end) <= 0xffff) {
        if (seqAfter(end, s.sndNxt)) s.sndNxt = end;
        else if (seqBefore(seq, s.sndNxt)) s.unanswered++;
        if (seqAfter(ack, s.rcvNxt)) {
          s.rcvNxt = ack;
          r.unanswered = 0;
        } else if (ack === r.sndNxt) r.unanswered = 0;
        s.window = s.shift > 0 ? packet.window << s.shift : packet.window;
        if (packet.hasTimestamps && seqAtOrBefore(seq, r.rcvNxt) && !failsPaws(s, packet.tsVal)) {
          s.tsRecent = packet.tsVal;
        }
        s.lastFrame = frame.number;
        s.lastSeconds = frame.seconds | 0;
        s.lastNanoseconds = frame.nanoseconds;
        this.senderState = State.ESTABLISHED;
        this.receiverState = State.ESTABLISHED;
        return;
      }
    }

    this.#packet = packet;
    this.#frame = frame.number;
    this.#seconds = frame.seconds | 0;
    this.#nanoseconds = frame.nanoseconds;
    this.#isSyn = (flags & Flag.SYN) !== 0;
    this.#isFin = (flags & Flag.FIN) !== 0;
    this.#length = Math.max(length, 0);
    this.#seq = seq;
    this.#end = seqAdd(seq, this.#length + (this.#isSyn ? 1 : 0) + (this.#isFin ? 1 : 0));
    this.#ack = packet.ack;
    this.#hasAck = (flags & Flag.ACK) !== 0;
    this.#soundness = -1;
    this.#progresses = this.#isSyn;
    this.#postponed = -1;
    if (this.#incarnation.firstFrame === 0) {
      this.#incarnation.firstFrame = frame.number;
      this.#incarnation.firstSeconds = this.#seconds;
      this.#incarnation.firstNanoseconds = this.#nanoseconds;
    }

    if ((flags & Flag.RST) !== 0) this.#reset();
    else if (this.#isSyn) this.#synchronize(index, direction);
    else this.#segment();

    this.histories.walk(s);
    this.histories.walk(r);
    this.#settle(s);
    this.#settle(r);
    this.senderState = s.state as State;
    this.receiverState = r.state as State;
  }

  /** An ICMP error quotes a segment that endpoint `direction` of connection `index` sent. */
  observeError(frame: Frame, packet: Packet, index: number, direction: 0 | 1): void {
    const current = this.#currentOf[index]!;
    const s = this.#s;
    this.#select(current >> 1, (direction ^ (current & 1)) as 0 | 1);
    // Only who is still connecting gives up, and only if the quotation is of its SYN (RFC 5927 4.1).
    if (!packet.undeliverable || s.state !== State.SYN_SENT || packet.seq !== s.iss) return;
    this.#frame = frame.number;
    this.#seconds = frame.seconds | 0;
    this.#nanoseconds = frame.nanoseconds;
    this.#append(s, Event.RCV_ICMP_ERROR, Evidence.INFERRED);
    this.histories.walk(s);
  }

  // -- RST --------------------------------------------------------------------------------------------------------------

  #reset(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    const seq = this.#seq;

    // A bare RST for a SYN,ACK that was never acknowledged: its sender had given up before (RFC 9293 3.10.7.1).
    if (!this.#hasAck && histories.findOpen(s, Event.RCV_SYN_ACK)) histories.remove(s);
    // The same for a FIN: who had taken it would acknowledge it, if only in the RST.
    while (!this.#hasAck && histories.find(s, Event.RCV_FIN) && (histories.step.held || histories.step.open)) {
      histories.remove(s);
    }
    histories.walk(s);
    if (s.first === 0 && r.state === State.SYN_SENT) {
      s.start = State.CLOSED;
      this.#replaceOlder(false);
    }
    if (this.#hasAck && isSynchronized(s.state)) {
      if (acknowledgesSyn(r, this.#ack) && histories.findOpen(s, Event.RCV_SYN_ACK)) histories.confirm(this.#frame);
      this.#proveReceipt();
    }
    if (!isClosed(s.state)) {
      if (s.state === State.SYN_SENT ? this.#hasAck || answersSyn(s, seq) : resetIsOwn(s, r, seq)) {
        this.#meetMidStream(s);
        this.#append(s, Event.SND_RST, Evidence.OBSERVED);
        this.#repeatPostponed();
      } else if (isSynchronized(s.state) && seqAfter(seq, s.sndNxt) && !histories.find(s, Event.SND_RST)) {
        // Beyond all it has sent: forged, unless the capture missed some of its data. Held until it stays silent to the end.
        this.#append(s, Event.SND_RST, Evidence.OBSERVED, true);
      }
    }

    if (this.#resetIsTaken()) {
      const event =
        r.state === State.SYN_RCVD && (r.bits & EndpointBit.ACTIVE) === 0 ? Event.RCV_RST_PASSIVE : Event.RCV_RST;
      if (histories.find(r, event) && histories.step.held) histories.remove(r);
      this.#append(r, event, Evidence.INFERRED, !this.#isSound() || this.#isCutOff(s, r));
    }
    this.#seen(s);
  }

  /** Does the receiver obey this RST, if it arrives? */
  #resetIsTaken(): boolean {
    const s = this.#s;
    const r = this.#r;
    switch (r.state) {
      case State.CLOSED:
      case State.LISTEN:
        return false;
      case State.SYN_SENT:
        return this.#hasAck && answersSyn(r, this.#ack);
      case State.SYN_RCVD:
        return inWindow(r, this.#seq);
      default:
        return resetIsExact(r, s, this.#seq);
    }
  }

  // -- SYN --------------------------------------------------------------------------------------------------------------

  #synchronize(index: number, direction: 0 | 1): void {
    const s = this.#s;
    const known = (s.bits & EndpointBit.ISS_KNOWN) !== 0;
    if (known ? s.iss !== this.#seq : (s.bits & EndpointBit.NXT_KNOWN) !== 0 && seqAdd(this.#seq, 1) !== s.sndNxt) {
      if (!this.#hasAck && this.#revive(index, direction)) return;
      if (!this.#beginsAnew()) return;
      this.#openInside(index, direction);
    }
    this.#contradict();
    if (this.#hasAck) this.#synAck();
    else this.#syn();
    this.#advance();
  }

  /** The SYN of a life thought stillborn comes again: perhaps it was its sender's after all. */
  #revive(index: number, direction: 0 | 1): boolean {
    const first = this.#firstOf[index]!;
    this.incarnations.move(this.#older, first);
    if ((this.#older.bits & IncarnationBit.STILLBORN) === 0) return false;
    this.#older.bits &= ~IncarnationBit.STILLBORN;
    const turned = this.#currentOf[index]! & 1;
    this.#currentOf[index] = first << 1;
    this.#select(first, (direction ^ turned) as 0 | 1);
    this.#syn();
    this.#advance();
    return true;
  }

  /** A SYN with another number in the same stream: is it a new life (the old one is over), or stray? */
  #beginsAnew(): boolean {
    const s = this.#s;
    if (!this.#hasAck) return true;
    return isClosed(s.state) || s.state === State.UNKNOWN || s.state === State.SYN_RCVD;
  }

  #syn(): void {
    const s = this.#s;
    const { histories } = this;
    if ((s.bits & EndpointBit.ISS_KNOWN) === 0 || s.first === 0) {
      this.#beginSending(s, this.#seq, this.#end);
      s.start = State.CLOSED;
      s.bits |= EndpointBit.ACTIVE;
      this.#append(s, Event.SND_SYN, Evidence.OBSERVED);
      this.#noteControl();
      return;
    }
    if (this.#isCopy()) return;
    s.bits |= EndpointBit.SYN_AGAIN;
    this.#noteControl();
    if (s.state === State.SYN_SENT) s.unanswered++;
    else if (histories.findOpen(s, Event.RCV_SYN_ACK) && !this.#crosses(s)) {
      histories.hold();
      histories.walk(s);
    }
  }

  #synAck(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    if ((r.bits & EndpointBit.ISS_KNOWN) === 0) {
      // The SYN was not captured; its answer shows it.
      this.#beginSending(r, seqAdd(this.#ack, -1), this.#ack);
      if (r.first === 0) r.start = State.CLOSED;
      r.bits |= EndpointBit.ACTIVE | EndpointBit.SYN_AGAIN;
      this.#append(r, Event.SND_SYN, Evidence.INFERRED);
      histories.confirm(this.#frame);
      histories.walk(r);
    }
    const copy = this.#isCopy();
    if (!histories.find(s, Event.SND_SYN_ACK)) {
      if (s.first === 0) {
        s.start = State.LISTEN;
        s.bits |= EndpointBit.PASSIVE;
      }
      if ((s.bits & EndpointBit.ISS_KNOWN) === 0) this.#beginSending(s, this.#seq, this.#end);
      if (seqAfter(this.#ack, seqAdd(r.iss, 1))) s.bits |= EndpointBit.FAST_OPEN;
      if ((r.bits & EndpointBit.SYN_AGAIN) === 0 && histories.find(r, Event.SND_SYN)) this.#measureLoop(s);
      // It answers a SYN, so it had not had the peer's SYN,ACK yet.
      if (histories.find(s, Event.RCV_SYN_ACK) && (histories.step.held || histories.step.open)) this.#postpone();
      this.#append(s, Event.SND_SYN_ACK, Evidence.OBSERVED);
      this.#replaceOlder(true);
    } else if (!copy) {
      s.bits |= EndpointBit.SYN_AGAIN;
      if (s.state === State.SYN_RCVD) s.unanswered++;
      else if (histories.findOpen(s, Event.RCV_ACK_OF_SYN) || histories.findOpen(s, Event.RCV_SYN_ACK)) {
        // It still waits for the ACK of its SYN. Linux: lost, or ignored because the accept queue is full.
        if (this.#crosses(s)) this.#postpone();
        else this.#takeBack(s, r);
        histories.walk(s);
      }
    }
    this.#noteControl();
    if (seqAfter(this.#ack, s.rcvNxt) || (s.bits & EndpointBit.RCV_KNOWN) === 0) s.rcvNxt = this.#ack;
    s.bits |= EndpointBit.RCV_KNOWN;
    this.#repeatPostponed();
    if (
      !answersSyn(r, this.#ack) ||
      (r.state !== State.SYN_SENT && r.state !== State.SYN_RCVD && r.state !== State.ESTABLISHED)
    ) {
      return;
    }
    if (!histories.find(r, Event.RCV_SYN_ACK)) {
      if (r.state !== State.ESTABLISHED) this.#append(r, Event.RCV_SYN_ACK, Evidence.INFERRED, !this.#isSound());
    } else if (histories.step.held) {
      this.#dateNow();
      histories.moveToEnd(r);
    } else if (histories.step.open && !copy && !this.#crosses(r)) {
      // Sent again and still no word of the receiver: the one before did not arrive, and this one has to be proved.
      histories.hold();
      this.#dateNow();
      histories.moveToEnd(r);
    }
  }

  // -- Data, ACK, FIN ---------------------------------------------------------------------------------------------------

  #segment(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    // Out of all reach: stray, unless its acknowledgment shows that the capture has missed a stretch.
    if (!withinReach(s, r, this.#seq) && (this.#isFin || !this.#hasAck || !withinReach(r, s, this.#ack))) return;
    this.#contradict();
    if (this.#hasAck) {
      if (this.#length === 0 && !this.#isFin && this.#seq === seqAdd(s.sndNxt, 1)) this.#noteSkipped();
      this.#meetMidStream(s);
      this.#proveHandshake();
      this.#proveReceipt();
      this.#acknowledge();
    }
    if (this.#length > 0) this.#carryData();
    if (this.#isFin) this.#finish();
    if (s.state === State.TIME_WAIT && this.#hasAck && !this.#isFin) {
      s.bits |= EndpointBit.TIME_WAIT_AGAIN;
      s.timeWaitSeconds = this.#seconds;
      s.timeWaitNanoseconds = this.#nanoseconds;
    }
    this.#advance();
    this.#repeatPostponed();
    histories.walk(s);
  }

  /** What the sender's segment proves of the handshake: without it, it would not send so. */
  #proveHandshake(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    if (histories.find(s, Event.RCV_SYN_ACK)) {
      if (histories.step.held || histories.step.open) {
        if (histories.step.open && (r.bits & EndpointBit.SYN_AGAIN) === 0) this.#measureLoop(s);
        histories.confirm(this.#frame);
        histories.walk(s);
      }
    } else if (s.state === State.SYN_SENT && acknowledgesSyn(r, this.#ack) !== false) {
      this.#proveSynAckUnseen();
    } else if (s.state === State.SYN_SENT) {
      this.#beginSending(r, seqAdd(this.#ack, -1), this.#ack);
      this.#proveSynAckUnseen();
    }
    const waits = histories.find(s, Event.RCV_ACK_OF_SYN) && (histories.step.held || histories.step.open);
    if (s.state !== State.SYN_RCVD && !waits) return;
    // Fast Open: data may be sent in SYN_RCVD, so only what acknowledges more than the SYN did is proof.
    if ((s.bits & EndpointBit.FAST_OPEN) !== 0 && seqAtOrBefore(this.#ack, s.rcvNxt)) return;
    if (!waits) this.#append(s, Event.RCV_ACK_OF_SYN, Evidence.INFERRED);
    histories.confirm(this.#frame);
    s.takenBack = 0;
    histories.walk(s);
    // And the peer must have had the SYN,ACK to acknowledge it.
    if (histories.find(r, Event.RCV_SYN_ACK)) histories.confirm(this.#frame);
    else if (r.state === State.SYN_SENT) {
      this.#append(r, Event.RCV_SYN_ACK, Evidence.INFERRED);
      histories.confirm(this.#frame);
    }
    histories.walk(r);
  }

  /** The sender acknowledges a SYN,ACK that is not in the capture. */
  #proveSynAckUnseen(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    if (r.first === 0) {
      r.start = State.LISTEN;
      r.bits |= EndpointBit.PASSIVE | EndpointBit.SYN_AGAIN;
      this.#append(r, Event.SND_SYN_ACK, Evidence.INFERRED);
      histories.confirm(this.#frame);
      histories.walk(r);
    }
    this.#append(s, Event.RCV_SYN_ACK, Evidence.INFERRED);
    histories.confirm(this.#frame);
    histories.walk(s);
  }

  /** What the sender's acknowledgment proves of what it has received; and what it shows not to have come yet. */
  #proveReceipt(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    const ack = this.#ack;
    if (!this.#isSound() || !withinReach(r, s, ack)) return;
    if (acknowledgesFin(r, ack)) {
      if (histories.find(r, Event.SND_FIN) && histories.step.held) {
        histories.accept();
        histories.walk(r);
      }
      if (!histories.find(s, Event.RCV_FIN)) this.#append(s, Event.RCV_FIN, Evidence.INFERRED);
      else if (histories.step.held) this.#chooseFin();
      if (histories.step.held || histories.step.open) histories.confirm(this.#frame);
      // The peer's FIN brought the ACK of ours, if it had ours by then.
      if (
        acknowledgesFin(s, r.rcvNxt) &&
        isAfterItsPeersFin(histories, r) &&
        histories.findOpen(s, Event.RCV_ACK_OF_FIN)
      ) {
        histories.confirm(this.#frame);
      }
      histories.walk(s);
    } else if ((r.bits & EndpointBit.FIN_KNOWN) !== 0 && histories.find(s, Event.RCV_FIN)) {
      const patience = s.loop * UNCOVERED_LOOPS + (s.loop === 0 ? CROSSING_UNKNOWN : UNCOVERED_SLACK);
      if (histories.step.open && this.#elapsed() > patience) histories.hold();
      this.#postpone();
      histories.walk(s);
    }
    if (seqAfter(ack, r.sndNxt) && (r.bits & EndpointBit.NXT_KNOWN) !== 0) this.#noteUnseen();
    if ((r.bits & EndpointBit.NXT_KNOWN) === 0) {
      r.sndNxt = ack;
      r.bits |= EndpointBit.NXT_KNOWN;
    }
    if ((s.bits & EndpointBit.RCV_KNOWN) === 0 || seqAfter(ack, s.rcvNxt)) {
      s.rcvNxt = ack;
      s.takenBack = 0;
      this.#progresses = true;
    } else if (ack === r.sndNxt) this.#progresses = true;
    s.bits |= EndpointBit.RCV_KNOWN;
    if ((r.bits & EndpointBit.DAMAGED) !== 0 && seqAtOrAfter(ack, r.damagedEnd)) {
      r.bits = (r.bits & ~EndpointBit.DAMAGED) | EndpointBit.CHECKSUM_VOID;
    }
  }

  /**
   * Copies of the receiver's FIN were seen, and the sender acknowledges one of them: the latest, unless its time stamp echo
   * is older. TS.Recent is taken from the segment that was next in order (RFC 7323 4.3), here the FIN that arrived; so an
   * older echo means that an earlier copy had come, and that only its acknowledgment was lost.
   */
  #chooseFin(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    const latest = histories.step.index;
    if (!histories.findFirst(s, Event.RCV_FIN) || histories.step.index === latest) return;
    const packet = this.#packet;
    const early =
      packet.hasTimestamps &&
      (r.bits & EndpointBit.CONTROL_TS) !== 0 &&
      s.rcvNxt === r.controlSeq &&
      seqBefore(packet.tsEcr, r.controlTs);
    const first = histories.step.index;
    histories.pool.move(histories.step, early ? latest : first);
    histories.remove(s);
    histories.pool.move(histories.step, early ? first : latest);
  }

  /** The peer's numbers go further than what was captured of it: loss in the capture. One number may be its FIN. */
  #noteUnseen(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    if ((r.bits & EndpointBit.FIN_CANDIDATE) !== 0) this.#dropFin(r, s);
    const unseen = seqDistance(r.sndNxt, this.#ack);
    r.sndNxt = this.#ack;
    if (r.first === 0) this.#meetMidStream(r);
    if (unseen !== 1 || (r.bits & EndpointBit.FIN_KNOWN) !== 0 || !isSynchronized(r.state)) return;
    r.bits |= EndpointBit.FIN_CANDIDATE;
    r.finEnd = this.#ack;
    this.#append(r, Event.SND_FIN, Evidence.INFERRED, true);
    this.#append(r, Event.RCV_ACK_OF_FIN, Evidence.INFERRED, true);
    this.#append(s, Event.RCV_FIN, Evidence.INFERRED, true);
    histories.walk(r);
  }

  /**
   * The sender has skipped one number that nobody saw: it has sent a FIN the capture lacks, before this segment and so
   * before anything that this segment is the first to acknowledge.
   */
  #noteSkipped(): void {
    const s = this.#s;
    const { histories } = this;
    if ((s.bits & (EndpointBit.FIN_KNOWN | EndpointBit.FIN_CANDIDATE)) !== 0) return;
    if ((s.bits & EndpointBit.NXT_KNOWN) === 0 || !isSynchronized(s.state)) return;
    s.bits |= EndpointBit.FIN_CANDIDATE;
    s.finEnd = this.#seq;
    this.#append(s, Event.SND_FIN, Evidence.INFERRED, true);
    if (histories.findOpen(s, Event.RCV_FIN)) histories.moveToEnd(s);
  }

  /** What this segment's acknowledgment does to the receiver, if it arrives. */
  #acknowledge(): void {
    const s = this.#s;
    const r = this.#r;
    const ack = this.#ack;
    const current = !this.#packet.hasTimestamps || !failsPaws(s, this.#packet.tsVal);
    if (r.state === State.SYN_RCVD && acknowledgesSyn(r, ack) && current) this.#arrive(r, Event.RCV_ACK_OF_SYN);
    if (!acknowledgesFin(r, ack)) return;
    if ((s.bits & EndpointBit.FIN_CANDIDATE) !== 0 && this.#length === 0 && this.#seq === s.finEnd)
      this.#adoptFin(s, r);
    if (current) this.#arrive(r, Event.RCV_ACK_OF_FIN);
  }

  /** An acknowledgment reaches the receiver, if it does; a damaged one is held. */
  #arrive(receiver: Endpoint, event: Event): void {
    const { histories } = this;
    if (!histories.find(receiver, event)) {
      // After two that did not arrive, the next one has to be proved.
      this.#append(receiver, event, Evidence.INFERRED, !this.#isSound() || receiver.takenBack > 1);
    } else if (histories.step.held && this.#isSound() && receiver.takenBack <= 1) {
      histories.accept();
      this.#dateNow();
      histories.moveToEnd(receiver);
    }
    histories.walk(receiver);
  }

  #carryData(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    const dataEnd = this.#isFin ? seqAdd(this.#end, -1) : this.#end;
    if ((s.bits & EndpointBit.FIN_CANDIDATE) !== 0 && seqAtOrAfter(dataEnd, s.finEnd)) this.#dropFin(s, r);
    // Nothing follows a FIN: with data beyond it, it was not the sender's.
    if ((s.bits & EndpointBit.FIN_KNOWN) !== 0 && seqAtOrAfter(dataEnd, s.finEnd) && seqBefore(r.rcvNxt, s.finEnd)) {
      this.#dropFin(s, r);
    }
    if ((s.bits & EndpointBit.NXT_KNOWN) !== 0 && seqAfter(this.#seq, s.sndNxt)) {
      s.bits |= EndpointBit.GAP;
      s.gap = this.#seq;
    }
    // Data that fills the hole in front of a FIN is what lets the FIN take effect.
    if (
      (s.bits & EndpointBit.FIN_KNOWN) !== 0 &&
      !this.#isFin &&
      (r.bits & EndpointBit.RCV_KNOWN) !== 0 &&
      seqAtOrBefore(this.#seq, r.rcvNxt) &&
      seqAfter(this.#end, r.rcvNxt) &&
      histories.find(r, Event.RCV_FIN) &&
      (histories.step.held || histories.step.open)
    ) {
      this.#dateNow();
      histories.moveToEnd(r);
      histories.walk(r);
    }
  }

  #finish(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    const known = (s.bits & EndpointBit.FIN_KNOWN) !== 0;
    if (known && this.#end === s.finEnd) {
      this.#repeatFin();
      return;
    }
    if (known && acknowledgesFin(s, r.rcvNxt)) return;
    if ((s.bits & EndpointBit.FIN_CANDIDATE) !== 0 && this.#end === s.finEnd) {
      // The FIN that was missed comes again.
      this.#adoptFin(s, r);
      this.#repeatFin();
      return;
    }
    const old = this.#packet.hasTimestamps && failsPaws(s, this.#packet.tsVal);
    // Beyond all it has sent, or old: perhaps not its own. What the peer acknowledges, or the FIN itself again, will show.
    const doubtful = old || ((s.bits & EndpointBit.NXT_KNOWN) !== 0 && seqAfter(this.#seq, s.sndNxt));
    if (known && doubtful) return;
    if (known || (s.bits & EndpointBit.FIN_CANDIDATE) !== 0) this.#dropFin(s, r);
    const inOrder = (s.bits & EndpointBit.GAP) === 0 || seqAtOrAfter(r.rcvNxt, s.gap);
    s.finEnd = this.#end;
    s.bits |= EndpointBit.FIN_KNOWN;
    if (doubtful) this.#end = this.#seq;
    this.#append(s, Event.SND_FIN, Evidence.OBSERVED, doubtful);
    histories.walk(s);
    this.#noteControl();
    this.#append(r, Event.RCV_FIN, Evidence.INFERRED, doubtful || !inOrder || !this.#isSound() || this.#isCutOff(s, r));
  }

  /** The FIN once more: it, or its acknowledgment, was lost; or the network made a copy. */
  #repeatFin(): void {
    const s = this.#s;
    const r = this.#r;
    const { histories } = this;
    if (this.#isCopy()) return;
    this.#noteControl();
    if (histories.find(s, Event.SND_FIN) && histories.step.held) {
      histories.accept();
      this.#dateNow();
    }
    if (histories.findOpen(s, Event.RCV_ACK_OF_FIN) && !this.#crosses(s)) this.#takeBack(s, r);
    histories.walk(s);
    if (histories.find(r, Event.RCV_FIN) && (histories.step.held || (histories.step.open && !this.#crosses(r)))) {
      // Either did not arrive, as it seems. The first and the latest copy are kept, held, until one is acknowledged.
      histories.hold();
      const latest = histories.step.index;
      if (histories.findFirst(r, Event.RCV_FIN) && histories.step.index !== latest) {
        histories.pool.move(histories.step, latest);
        this.#dateNow();
        histories.moveToEnd(r);
      } else this.#append(r, Event.RCV_FIN, Evidence.INFERRED, true);
      histories.walk(r);
    }
  }

  /**
   * The acknowledgment of the step in hand did not reach the sender, which sends again. A later segment of the peer that
   * says the same may still be on its way: then that one is meant.
   */
  #takeBack(s: Endpoint, r: Endpoint): void {
    const { histories } = this;
    const { step } = histories;
    if (microsecondsBetween(step.seconds, step.nanoseconds, r.lastSeconds, r.lastNanoseconds) > 0) {
      histories.date(r.lastFrame, r.lastSeconds, r.lastNanoseconds);
      if (this.#crosses(s)) return;
    }
    histories.remove(s);
    s.takenBack++;
  }

  /** The FIN of `sender` was not one, or not its own: both ends forget it. */
  #dropFin(sender: Endpoint, receiver: Endpoint): void {
    const { histories } = this;
    sender.bits &= ~(EndpointBit.FIN_KNOWN | EndpointBit.FIN_CANDIDATE);
    if (histories.find(sender, Event.SND_FIN)) histories.remove(sender);
    if (histories.find(sender, Event.RCV_ACK_OF_FIN)) histories.remove(sender);
    while (histories.find(receiver, Event.RCV_FIN)) histories.remove(receiver);
    histories.walk(sender);
    histories.walk(receiver);
  }

  /** The FIN nobody captured is taken for real. */
  #adoptFin(sender: Endpoint, receiver: Endpoint): void {
    const { histories } = this;
    sender.bits = (sender.bits & ~EndpointBit.FIN_CANDIDATE) | EndpointBit.FIN_KNOWN;
    if (histories.find(sender, Event.SND_FIN)) histories.accept();
    if (histories.find(sender, Event.RCV_ACK_OF_FIN)) histories.accept();
    if (histories.find(receiver, Event.RCV_FIN)) {
      histories.accept();
      // Of the one captured direction only: the FIN will have brought the acknowledgment that was not captured either.
      if (
        (sender.bits & EndpointBit.SEEN) === 0 &&
        receiver.unanswered === 0 &&
        !histories.find(receiver, Event.RCV_ACK_OF_FIN) &&
        this.#isClosing(receiver) &&
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

  #isClosing(endpoint: Endpoint): boolean {
    this.histories.walk(endpoint);
    return endpoint.state === State.CLOSING;
  }

  // -- Contradictions ---------------------------------------------------------------------------------------------------

  /** The sender is alive and sends this: whatever of its history says that it cannot is taken back. */
  #contradict(): void {
    const s = this.#s;
    const { histories } = this;
    if (histories.find(s, Event.SND_RST) && histories.step.held) histories.remove(s);
    if (!isClosed(s.state) || !histories.findLastMove(s)) return;
    const { step } = histories;
    switch (step.event) {
      case Event.SND_RST:
        // New data, or anything much later: the RST was forged.
        if (this.#isSyn || (!seqAfter(this.#end, s.sndNxt) && this.#elapsed() <= REORDERING)) return;
        break;
      case Event.RCV_RST:
      case Event.RCV_RST_PASSIVE:
      case Event.RCV_ICMP_ERROR:
        if (!step.open || this.#isCopy()) return;
        if (this.#crosses(s)) {
          this.#postpone();
          return;
        }
        break;
      case Event.REPLACED:
        break;
      case Event.RCV_ACK_OF_FIN:
        if (!step.open || this.#isSyn || this.#crosses(s)) return;
        if (this.#isFin ? this.#isCopy() : this.#seq !== s.finEnd) return;
        break;
      default:
        return;
    }
    histories.remove(s);
    histories.walk(s);
  }

  // -- Lives of a 4-tuple -----------------------------------------------------------------------------------------------

  /** Gives the segment to the older incarnation where its numbers fit that one better. */
  #route(packet: Packet, index: number, direction: 0 | 1): void {
    const newest = this.#incarnation.index;
    const hasAck = (packet.flags & Flag.ACK) !== 0;
    const s = this.#s;
    if ((packet.flags & SYN_ACK) === Flag.SYN || ((s.bits & EndpointBit.ISS_KNOWN) !== 0 && packet.seq === s.iss))
      return;
    let best = newest;
    let bestDirection = direction;
    let at = newest;
    let turned = direction;
    let bestFit = this.#fit(packet, hasAck);
    while (this.#incarnation.older !== 0 && bestFit < 6) {
      if ((this.#incarnation.bits & IncarnationBit.FLIPPED) !== 0) turned = turned === 0 ? 1 : 0;
      at = this.#incarnation.older - 1;
      this.#select(at, turned);
      const fit = this.#fit(packet, hasAck);
      if (fit > bestFit) {
        bestFit = fit;
        best = at;
        bestDirection = turned;
      }
    }
    if (best !== newest && hasAck && (packet.flags & Flag.RST) === 0) {
      this.#surviveNewer(best, newest, index, direction, bestDirection !== direction);
    }
    this.#select(best, bestDirection);
  }

  #fit(packet: Packet, hasAck: boolean): number {
    if ((packet.flags & Flag.SYN) !== 0) {
      const s = this.#s;
      const r = this.#r;
      if ((s.bits & EndpointBit.ISS_KNOWN) !== 0) return s.iss === packet.seq ? 6 : 0;
      return r.state === State.SYN_SENT && answersSyn(r, packet.ack) ? 6 : 0;
    }
    return fitOf(this.#s, this.#r, packet.seq, hasAck, packet.ack);
  }

  /**
   * The sender of the newer life's SYN goes on in the older one: it never sent that SYN (forged, or an old duplicate).
   * From now on the stream's segments are the older life's.
   */
  #surviveNewer(best: number, newest: number, index: number, direction: 0 | 1, flipped: boolean): void {
    this.#select(newest, direction);
    const s = this.#s;
    const r = this.#r;
    if (s.state !== State.SYN_SENT && !this.histories.findOpen(s, Event.RCV_SYN_ACK)) return;
    this.histories.clear(s);
    s.bits &= ~(EndpointBit.ACTIVE | EndpointBit.SETTLED);
    s.start = State.UNKNOWN;
    s.state = State.UNKNOWN;
    if (r.first !== 0) return;
    this.#incarnation.bits |= IncarnationBit.STILLBORN;
    this.#currentOf[index] = (best << 1) | ((this.#currentOf[index]! & 1) ^ (flipped ? 1 : 0));
  }

  /**
   * The receiver's SYN was answered, so it has left the older life, when it sent the SYN at the latest; and so has the
   * sender, where it took the SYN (`accepted`): a TIME_WAIT that let itself be replaced, or an end that no segment showed.
   */
  #replaceOlder(accepted: boolean): void {
    const { older, bits } = this.#incarnation;
    const r = this.#r;
    const { histories } = this;
    const gone = this.#gone;
    if (older === 0 || !histories.find(r, Event.SND_SYN)) return;
    const { frame, seconds, nanoseconds } = histories.step;
    const opener = r.at > this.#s.at === ((bits & IncarnationBit.FLIPPED) === 0) ? 1 : 0;
    for (let side = 0; side < 2; side++) {
      this.endpoints.move(gone, older - 1);
      gone.at += side * ENDPOINT_WORDS;
      if (isClosed(gone.state) || gone.state === State.UNKNOWN) continue;
      if (side === opener) histories.append(gone, Event.REPLACED, Evidence.INFERRED, frame, seconds, nanoseconds);
      else if (accepted) this.#append(gone, Event.REPLACED, Evidence.INFERRED);
      histories.walk(gone);
      gone.bits &= ~EndpointBit.SETTLED;
    }
  }

  /** A life that begins inside a stream of Wireshark's: linked behind the stream's others. */
  #openInside(index: number, direction: 0 | 1): void {
    const older = this.#currentOf[index]! >> 1;
    const incarnation = this.#take();
    this.#chain(incarnation, older, false);
    let at = this.#firstOf[index]!;
    for (;;) {
      this.incarnations.move(this.#older, at);
      if (this.#older.next === 0) break;
      at = this.#older.next - 1;
    }
    this.#older.next = incarnation + 1;
    this.#currentOf[index] = (incarnation << 1) | (this.#currentOf[index]! & 1);
    this.#select(incarnation, direction);
    this.#incarnation.firstFrame = this.#frame;
    this.#incarnation.firstSeconds = this.#seconds;
    this.#incarnation.firstNanoseconds = this.#nanoseconds;
    if (this.#hasAck) {
      // An old SYN is answered: who sent it long ago is not in SYN_SENT.
      this.#beginSending(this.#r, seqAdd(this.#ack, -1), this.#ack);
    }
  }

  #take(): number {
    const incarnation = this.incarnations.take();
    this.endpoints.take();
    const endpoint = this.#r;
    for (let side = 0; side < 2; side++) {
      this.endpoints.move(endpoint, incarnation);
      endpoint.at += side * ENDPOINT_WORDS;
      endpoint.shift = SHIFT_UNKNOWN;
    }
    return incarnation;
  }

  #chain(incarnation: number, older: number, flipped: boolean): void {
    this.incarnations.move(this.#incarnation, incarnation);
    this.#incarnation.older = older + 1;
    if (flipped) this.#incarnation.bits |= IncarnationBit.FLIPPED;
    this.incarnations.move(this.#older, older);
    this.#older.newer = incarnation + 1;
  }

  #select(incarnation: number, direction: 0 | 1): void {
    const s = this.#s;
    const r = this.#r;
    this.incarnations.move(this.#incarnation, incarnation);
    this.endpoints.move(s, incarnation);
    this.endpoints.move(r, incarnation);
    if (direction === 0) r.at += ENDPOINT_WORDS;
    else s.at += ENDPOINT_WORDS;
  }

  // -- The end ----------------------------------------------------------------------------------------------------------

  /**
   * The last word on connection `index`, given that the capture went on until `seconds`, `nanoseconds`: what was held or
   * open is settled as well as it can be, and TIME_WAIT runs out. Called once, before its history is read.
   */
  finish(index: number, seconds: number, nanoseconds: number, timeWaitSeconds: number): void {
    this.#seconds = seconds | 0;
    this.#nanoseconds = nanoseconds;
    for (let at = this.#firstOf[index]! + 1; at !== 0; at = this.#incarnation.next) {
      this.#select(at - 1, 0);
      this.#concludeSide(this.#s, this.#r);
      this.#concludeSide(this.#r, this.#s);
      this.#expire(this.#s, timeWaitSeconds);
      this.#expire(this.#r, timeWaitSeconds);
    }
  }

  #concludeSide(endpoint: Endpoint, peer: Endpoint): void {
    const { histories } = this;
    // A SYN,ACK is answered at once: without an answer nothing says that it arrived.
    if (histories.findOpen(endpoint, Event.RCV_SYN_ACK)) histories.hold();
    if ((endpoint.bits & EndpointBit.FIN_CANDIDATE) !== 0) this.#adoptFin(endpoint, peer);
    // A RST beyond all that was captured of its sender, and silence after it: the capture missed what came before it.
    if (histories.find(endpoint, Event.SND_RST) && histories.step.held) {
      const { step } = histories;
      const answered =
        (peer.bits & EndpointBit.SEEN) !== 0 &&
        microsecondsBetween(step.seconds, step.nanoseconds, peer.lastSeconds, peer.lastNanoseconds) >= 0;
      if (!answered) histories.accept();
    }
    histories.walk(endpoint);
    histories.walk(peer);
  }

  #expire(endpoint: Endpoint, timeWaitSeconds: number): void {
    const { histories } = this;
    if (endpoint.state !== State.TIME_WAIT || !histories.findLastMove(endpoint)) return;
    const { step } = histories;
    let since = step.seconds;
    let sinceNanoseconds = step.nanoseconds;
    if (
      (endpoint.bits & EndpointBit.TIME_WAIT_AGAIN) !== 0 &&
      microsecondsBetween(since, sinceNanoseconds, endpoint.timeWaitSeconds, endpoint.timeWaitNanoseconds) > 0
    ) {
      since = endpoint.timeWaitSeconds;
      sinceNanoseconds = endpoint.timeWaitNanoseconds;
    }
    const whole = Math.floor(timeWaitSeconds);
    const rest = Math.round((timeWaitSeconds - whole) * 1e9);
    let untilNanoseconds = sinceNanoseconds + rest;
    let until = (since + whole) | 0;
    if (untilNanoseconds >= 1e9) {
      untilNanoseconds -= 1e9;
      until++;
    }
    if (microsecondsBetween(until, untilNanoseconds, this.#seconds, this.#nanoseconds) < 0) return;
    histories.append(endpoint, Event.TIMEOUT_2MSL, Evidence.TIMER, 0, until, untilNanoseconds);
    histories.walk(endpoint);
  }

  /** Moves `incarnation`, `a` and `b` to the first incarnation of connection `index`. */
  first(index: number, incarnation: Incarnation, a: Endpoint, b: Endpoint): void {
    this.#place(this.#firstOf[index]!, incarnation, a, b);
  }

  /** Moves them to the next incarnation of the same connection. False if there is none. */
  next(incarnation: Incarnation, a: Endpoint, b: Endpoint): boolean {
    if (incarnation.next === 0) return false;
    this.#place(incarnation.next - 1, incarnation, a, b);
    return true;
  }

  #place(at: number, incarnation: Incarnation, a: Endpoint, b: Endpoint): void {
    this.incarnations.move(incarnation, at);
    this.endpoints.move(a, at);
    this.endpoints.move(b, at);
    b.at += ENDPOINT_WORDS;
  }

  // -- Small parts ------------------------------------------------------------------------------------------------------

  /** A connection whose start is not in the capture. */
  #meetMidStream(endpoint: Endpoint): void {
    if (endpoint.state !== State.UNKNOWN || this.histories.find(endpoint, Event.MID_STREAM)) return;
    if ((endpoint.bits & EndpointBit.ISS_KNOWN) !== 0) return;
    const { firstFrame, firstSeconds, firstNanoseconds } = this.#incarnation;
    this.histories.prepend(endpoint, Event.MID_STREAM, Evidence.ASSUMED, firstFrame, firstSeconds, firstNanoseconds);
    this.histories.walk(endpoint);
  }

  #beginSending(endpoint: Endpoint, iss: number, next: number): void {
    endpoint.iss = iss;
    if ((endpoint.bits & EndpointBit.NXT_KNOWN) === 0 || seqAfter(next, endpoint.sndNxt)) endpoint.sndNxt = next;
    endpoint.bits |= EndpointBit.ISS_KNOWN | EndpointBit.NXT_KNOWN;
  }

  /** SND.NXT, window, time stamp and silence, after the segment has been judged. */
  #advance(): void {
    const s = this.#s;
    const r = this.#r;
    const packet = this.#packet;
    if ((s.bits & EndpointBit.NXT_KNOWN) === 0) {
      s.sndNxt = this.#end;
      s.bits |= EndpointBit.NXT_KNOWN;
    } else if (seqAfter(this.#end, s.sndNxt) && !(this.#isFin && this.#end === this.#seq)) s.sndNxt = this.#end;
    else if (!this.#isSyn && seqBefore(this.#seq, s.sndNxt)) s.unanswered++;
    if (this.#isSyn) s.shift = packet.windowScale < 0 ? 0 : Math.min(packet.windowScale, 14);
    s.window = s.shift > 0 && !this.#isSyn ? packet.window << s.shift : packet.window;
    if (
      packet.hasTimestamps &&
      ((r.bits & EndpointBit.RCV_KNOWN) === 0 || seqAtOrBefore(this.#seq, r.rcvNxt)) &&
      this.#isSound() &&
      !failsPaws(s, packet.tsVal)
    ) {
      s.tsRecent = packet.tsVal;
      s.bits |= EndpointBit.TS_KNOWN;
    }
    if (!this.#isSound()) {
      s.bits |= EndpointBit.DAMAGED;
      s.damagedEnd = this.#end;
    } else if ((s.bits & EndpointBit.DAMAGED) !== 0 && seqAtOrAfter(this.#end, s.damagedEnd)) {
      s.bits &= ~EndpointBit.DAMAGED;
    }
    this.#seen(s);
  }

  #seen(s: Endpoint): void {
    s.bits |= EndpointBit.SEEN;
    s.lastFrame = this.#frame;
    s.lastSeconds = this.#seconds;
    s.lastNanoseconds = this.#nanoseconds;
    if (this.#progresses) this.#r.unanswered = 0;
  }

  /** Has the receiver left the sender without an answer, so that this segment need not have arrived either? */
  #isCutOff(s: Endpoint, r: Endpoint): boolean {
    return s.unanswered > 0 && (r.bits & EndpointBit.SEEN) !== 0;
  }

  /** False if the segment was damaged on the way: its checksum is wrong, and this sender's checksums mean something. */
  #isSound(): boolean {
    if (this.#soundness < 0) {
      const void_ = (this.#s.bits & EndpointBit.CHECKSUM_VOID) !== 0;
      this.#soundness = void_ || tcpChecksum(this.#packet) !== Checksum.WRONG ? 1 : 0;
    }
    return this.#soundness === 1;
  }

  #noteControl(): void {
    const s = this.#s;
    const packet = this.#packet;
    if (packet.hasTimestamps) {
      s.bits |= EndpointBit.CONTROL_TS;
      s.controlTs = packet.tsVal;
    } else s.bits &= ~EndpointBit.CONTROL_TS;
    s.controlId = packet.ipId;
    s.controlSeq = this.#seq;
  }

  /** Is this a copy, made by the network, of the sender's latest SYN or FIN? One sent again differs in time or identification. */
  #isCopy(): boolean {
    const s = this.#s;
    const packet = this.#packet;
    if (packet.hasTimestamps && (s.bits & EndpointBit.CONTROL_TS) !== 0) return packet.tsVal === s.controlTs;
    // Linux numbers SYN,ACK and RST 0: that says nothing.
    return packet.ipId > 0 && packet.ipId === s.controlId;
  }

  /** May this segment of `endpoint` have been sent before the segment of the step in hand reached it? */
  #crosses(endpoint: Endpoint): boolean {
    const limit = endpoint.loop === 0 ? CROSSING_UNKNOWN : endpoint.loop * CROSSING_LOOPS + CROSSING_SLACK;
    return this.#elapsed() <= limit;
  }

  /** Microseconds since the step in hand. */
  #elapsed(): number {
    const { step } = this.histories;
    return microsecondsBetween(step.seconds, step.nanoseconds, this.#seconds, this.#nanoseconds);
  }

  /** The step in hand was answered by this segment of `endpoint`. */
  #measureLoop(endpoint: Endpoint): void {
    const elapsed = Math.ceil(this.#elapsed());
    if (elapsed >= 0 && elapsed < MAX_LOOP && (endpoint.loop === 0 || elapsed < endpoint.loop))
      endpoint.loop = elapsed + 1;
  }

  #append(endpoint: Endpoint, event: Event, evidence: Evidence, held = false): void {
    this.histories.append(endpoint, event, evidence, this.#frame, this.#seconds, this.#nanoseconds, held);
  }

  #dateNow(): void {
    this.histories.date(this.#frame, this.#seconds, this.#nanoseconds);
  }

  /** The sender's steps of the event in hand happened after it sent this segment; they keep their times. */
  #postpone(): void {
    this.#postponed = this.histories.step.event;
  }

  /** Puts the postponed steps behind those that this segment has added. */
  #repeatPostponed(): void {
    if (this.#postponed < 0) return;
    this.histories.moveAllToEnd(this.#s, this.#postponed as Event);
    this.#postponed = -1;
    this.histories.walk(this.#s);
  }

  #settle(endpoint: Endpoint): void {
    const known = EndpointBit.NXT_KNOWN | EndpointBit.RCV_KNOWN;
    const settled =
      endpoint.state === State.ESTABLISHED && (endpoint.bits & known) === known && !this.histories.isOpen(endpoint);
    if (settled) endpoint.bits |= EndpointBit.SETTLED;
    else endpoint.bits &= ~EndpointBit.SETTLED;
  }
}

/** Had this endpoint received its peer's FIN before it sent its own? */
function isAfterItsPeersFin(histories: Histories, endpoint: Endpoint): boolean {
  return (
    endpoint.state === State.LAST_ACK || (endpoint.state === State.CLOSED && histories.find(endpoint, Event.RCV_FIN))
  );
}

function grown(words: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(words.length * 2);
  more.set(words);
  return more;
}
