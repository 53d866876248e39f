// In: rows of segments, and the record of a connection that goes by the book. Out: the record moved on, or nothing changed. See textbook.ts.
//
// `where`: what is known of the segment's checksum: Checksum.UNKNOWN, Checksum.CORRECT (or as good), or else the address of its TCP header, in IPv4, for looking at it.

import { add, get, mark, put } from '../linear/words.as.ts';
import {
  Book,
  Checksum,
  Completeness,
  Fact,
  Flag,
  Flow,
  Handshake,
  Letter,
  Outcome,
  Phase,
  Segment,
  SegmentWord,
  Tick,
} from '../numbers.as.ts';
import { checksum, isInIpv6 } from '../wire/segment-run.as.ts';
import { seqAfter, seqAtOrBefore, seqBefore } from '../wire/seq.as.ts';
import {
  addBytes,
  addTicks,
  edgeOf,
  ID_BITS,
  isAppAsked,
  rememberPayload,
  tickOf,
  ttlOf,
  widenedTtls,
} from './bookkeeping.as.ts';

/** Outcome.TAKEN if the row is a SYN with which a connection can begin by the book. */
export function begins(row: i32, where: i32): i32 {
  if (
    get(row, SegmentWord.KIND) !== Segment.SYN ||
    get(row, SegmentWord.FLAGS) !== Flag.SYN ||
    get(row, SegmentWord.ACK) !== 0 ||
    !isNumbered(get(row, SegmentWord.SEQ)) ||
    // tshark takes a SYN at the epoch itself for none.
    (get(row, SegmentWord.SECONDS) | get(row, SegmentWord.NANOSECONDS)) === 0
  )
    return Outcome.LEFT;
  return soundnessOf(row, where);
}

/** Takes in that SYN, of frame number `frame`, of `connection`, whose row is otherwise complete. */
export function begin(row: i32, frame: i32, connection: i32, where: i32): void {
  put(connection, Book.PHASE, Phase.SYN);
  // The row is fresh: nothing of it is read.
  put(connection, Book.LETTERS, 1);
  put(connection, Book.LETTERS_0, Letter.S);
  put(connection, Book.COMPLETENESS, Completeness.SYN);
  put(connection, Book.ALL_SEGMENTS, 1);
  setMoment(connection, Book.FRAME, frame, row);
  synchronize(row, frame, side(connection, Book.A), 0, where);
  // Nothing of B has been seen.
  const b = side(connection, Book.B);
  put(b, Book.WIN, -1);
  put(b, Book.ANSWERED, get(row, SegmentWord.SEQ) + 1);
}

/**
 * Takes in the segment in the row, of frame number `frame`, of `connection`. `direction` 0: A, who opened, sent it. Outcome.LEFT, and nothing has changed, if
 * it is not by the book; ASKS_SUM, and nothing has changed, if that depends on its checksum; TAKEN_ASKS_APP if its payload may show the application.
 */
