// In: a segment of a connection that has rows. Out: the rows brought up to date, if the segment is as plain as most are.
//
//   data next in order, or an acknowledgment further than before, between two ends in ESTABLISHED, with nothing to say of it
//
// What analysis.ts, states.ts and facts.ts ask and write one after the other, each for whatever may come, is here asked and written
// at once, by the words of the rows (docs/PERFORMANCE.md says what it gives). `observe` answers false, and has changed nothing, for any other segment; the
// three take that one.
//
// The three are the definition, this is the shortcut: test/tcp/plain.test.ts compares the rows word for word.

import type { Frame } from '../capture/frame.ts';
import { wordOf } from '../flow/rows.ts';
import { HandshakeBit } from '../wire/handshake.ts';
import { Flag, HeaderCut, type Packet, PacketKind } from '../wire/packet.ts';
import { seqAdd, seqAfter, seqAtOrBefore, seqBefore, seqDistance } from '../wire/seq.ts';
import { addBytes, Completeness, type SequenceAnalyzer, windowEdge } from './analysis.ts';
import { type Connection, ConnectionBit, lookForApp } from './connection.ts';
import { type Direction, DirectionBit } from './direction.ts';
import { ENDPOINT_WORDS, Endpoint, EndpointBit } from './endpoint.ts';
import {
  CONNECTION_FACT_WORDS,
  ConnectionFacts,
  DIRECTION_FACT_WORDS,
  DirectionFacts,
  FactBit,
  FlowBit,
  SILENCE_TICKS,
  WATCHED,
} from './fact-rows.ts';
import { addTicks, type FactsTracker, ID_BITS, PLAIN, SYNS, TURN_OF_B, tickOf, widenedTtls } from './facts.ts';
import { State } from './state.ts';
import type { StateTracker } from './states.ts';
import { UNACKED_LIMIT } from './unacked.ts';

// Of Endpoint.
const STATE = wordOf(Endpoint, 'state');
const STATE_BITS = wordOf(Endpoint, 'bits');
const SND_NXT = wordOf(Endpoint, 'sndNxt');
const RCV_NXT = wordOf(Endpoint, 'rcvNxt');
const UNANSWERED = wordOf(Endpoint, 'unanswered');
const WINDOW = wordOf(Endpoint, 'window');
const SHIFT = wordOf(Endpoint, 'shift');
const TS_RECENT = wordOf(Endpoint, 'tsRecent');
const LAST_FRAME = wordOf(Endpoint, 'lastFrame');
const LAST_SECONDS = wordOf(Endpoint, 'lastSeconds');
const LAST_NANOSECONDS = wordOf(Endpoint, 'lastNanoseconds');
// Of ConnectionFacts.
const FLOW_BITS = wordOf(ConnectionFacts, 'bits');
const FLOW_TICK = wordOf(ConnectionFacts, 'tick');
// Of DirectionFacts.
const BITS = wordOf(DirectionFacts, 'bits');
const TICK = wordOf(DirectionFacts, 'tick');
const DATA_TICK = wordOf(DirectionFacts, 'dataTick');
const FIRST_DATA_TICK = wordOf(DirectionFacts, 'firstDataTick');
const HIGH = wordOf(DirectionFacts, 'high');
const ACKED = wordOf(DirectionFacts, 'acked');
const DRAINED_TICK = wordOf(DirectionFacts, 'drainedTick');
const EDGE = wordOf(DirectionFacts, 'edge');
const ANSWERED = wordOf(DirectionFacts, 'answered');
const TS_VAL = wordOf(DirectionFacts, 'tsVal');
const TTLS = wordOf(DirectionFacts, 'ttls');
const PRINT = wordOf(DirectionFacts, 'print');
const PRINT_BEFORE = wordOf(DirectionFacts, 'printBefore');
const HANDSHAKE = wordOf(DirectionFacts, 'handshake');
const DATA_SEGMENTS = wordOf(DirectionFacts, 'dataSegments');
const LARGEST = wordOf(DirectionFacts, 'largest');
const LIMIT = wordOf(DirectionFacts, 'limit');
const EMPTY_TICKS = wordOf(DirectionFacts, 'emptyTicks');

/** The plain path of states.ts ends here. */
const MOST_PAYLOAD = 0xffff;

export class PlainSegments {
  /** False: every segment takes the long way. For tests, which compare the two. */
  isOn = true;
  readonly #analyzer: SequenceAnalyzer;
  readonly #states: StateTracker;
  readonly #facts: FactsTracker;
  readonly #endpoint = new Endpoint();
  readonly #flow = new ConnectionFacts();

  constructor(analyzer: SequenceAnalyzer, states: StateTracker, facts: FactsTracker) {
    this.#analyzer = analyzer;
    this.#states = states;
    this.#facts = facts;
  }

