// In: the row of a segment, and its connection, which has rows. Out: those brought up to date, if the segment is plain. See plain.ts.

import { rowAt } from '../flow/rows.as.ts';
import { add, get, mark, put } from '../linear/words.as.ts';
import {
  Book,
  Completeness,
  ConnectionBit,
  ConnectionFactWord,
  ConnectionWord,
  Current,
  DirectionBit,
  DirectionFactWord,
  DirectionWord,
  EndpointBit,
  EndpointWord,
  Fact,
  Flag,
  Flow,
  Handshake,
  Outcome,
  Plain,
  Segment,
  SegmentWord,
  State,
  Tick,
  TraceWord,
} from '../numbers.as.ts';
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
import { acknowledge, addUnacked, flight } from './unacked.as.ts';

/** Outcome.LEFT, and nothing has changed, if there is more to the segment than the sequence analysis of a plain one. */
export function observeSequence(trace: i32, row: i32, frame: i32, connection: i32, direction: i32): i32 {
  const me = directionAt(trace, connection, direction);
  const peer = directionAt(trace, connection, 1 - direction);
  if (!isPlain(row, connection, me, peer)) return Outcome.LEFT;
  analyse(trace, row, frame, connection, me, peer);
  return outcomeOf(row, connection);
}

/** Outcome.LEFT, and nothing has changed, if there is more to the segment. `index`: the connection's. `direction` 0: A sent it. */
export function observePlain(trace: i32, row: i32, frame: i32, index: i32, connection: i32, direction: i32): i32 {
  const me = directionAt(trace, connection, direction);
  const peer = directionAt(trace, connection, 1 - direction);
  if (!isPlain(row, connection, me, peer)) return Outcome.LEFT;
  const seq = get(row, SegmentWord.SEQ);
  const ack = get(row, SegmentWord.ACK);
  const window = get(row, SegmentWord.WINDOW);
  const length = get(row, SegmentWord.PAYLOAD_LENGTH);
  const hasTimestamps = get(row, SegmentWord.KIND) === Segment.WITH_TIMESTAMPS;
  const tsVal = get(row, SegmentWord.TS_VAL);
  const seconds = get(row, SegmentWord.SECONDS);
  const nanoseconds = get(row, SegmentWord.NANOSECONDS);
  const scale = get(me, DirectionWord.SCALE);
  const end = seq + length;

  // -- What states.ts would not take its plain path for -------------------------------------------------------------------
  const current = get(get(trace, TraceWord.CURRENT), index);
  if ((current & Current.HAS_OLDER) !== 0) return Outcome.LEFT;
  const endpoints = rowAt(get(trace, TraceWord.ENDPOINTS), current >> Current.SHIFT, 2 * Plain.ENDPOINT_BYTES);
  const isTurned = (direction ^ (current & Current.TURNED)) !== 0;
  const s = endpoints + (isTurned ? Plain.ENDPOINT_BYTES : 0);
  const r = endpoints + (isTurned ? 0 : Plain.ENDPOINT_BYTES);
  const stateBits = get(s, EndpointWord.BITS);
  const letter = length > 0 ? EndpointBit.HISTORY_D : EndpointBit.HISTORY_A;
  if (
    (stateBits & EndpointBit.SETTLED) === 0 ||
    (stateBits & letter) === 0 ||
    get(r, EndpointWord.STATE) !== State.ESTABLISHED ||
    seq !== get(s, EndpointWord.SND_NXT) ||
    seqAfter(ack, get(r, EndpointWord.SND_NXT))
  )
    return Outcome.LEFT;

  // -- What facts.ts would find remarkable --------------------------------------------------------------------------------
  const facts = rowAt(get(trace, TraceWord.FACTS), get(connection, ConnectionWord.ROWS) - 1, Plain.FACT_BYTES);
  const m = facts + Plain.CONNECTION_FACT_BYTES + direction * Plain.DIRECTION_FACT_BYTES;
  const p = facts + Plain.CONNECTION_FACT_BYTES + (1 - direction) * Plain.DIRECTION_FACT_BYTES;
  const bits = get(m, DirectionFactWord.BITS);
  const peerBits = get(p, DirectionFactWord.BITS);
  const tick = tickOf(connection, seconds, nanoseconds);
  const silence = tick - get(facts, ConnectionFactWord.TICK);
  const edge = edgeOf(ack, window, scale);
  const print = get(row, SegmentWord.PRINT);
  const printBefore = get(m, DirectionFactWord.PRINT);
  const limit = get(m, DirectionFactWord.LIMIT);
  const peerHigh = get(p, DirectionFactWord.HIGH);
  const acked = get(p, DirectionFactWord.ACKED);
  // Without a handshake the window's scale is not known, nor its edge; and what facts.ts does then it does in another way.
  const hasEdge = (bits & Fact.EDGE) !== 0;
  const hasEdges = hasEdge && (peerBits & Fact.EDGE) !== 0;
  if (
    (bits & peerBits & Plain.NEEDED) !== Plain.NEEDED ||
    (!hasEdges && hasEdge === (scale === Plain.SCALE_UNKNOWN)) ||
    (!hasEdges && ack === peerHigh && seqBefore(ack, acked)) ||
    ((bits | peerBits) & Plain.WATCHED) !== 0 ||
    silence < 0 ||
    silence >= Tick.SILENCE ||
    seq !== get(m, DirectionFactWord.HIGH) ||
    (hasEdge && seqBefore(edge, get(m, DirectionFactWord.EDGE))) ||
    print === printBefore ||
    print === get(m, DirectionFactWord.PRINT_BEFORE) ||
    (length > limit && limit !== 0) ||
    (hasTimestamps && ((bits & Fact.TIMESTAMPS_USED) === 0 || seqBefore(tsVal, get(m, DirectionFactWord.TS_VAL))))
  )
    return Outcome.LEFT;
  if (ack !== peerHigh && seqAfter(ack, acked)) {
    if (seqAfter(ack, peerHigh)) return Outcome.LEFT;
    // In answer to a SYN an ACK without SYN may speak of an older connection.
    const asked = (get(p, DirectionFactWord.HANDSHAKE) & Handshake.SYN) !== 0;
    if (asked && (get(m, DirectionFactWord.HANDSHAKE) & Plain.SYNS) === 0) return Outcome.LEFT;
  }

  // -- From here on it is plain -------------------------------------------------------------------------------------------
  analyse(trace, row, frame, connection, me, peer);

  if (seqAfter(ack, get(s, EndpointWord.RCV_NXT))) {
    put(s, EndpointWord.RCV_NXT, ack);
    put(r, EndpointWord.UNANSWERED, 0);
  } else if (ack === get(r, EndpointWord.SND_NXT)) put(r, EndpointWord.UNANSWERED, 0);
  const shift = get(s, EndpointWord.SHIFT);
  put(s, EndpointWord.SND_NXT, end);
  put(s, EndpointWord.WINDOW, shift > 0 ? window << shift : window);
  const isInOrder =
    (get(r, EndpointWord.BITS) & EndpointBit.RCV_KNOWN) === 0 || seqAtOrBefore(seq, get(r, EndpointWord.RCV_NXT));
  if (hasTimestamps && isInOrder) {
    const isOld = (stateBits & EndpointBit.TS_KNOWN) !== 0 && seqBefore(tsVal, get(s, EndpointWord.TS_RECENT));
    if (!isOld) put(s, EndpointWord.TS_RECENT, tsVal);
  }
  put(s, EndpointWord.LAST_FRAME, frame);
  put(s, EndpointWord.LAST_SECONDS, seconds);
  put(s, EndpointWord.LAST_NANOSECONDS, nanoseconds);

  if (((print ^ printBefore) & ID_BITS) === 0) mark(m, DirectionFactWord.BITS, Fact.IDS_ALIKE);
  put(m, DirectionFactWord.PRINT_BEFORE, printBefore);
  put(m, DirectionFactWord.PRINT, print);
  put(facts, ConnectionFactWord.TICK, tick);
  put(m, DirectionFactWord.TICK, tick);
  if (length > 0) {
    rememberPayload(trace, row, connection, direction);
    if (length > get(m, DirectionFactWord.LARGEST)) put(m, DirectionFactWord.LARGEST, length);
    const before = get(m, DirectionFactWord.DATA_SEGMENTS);
    put(m, DirectionFactWord.DATA_SEGMENTS, before + 1);
    if (before === 0) put(m, DirectionFactWord.FIRST_DATA_TICK, tick);
    else if (seq === get(m, DirectionFactWord.ACKED))
      addTicks(m, DirectionFactWord.EMPTY_TICKS, tick - get(m, DirectionFactWord.DRAINED_TICK));
    put(m, DirectionFactWord.DATA_TICK, tick);
    put(m, DirectionFactWord.ANSWERED, peerHigh);
    const flowBits = get(facts, ConnectionFactWord.BITS) | Flow.TURN_KNOWN;
    put(facts, ConnectionFactWord.BITS, direction === 0 ? flowBits & ~Flow.TURN_B : flowBits | Flow.TURN_B);
    put(m, DirectionFactWord.HIGH, end);
  }
  if (hasEdge) put(m, DirectionFactWord.EDGE, edge);
  if (ack === peerHigh) {
    if (ack !== acked) {
      put(p, DirectionFactWord.ACKED, ack);
      put(p, DirectionFactWord.DRAINED_TICK, tick);
    }
  } else if (seqAfter(ack, acked)) put(p, DirectionFactWord.ACKED, ack);
  if (hasTimestamps) put(m, DirectionFactWord.TS_VAL, tsVal);
  const ttls = get(m, DirectionFactWord.TTLS);
  const ttl = ttlOf(row);
  if ((ttls & 0xff) !== ttl) put(m, DirectionFactWord.TTLS, widenedTtls(ttls, ttl));
  return outcomeOf(row, connection);
}