export function observe(trace: i32, row: i32, frame: i32, connection: i32, direction: i32, where: i32): i32 {
  const phase = get(connection, Book.PHASE);
  if (phase === Phase.SYN) return synAck(row, frame, connection, direction, where);
  // It has left the book.
  if (phase === 0) return Outcome.LEFT;
  const kind = get(row, SegmentWord.KIND);
  const payload = get(row, SegmentWord.PAYLOAD_LENGTH);
  const isFin = (get(row, SegmentWord.FLAGS) & Flag.FIN) !== 0;
  const seq = get(row, SegmentWord.SEQ);
  const ack = get(row, SegmentWord.ACK);
  const window = get(row, SegmentWord.WINDOW);
  const hasTimestamps = kind === Segment.WITH_TIMESTAMPS;
  const tsVal = get(row, SegmentWord.TS_VAL);
  const seconds = get(row, SegmentWord.SECONDS);
  const nanoseconds = get(row, SegmentWord.NANOSECONDS);
  const me = side(connection, direction === 0 ? Book.A : Book.B);
  const peer = side(connection, direction === 0 ? Book.B : Book.A);
  const mine = get(me, Book.BITS);
  const lastAck = get(me, Book.LAST_ACK);
  const peerNext = get(peer, Book.NEXT);
  const scale = get(me, Book.SCALE);
  const end = seq + payload + (isFin ? 1 : 0);
  const sinceLast = seconds - get(connection, Book.SECONDS);
  if (
    kind === Segment.SYN ||
    seq !== get(me, Book.NEXT) ||
    seqAfter(ack, peerNext) ||
    (lastAck !== 0 && seqBefore(ack, lastAck)) ||
    end === 0 ||
    ack === 0 ||
    (end === seq && ack === lastAck) ||
    // The window may move on, not back.
    ((mine & Fact.EDGE) !== 0 && seqBefore(edgeOf(ack, window, scale), offered(me, scale))) ||
    (hasTimestamps && ((mine & Fact.TIMESTAMPS) === 0 || seqBefore(tsVal, get(me, Book.TS_VAL)))) ||
    sinceLast < 0 ||
    (sinceLast === 0 && nanoseconds < get(connection, Book.NANOSECONDS))
  )
    return Outcome.LEFT;
  if (payload > 0) {
    if (phase !== Phase.OPEN || isFin || payload > Book.MOST_PAYLOAD || get(me, Book.LISTED) >= Book.MOST_LISTED)
      return Outcome.LEFT;
    // What fills the other one's window is flagged.
    if (end === offered(peer, (get(peer, Book.BITS) & Fact.EDGE) === 0 ? 0 : get(peer, Book.SCALE)))
      return Outcome.LEFT;
  }
  const letter = payload > 0 ? Book.HAS_LETTER_D : Book.HAS_LETTER_A;
  if (phase !== Phase.OPEN || isFin || (mine & letter) === 0) {
    if (!mayGoOn(row, connection, direction, phase, payload, isFin, ack === peerNext)) return Outcome.LEFT;
    // As in states.ts, whose plain path does not look at checksums.
    const outcome = soundnessOf(row, where);
    if (outcome !== Outcome.TAKEN) return outcome;
    goOn(row, frame, connection, direction, phase, where);
  }

  // From here on it is by the book.
  const tick = tickOf(connection, seconds, nanoseconds);
  const silence = tick - get(connection, Book.TICK);
  if (silence >= Tick.SILENCE) noteSilence(row, frame, connection, direction, silence, tick);
  put(connection, Book.TICK, tick);
  let bits = get(me, Book.BITS) | Fact.EDGE;
  const print = get(row, SegmentWord.PRINT);
  const printBefore = get(me, Book.PRINT);
  if (((print ^ printBefore) & ID_BITS) === 0 && print !== printBefore && print !== get(me, Book.PRINT_BEFORE))
    bits |= Fact.IDS_ALIKE;
  put(me, Book.PRINT_BEFORE, printBefore);
  put(me, Book.PRINT, print);
  let outcome = Outcome.TAKEN;
  if (payload > 0) {
    rememberPayload(trace, row, connection, direction);
    if (isAppAsked(connection)) outcome = Outcome.TAKEN_ASKS_APP;
    notePayload(row, frame, connection, direction, tick);
  }
  if (end !== seq) {
    put(me, Book.NEXT, end);
    put(me, Book.NEXT_SECONDS, seconds);
    put(me, Book.NEXT_NANOSECONDS, nanoseconds);
    add(me, Book.LISTED, 1);
  }
  if (ack !== lastAck) {
    put(me, Book.LAST_ACK, ack);
    if (ack === peerNext) {
      put(peer, Book.DRAINED_TICK, tick);
      put(peer, Book.LISTED, 0);
    }
    mark(peer, Book.BITS, Fact.ACKED);
  }
  if (hasTimestamps) {
    bits |= Fact.TIMESTAMPS_USED;
    put(me, Book.TS_VAL, tsVal);
    // RFC 7323 4.3: only what is next in order at the receiver.
    if (seqAtOrBefore(seq, get(peer, Book.LAST_ACK))) put(me, Book.TS_RECENT, tsVal);
  }
  const ttl = ttlOf(row);
  if ((get(me, Book.TTLS) & 0xff) !== ttl) put(me, Book.TTLS, widenedTtls(get(me, Book.TTLS), ttl));
  put(me, Book.BITS, bits);
  put(me, Book.WIN, window);
  add(me, Book.SEGMENTS, 1);
  setMoment(me, Book.LAST_FRAME, frame, row);
  setMoment(connection, Book.FRAME, frame, row);
  add(connection, Book.ALL_SEGMENTS, 1);
  return outcome;
}