  /**
   * Takes in a segment of connection `index`, whose rows the windows are on. `direction` 0: A sent it.
   * False, and nothing has changed, if there is more to it.
   */
  observe(
    frame: Frame,
    packet: Packet,
    index: number,
    connection: Connection,
    direction: 0 | 1,
    me: Direction,
    peer: Direction,
  ): boolean {
    if (!this.#isPlain(packet, connection, me, peer)) return false;
    const { seq, ack, window, payloadLength: length, hasTimestamps, tsVal } = packet;
    const { scale } = me;
    const end = seqAdd(seq, length);

    // -- What states.ts would not take its plain path for -------------------------------------------------------------------
    const states = this.#states;
    const sender = states.plainSender(index, direction, this.#endpoint);
    if (sender < 0 || frame.number === states.explainedFrame) return false;
    const { words: e, at: record } = this.#endpoint;
    const s = record + sender;
    const r = record + ENDPOINT_WORDS - sender;
    const stateBits = e[s + STATE_BITS]!;
    const letter = length > 0 ? EndpointBit.HISTORY_D : EndpointBit.HISTORY_A;
    if (
      (stateBits & EndpointBit.SETTLED) === 0 ||
      (stateBits & letter) === 0 ||
      e[r + STATE] !== State.ESTABLISHED ||
      seq !== e[s + SND_NXT] ||
      seqAfter(ack, e[r + SND_NXT]!)
    ) {
      return false;
    }

    // -- What facts.ts would find remarkable --------------------------------------------------------------------------------
    const flow = this.#flow;
    flow.moveTo(this.#facts.pool, connection.rows - 1);
    const { words: w, at: f } = flow;
    const m = f + CONNECTION_FACT_WORDS + direction * DIRECTION_FACT_WORDS;
    const p = f + CONNECTION_FACT_WORDS + (1 - direction) * DIRECTION_FACT_WORDS;
    const bits = w[m + BITS]!;
    const tick = tickOf(connection, frame.seconds, frame.nanoseconds);
    const silence = tick - w[f + FLOW_TICK]!;
    const edge = seqAdd(ack, scale > 0 ? window << scale : window);
    const print = (packet.ipId << 16) | packet.checksum;
    const printBefore = w[m + PRINT]!;
    const limit = w[m + LIMIT]!;
    const peerHigh = w[p + HIGH]!;
    const acked = w[p + ACKED]!;
    if (
      (bits & w[p + BITS]! & PLAIN) !== PLAIN ||
      ((bits | w[p + BITS]!) & WATCHED) !== 0 ||
      silence < 0 ||
      silence >= SILENCE_TICKS ||
      seq !== w[m + HIGH] ||
      seqBefore(edge, w[m + EDGE]!) ||
      print === printBefore ||
      print === w[m + PRINT_BEFORE] ||
      (length > limit && limit !== 0) ||
      (hasTimestamps && ((bits & FactBit.TIMESTAMPS_USED) === 0 || seqBefore(tsVal, w[m + TS_VAL]!)))
    ) {
      return false;
    }
    if (ack !== peerHigh && seqAfter(ack, acked)) {
      if (seqAfter(ack, peerHigh)) return false;
      // In answer to a SYN an ACK without SYN may speak of an older connection.
      if ((w[p + HANDSHAKE]! & HandshakeBit.SYN) !== 0 && (w[m + HANDSHAKE]! & SYNS) === 0) return false;
    }

    // -- From here on it is plain -------------------------------------------------------------------------------------------
    const { number, nanoseconds } = frame;
    const seconds = frame.seconds | 0;
    this.#analyse(frame, packet, connection, me, peer);

    if (seqAfter(ack, e[s + RCV_NXT]!)) {
      e[s + RCV_NXT] = ack;
      e[r + UNANSWERED] = 0;
    } else if (ack === e[r + SND_NXT]) e[r + UNANSWERED] = 0;
    const shift = e[s + SHIFT]!;
    e[s + SND_NXT] = end;
    e[s + WINDOW] = shift > 0 ? window << shift : window;
    const isInOrder = (e[r + STATE_BITS]! & EndpointBit.RCV_KNOWN) === 0 || seqAtOrBefore(seq, e[r + RCV_NXT]!);
    if (hasTimestamps && isInOrder) {
      const isOld = (stateBits & EndpointBit.TS_KNOWN) !== 0 && seqBefore(tsVal, e[s + TS_RECENT]!);
      if (!isOld) e[s + TS_RECENT] = tsVal;
    }
    e[s + LAST_FRAME] = number;
    e[s + LAST_SECONDS] = seconds;
    e[s + LAST_NANOSECONDS] = nanoseconds;
    states.senderState = State.ESTABLISHED;
    states.receiverState = State.ESTABLISHED;

    if (((print ^ printBefore) & ID_BITS) === 0) w[m + BITS] = bits | FactBit.IDS_ALIKE;
    w[m + PRINT_BEFORE] = printBefore;
    w[m + PRINT] = print;
    w[f + FLOW_TICK] = tick;
    w[m + TICK] = tick;
    if (length > 0) {
      this.#facts.remember(packet, (connection.stream * 2 + direction) | 0);
      if (length > w[m + LARGEST]!) w[m + LARGEST] = length;
      if (w[m + DATA_SEGMENTS]!++ === 0) w[m + FIRST_DATA_TICK] = tick;
      else if (seq === w[m + ACKED]) w[m + EMPTY_TICKS] = addTicks(w[m + EMPTY_TICKS]!, tick - w[m + DRAINED_TICK]!);
      w[m + DATA_TICK] = tick;
      w[m + ANSWERED] = peerHigh;
      const flowBits = w[f + FLOW_BITS]!;
      w[f + FLOW_BITS] = direction === 0 ? (flowBits & ~FlowBit.TURN_B) | FlowBit.TURN_KNOWN : flowBits | TURN_OF_B;
      w[m + HIGH] = end;
    }
    w[m + EDGE] = edge;
    if (ack === peerHigh) {
      if (ack !== acked) {
        w[p + ACKED] = ack;
        w[p + DRAINED_TICK] = tick;
      }
    } else if (seqAfter(ack, acked)) w[p + ACKED] = ack;
    if (hasTimestamps) w[m + TS_VAL] = tsVal;
    if ((w[m + TTLS]! & 0xff) !== packet.ttl) w[m + TTLS] = widenedTtls(w[m + TTLS]!, packet.ttl);
    return true;
  }

  /** As `observe`, where the sequence analysis is all that is asked for. */
  observeSequence(frame: Frame, packet: Packet, connection: Connection, me: Direction, peer: Direction): boolean {
    if (!this.#isPlain(packet, connection, me, peer)) return false;
    this.#analyse(frame, packet, connection, me, peer);
    return true;
  }

  /** Is there nothing that analysis.ts would flag, or learn from it? */
  #isPlain(packet: Packet, connection: Connection, me: Direction, peer: Direction): boolean {
    const { seq, ack, payloadLength: length } = packet;
    if (
      (packet.flags & ~Flag.PSH) !== Flag.ACK ||
      packet.kind !== PacketKind.SEGMENT ||
      seq !== me.next ||
      seq === 0 ||
      length < 0 ||
      length > MOST_PAYLOAD ||
      packet.window === 0 ||
      packet.cut !== HeaderCut.NONE ||
      packet.sackCount !== 0 ||
      packet.emptySackOption >= 0 ||
      packet.windowScale >= 0 ||
      packet.mptcpKinds !== 0 ||
      packet.hasAccEcn ||
      !this.isOn ||
      (me.bits & peer.bits & DirectionBit.BASE_KNOWN) === 0 ||
      (connection.bits & ConnectionBit.ACCURATE_ECN) !== 0 ||
      (peer.contig !== 0 && seqBefore(peer.contig, ack)) ||
      (connection.irttNanoseconds === 0 && connection.irttSeconds === 0)
    ) {
      return false;
    }
    if (length === 0) return ack !== me.lastAck;
    const end = seqAdd(seq, length);
    return peer.win !== 0 && end !== windowEdge(peer) && !seqAtOrBefore(end, peer.lastAck);
  }

  /** The analysis, and what is kept of the connection as a whole. */
  #analyse(frame: Frame, packet: Packet, connection: Connection, me: Direction, peer: Direction): void {
    const { result, unacked } = this.#analyzer;
    const { seq, ack, window, payloadLength: length } = packet;
    const { number, nanoseconds } = frame;
    const seconds = frame.seconds | 0;
    const end = seqAdd(seq, length);
    const { scale } = me;
    const { base } = peer;
    result.reset();
    result.flags = 0;
    result.completeness = connection.completeness;
    result.seq = seqDistance(me.base, seq);
    result.ack = seqDistance(base, ack);
    result.nextSeq = seqAdd(result.seq, length);
    result.sackBase = base;
    result.window = scale >= 0 ? window << scale : window;
    result.scale = scale;
    result.hasBlock = false;
    result.irttSeconds = connection.irttSeconds;
    result.irttNanoseconds = connection.irttNanoseconds;
    this.#analyzer.times(frame, connection);

    me.segments++;
    me.sackedBytes = 0;
    me.bits &= ~DirectionBit.FIRST_ACK_DUE;
    peer.bits &= ~DirectionBit.FLIGHT_HIDDEN;
    if (ack !== me.lastAck) {
      me.ackFrame = number;
      me.dup = 0;
      me.lastAck = ack;
    }
    const { contig } = me;
    if (contig === 0 || contig === seq) me.contig = end;
    me.win = window;
    me.lastSeconds = seconds;
    me.lastNanoseconds = nanoseconds;
    me.lastFlags = 0;
    me.mptcpOps = connection.mptcpOps;
    connection.completeness |= length > 0 ? Completeness.DATA : Completeness.ACK;
    if (length > 0) {
      addBytes(me, length);
      me.next = end;
      me.nextFrame = number;
      me.nextSeconds = seconds;
      me.nextNanoseconds = nanoseconds;
      if (me.listed < UNACKED_LIMIT) unacked.add(me, seq, end, number, seconds, nanoseconds);
    }
    if (peer.listed > 0) this.#analyzer.acknowledge(peer, ack, seconds, nanoseconds);
    if (length > 0) this.#analyzer.measureFlight(packet, me, peer);

    connection.segments++;
    connection.lastFrame = number;
    connection.lastSeconds = seconds;
    connection.lastNanoseconds = nanoseconds;
    lookForApp(connection, packet);
  }
}