/** Is there nothing that analysis.ts would flag, or learn from it? */
function isPlain(row: i32, connection: i32, me: i32, peer: i32): bool {
  const seq = get(row, SegmentWord.SEQ);
  const ack = get(row, SegmentWord.ACK);
  const length = get(row, SegmentWord.PAYLOAD_LENGTH);
  const contig = get(peer, DirectionWord.CONTIG);
  if (
    (get(row, SegmentWord.FLAGS) & ~Flag.PSH) !== Flag.ACK ||
    seq !== get(me, DirectionWord.NEXT) ||
    seq === 0 ||
    length > Book.MOST_PAYLOAD ||
    (get(me, DirectionWord.BITS) & get(peer, DirectionWord.BITS) & DirectionBit.BASE_KNOWN) === 0 ||
    (get(connection, ConnectionWord.BITS) & ConnectionBit.ACCURATE_ECN) !== 0 ||
    (contig !== 0 && seqBefore(contig, ack)) ||
    awaitsRtt(connection)
  )
    return false;
  if (length === 0) return ack !== get(me, DirectionWord.LAST_ACK);
  const end = seq + length;
  return (
    get(peer, DirectionWord.WIN) !== 0 &&
    end !== windowEdge(peer) &&
    !seqAtOrBefore(end, get(peer, DirectionWord.LAST_ACK))
  );
}