/** Takes in what follows the SYN, if it is the SYN,ACK by the book. */
function synAck(row: i32, frame: i32, connection: i32, direction: i32, where: i32): i32 {
  const seconds = get(row, SegmentWord.SECONDS);
  const nanoseconds = get(row, SegmentWord.NANOSECONDS);
  const seq = get(row, SegmentWord.SEQ);
  const ack = get(row, SegmentWord.ACK);
  const a = side(connection, Book.A);
  const b = side(connection, Book.B);
  const sinceLast = seconds - get(connection, Book.SECONDS);
  if (
    direction !== 1 ||
    get(row, SegmentWord.KIND) !== Segment.SYN ||
    get(row, SegmentWord.FLAGS) !== (Flag.SYN | Flag.ACK) ||
    ack !== get(a, Book.NEXT) ||
    !isNumbered(seq) ||
    sinceLast < 0 ||
    (sinceLast === 0 && nanoseconds < get(connection, Book.NANOSECONDS))
  )
    return Outcome.LEFT;
  const outcome = soundnessOf(row, where);
  if (outcome !== Outcome.TAKEN) return outcome;
  put(connection, Book.PHASE, Phase.SYN_ACK);
  addLetter(connection, Letter.H | Letter.FROM_B);
  setMoment(connection, Book.SYN_ACK_AT, frame, row);
  const tick = tickOf(connection, seconds, nanoseconds);
  const gap = tick - get(connection, Book.TICK);
  if (gap >= Tick.SILENCE) {
    put(connection, Book.GAP, gap);
    put(connection, Book.GAP_END, tick);
  }
  put(connection, Book.TICK, tick);
  put(b, Book.LOOP, loopSince(a + Book.LAST_FRAME * 4, seconds, nanoseconds));
  synchronize(row, frame, b, ack, where);
  put(a, Book.ANSWERED, seq + 1);
  mark(a, Book.BITS, Fact.ACKED);
  put(a, Book.DRAINED_TICK, tick);
  put(a, Book.LISTED, 0);
  // Both must offer to scale (RFC 7323 2.2).
  if (get(a, Book.SCALE) === Book.SCALE_UNUSED || get(b, Book.SCALE) === Book.SCALE_UNUSED) {
    put(a, Book.SCALE, Book.SCALE_UNUSED);
    put(b, Book.SCALE, Book.SCALE_UNUSED);
  }
  mark(connection, Book.COMPLETENESS, Completeness.SYN_ACK);
  add(connection, Book.ALL_SEGMENTS, 1);
  setMoment(connection, Book.FRAME, frame, row);
  return Outcome.TAKEN;
}

/** True if a segment of which more than data or an acknowledgment is to be said may come now. */
function mayGoOn(
  row: i32,
  connection: i32,
  direction: i32,
  phase: i32,
  payload: i32,
  isFin: bool,
  takesAll: bool,
): bool {
  // The third segment comes first, and data only after it.
  if (phase === Phase.SYN_ACK) {
    if (direction !== 0 || !takesAll || payload > 0 || isFin) return false;
    // An initial RTT of zero is none: tshark measures again with the next segment.
    return (
      get(row, SegmentWord.SECONDS) !== get(connection, Book.START_SECONDS) ||
      get(row, SegmentWord.NANOSECONDS) !== get(connection, Book.START_NANOSECONDS)
    );
  }
  return phase <= Phase.OPEN || (takesAll && closes(phase, get(connection, Book.FLOW_BITS), direction, isFin));
}

