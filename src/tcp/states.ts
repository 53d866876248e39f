// In: one segment and its connection. Out: both endpoints moved through the RFC 9293 states, with evidence.
//
//   segment ─▶ which life of the 4-tuple ─▶ plain data? done
//                                        └▶ what it proves of its sender ─▶ what it may do to its receiver ─▶ histories
//                                           (opening.ts, closing.ts, aborting.ts)                            (history.ts)
//
// The observer stands somewhere on the path. What an endpoint sent is *observed*. What it received is *inferred*: the segment
// may still be lost, damaged, dropped by a full queue or answered by a challenge ACK. So an inferred step stays open until a
// later segment of that endpoint proves it, and is held or taken back when one disproves it: a FIN, SYN or SYN,ACK that is
// sent again has not arrived, unless its answer was seen before. The history is then walked anew.

import type { Frame } from '../capture/frame.ts';
import { RowPool } from '../flow/rows.ts';
import type { LinearMemory } from '../linear/memory.ts';
import { Flag, type Packet } from '../wire/packet.ts';
import { seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDistance } from '../wire/seq.ts';
import { reset } from './aborting.ts';
import { acknowledge, adoptFin, carryData, noteSkipped, proveReceipt, sendFin } from './closing.ts';
import { ENDPOINT_WORDS, Endpoint, EndpointBit, SHIFT_UNKNOWN } from './endpoint.ts';
import { Event } from './event.ts';
import { Answer, asksAgain, countUnanswered, Exchange } from './exchange.ts';
import { answersSyn, failsPaws, fitOf, isClosed, withinReach } from './guards.ts';
import { Evidence, Histories, microsecondsBetween } from './history.ts';
import { INCARNATION_WORDS, Incarnation, IncarnationBit } from './incarnation.ts';
import { meetMidStream, proveHandshake, sendSyn, sendSynAck } from './opening.ts';
import { State } from './state.ts';
import { addToHistory } from './zeek-history.ts';

const CONTROL = Flag.SYN | Flag.FIN | Flag.RST;
/** The fit of a segment that continues an incarnation exactly, in both numbers. */
const PERFECT_FIT = 6;
/** Bits of `#currentOf` below the incarnation's index: the connection's A is that one's B; there is an older one. */
export const Current = { TURNED: 1, HAS_OLDER: 2, SHIFT: 2 } as const;
const { TURNED, HAS_OLDER, SHIFT: INDEX_SHIFT } = Current;

/** Connections that there is room for at first. */
const FIRST_ROOM = 1024;

/** Tracks the state of both endpoints of every connection. */
export class StateTracker {
  /** States of the sender and of the receiver after the segment observed last, as far as known then. */
  senderState: State = State.UNKNOWN;
  receiverState: State = State.UNKNOWN;

  /** How long TIME_WAIT lasts, seconds (2MSL). Linux: 60; RFC 9293 3.4.2: 240. */
  timeWaitSeconds = 60;
  readonly histories = new Histories();
  readonly incarnations = new RowPool(INCARNATION_WORDS);
  readonly endpoints: RowPool;
  /** The frame that `explaining` is asked about; 0: none. */
  explainedFrame = 0;
  /** Called before and after that frame has been taken in, with its sender, its receiver, and what the rules say of it. */
  explaining: ((sender: Endpoint, receiver: Endpoint, notes: string[] | null) => void) | null = null;

  /** Per connection: its first incarnation, and the one that its segments are given to: an index and two bits, below. */
  #firstOf = new Int32Array(FIRST_ROOM);
  #currentOf: Int32Array;
  readonly #memory: LinearMemory;
  readonly #exchange = new Exchange(this.histories);
  readonly #other = new Incarnation();
  /** The first incarnation of the connection whose copies are in its place. */
  #lent = -1;
  readonly #gone = new Endpoint();

