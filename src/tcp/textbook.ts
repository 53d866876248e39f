// In: the segments of a connection, as long as it goes by the book. Out: one small record per connection; the full rows when asked.
//
//   SYN ─▶ SYN,ACK ─▶ ACK ─▶ data and acknowledgments, each next in order ─▶ FIN ─▶ [ACK] ─▶ FIN ─▶ ACK
//
// Most connections of most captures do nothing else, in particular nothing that Wireshark flags. What analysis.ts, states.ts
// and facts.ts would write into some 280 words of rows for such a connection follows from a hundred: one number often stands
// for several (SND.NXT, tshark's `next` and `contig`, `high`), histories follow from eight moments. So a segment by the book
// reads and writes far less memory, which is what most of its time went into. `observe` answers false, and has changed nothing, for the first segment that is
// not; `fill` then writes the rows just as the three would have left them, and they go on from there.
//
// The three are the definition, this is the shortcut: test/tcp/textbook.test.ts compares the rows word for word.

import type { Frame } from '../capture/frame.ts';
import { wordOf } from '../flow/rows.ts';
import { Checksum, tcpChecksum } from '../wire/checksum.ts';
import { Flag, type Packet, PacketKind } from '../wire/packet.ts';
import { hasSimpleOptions, SEGMENT_WORDS, Segment, type SegmentRun, SegmentWord } from '../wire/segment-run.ts';
import { seqAdd, seqAfter, seqAtOrBefore, seqBefore } from '../wire/seq.ts';
import { Completeness, MAX_WINDOW_SCALE } from './analysis.ts';
import { ETHERNET_PAYLOAD } from './capture-facts.ts';
import { CONNECTION_WORDS, Connection, isAppAsked, lookForApp } from './connection.ts';
import { type Direction, DirectionBit, SCALE_UNUSED } from './direction.ts';
import { type Endpoint, EndpointBit, MAX_LOOP } from './endpoint.ts';
import { Event } from './event.ts';
import { type ConnectionFacts, type DirectionFacts, FactBit, FlowBit, HandshakeBit, MAX_TICK } from './fact-rows.ts';
import { type FactsTracker, handshakeWord, SILENCE_TICKS, tickOf, widenedTtls } from './facts.ts';
import { Evidence, type Histories, microsecondsBetween } from './history.ts';
import type { Incarnation } from './incarnation.ts';
import { State } from './state.ts';
import { type LifeSide, Moment, type TextbookLife } from './textbook-life.ts';
import type { UnackedSegments } from './unacked.ts';
import { FROM_B, LETTERS_PER_WORD, Letter, letterBits } from './zeek-history.ts';

/** How far a connection has come. */
export const Phase = {
  SYN: 1,
  SYN_ACK: 2,
  /** Both ends have acknowledged the other's SYN. */
  OPEN: 3,
  /** One end has sent its FIN; the other has acknowledged it; and sent its own; the last acknowledgment. */
  FIN: 4,
  FIN_ACKED: 5,
  BOTH_FINS: 6,
  CLOSED: 7,
} as const;

// The row: the connection's own fields, the record's head, then a side each for A (the active opener) and B, then what is seldom touched.
// Moments are frame, seconds, nanoseconds.
const PHASE = wordOf(Connection, 'phase');
const FRAME = wordOf(Connection, 'lastFrame');
const SECONDS = wordOf(Connection, 'lastSeconds');
const NANOSECONDS = wordOf(Connection, 'lastNanoseconds');
const ALL_SEGMENTS = wordOf(Connection, 'segments');
/** Time of the latest segment in ticks; FlowBit set. */
const TICK = CONNECTION_WORDS;
const FLOW_BITS = CONNECTION_WORDS + 1;
const A = CONNECTION_WORDS + 2;

// What a segment of the other end touches as well comes first.
/** One past the highest number sent (SYN and FIN counted); latest acknowledgment and window as sent; FactBit and own bits. */
const NEXT = 0;
const LAST_ACK = 1;
const WIN = 2;
const BITS = 3;
/** As in Direction and DirectionFacts. */
const SCALE = 4;
const HANDSHAKE = 5;
const DRAINED_TICK = 6;
/** At most so many segments have not been acknowledged. */
const LISTED = 7;
/** The latest segment's moment; the time of the latest that moved `NEXT`. */
const LAST_FRAME = 8;
const LAST_SECONDS = 9;
const LAST_NANOSECONDS = 10;
const NEXT_SECONDS = 11;
const NEXT_NANOSECONDS = 12;
const SEGMENTS = 13;
/** Latest TSval, and the peer's TS.Recent. */
const TS_VAL = 14;
const TS_RECENT = 15;
/** As in DirectionFacts. */
const TTLS = 16;
const PRINT = 17;
const PRINT_BEFORE = 18;
/** Payload bytes, two words. */
const BYTES_LOW = 19;
const BYTES_HIGH = 20;
const DATA_SEGMENTS = 21;
const LARGEST = 22;
const DATA_TICK = 23;
const ANSWERED = 24;
const EMPTY_TICKS = 25;
const FIRST_DATA_TICK = 26;
/** As in Endpoint. */
const ISS = 27;
const LOOP = 28;
const CONTROL_ID = 29;
const CONTROL_TS = 30;
/** Segments larger than the peer's MSS, those of them that were joined, the first (a moment). */
const OVERSIZED = 31;
const OVERSIZED_JOINED = 32;
const OVERSIZED_AT = 33;
const SIDE_WORDS = 36;

