// In: a segment of a connection that has rows. Out: the rows brought up to date, if the segment is as plain as most are.
//
//   data next in order, or an acknowledgment further than before, between two ends in ESTABLISHED, with nothing to say of it
//
// What analysis.ts, states.ts and facts.ts ask and write one after the other, each for whatever may come, plain.as.ts asks and writes
// at once, for the segments of a run (trace.as.ts) or for one (docs/PERFORMANCE.md says what it gives). `observe` answers false, and has changed nothing,
// for any other segment; the three take that one.
//
// The three are the definition, this is the shortcut: test/tcp/plain.test.ts compares the rows word for word.

import type { Frame } from '../capture/frame.ts';
import type { RowPool } from '../flow/rows.ts';
import type { Program } from '../linear/program.ts';
import { Flag, type Packet } from '../wire/packet.ts';
import type { SegmentRun } from '../wire/segment-run.ts';
import { seqAdd, seqDistance } from '../wire/seq.ts';
import type { SequenceAnalyzer } from './analysis.ts';
import { type Connection, lookForApp } from './connection.ts';
import { type Direction, DirectionBit } from './direction.ts';
import { State } from './state.ts';
import type { StateTracker } from './states.ts';
import { Outcome } from './textbook-record.ts';

/** What a trace has that segments are taken in by. */
export interface PlainTrace {
  readonly program: Program;
  /** Where the program finds the trace. */
  readonly address: number;
  /** The row of a single segment. */
  readonly single: SegmentRun;
  readonly connections: RowPool;
  readonly analyzer: SequenceAnalyzer;
  readonly states: StateTracker;
}

export class PlainSegments {
  /** False: every segment takes the long way. For tests, which compare the two. */
  isOn = true;
  readonly #trace: PlainTrace;

  constructor(trace: PlainTrace) {
    this.#trace = trace;
  }

  /**
   * Takes in a segment of connection `index`, whose rows the windows are on. `direction` 0: A sent it. `isWhole` false: the sequence analysis is all that is
   * asked for. False, and nothing has changed, if there is more to it.
   */
  observe(
    frame: Frame,
    packet: Packet,
    index: number,
    connection: Connection,
    direction: 0 | 1,
    me: Direction,
    peer: Direction,
    isWhole: boolean,
  ): boolean {
    const { program, address, single, connections, states } = this.#trace;
    if (frame.number === states.explainedFrame || !this.#begin(frame, packet, connection)) return false;
    const row = single.address;
    const at = connections.addressOf(index);
    const outcome = isWhole
      ? program.observePlain(address, row, frame.number, index, at, direction)
      : program.observeSequence(address, row, frame.number, at, direction);
    if (outcome === Outcome.LEFT) return false;
    if (isWhole) {
      states.senderState = State.ESTABLISHED;
      states.receiverState = State.ESTABLISHED;
    }
    this.#say(packet, connection, me, peer);
    return true;
  }

  /** Makes the segment's row, and notes of the analysis what is different afterwards. False: it is not plain. */
  #begin(frame: Frame, packet: Packet, connection: Connection): boolean {
    if ((packet.flags & ~Flag.PSH) !== Flag.ACK || !this.isOn) return false;
    if (!this.#trace.single.readPacket(frame, packet)) return false;
    const { analyzer } = this.#trace;
    const { result } = analyzer;
    result.reset();
    result.completeness = connection.completeness;
    analyzer.times(frame, connection);
    return true;
  }

  /** What the analysis says of it. */
  #say(packet: Packet, connection: Connection, me: Direction, peer: Direction): void {
    const { analyzer } = this.#trace;
    const { result, unacked } = analyzer;
    const { seq, ack, window, payloadLength: length } = packet;
    const { scale } = me;
    const { base } = peer;
    result.flags = 0;
    result.seq = seqDistance(me.base, seq);
    result.ack = seqDistance(base, ack);
    result.nextSeq = seqAdd(result.seq, length);
    result.sackBase = base;
    result.window = scale >= 0 ? window << scale : window;
    result.scale = scale;
    result.hasBlock = false;
    result.irttSeconds = connection.irttSeconds;
    result.irttNanoseconds = connection.irttNanoseconds;
    if (unacked.ackedFrame !== 0) analyzer.acknowledged(connection.lastSeconds, connection.lastNanoseconds);
    if (length > 0 && me.listed > 0 && (me.bits & DirectionBit.FLIGHT_HIDDEN) === 0)
      analyzer.sayFlight(packet, me, peer);
    lookForApp(connection, packet);
  }
}