/** Is the initial RTT still to be measured? It never is without a SYN. */
function awaitsRtt(connection: i32): bool {
  return (
    (get(connection, ConnectionWord.IRTT_NANOSECONDS) | get(connection, ConnectionWord.IRTT_SECONDS)) === 0 &&
    (get(connection, ConnectionWord.SYN_NANOSECONDS) | get(connection, ConnectionWord.SYN_SECONDS)) !== 0
  );
}

/** What analysis.ts keeps of it, and what is kept of the connection as a whole. */
function analyse(trace: i32, row: i32, frame: i32, connection: i32, me: i32, peer: i32): void {
  const unacked = get(trace, TraceWord.UNACKED);
  const seq = get(row, SegmentWord.SEQ);
  const ack = get(row, SegmentWord.ACK);
  const length = get(row, SegmentWord.PAYLOAD_LENGTH);
  const seconds = get(row, SegmentWord.SECONDS);
  const nanoseconds = get(row, SegmentWord.NANOSECONDS);
  const end = seq + length;
  add(me, DirectionWord.SEGMENTS, 1);
  put(me, DirectionWord.SACKED_BYTES, 0);
  put(me, DirectionWord.BITS, get(me, DirectionWord.BITS) & ~DirectionBit.FIRST_ACK_DUE);
  put(peer, DirectionWord.BITS, get(peer, DirectionWord.BITS) & ~DirectionBit.FLIGHT_HIDDEN);
  if (ack !== get(me, DirectionWord.LAST_ACK)) {
    put(me, DirectionWord.ACK_FRAME, frame);
    put(me, DirectionWord.DUP, 0);
    put(me, DirectionWord.LAST_ACK, ack);
  }
  const contig = get(me, DirectionWord.CONTIG);
  if (contig === 0 || contig === seq) put(me, DirectionWord.CONTIG, end);
  put(me, DirectionWord.WIN, get(row, SegmentWord.WINDOW));
  put(me, DirectionWord.LAST_SECONDS, seconds);
  put(me, DirectionWord.LAST_NANOSECONDS, nanoseconds);
  put(me, DirectionWord.LAST_FLAGS, 0);
  put(me, DirectionWord.MPTCP_OPS, get(connection, ConnectionWord.MPTCP_OPS));
  mark(connection, ConnectionWord.COMPLETENESS, length > 0 ? Completeness.DATA : Completeness.ACK);
  if (length > 0) {
    addBytes(me, DirectionWord.BYTES_LOW, length);
    put(me, DirectionWord.NEXT, end);
    put(me, DirectionWord.NEXT_FRAME, frame);
    put(me, DirectionWord.NEXT_SECONDS, seconds);
    put(me, DirectionWord.NEXT_NANOSECONDS, nanoseconds);
    if (get(me, DirectionWord.LISTED) < Plain.MOST_LISTED)
      addUnacked(unacked, me, seq, end, frame, seconds, nanoseconds);
  }
  acknowledge(unacked, peer, ack);
  if (length > 0) measureFlight(unacked, row, me);
  add(connection, ConnectionWord.SEGMENTS, 1);
  put(connection, ConnectionWord.LAST_FRAME, frame);
  put(connection, ConnectionWord.LAST_SECONDS, seconds);
  put(connection, ConnectionWord.LAST_NANOSECONDS, nanoseconds);
}