const B = A + SIDE_WORDS;
const REST = B + SIDE_WORDS;
/** Zeek's history letters, their number first. */
const LETTERS = REST;
const LETTERS_0 = REST + 1;
const LETTERS_1 = REST + 2;
/** The first frame of B after the third segment: it proves that B has had that one. */
const PROOF_OF_B = REST + 3;
/** As in ConnectionFacts, of silences of a second or more. */
const GAP = REST + 4;
const GAP_END = REST + 5;
const IDLE = REST + 6;
const ANSWER = REST + 10;
/** When the SYN,ACK passed, the third segment, the first FIN, its acknowledgment, the second FIN. */
const SYN_ACK_AT = REST + 14;
const ACK_AT = REST + 17;
const FIN_AT = REST + 20;
const FIN_ACK_AT = REST + 23;
const FIN_2_AT = REST + 26;
/** Words of a connection's row where it may have a record. */
export const TEXTBOOK_WORDS = REST + 29;

/** Own bits of `BITS`, above those of FactBit: the letters `a` and `d` are in Zeek's history; CONTROL_TS holds. */
const HAS_LETTER_A = 1 << 20;
const HAS_LETTER_D = 1 << 21;
const HAS_CONTROL_TS = 1 << 22;
const OWN_BITS = HAS_LETTER_A | HAS_LETTER_D | HAS_CONTROL_TS;

/**
 * Most segments without acknowledgment; tshark's list of them, not kept here, would have to be exact from 10,000 on. Together they have fewer bytes than
 * would be too far ahead (guards.ts).
 */
const MOST_LISTED = 1000;
/** The plain path of states.ts ends here. */
const MOST_PAYLOAD = 0xffff;

/** The connections of a trace that go by the book so far. */
export class Textbook {
  readonly #facts: FactsTracker;

  /** `facts`: where payloads are remembered, and what is rare is kept. */
  constructor(facts: FactsTracker) {
    this.#facts = facts;
  }

  /** True if the packet is a SYN with which a connection can begin by the book. */
  begins(frame: Frame, packet: Packet): boolean {
    return (
      // tshark takes a SYN at the epoch itself for none.
      (frame.seconds !== 0 || frame.nanoseconds !== 0) &&
      packet.kind === PacketKind.SEGMENT &&
      packet.flags === Flag.SYN &&
      packet.payloadLength === 0 &&
      packet.ack === 0 &&
      isUsual(packet) &&
      isNumbered(packet.seq) &&
      isSound(packet)
    );
  }

  /** Takes in the SYN of `connection`, whose row is otherwise complete. */
  begin(frame: Frame, packet: Packet, connection: Connection): void {
    const { words: w, at } = connection;
    w[at + PHASE] = Phase.SYN;
    addLetter(w, at, Letter.S);
    connection.completeness = Completeness.SYN;
    connection.segments = 1;
    connection.lastFrame = frame.number;
    this.#synchronize(frame, packet, w, at + A, 0);
    // Nothing of B has been seen.
    w[at + B + WIN] = -1;
    w[at + B + ANSWERED] = seqAdd(packet.seq, 1);
  }

  /** Takes in what follows the SYN of `connection`. False, and nothing has changed, if it is not the SYN,ACK by the book. */
  synAck(frame: Frame, packet: Packet, connection: Connection, direction: 0 | 1): boolean {
    const { words: w, at } = connection;
    const seconds = frame.seconds | 0;
    const { nanoseconds } = frame;
    const sinceLast = (seconds - connection.lastSeconds) | 0;
    if (
      direction !== 1 ||
      packet.kind !== PacketKind.SEGMENT ||
      packet.flags !== (Flag.SYN | Flag.ACK) ||
      packet.payloadLength !== 0 ||
      packet.ack !== w[at + A + NEXT] ||
      !isUsual(packet) ||
      !isNumbered(packet.seq) ||
      sinceLast < 0 ||
      (sinceLast === 0 && nanoseconds < connection.lastNanoseconds) ||
      !isSound(packet)
    ) {
      return false;
    }
    const a = at + A;
    const b = at + B;
    w[at + PHASE] = Phase.SYN_ACK;
    addLetter(w, at, Letter.H | FROM_B);
    setMoment(w, at + SYN_ACK_AT, frame.number, seconds, nanoseconds);
    const tick = tickOf(connection, seconds, nanoseconds);
    const gap = tick - w[at + TICK]!;
    if (gap >= SILENCE_TICKS) {
      w[at + GAP] = gap;
      w[at + GAP_END] = tick;
    }
    w[at + TICK] = tick;
    w[b + LOOP] = loopSince(w, a + LAST_FRAME, seconds, nanoseconds);
    this.#synchronize(frame, packet, w, b, packet.ack);
    w[a + ANSWERED] = seqAdd(packet.seq, 1);
    w[a + BITS]! |= FactBit.ACKED;
    w[a + DRAINED_TICK] = tick;
    w[a + LISTED] = 0;
    // Both must offer to scale (RFC 7323 2.2).
    if (w[a + SCALE] === SCALE_UNUSED || packet.windowScale < 0) {
      w[a + SCALE] = SCALE_UNUSED;
      w[b + SCALE] = SCALE_UNUSED;
    }
    connection.completeness |= Completeness.SYN_ACK;
    connection.segments++;
    connection.lastFrame = frame.number;
    connection.lastSeconds = seconds;
    connection.lastNanoseconds = nanoseconds;
    return true;
  }