/**
 * True if after the first FIN a segment without payload that acknowledges everything is the next thing to come. However late: who still
 * acknowledges has not left TIME_WAIT (Exchange.contradict).
 */
function closes(phase: i32, flowBits: i32, direction: i32, isFin: bool): bool {
  const closer = (flowBits & Flow.FIRST_FIN_B) !== 0 ? 1 : 0;
  if (phase === Phase.FIN) return direction !== closer;
  if (phase === Phase.FIN_ACKED) return direction !== closer && isFin;
  return phase === Phase.BOTH_FINS && direction === closer && !isFin;
}

/** What such a segment changes apart from what all do. */
function goOn(row: i32, frame: i32, connection: i32, direction: i32, phase: i32, where: i32): void {
  const payload = get(row, SegmentWord.PAYLOAD_LENGTH);
  const isFin = (get(row, SegmentWord.FLAGS) & Flag.FIN) !== 0;
  const me = side(connection, direction === 0 ? Book.A : Book.B);
  const fromB = direction === 1 ? Letter.FROM_B : 0;
  const letter = payload > 0 ? Book.HAS_LETTER_D : isFin ? 0 : Book.HAS_LETTER_A;
  if ((get(me, Book.BITS) & letter) === 0 && letter !== 0)
    addLetter(connection, (payload > 0 ? Letter.D : Letter.A) | fromB);
  mark(me, Book.BITS, letter);
  if (direction === 1 && get(connection, Book.PROOF_OF_B) === 0) put(connection, Book.PROOF_OF_B, frame);
  mark(
    connection,
    Book.COMPLETENESS,
    payload > 0 ? Completeness.DATA : isFin ? Completeness.ACK | Completeness.FIN : Completeness.ACK,
  );
  if (phase === Phase.SYN_ACK) {
    put(connection, Book.PHASE, Phase.OPEN);
    setMoment(connection, Book.ACK_AT, frame, row);
    put(
      me,
      Book.LOOP,
      loopSince(connection + Book.SYN_ACK_AT * 4, get(row, SegmentWord.SECONDS), get(row, SegmentWord.NANOSECONDS)),
    );
  } else if (isFin) {
    addLetter(connection, Letter.F | fromB);
    const hasTimestamps = get(row, SegmentWord.KIND) === Segment.WITH_TIMESTAMPS;
    put(me, Book.CONTROL_ID, ipIdOf(row, where));
    if (hasTimestamps) put(me, Book.CONTROL_TS, get(row, SegmentWord.TS_VAL));
    put(
      me,
      Book.BITS,
      (get(me, Book.BITS) & ~Book.HAS_CONTROL_TS) | Fact.FIN | (hasTimestamps ? Book.HAS_CONTROL_TS : 0),
    );
    if (phase === Phase.OPEN) {
      put(connection, Book.PHASE, Phase.FIN);
      mark(connection, Book.FLOW_BITS, direction === 1 ? Flow.FIN_SEEN | Flow.FIRST_FIN_B : Flow.FIN_SEEN);
      setMoment(connection, Book.FIN_AT, frame, row);
    } else {
      put(connection, Book.PHASE, Phase.BOTH_FINS);
      setMoment(connection, Book.FIN_2_AT, frame, row);
      if (phase === Phase.FIN) setMoment(connection, Book.FIN_ACK_AT, frame, row);
    }
  } else if (phase === Phase.FIN) {
    put(connection, Book.PHASE, Phase.FIN_ACKED);
    setMoment(connection, Book.FIN_ACK_AT, frame, row);
  } else if (phase === Phase.BOTH_FINS) put(connection, Book.PHASE, Phase.CLOSED);
}