/** See SequenceAnalyzer.measureFlight. */
function measureFlight(unacked: i32, row: i32, me: i32): void {
  const bits = get(me, DirectionWord.BITS);
  if (get(me, DirectionWord.LISTED) === 0 || (bits & DirectionBit.FLIGHT_HIDDEN) !== 0) return;
  flight(unacked, me);
  const length = get(row, SegmentWord.PAYLOAD_LENGTH);
  put(me, DirectionWord.PUSH, length + ((bits & DirectionBit.PUSHED) !== 0 ? 0 : get(me, DirectionWord.PUSH)));
  const isPushed = (get(row, SegmentWord.FLAGS) & Flag.PSH) !== 0;
  put(me, DirectionWord.BITS, isPushed ? bits | DirectionBit.PUSHED : bits & ~DirectionBit.PUSHED);
}

/** See windowEdge of analysis.ts. */
function windowEdge(direction: i32): i32 {
  const scale = get(direction, DirectionWord.SCALE);
  const unscaled =
    scale === Book.SCALE_UNUSED || (get(direction, DirectionWord.BITS) & DirectionBit.FIRST_ACK_DUE) !== 0;
  const window = get(direction, DirectionWord.WIN);
  return get(direction, DirectionWord.LAST_ACK) + (unscaled ? window : window << scale);
}

function outcomeOf(row: i32, connection: i32): i32 {
  const asks = get(row, SegmentWord.PAYLOAD_LENGTH) > 0 && isAppAsked(connection);
  return asks ? Outcome.TAKEN_ASKS_APP : Outcome.TAKEN;
}

function directionAt(trace: i32, connection: i32, direction: i32): i32 {
  const rows = get(connection, ConnectionWord.ROWS) - 1;
  return rowAt(get(trace, TraceWord.DIRECTIONS), rows, 2 * Plain.DIRECTION_BYTES) + direction * Plain.DIRECTION_BYTES;
}