  /**
   * Takes in the segment in row `i` of `segments`, of frame number `frame`, of `connection`, which is past its SYN. `direction` 0: A, who opened,
   * sent it. False, and nothing has changed, if it is not by the book.
   */
  observe(segments: SegmentRun, i: number, frame: number, connection: Connection, direction: 0 | 1): boolean {
    const { words: s } = segments;
    const row = i * SEGMENT_WORDS;
    const payload = s[row + SegmentWord.PAYLOAD_LENGTH]!;
    const isFin = (s[row + SegmentWord.FLAGS]! & Flag.FIN) !== 0;
    const seq = s[row + SegmentWord.SEQ]!;
    const ack = s[row + SegmentWord.ACK]!;
    const window = s[row + SegmentWord.WINDOW]!;
    const hasTimestamps = s[row + SegmentWord.KIND] === Segment.WITH_TIMESTAMPS;
    const tsVal = s[row + SegmentWord.TS_VAL]!;
    const seconds = s[row + SegmentWord.SECONDS]!;
    const nanoseconds = s[row + SegmentWord.NANOSECONDS]!;
    const { words: w, at } = connection;
    const me = at + (direction === 0 ? A : B);
    const peer = at + (direction === 0 ? B : A);
    const phase = w[at + PHASE]!;
    const mine = w[me + BITS]!;
    const lastAck = w[me + LAST_ACK]!;
    const peerNext = w[peer + NEXT]!;
    const scale = w[me + SCALE]!;
    const end = (seq + payload + (isFin ? 1 : 0)) | 0;
    const sinceLast = (seconds - w[at + SECONDS]!) | 0;
    if (
      phase < Phase.SYN_ACK ||
      seq !== w[me + NEXT] ||
      seqAfter(ack, peerNext) ||
      (lastAck !== 0 && seqBefore(ack, lastAck)) ||
      end === 0 ||
      ack === 0 ||
      (end === seq && ack === lastAck) ||
      // The window may move on, not back.
      ((mine & FactBit.EDGE) !== 0 && seqBefore(edgeOf(ack, window, scale), offered(w, me, scale))) ||
      (hasTimestamps && ((mine & FactBit.TIMESTAMPS) === 0 || seqBefore(tsVal, w[me + TS_VAL]!))) ||
      sinceLast < 0 ||
      (sinceLast === 0 && nanoseconds < w[at + NANOSECONDS]!)
    ) {
      return false;
    }
    if (payload > 0) {
      if (phase !== Phase.OPEN || isFin || payload > MOST_PAYLOAD || w[me + LISTED]! >= MOST_LISTED) return false;
      // What fills the other one's window is flagged.
      if (end === offered(w, peer, (w[peer + BITS]! & FactBit.EDGE) === 0 ? 0 : w[peer + SCALE]!)) return false;
    }
    const letter = payload > 0 ? HAS_LETTER_D : HAS_LETTER_A;
    if (phase !== Phase.OPEN || isFin || (mine & letter) === 0) {
      if (!this.#goesOn(segments, i, connection, direction, w, at)) return false;
      this.#goOn(segments, i, frame, connection, direction, w, at);
    }

    // From here on it is by the book.
    const tick = tickOf(connection, seconds, nanoseconds);
    const silence = tick - w[at + TICK]!;
    if (silence >= SILENCE_TICKS) this.#silence(silence, direction, payload, tick, frame, seconds, nanoseconds, w, at);
    w[at + TICK] = tick;
    let bits = w[me + BITS]! | FactBit.EDGE;
    const print = s[row + SegmentWord.PRINT]!;
    const printBefore = w[me + PRINT]!;
    if (((print ^ printBefore) & ID_BITS) === 0 && print !== printBefore && print !== w[me + PRINT_BEFORE]) {
      bits |= FactBit.IDS_ALIKE;
    }
    w[me + PRINT_BEFORE] = printBefore;
    w[me + PRINT] = print;
    if (payload > 0) {
      const sender = (connection.stream * 2 + direction) | 0;
      const payloadPrint = s[row + SegmentWord.PAYLOAD_PRINT]!;
      if (payloadPrint !== 0) {
        this.#facts.rememberPrint(s[row + SegmentWord.HASH]!, sender, seq, payload, payloadPrint);
      }
      if (isAppAsked(connection)) lookForApp(connection, segments.payload(i));
      this.#payload(payload, direction, tick, frame, seconds, nanoseconds, w, at);
    }
    if (end !== seq) {
      w[me + NEXT] = end;
      w[me + NEXT_SECONDS] = seconds;
      w[me + NEXT_NANOSECONDS] = nanoseconds;
      w[me + LISTED]!++;
    }
    if (ack !== lastAck) {
      w[me + LAST_ACK] = ack;
      if (ack === peerNext) {
        w[peer + DRAINED_TICK] = tick;
        w[peer + LISTED] = 0;
      }
      w[peer + BITS]! |= FactBit.ACKED;
    }
    if (hasTimestamps) {
      bits |= FactBit.TIMESTAMPS_USED;
      w[me + TS_VAL] = tsVal;
      // RFC 7323 4.3: only what is next in order at the receiver.
      if (seqAtOrBefore(seq, w[peer + LAST_ACK]!)) w[me + TS_RECENT] = tsVal;
    }
    const ttl = s[row + SegmentWord.TTL]!;
    if ((w[me + TTLS]! & 0xff) !== ttl) w[me + TTLS] = widenedTtls(w[me + TTLS]!, ttl);
    w[me + BITS] = bits;
    w[me + WIN] = window;
    w[me + SEGMENTS]!++;
    w[me + LAST_FRAME] = w[at + FRAME] = frame;
    w[me + LAST_SECONDS] = w[at + SECONDS] = seconds;
    w[me + LAST_NANOSECONDS] = w[at + NANOSECONDS] = nanoseconds;
    w[at + ALL_SEGMENTS]!++;
    return true;
  }

  // -- One segment ------------------------------------------------------------------------------------------------------

  /** True if a segment of which more than data or an acknowledgment is to be said may come now. */
  #goesOn(
    segments: SegmentRun,
    i: number,
    connection: Connection,
    direction: 0 | 1,
    w: Int32Array,
    at: number,
  ): boolean {
    const { words: s } = segments;
    const row = i * SEGMENT_WORDS;
    const phase = w[at + PHASE]!;
    const isFin = (s[row + SegmentWord.FLAGS]! & Flag.FIN) !== 0;
    const takesAll = s[row + SegmentWord.ACK] === w[at + (direction === 0 ? B : A) + NEXT];
    // The third segment comes first, and data only after it.
    if (phase === Phase.SYN_ACK) {
      if (direction !== 0 || !takesAll || s[row + SegmentWord.PAYLOAD_LENGTH]! > 0 || isFin) return false;
      // An initial RTT of zero is none: tshark measures again with the next segment.
      const isAtOnce =
        s[row + SegmentWord.SECONDS] === connection.startSeconds &&
        s[row + SegmentWord.NANOSECONDS] === connection.startNanoseconds;
      if (isAtOnce) return false;
    }
    if (phase > Phase.OPEN && !(takesAll && closes(phase, w[at + FLOW_BITS]!, direction, isFin))) return false;
    // As in states.ts, whose plain path does not look at checksums.
    return segments.isSound(i);
  }

