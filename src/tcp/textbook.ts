// In: the record of a connection that has gone by the book so far. Out: the full rows it stands for, or what is told of its life.
//
//   SYN ─▶ SYN,ACK ─▶ ACK ─▶ data and acknowledgments, each next in order ─▶ FIN ─▶ [ACK] ─▶ FIN ─▶ ACK
//
// Most connections of most captures do nothing else, in particular nothing that Wireshark flags. What analysis.ts, states.ts
// and facts.ts would write into some 280 words of rows for such a connection follows from a hundred: one number often stands
// for several (SND.NXT, tshark's `next` and `contig`, `high`), histories follow from eight moments. So a segment by the book
// reads and writes far less memory, which is what most of its time went into. textbook.as.ts takes the segments in, as long as each is by the book;
// with the first that is not, `fill` writes the rows just as the three would have left them, and they go on from there.
//
// The three are the definition, this is the shortcut: test/tcp/textbook.test.ts compares the rows word for word.

import { HandshakeBit } from '../wire/handshake.ts';
import { seqAdd } from '../wire/seq.ts';
import type { Connection } from './connection.ts';
import { type Direction, DirectionBit, SCALE_UNUSED } from './direction.ts';
import { type Endpoint, EndpointBit } from './endpoint.ts';
import { Event } from './event.ts';
import { type ConnectionFacts, type DirectionFacts, FactBit, FlowBit } from './fact-rows.ts';
import { type FactsTracker, tickOf } from './facts.ts';
import { Evidence, type Histories } from './history.ts';
import type { Incarnation } from './incarnation.ts';
import { State } from './state.ts';
import {
  A,
  ACK_AT,
  ANSWER,
  ANSWERED,
  B,
  BITS,
  BYTES_HIGH,
  BYTES_LOW,
  CONTROL_ID,
  CONTROL_TS,
  DATA_SEGMENTS,
  DATA_TICK,
  DRAINED_TICK,
  EMPTY_TICKS,
  FIN_2_AT,
  FIN_ACK_AT,
  FIN_AT,
  FIRST_DATA_TICK,
  FLOW_BITS,
  GAP,
  GAP_END,
  HANDSHAKE,
  HAS_CONTROL_TS,
  HAS_LETTER_A,
  HAS_LETTER_D,
  IDLE,
  ISS,
  LARGEST,
  LAST_ACK,
  LAST_FRAME,
  LAST_NANOSECONDS,
  LAST_SECONDS,
  LETTERS,
  LETTERS_0,
  LETTERS_1,
  LISTED,
  LOOP,
  NEXT,
  NEXT_NANOSECONDS,
  NEXT_SECONDS,
  OVERSIZED,
  OVERSIZED_A,
  OVERSIZED_B,
  OVERSIZED_JOINED,
  OWN_BITS,
  PHASE,
  Phase,
  PRINT,
  PRINT_BEFORE,
  PROOF_OF_B,
  SCALE,
  SEGMENTS,
  SYN_ACK_AT,
  TICK,
  TS_RECENT,
  TS_VAL,
  TTLS,
  WIN,
} from './textbook-record.ts';
import type { UnackedSegments } from './unacked.ts';

/** The connections of a trace that go by the book so far. */
export class Textbook {
  readonly #facts: FactsTracker;

  /** `facts`: where payloads are remembered, and what is rare is kept. */
  constructor(facts: FactsTracker) {
    this.#facts = facts;
  }

  // -- The rows it stands for -------------------------------------------------------------------------------------------

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
      const first = at + (side === 0 ? OVERSIZED_A : OVERSIZED_B);
      this.#facts.setOversized(
        facts,
        w[me + OVERSIZED]!,
        w[first + OVERSIZED_JOINED]!,
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

const KNOWN = EndpointBit.NXT_KNOWN | EndpointBit.RCV_KNOWN;

/** Right edge of a window. */
function edgeOf(ack: number, window: number, scale: number): number {
  return seqAdd(ack, scale > 0 ? window << scale : window);
}

/** Right edge of the window that the side at `me` has offered with its latest segment. */
function offered(w: Int32Array, me: number, scale: number): number {
  return edgeOf(w[me + LAST_ACK]!, w[me + WIN]!, scale);
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