  /** `memory`: where the endpoints lie. */
  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.endpoints = new RowPool(2 * ENDPOINT_WORDS, memory);
    this.#currentOf = memory.int32(memory.allocate(FIRST_ROOM * 4), FIRST_ROOM);
  }

  /** Where in that memory is, for each connection, the incarnation that its segments are given to (Current): elsewhere after some `open`. */
  get currentAt(): number {
    return this.#currentOf.byteOffset;
  }

  /**
   * Makes the records of connection `index`; called once, before its first segment.
   * `older`: index + 1 of the connection that held the 4-tuple before, or 0; `flipped`: A here is B there.
   */
  open(index: number, older = 0, flipped = false): void {
    const incarnation = this.#take(index);
    if (index >= this.#firstOf.length) this.#makeRoomFor(index);
    this.#firstOf[index] = incarnation;
    this.#currentOf[index] = (incarnation << INDEX_SHIFT) | (older === 0 ? 0 : HAS_OLDER);
    if (older !== 0) {
      const current = this.#currentOf[older - 1]!;
      this.#chain(incarnation, current >> INDEX_SHIFT, flipped !== ((current & TURNED) === TURNED));
    }
  }

  /** Steps both endpoints of connection `index`. `direction` 0: A sent it. */
  observe(frame: Frame, packet: Packet, index: number, direction: 0 | 1): void {
    const x = this.#exchange;
    const { s, r } = x;
    const current = this.#currentOf[index]!;
    direction = (direction ^ (current & TURNED)) as 0 | 1;
    this.#selectEndpoints(current >> INDEX_SHIFT, direction);
    if ((current & HAS_OLDER) !== 0) {
      x.incarnation.moveTo(this.incarnations, current >> INDEX_SHIFT);
      this.#route(packet, index, direction);
    }

    const { seq, flags, payloadLength: length } = packet;
    // The plain path: data and acknowledgments between two endpoints in ESTABLISHED.
    if (
      (flags & (CONTROL | Flag.ACK)) === Flag.ACK &&
      (s.bits & EndpointBit.SETTLED) !== 0 &&
      r.state === State.ESTABLISHED &&
      length >= 0 &&
      (s.bits & (length > 0 ? EndpointBit.HISTORY_D : EndpointBit.HISTORY_A)) !== 0 &&
      packet.window !== 0 &&
      frame.number !== this.explainedFrame
    ) {
      const end = seqAdd(seq, length);
      const { ack } = packet;
      if (seqAtOrBefore(ack, r.sndNxt) && seqAtOrBefore(seq, s.sndNxt) && seqDistance(s.sndNxt, end) <= 0xffff) {
        if (seqAfter(end, s.sndNxt)) s.sndNxt = end;
        else if (asksAgain(s, seq, length)) {
          countUnanswered(s, frame.seconds | 0, frame.nanoseconds);
          if (length > 0) this.#addToHistory(packet);
        }
        if (seqAfter(ack, s.rcvNxt)) {
          s.rcvNxt = ack;
          r.unanswered = 0;
        } else if (ack === r.sndNxt) r.unanswered = 0;
        s.window = s.shift > 0 ? packet.window << s.shift : packet.window;
        const isInOrder = (r.bits & EndpointBit.RCV_KNOWN) === 0 || seqAtOrBefore(seq, r.rcvNxt);
        if (packet.hasTimestamps && isInOrder && !failsPaws(s, packet.tsVal)) s.tsRecent = packet.tsVal;
        s.lastFrame = frame.number;
        s.lastSeconds = frame.seconds | 0;
        s.lastNanoseconds = frame.nanoseconds;
        this.senderState = State.ESTABLISHED;
        this.receiverState = State.ESTABLISHED;
        return;
      }
    }

    x.take(frame, packet);
    const { incarnation } = x;
    incarnation.moveTo(this.incarnations, s.index);
    if (incarnation.firstFrame === 0) this.#beginHere(incarnation);
    this.#expire(s);
    this.#expire(r);
    if (frame.number === this.explainedFrame && this.explaining !== null) {
      x.notes = [];
      this.explaining(s, r, null);
    }

    this.#addToHistory(packet);
    if (x.hasAck) x.learnChecksums();
    if ((flags & Flag.RST) !== 0) reset(x);
    else if (x.isSyn) this.#synchronize(index, direction);
    else this.#segment();
    if (x.answer !== Answer.NONE) this.#replaceOlder(x.answer === Answer.ACCEPTED);

    this.histories.walk(s);
    this.histories.walk(r);
    x.settle(s);
    x.settle(r);
    this.senderState = s.state as State;
    this.receiverState = r.state as State;
    if (x.notes !== null) {
      this.explaining?.(s, r, x.notes);
      x.notes = null;
    }
  }

  /** An ICMP error quotes a segment that endpoint `direction` of connection `index` sent. */
  observeError(frame: Frame, packet: Packet, index: number, direction: 0 | 1): void {
    const x = this.#exchange;
    const current = this.#currentOf[index]!;
    this.#select(current >> INDEX_SHIFT, (direction ^ (current & TURNED)) as 0 | 1);
    // Only who is still connecting gives up, and only if the quotation is of its SYN (RFC 5927 4.1).
    if (!packet.undeliverable || x.s.state !== State.SYN_SENT || packet.seq !== x.s.iss) return;
    x.take(frame, packet);
    x.append(x.s, Event.RCV_ICMP_ERROR, Evidence.INFERRED);
    this.histories.walk(x.s);
    this.senderState = x.s.state as State;
    this.receiverState = x.r.state as State;
  }

  #makeRoomFor(index: number): void {
    const room = Math.max(this.#firstOf.length * 2, index + 1);
    const first = new Int32Array(room);
    first.set(this.#firstOf);
    this.#firstOf = first;
    const before = this.#currentOf;
    this.#currentOf = this.#memory.int32(this.#memory.allocate(room * 4), room);
    this.#currentOf.set(before);
    this.#memory.free(before.byteOffset, before.byteLength);
  }

  #addToHistory(packet: Packet): void {
    const { s, r, incarnation } = this.#exchange;
    const { flags, seq, payloadLength, window } = packet;
    const length = Math.max(payloadLength, 0);
    const isRepeat = length > 0 && (s.bits & EndpointBit.NXT_KNOWN) !== 0 && seqBefore(seq, s.sndNxt);
    incarnation.moveTo(this.incarnations, s.index);
    addToHistory(incarnation, s, s.at > r.at, flags, seq, length, window, isRepeat);
  }

  #synchronize(index: number, direction: 0 | 1): void {
    const x = this.#exchange;
    const { s } = x;
    const known = (s.bits & EndpointBit.ISS_KNOWN) !== 0;
    if (known ? s.iss !== x.seq : (s.bits & EndpointBit.NXT_KNOWN) !== 0 && seqAdd(x.seq, 1) !== s.sndNxt) {
      if (!x.hasAck && this.#revive(index, direction)) return;
      if (!this.#beginsAnew()) {
        x.note(
          'The SYN,ACK bears another number than the one before, and its sender is not in a state to begin anew: ignored.',
        );
        return;
      }
      if (this.#answersAtLast()) this.#forgetSender();
      else this.#openInside(index, direction);
    }
    x.contradict();
    if (x.hasAck) sendSynAck(x);
    else sendSyn(x);
    x.advance();
  }

  #segment(): void {
    const x = this.#exchange;
    const { s, r } = x;
    // Out of all reach: stray, unless its acknowledgment shows that the capture has missed a stretch.
    if (!withinReach(s, r, x.seq) && (x.isFin || !x.hasAck || !withinReach(r, s, x.ack))) {
      x.note(
        'SEG.SEQ is outside any window its receiver has offered: the segment is dropped, perhaps with an ACK (3.10.7.4).',
      );
      return;
    }
    x.contradict();
    if (x.hasAck) {
      if (x.length === 0 && !x.isFin && x.seq === seqAdd(s.sndNxt, 1)) noteSkipped(x);
      meetMidStream(x, s);
      proveHandshake(x);
      proveReceipt(x);
      acknowledge(x);
    }
    if (x.length > 0) carryData(x);
    if (x.isFin) sendFin(x);
    if (s.state === State.TIME_WAIT && x.hasAck && !x.isFin) {
      s.bits |= EndpointBit.TIME_WAIT_AGAIN;
      s.timeWaitSeconds = x.seconds;
      s.timeWaitNanoseconds = x.nanoseconds;
    }
    x.advance();
    x.repeatPostponed();
    this.histories.walk(s);
  }

  // -- Lives of a 4-tuple -----------------------------------------------------------------------------------------------

  /** Gives the segment to the older incarnation where its numbers fit that one better. */
  #route(packet: Packet, index: number, direction: 0 | 1): void {
    const newest = this.#exchange.incarnation.index;
    const hasAck = (packet.flags & Flag.ACK) !== 0;
    const { s } = this.#exchange;
    const isSyn = (packet.flags & Flag.SYN) !== 0;
    if (isSyn && !hasAck) return;
    // The SYN's number again: of a SYN,ACK, or of a keep-alive, which nobody sends before the SYN is answered.
    if ((s.bits & EndpointBit.ISS_KNOWN) !== 0 && packet.seq === s.iss && (isSyn || s.state !== State.SYN_SENT)) return;
    let best = newest;
    let bestDirection = direction;
    let at = newest;
    let turned = direction;
    let bestFit = this.#fit(packet, hasAck);
    while (this.#exchange.incarnation.older !== 0 && bestFit < PERFECT_FIT) {
      if ((this.#exchange.incarnation.bits & IncarnationBit.FLIPPED) !== 0) turned = turned === 0 ? 1 : 0;
      at = this.#exchange.incarnation.older - 1;
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
    const { s, r } = this.#exchange;
    if ((packet.flags & Flag.SYN) !== 0) {
      if ((s.bits & EndpointBit.ISS_KNOWN) !== 0) return s.iss === packet.seq ? PERFECT_FIT : 0;
      return r.state === State.SYN_SENT && answersSyn(r, packet.ack) ? PERFECT_FIT : 0;
    }
    return fitOf(s, r, packet.seq, hasAck, packet.ack);
  }

  /**
   * The sender of the newer life's SYN goes on in the older one: it never sent that SYN (forged, or an old duplicate).
   * From now on the stream's segments are the older life's.
   */
  #surviveNewer(best: number, newest: number, index: number, direction: 0 | 1, flipped: boolean): void {
    this.#select(newest, direction);
    const { s, r } = this.#exchange;
    if (s.state !== State.SYN_SENT && !this.histories.findOpen(s, Event.RCV_SYN_ACK)) return;
    this.histories.clear(s);
    s.bits &= ~(EndpointBit.ACTIVE | EndpointBit.SETTLED);
    this.histories.startFrom(s, State.UNKNOWN);
    s.state = State.UNKNOWN;
    if (r.first !== 0) return;
    this.#exchange.incarnation.bits |= IncarnationBit.STILLBORN;
    this.#other.moveTo(this.incarnations, best);
    const turned = (this.#currentOf[index]! & TURNED) ^ (flipped ? TURNED : 0);
    this.#currentOf[index] = (best << INDEX_SHIFT) | (this.#other.older === 0 ? 0 : HAS_OLDER) | turned;
  }

  /**
   * The receiver's SYN was answered, so it has left the older life, when it sent the SYN at the latest; and so has the
   * sender, where it took the SYN (`accepted`): a TIME_WAIT that let itself be replaced, or an end that no segment showed.
   */
  #replaceOlder(accepted: boolean): void {
    const { older, bits } = this.#exchange.incarnation;
    const { r } = this.#exchange;
    const { histories } = this;
    const gone = this.#gone;
    if (older === 0 || !histories.find(r, Event.SND_SYN)) return;
    const { frame, seconds, nanoseconds } = histories.step;
    const opener = r.at > this.#exchange.s.at === ((bits & IncarnationBit.FLIPPED) === 0) ? 1 : 0;
    for (let side = 0; side < 2; side++) {
      gone.moveTo(this.endpoints, older - 1);
      gone.at += side * ENDPOINT_WORDS;
      if (isClosed(gone.state) || gone.state === State.UNKNOWN) continue;
      if (side === opener) histories.append(gone, Event.REPLACED, Evidence.INFERRED, frame, seconds, nanoseconds);
      else if (accepted) this.#exchange.append(gone, Event.REPLACED, Evidence.INFERRED);
      histories.walk(gone);
      gone.bits &= ~EndpointBit.SETTLED;
    }
  }

  /** A life that begins inside a stream of Wireshark's: linked behind the stream's others. */
  #openInside(index: number, direction: 0 | 1): void {
    const x = this.#exchange;
    const older = this.#currentOf[index]! >> INDEX_SHIFT;
    const incarnation = this.#take(index);
    this.#chain(incarnation, older, false);
    let at = this.#firstOf[index]!;
    for (;;) {
      this.#other.moveTo(this.incarnations, at);
      if (this.#other.next === 0) break;
      at = this.#other.next - 1;
    }
    this.#other.next = incarnation + 1;
    this.#currentOf[index] = (incarnation << INDEX_SHIFT) | HAS_OLDER | (this.#currentOf[index]! & TURNED);
    this.#select(incarnation, direction);
    this.#beginHere(x.incarnation);
    // An old SYN is answered: who sent it long ago is not in SYN_SENT.
    if (x.hasAck) x.beginSending(x.r, seqAdd(x.ack, -1), x.ack);
    x.note('The sender had no connection any more: with this SYN a new life of the 4-tuple begins.');
  }

  /** The SYN of a life thought stillborn comes again: perhaps it was its sender's after all. */
  #revive(index: number, direction: 0 | 1): boolean {
    const x = this.#exchange;
    const first = this.#firstOf[index]!;
    this.#other.moveTo(this.incarnations, first);
    if ((this.#other.bits & IncarnationBit.STILLBORN) === 0) return false;
    this.#other.bits &= ~IncarnationBit.STILLBORN;
    const turned = this.#currentOf[index]! & TURNED;
    this.#currentOf[index] = (first << INDEX_SHIFT) | HAS_OLDER;
    this.#select(first, (direction ^ turned) as 0 | 1);
    sendSyn(x);
    x.advance();
    return true;
  }

  /** A SYN with another number in the same stream: is it a new life (the old one is over), or stray? */
  #beginsAnew(): boolean {
    const { s, hasAck } = this.#exchange;
    if (!hasAck) return true;
    return isClosed(s.state) || s.state === State.UNKNOWN || s.state === State.SYN_RCVD;
  }

  /**
   * A SYN,ACK that answers the peer's SYN, after one under the same ports that answered something else: it is this one that
   * belongs to the life (a capture on both sides of a firewall that renumbers, an answer to an older SYN).
   */
  #answersAtLast(): boolean {
    const { s, r, hasAck, ack } = this.#exchange;
    return (
      hasAck &&
      s.state === State.SYN_RCVD &&
      r.state === State.SYN_SENT &&
      answersSyn(r, ack) &&
      (s.bits & EndpointBit.RCV_KNOWN) !== 0 &&
      !answersSyn(r, s.rcvNxt)
    );
  }

  /** Nothing seen of the sender so far was of this life. */
  #forgetSender(): void {
    const { s } = this.#exchange;
    this.histories.clear(s);
    s.words.fill(0, s.at, s.at + ENDPOINT_WORDS);
    s.shift = SHIFT_UNKNOWN;
    this.#exchange.note('It answers the SYN; the SYN,ACK before, with another number, answered something else.');
  }

  #beginHere(incarnation: Incarnation): void {
    const { frame, seconds, nanoseconds } = this.#exchange;
    incarnation.firstFrame = frame;
    incarnation.firstSeconds = seconds;
    incarnation.firstNanoseconds = nanoseconds;
  }

  /** A fresh incarnation of connection `index`. */
  #take(index: number): number {
    const incarnation = this.incarnations.take();
    this.endpoints.take();
    this.#other.moveTo(this.incarnations, incarnation);
    this.#other.owner = index + 1;
    const endpoint = this.#exchange.r;
    for (let side = 0; side < 2; side++) {
      endpoint.moveTo(this.endpoints, incarnation);
      endpoint.at += side * ENDPOINT_WORDS;
      endpoint.shift = SHIFT_UNKNOWN;
    }
    return incarnation;
  }

  #chain(incarnation: number, older: number, flipped: boolean): void {
    this.#exchange.incarnation.moveTo(this.incarnations, incarnation);
    this.#exchange.incarnation.older = older + 1;
    if (flipped) this.#exchange.incarnation.bits |= IncarnationBit.FLIPPED;
    this.#other.moveTo(this.incarnations, older);
    this.#other.newer = incarnation + 1;
    if (this.#other.owner !== this.#exchange.incarnation.owner) this.#other.holders++;
  }

  #select(incarnation: number, direction: 0 | 1): void {
    this.#exchange.incarnation.moveTo(this.incarnations, incarnation);
    this.#selectEndpoints(incarnation, direction);
  }

  #selectEndpoints(incarnation: number, direction: 0 | 1): void {
    const { s, r } = this.#exchange;
    s.moveTo(this.endpoints, incarnation);
    r.moveBeside(s, direction === 0 ? ENDPOINT_WORDS : 0);
    if (direction === 1) s.at += ENDPOINT_WORDS;
  }

  // -- The end ----------------------------------------------------------------------------------------------------------

  /**
   * The last word on connection `index`, given that the capture went on until `seconds`, `nanoseconds`: what was held or
   * open is settled as well as it can be, and TIME_WAIT runs out. Called once, before its history is read.
   */
  finish(index: number, seconds: number, nanoseconds: number): void {
    const x = this.#exchange;
    x.seconds = seconds | 0;
    x.nanoseconds = nanoseconds;
    for (let at = this.#firstOf[index]! + 1; at !== 0; at = x.incarnation.next) {
      this.#select(at - 1, 0);
      this.#concludeSide(x.s, x.r);
      this.#concludeSide(x.r, x.s);
      this.#expire(x.s);
      this.#expire(x.r);
    }
  }

  #concludeSide(endpoint: Endpoint, peer: Endpoint): void {
    const { histories } = this;
    let isChanged = false;
    // A SYN,ACK is answered at once: without an answer nothing says that it arrived.
    if (histories.findOpen(endpoint, Event.RCV_SYN_ACK)) {
      histories.hold(endpoint);
      isChanged = true;
    }
    if ((endpoint.bits & EndpointBit.FIN_CANDIDATE) !== 0) {
      adoptFin(this.#exchange, endpoint, peer);
      isChanged = true;
    }
    // A RST beyond all that was captured of its sender, and silence after it: the capture missed what came before it.
    if (histories.find(endpoint, Event.SND_RST) && histories.step.held) {
      const { step } = histories;
      const answered =
        (peer.bits & EndpointBit.SEEN) !== 0 &&
        microsecondsBetween(step.seconds, step.nanoseconds, peer.lastSeconds, peer.lastNanoseconds) >= 0;
      if (!answered) {
        histories.accept(endpoint);
        isChanged = true;
      }
    }
    if (!isChanged) return;
    histories.walk(endpoint);
    histories.walk(peer);
  }

  /** Ends a TIME_WAIT that had run out by the time of the segment in hand. */
  #expire(endpoint: Endpoint): void {
    const { histories, timeWaitSeconds } = this;
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
    if (microsecondsBetween(until, untilNanoseconds, this.#exchange.seconds, this.#exchange.nanoseconds) < 0) return;
    histories.append(endpoint, Event.TIMEOUT_2MSL, Evidence.TIMER, 0, until, untilNanoseconds);
    histories.walk(endpoint);
  }

  /**
   * Puts copies in the place of connection `index`'s incarnations, so that `finish` and the reading after it change nothing:
   * for an account of a connection that goes on being watched. To be followed by `unlend`.
   */
  lend(index: number): void {
    const x = this.#exchange;
    this.#lent = this.#firstOf[index]!;
    let before = -1;
    for (let at = this.#lent + 1; at !== 0; at = this.#other.next) {
      const copy = this.#take(index);
      this.#select(copy, 0);
      this.#other.moveTo(this.incarnations, at - 1);
      x.incarnation.words.set(
        this.#other.words.subarray(this.#other.at, this.#other.at + INCARNATION_WORDS),
        x.incarnation.at,
      );
      x.incarnation.next = 0;
      for (let side = 0; side < 2; side++) {
        const from = this.#gone;
        const to = side === 0 ? x.s : x.r;
        from.moveTo(this.endpoints, at - 1);
        from.at += side * ENDPOINT_WORDS;
        to.words.set(from.words.subarray(from.at, from.at + ENDPOINT_WORDS), to.at);
        this.histories.copy(from, to);
      }
      if (before < 0) this.#firstOf[index] = copy;
      else {
        x.incarnation.moveTo(this.incarnations, before);
        x.incarnation.next = copy + 1;
      }
      before = copy;
    }
  }

  /** Puts the incarnations of connection `index` back in the place of their copies. */
  unlend(index: number): void {
    for (let at = this.#firstOf[index]! + 1; at !== 0; ) {
      this.#other.moveTo(this.incarnations, at - 1);
      const { next } = this.#other;
      for (let side = 0; side < 2; side++) {
        this.#gone.moveTo(this.endpoints, at - 1);
        this.#gone.at += side * ENDPOINT_WORDS;
        this.histories.clear(this.#gone);
      }
      this.incarnations.release(at - 1);
      this.endpoints.release(at - 1);
      at = next;
    }
    this.#firstOf[index] = this.#lent;
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
    incarnation.moveTo(this.incarnations, at);
    a.moveTo(this.endpoints, at);
    b.moveTo(this.endpoints, at);
    b.at += ENDPOINT_WORDS;
  }

  /**
   * True if both ends of connection `index` are CLOSED or in TIME_WAIT, as far as they are known, and at the given time nothing of it has been seen for
   * `quietSeconds`. With as many as TIME_WAIT lasts it needs no more watching: a late copy could still change the account until then.
   */
  isOver(index: number, seconds: number, nanoseconds: number, quietSeconds: number): boolean {
    const endpoint = this.#gone;
    for (let at = this.#firstOf[index]! + 1; at !== 0; at = this.#other.next) {
      this.#other.moveTo(this.incarnations, at - 1);
      for (let side = 0; side < 2; side++) {
        endpoint.moveTo(this.endpoints, at - 1);
        endpoint.at += side * ENDPOINT_WORDS;
        const { state, lastSeconds, lastNanoseconds } = endpoint;
        if (!isClosed(state) && state !== State.TIME_WAIT && state !== State.UNKNOWN) return false;
        if ((endpoint.bits & EndpointBit.SEEN) === 0) continue;
        const quiet = microsecondsBetween(lastSeconds, lastNanoseconds, seconds | 0, nanoseconds);
        if (quiet < quietSeconds * 1e6) return false;
      }
    }
    return true;
  }

  /** True if a newer connection of the 4-tuple is held that may still hand segments to connection `index`. */
  isOlder(index: number): boolean {
    const other = this.#other;
    for (let at = this.#firstOf[index]! + 1; at !== 0; at = other.next) {
      other.moveTo(this.incarnations, at - 1);
      if (other.holders > 0) return true;
    }
    return false;
  }

  /**
   * Forgets connection `index`. False, and nothing is done, while a newer connection of the 4-tuple may still hand segments
   * to it; then that one is to be released first.
   */
  release(index: number): boolean {
    const other = this.#other;
    if (this.isOlder(index)) return false;
    for (let at = this.#firstOf[index]! + 1; at !== 0; ) {
      other.moveTo(this.incarnations, at - 1);
      const { next, older } = other;
      for (let side = 0; side < 2; side++) {
        this.#gone.moveTo(this.endpoints, at - 1);
        this.#gone.at += side * ENDPOINT_WORDS;
        this.histories.clear(this.#gone);
      }
      if (older !== 0) {
        // Several lives may have had the same one before them: a SYN that was not its sender's, and what came after it.
        other.moveTo(this.incarnations, older - 1);
        if (other.newer === at) other.newer = 0;
        if (other.owner !== 0 && other.owner !== index + 1) other.holders--;
      }
      this.incarnations.release(at - 1);
      this.endpoints.release(at - 1);
      at = next;
    }
    return true;
  }
}