  /** What such a segment changes apart from what all do. */
  #goOn(
    segments: SegmentRun,
    i: number,
    frame: number,
    connection: Connection,
    direction: 0 | 1,
    w: Int32Array,
    at: number,
  ): void {
    const { words: s } = segments;
    const row = i * SEGMENT_WORDS;
    const seconds = s[row + SegmentWord.SECONDS]!;
    const nanoseconds = s[row + SegmentWord.NANOSECONDS]!;
    const payload = s[row + SegmentWord.PAYLOAD_LENGTH]!;
    const isFin = (s[row + SegmentWord.FLAGS]! & Flag.FIN) !== 0;
    const me = at + (direction === 0 ? A : B);
    const phase = w[at + PHASE]!;
    const letter = payload > 0 ? HAS_LETTER_D : isFin ? 0 : HAS_LETTER_A;
    if ((w[me + BITS]! & letter) === 0 && letter !== 0) {
      addLetter(w, at, (payload > 0 ? Letter.D : Letter.A) | (direction === 1 ? FROM_B : 0));
    }
    w[me + BITS]! |= letter;
    if (direction === 1 && w[at + PROOF_OF_B] === 0) w[at + PROOF_OF_B] = frame;
    if (payload > 0) connection.completeness |= Completeness.DATA;
    else connection.completeness |= isFin ? Completeness.ACK | Completeness.FIN : Completeness.ACK;
    if (phase === Phase.SYN_ACK) {
      w[at + PHASE] = Phase.OPEN;
      setMoment(w, at + ACK_AT, frame, seconds, nanoseconds);
      w[me + LOOP] = loopSince(w, at + SYN_ACK_AT, seconds, nanoseconds);
    } else if (isFin) {
      addLetter(w, at, Letter.F | (direction === 1 ? FROM_B : 0));
      const hasTimestamps = s[row + SegmentWord.KIND] === Segment.WITH_TIMESTAMPS;
      w[me + CONTROL_ID] = segments.ipId(i);
      if (hasTimestamps) w[me + CONTROL_TS] = s[row + SegmentWord.TS_VAL]!;
      w[me + BITS] = (w[me + BITS]! & ~HAS_CONTROL_TS) | FactBit.FIN | (hasTimestamps ? HAS_CONTROL_TS : 0);
      if (phase === Phase.OPEN) {
        w[at + PHASE] = Phase.FIN;
        w[at + FLOW_BITS]! |= direction === 1 ? FlowBit.FIN_SEEN | FlowBit.FIRST_FIN_B : FlowBit.FIN_SEEN;
        setMoment(w, at + FIN_AT, frame, seconds, nanoseconds);
      } else {
        w[at + PHASE] = Phase.BOTH_FINS;
        setMoment(w, at + FIN_2_AT, frame, seconds, nanoseconds);
        if (phase === Phase.FIN) setMoment(w, at + FIN_ACK_AT, frame, seconds, nanoseconds);
      }
    } else if (phase === Phase.FIN) {
      w[at + PHASE] = Phase.FIN_ACKED;
      setMoment(w, at + FIN_ACK_AT, frame, seconds, nanoseconds);
    } else if (phase === Phase.BOTH_FINS) w[at + PHASE] = Phase.CLOSED;
  }

  /** A SYN or SYN,ACK of the side at `me`. */
  #synchronize(frame: Frame, packet: Packet, w: Int32Array, me: number, ack: number): void {
    const { seq } = packet;
    const seconds = frame.seconds | 0;
    const { nanoseconds } = frame;
    let bits: number = FactBit.HIGH;
    const print = (packet.ipId << 16) | packet.checksum;
    if ((print & ID_BITS) === 0 && print !== 0) bits |= FactBit.IDS_ALIKE;
    w[me + PRINT] = print;
    w[me + ISS] = seq;
    w[me + NEXT] = seqAdd(seq, 1);
    w[me + LAST_ACK] = ack;
    w[me + WIN] = packet.window;
    w[me + LAST_FRAME] = frame.number;
    w[me + LAST_SECONDS] = w[me + NEXT_SECONDS] = seconds;
    w[me + LAST_NANOSECONDS] = w[me + NEXT_NANOSECONDS] = nanoseconds;
    w[me + SEGMENTS] = 1;
    w[me + LISTED] = 1;
    w[me + SCALE] = packet.windowScale >= 0 ? Math.min(packet.windowScale, MAX_WINDOW_SCALE) : SCALE_UNUSED;
    w[me + HANDSHAKE] =
      handshakeWord(packet) | ((packet.flags & Flag.ACK) !== 0 ? HandshakeBit.SYN_ACK : HandshakeBit.SYN);
    w[me + TTLS] = widenedTtls(0, packet.ttl);
    w[me + CONTROL_ID] = packet.ipId;
    if (packet.hasTimestamps) {
      bits |= FactBit.TIMESTAMPS | HAS_CONTROL_TS;
      w[me + TS_VAL] = w[me + TS_RECENT] = w[me + CONTROL_TS] = packet.tsVal;
    }
    w[me + BITS] = bits;
  }

  #silence(
    gap: number,
    direction: 0 | 1,
    payload: number,
    tick: number,
    frame: number,
    seconds: number,
    nanoseconds: number,
    w: Int32Array,
    at: number,
  ): void {
    w[at + GAP] = gap;
    w[at + GAP_END] = tick;
    const bits = w[at + FLOW_BITS]!;
    const turnOfPeer = (bits & FlowBit.TURN_KNOWN) !== 0 && ((bits & FlowBit.TURN_B) !== 0) !== (direction === 1);
    const asking = (w[at + (direction === 0 ? B : A) + HANDSHAKE]! & HandshakeBit.SYN) !== 0;
    const into = at + (payload > 0 && turnOfPeer && asking ? ANSWER : IDLE);
    if (gap <= w[into]!) return;
    w[into] = gap;
    setMoment(w, into + 1, frame, seconds, nanoseconds);
  }

  #payload(
    payload: number,
    direction: 0 | 1,
    tick: number,
    frame: number,
    seconds: number,
    nanoseconds: number,
    w: Int32Array,
    at: number,
  ): void {
    const me = at + (direction === 0 ? A : B);
    const peer = at + (direction === 0 ? B : A);
    const low = (w[me + BYTES_LOW]! >>> 0) + payload;
    w[me + BYTES_LOW] = low | 0;
    if (low > 0xffff_ffff) w[me + BYTES_HIGH]!++;
    if (payload > w[me + LARGEST]!) w[me + LARGEST] = payload;
    const limit = w[peer + HANDSHAKE]! & 0xffff;
    if (payload > limit && limit !== 0) {
      if (w[me + OVERSIZED]!++ === 0) setMoment(w, me + OVERSIZED_AT, frame, seconds, nanoseconds);
      if (payload > ETHERNET_PAYLOAD || payload % limit === 0) w[me + OVERSIZED_JOINED]!++;
    }
    if (w[me + DATA_SEGMENTS]!++ === 0) w[me + FIRST_DATA_TICK] = tick;
    else if (w[peer + LAST_ACK] === w[me + NEXT]) {
      const empty = tick - w[me + DRAINED_TICK]!;
      if (empty > 0) w[me + EMPTY_TICKS] = Math.min(w[me + EMPTY_TICKS]! + empty, MAX_TICK);
    }
    w[me + DATA_TICK] = tick;
    w[me + ANSWERED] = w[peer + NEXT]!;
    const flow = w[at + FLOW_BITS]! | FlowBit.TURN_KNOWN;
    w[at + FLOW_BITS] = direction === 0 ? flow & ~FlowBit.TURN_B : flow | FlowBit.TURN_B;
  }

  // -- The rows it stands for -------------------------------------------------------------------------------------------

  /** Reads a connection that has gone by the book to its last ACK; moments in Unix time. False, and nothing is read, where it has not. */
  readLife(connection: Connection, life: TextbookLife): boolean {
    const { words: w, at } = connection;
    if (w[at + PHASE] !== Phase.CLOSED) return false;
    life.closer = (w[at + FLOW_BITS]! & FlowBit.FIRST_FIN_B) !== 0 ? 1 : 0;
    life.setMoment(Moment.SYN, connection.firstFrame, connection.startSeconds, connection.startNanoseconds);
    readMoment(life, Moment.SYN_ACK, w, at + SYN_ACK_AT);
    readMoment(life, Moment.ACK, w, at + ACK_AT);
    readMoment(life, Moment.FIN, w, at + FIN_AT);
    readMoment(life, Moment.FIN_ACK, w, at + FIN_ACK_AT);
    readMoment(life, Moment.FIN_2, w, at + FIN_2_AT);
    life.setMoment(Moment.LAST_ACK, connection.lastFrame, connection.lastSeconds, connection.lastNanoseconds);
    life.frames[Moment.PROOF] = w[at + PROOF_OF_B]!;
    life.idle = w[at + IDLE]!;
    life.answer = w[at + ANSWER]!;
    readSide(life.sides[0], w, at + A);
    readSide(life.sides[1], w, at + B);
    return true;
  }

  /** Writes what the record says into fresh rows. `connection` is the connection's own row, which is complete but for the handshake's times. */
  fill(connection: Connection, rows: TextbookRows): void {
    const { words: w, at } = connection;
    const phase = w[at + PHASE]!;
    connection.synSeconds = connection.startSeconds;
    connection.synNanoseconds = connection.startNanoseconds;
    if (phase > Phase.SYN_ACK) {
      const since = w[at + ACK_AT + 2]! - connection.startNanoseconds;
      const borrow = since < 0 ? 1 : 0;
      connection.irttSeconds = (w[at + ACK_AT + 1]! - connection.startSeconds - borrow) | 0;
      connection.irttNanoseconds = since + borrow * 1_000_000_000;
    }

    const { incarnation, flow, histories } = rows;
    incarnation.firstFrame = connection.firstFrame;
    incarnation.firstSeconds = connection.startSeconds;
    incarnation.firstNanoseconds = connection.startNanoseconds;
    incarnation.letters = w[at + LETTERS]!;
    incarnation.letters0 = w[at + LETTERS_0]!;
    incarnation.letters1 = w[at + LETTERS_1]!;
    flow.bits = w[at + FLOW_BITS]!;
    flow.tick = w[at + TICK]!;
    flow.gap = w[at + GAP]!;
    flow.gapEnd = w[at + GAP_END]!;
    flow.idle = w[at + IDLE]!;
    flow.idleFrame = w[at + IDLE + 1]!;
    flow.idleSeconds = w[at + IDLE + 2]!;
    flow.idleNanoseconds = w[at + IDLE + 3]!;
    flow.answer = w[at + ANSWER]!;
    flow.answerFrame = w[at + ANSWER + 1]!;
    flow.answerSeconds = w[at + ANSWER + 2]!;
    flow.answerNanoseconds = w[at + ANSWER + 3]!;

    this.#fillSide(rows, 0, connection, w, at);
    this.#fillSide(rows, 1, connection, w, at);
    this.#fillHistories(rows, phase, connection, w, at);
    histories.walk(rows.endpoints[0]);
    histories.walk(rows.endpoints[1]);
    // As `settle` leaves it.
    for (const endpoint of rows.endpoints) {
      if (endpoint.state === State.ESTABLISHED && !histories.isOpen(endpoint) && (endpoint.bits & KNOWN) === KNOWN) {
        endpoint.bits |= EndpointBit.SETTLED;
      }
    }
    const closer = (w[at + FLOW_BITS]! & FlowBit.FIRST_FIN_B) !== 0 ? 1 : 0;
    if (phase === Phase.CLOSED) {
      const endpoint = rows.endpoints[closer];
      endpoint.bits |= EndpointBit.TIME_WAIT_AGAIN;
      endpoint.timeWaitSeconds = connection.lastSeconds;
      endpoint.timeWaitNanoseconds = connection.lastNanoseconds;
    }
  }

  #fillSide(rows: TextbookRows, side: 0 | 1, connection: Connection, w: Int32Array, at: number): void {
    const me = at + (side === 0 ? A : B);
    const peer = at + (side === 0 ? B : A);
    const direction = rows.directions[side];
    const facts = rows.facts[side];
    const endpoint = rows.endpoints[side];
    const bits = w[me + BITS]!;
    const peerHandshake = w[peer + HANDSHAKE]!;
    const handshake = w[me + HANDSHAKE]!;
    // What the peer's segments say of this side.
    facts.answered = w[me + ANSWERED]!;
    facts.limit = peerHandshake & 0xffff;
    if ((bits & FactBit.ACKED) !== 0) {
      facts.acked = w[peer + LAST_ACK]!;
      facts.drainedTick = w[me + DRAINED_TICK]!;
    }
    direction.win = w[me + WIN]!;
    if (handshake === 0) {
      // tshark: a SYN without the option settles it for both.
      if (w[peer + SCALE] === SCALE_UNUSED) direction.scale = SCALE_UNUSED;
      return;
    }
    const iss = w[me + ISS]!;
    const next = w[me + NEXT]!;
    const lastSeconds = w[me + LAST_SECONDS]!;
    const lastNanoseconds = w[me + LAST_NANOSECONDS]!;
    const hasSentAck = (bits & FactBit.EDGE) !== 0;

    direction.base = iss;
    direction.bits = DirectionBit.BASE_KNOWN | (hasSentAck ? 0 : DirectionBit.FIRST_ACK_DUE);
    direction.scale = w[me + SCALE]!;
    direction.next = direction.contig = next;
    direction.nextSeconds = w[me + NEXT_SECONDS]!;
    direction.nextNanoseconds = w[me + NEXT_NANOSECONDS]!;
    direction.lastAck = w[me + LAST_ACK]!;
    direction.lastSeconds = lastSeconds;
    direction.lastNanoseconds = lastNanoseconds;
    direction.segments = w[me + SEGMENTS]!;
    direction.bytesLow = w[me + BYTES_LOW]!;
    direction.bytesHigh = w[me + BYTES_HIGH]!;
    const from = (bits & FactBit.ACKED) !== 0 ? w[peer + LAST_ACK]! : iss;
    for (let n = 0; n < w[me + LISTED]!; n++) {
      rows.unacked.add(direction, from, next, w[me + LAST_FRAME]!, direction.nextSeconds, direction.nextNanoseconds);
    }

    facts.bits = bits & ~OWN_BITS;
    facts.tick = tickOf(connection, lastSeconds, lastNanoseconds);
    facts.dataTick = w[me + DATA_TICK]!;
    facts.firstDataTick = w[me + FIRST_DATA_TICK]!;
    facts.high = next;
    if (hasSentAck) facts.edge = offered(w, me, w[me + SCALE]!);
    if ((bits & FactBit.TIMESTAMPS) !== 0) facts.tsVal = w[me + TS_VAL]!;
    facts.ttls = w[me + TTLS]!;
    facts.print = w[me + PRINT]!;
    facts.printBefore = w[me + PRINT_BEFORE]!;
    facts.handshake = handshake;
    facts.iss = iss;
    facts.syns = (handshake & HandshakeBit.SYN_ACK) !== 0 ? 0x10000 : 1;
    facts.dataSegments = w[me + DATA_SEGMENTS]!;
    facts.largest = w[me + LARGEST]!;
    facts.emptyTicks = w[me + EMPTY_TICKS]!;
    if ((bits & FactBit.FIN) !== 0) facts.finEnd = next;
    if (w[me + OVERSIZED] !== 0) {
      const first = me + OVERSIZED_AT;
      this.#facts.setOversized(
        facts,
        w[me + OVERSIZED]!,
        w[me + OVERSIZED_JOINED]!,
        w[first]!,
        w[first + 1]!,
        w[first + 2]!,
      );
    }

    const hasTimestamps = (bits & FactBit.TIMESTAMPS) !== 0;
    let state = EndpointBit.ISS_KNOWN | EndpointBit.NXT_KNOWN | EndpointBit.SEEN;
    state |= side === 0 ? EndpointBit.ACTIVE : EndpointBit.PASSIVE;
    if (side === 1 || hasSentAck) state |= EndpointBit.RCV_KNOWN;
    if (hasTimestamps) state |= EndpointBit.TS_KNOWN;
    if ((bits & HAS_CONTROL_TS) !== 0) state |= EndpointBit.CONTROL_TS;
    if ((bits & FactBit.FIN) !== 0) state |= EndpointBit.FIN_KNOWN;
    if ((bits & HAS_LETTER_A) !== 0) state |= EndpointBit.HISTORY_A;
    if ((bits & HAS_LETTER_D) !== 0) state |= EndpointBit.HISTORY_D;
    endpoint.bits = state;
    endpoint.start = side === 0 ? State.CLOSED : State.LISTEN;
    endpoint.iss = iss;
    endpoint.sndNxt = next;
    endpoint.rcvNxt = w[me + LAST_ACK]!;
    endpoint.shift = (handshake & HandshakeBit.WINDOW_SCALE) !== 0 ? (handshake >> 16) & 15 : 0;
    endpoint.window = hasSentAck ? w[me + WIN]! << endpoint.shift : w[me + WIN]!;
    endpoint.tsRecent = w[me + TS_RECENT]!;
    endpoint.loop = w[me + LOOP]!;
    endpoint.controlSeq = (bits & FactBit.FIN) !== 0 ? seqAdd(next, -1) : iss;
    endpoint.controlTs = w[me + CONTROL_TS]!;
    endpoint.controlId = w[me + CONTROL_ID]!;
    if ((bits & FactBit.FIN) !== 0) endpoint.finEnd = next;
    endpoint.lastFrame = w[me + LAST_FRAME]!;
    endpoint.lastSeconds = lastSeconds;
    endpoint.lastNanoseconds = lastNanoseconds;
  }

  /** The steps of both ends in their order. */
  #fillHistories(rows: TextbookRows, phase: number, connection: Connection, w: Int32Array, at: number): void {
    const { histories } = rows;
    const [a, b] = rows.endpoints;
    const { firstFrame, startSeconds, startNanoseconds } = connection;
    histories.append(a, Event.SND_SYN, Evidence.OBSERVED, firstFrame, startSeconds, startNanoseconds);
    if (phase < Phase.SYN_ACK) return;
    const opened = w[at + ACK_AT]!;
    append(histories, a, Event.RCV_SYN_ACK, Evidence.INFERRED, w, at + SYN_ACK_AT, opened);
    append(histories, b, Event.SND_SYN_ACK, Evidence.OBSERVED, w, at + SYN_ACK_AT, 0);
    if (phase < Phase.OPEN) return;
    append(histories, b, Event.RCV_ACK_OF_SYN, Evidence.INFERRED, w, at + ACK_AT, w[at + PROOF_OF_B]!);
    if (phase < Phase.FIN) return;
    const isB = (w[at + FLOW_BITS]! & FlowBit.FIRST_FIN_B) !== 0;
    const closer = isB ? b : a;
    const other = isB ? a : b;
    const acked = w[at + FIN_ACK_AT]!;
    append(histories, closer, Event.SND_FIN, Evidence.OBSERVED, w, at + FIN_AT, 0);
    append(histories, other, Event.RCV_FIN, Evidence.INFERRED, w, at + FIN_AT, acked);
    if (phase < Phase.FIN_ACKED) return;
    const last = phase === Phase.CLOSED ? connection.lastFrame : 0;
    append(histories, closer, Event.RCV_ACK_OF_FIN, Evidence.INFERRED, w, at + FIN_ACK_AT, last);
    if (phase < Phase.BOTH_FINS) return;
    append(histories, closer, Event.RCV_FIN, Evidence.INFERRED, w, at + FIN_2_AT, last);
    append(histories, other, Event.SND_FIN, Evidence.OBSERVED, w, at + FIN_2_AT, 0);
    if (phase < Phase.CLOSED) return;
    const { lastSeconds, lastNanoseconds } = connection;
    histories.append(other, Event.RCV_ACK_OF_FIN, Evidence.INFERRED, last, lastSeconds, lastNanoseconds);
  }
}