/** A SYN or SYN,ACK of the side at `me`. */
function synchronize(row: i32, frame: i32, me: i32, ack: i32, where: i32): void {
  const seq = get(row, SegmentWord.SEQ);
  const options = get(row, SegmentWord.OPTIONS);
  const print = get(row, SegmentWord.PRINT);
  let bits = Fact.HIGH;
  if ((print & ID_BITS) === 0 && print !== 0) bits |= Fact.IDS_ALIKE;
  put(me, Book.PRINT, print);
  put(me, Book.ISS, seq);
  put(me, Book.NEXT, seq + 1);
  put(me, Book.LAST_ACK, ack);
  put(me, Book.WIN, get(row, SegmentWord.WINDOW));
  setMoment(me, Book.LAST_FRAME, frame, row);
  put(me, Book.NEXT_SECONDS, get(row, SegmentWord.SECONDS));
  put(me, Book.NEXT_NANOSECONDS, get(row, SegmentWord.NANOSECONDS));
  put(me, Book.SEGMENTS, 1);
  put(me, Book.LISTED, 1);
  put(me, Book.SCALE, (options & Handshake.WINDOW_SCALE) !== 0 ? (options >> 16) & 15 : Book.SCALE_UNUSED);
  put(
    me,
    Book.HANDSHAKE,
    options | ((get(row, SegmentWord.FLAGS) & Flag.ACK) !== 0 ? Handshake.SYN_ACK : Handshake.SYN),
  );
  put(me, Book.TTLS, widenedTtls(0, ttlOf(row)));
  put(me, Book.CONTROL_ID, ipIdOf(row, where));
  if ((options & Handshake.TIMESTAMPS) !== 0) {
    bits |= Fact.TIMESTAMPS | Book.HAS_CONTROL_TS;
    const tsVal = get(row, SegmentWord.TS_VAL);
    put(me, Book.TS_VAL, tsVal);
    put(me, Book.TS_RECENT, tsVal);
    put(me, Book.CONTROL_TS, tsVal);
  }
  put(me, Book.BITS, bits);
}

/** The longest silence in which nobody waited for an answer, and the longest wait for one: see FactsTracker. */
function noteSilence(row: i32, frame: i32, connection: i32, direction: i32, gap: i32, tick: i32): void {
  put(connection, Book.GAP, gap);
  put(connection, Book.GAP_END, tick);
  const bits = get(connection, Book.FLOW_BITS);
  const turnOfPeer = (bits & Flow.TURN_KNOWN) !== 0 && ((bits & Flow.TURN_B) !== 0) !== (direction === 1);
  const peer = side(connection, direction === 0 ? Book.B : Book.A);
  const asking = (get(peer, Book.HANDSHAKE) & Handshake.SYN) !== 0;
  const into = get(row, SegmentWord.PAYLOAD_LENGTH) > 0 && turnOfPeer && asking ? Book.ANSWER : Book.IDLE;
  if (gap <= get(connection, into)) return;
  put(connection, into, gap);
  setMoment(connection, into + 1, frame, row);
}

function notePayload(row: i32, frame: i32, connection: i32, direction: i32, tick: i32): void {
  const payload = get(row, SegmentWord.PAYLOAD_LENGTH);
  const me = side(connection, direction === 0 ? Book.A : Book.B);
  const peer = side(connection, direction === 0 ? Book.B : Book.A);
  addBytes(me, Book.BYTES_LOW, payload);
  // As long as none was too large, what is no larger than the largest is not.
  if (payload > get(me, Book.LARGEST) || get(me, Book.OVERSIZED) !== 0)
    noteSize(row, frame, connection, direction, payload);
  if (get(me, Book.DATA_SEGMENTS) === 0) put(me, Book.FIRST_DATA_TICK, tick);
  else if (get(peer, Book.LAST_ACK) === get(me, Book.NEXT))
    addTicks(me, Book.EMPTY_TICKS, tick - get(me, Book.DRAINED_TICK));
  add(me, Book.DATA_SEGMENTS, 1);
  put(me, Book.DATA_TICK, tick);
  put(me, Book.ANSWERED, get(peer, Book.NEXT));
  const bits = get(connection, Book.FLOW_BITS) | Flow.TURN_KNOWN;
  put(connection, Book.FLOW_BITS, direction === 0 ? bits & ~Flow.TURN_B : bits | Flow.TURN_B);
}