/** The rows that a record stands for, fresh ones. */
export interface TextbookRows {
  readonly histories: Histories;
  readonly incarnation: Incarnation;
  readonly flow: ConnectionFacts;
  /** Of A and of B each. */
  readonly directions: readonly [Direction, Direction];
  readonly facts: readonly [DirectionFacts, DirectionFacts];
  readonly endpoints: readonly [Endpoint, Endpoint];
  readonly unacked: UnackedSegments;
}

/** The IP identification in a print. */
const ID_BITS = 0xffff0000;
const KNOWN = EndpointBit.NXT_KNOWN | EndpointBit.RCV_KNOWN;

/** A whole header, an open window, and no option whose meaning reaches beyond its segment. */
function isUsual(packet: Packet): boolean {
  return packet.window !== 0 && hasSimpleOptions(packet);
}

/** In tshark's analysis the number 0 means "unknown"; so neither the SYN nor what follows may have it. */
function isNumbered(seq: number): boolean {
  return seq !== 0 && seq !== -1;
}

/**
 * True if after the first FIN a segment without payload that acknowledges everything is the next thing to come. However late: who still
 * acknowledges has not left TIME_WAIT (Exchange.contradict).
 */
function closes(phase: number, flowBits: number, direction: 0 | 1, isFin: boolean): boolean {
  const closer = (flowBits & FlowBit.FIRST_FIN_B) !== 0 ? 1 : 0;
  if (phase === Phase.FIN) return direction !== closer;
  if (phase === Phase.FIN_ACKED) return direction !== closer && isFin;
  return phase === Phase.BOTH_FINS && direction === closer && !isFin;
}

/** See Exchange.isSound. */
function isSound(packet: Packet): boolean {
  return packet.checksum === 0 || tcpChecksum(packet) !== Checksum.WRONG;
}

/** Right edge of a window. */
function edgeOf(ack: number, window: number, scale: number): number {
  return seqAdd(ack, scale > 0 ? window << scale : window);
}

/** Right edge of the window that the side at `me` has offered with its latest segment. */
function offered(w: Int32Array, me: number, scale: number): number {
  return edgeOf(w[me + LAST_ACK]!, w[me + WIN]!, scale);
}

function setMoment(w: Int32Array, at: number, frame: number, seconds: number, nanoseconds: number): void {
  w[at] = frame;
  w[at + 1] = seconds;
  w[at + 2] = nanoseconds;
}

/** See Exchange.measureLoop. `from`: a moment. */
function loopSince(w: Int32Array, from: number, seconds: number, nanoseconds: number): number {
  const elapsed = Math.ceil(microsecondsBetween(w[from + 1]!, w[from + 2]!, seconds, nanoseconds));
  return elapsed < MAX_LOOP ? elapsed + 1 : 0;
}

function addLetter(w: Int32Array, at: number, letter: number): void {
  const count = w[at + LETTERS]!++;
  w[at + (count < LETTERS_PER_WORD ? LETTERS_0 : LETTERS_1)]! |= letterBits(letter, count);
}

function readMoment(life: TextbookLife, moment: Moment, w: Int32Array, from: number): void {
  life.setMoment(moment, w[from]!, w[from + 1]!, w[from + 2]!);
}

function readSide(side: LifeSide, w: Int32Array, me: number): void {
  side.segments = w[me + SEGMENTS]!;
  side.payloadBytes = w[me + BYTES_HIGH]! * 0x1_0000_0000 + (w[me + BYTES_LOW]! >>> 0);
  side.handshake = w[me + HANDSHAKE]!;
  side.usesTimestamps = (w[me + BITS]! & FactBit.TIMESTAMPS_USED) !== 0;
  side.oversized = w[me + OVERSIZED]!;
}

/** `from`: a moment. `confirmedBy`: 0 for none. */
function append(
  histories: Histories,
  endpoint: Endpoint,
  event: Event,
  evidence: Evidence,
  w: Int32Array,
  from: number,
  confirmedBy: number,
): void {
  histories.append(endpoint, event, evidence, w[from]!, w[from + 1]!, w[from + 2]!);
  if (confirmedBy !== 0) histories.confirm(endpoint, confirmedBy);
}