function noteSize(row: i32, frame: i32, connection: i32, direction: i32, payload: i32): void {
  const me = side(connection, direction === 0 ? Book.A : Book.B);
  const peer = side(connection, direction === 0 ? Book.B : Book.A);
  if (payload > get(me, Book.LARGEST)) put(me, Book.LARGEST, payload);
  const limit = get(peer, Book.HANDSHAKE) & 0xffff;
  if (payload <= limit || limit === 0) return;
  const oversized = side(connection, direction === 0 ? Book.OVERSIZED_A : Book.OVERSIZED_B);
  if (get(me, Book.OVERSIZED) === 0) setMoment(oversized, 0, frame, row);
  add(me, Book.OVERSIZED, 1);
  if (payload > Book.ETHERNET_PAYLOAD || payload % limit === 0) add(oversized, Book.OVERSIZED_JOINED, 1);
}

/** Outcome.TAKEN if the checksum is right, as far as one can say (0 is none: see Exchange.isSound), LEFT if it is wrong, ASKS_SUM if `where` does not say. */
function soundnessOf(row: i32, where: i32): i32 {
  if (where === Checksum.CORRECT || (get(row, SegmentWord.PRINT) & 0xffff) === 0) return Outcome.TAKEN;
  if (where === Checksum.UNKNOWN) return Outcome.ASKS_SUM;
  return checksum(row, where) === Checksum.WRONG ? Outcome.LEFT : Outcome.TAKEN;
}

/** Packet.ipId. */
function ipIdOf(row: i32, where: i32): i32 {
  return where === Checksum.UNKNOWN || where === Checksum.CORRECT
    ? get(row, SegmentWord.IP_ID)
    : isInIpv6(row)
      ? -1
      : get(row, SegmentWord.PRINT) >>> 16;
}

function side(connection: i32, word: i32): i32 {
  return connection + word * 4;
}

/** In tshark's analysis the number 0 means "unknown"; so neither the SYN nor what follows may have it. */
function isNumbered(seq: i32): bool {
  return seq !== 0 && seq !== -1;
}

/** Right edge of the window that the side at `me` has offered with its latest segment. */
function offered(me: i32, scale: i32): i32 {
  return edgeOf(get(me, Book.LAST_ACK), get(me, Book.WIN), scale);
}

function setMoment(at: i32, word: i32, frame: i32, row: i32): void {
  put(at, word, frame);
  put(at, word + 1, get(row, SegmentWord.SECONDS));
  put(at, word + 2, get(row, SegmentWord.NANOSECONDS));
}

/** See Exchange.measureLoop. `from`: a moment. */
function loopSince(from: i32, seconds: i32, nanoseconds: i32): i32 {
  const elapsed = ceil(<f64>(seconds - get(from, 1)) * 1e6 + <f64>(nanoseconds - get(from, 2)) / 1000);
  return elapsed < <f64>Book.MAX_LOOP ? <i32>elapsed + 1 : 0;
}

/** See zeek-history.ts. */
function addLetter(connection: i32, letter: i32): void {
  const count = get(connection, Book.LETTERS);
  put(connection, Book.LETTERS, count + 1);
  const word = count < Letter.PER_WORD ? Book.LETTERS_0 : Book.LETTERS_1;
  mark(connection, word, letter << ((count % Letter.PER_WORD) * Letter.BITS));
}
