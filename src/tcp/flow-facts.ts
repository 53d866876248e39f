// In: the rows of a connection and its FlowResult. Out: one view of everything findings are judged by.
//
// The view is a set of windows on rows, moved from one connection to the next: nothing is copied and nothing allocated, so
// judging a million connections costs a few loads each. What a side does not have (trouble, resets) reads as zero.

import { type Row, RowPool } from '../flow/rows.ts';
import { HandshakeBit } from '../wire/handshake.ts';
import { seqAtOrAfter } from '../wire/seq.ts';
import { ANALYSIS_FLAG_COUNT } from './analysis-flag.ts';
import type { CaptureFacts } from './capture-facts.ts';
import type { CaptureClock } from './clock.ts';
import { Connection } from './connection.ts';
import { DIRECTION_WORDS, Direction, payloadBytes } from './direction.ts';
import {
  CONNECTION_FACT_WORDS,
  ConnectionFacts,
  DIRECTION_FACT_WORDS,
  DirectionFacts,
  FactBit,
  FLAG_TIMES,
  ODDITY_WORDS,
  Oddities,
  RESET_WORDS,
  Reset,
  TICKS_PER_SECOND,
  TROUBLE_WORDS,
  Trouble,
} from './fact-rows.ts';
import type { EndpointResult, FlowResult } from './flow-result.ts';
import type { TcpTrace } from './trace.ts';

const NO_FLAGS = new Int32Array(2 * ANALYSIS_FLAG_COUNT);
const NO_TROUBLE = new RowPool(TROUBLE_WORDS);
NO_TROUBLE.take();
const NO_ODDITIES = new RowPool(ODDITY_WORDS);
NO_ODDITIES.take();
const NO_RESET = new RowPool(RESET_WORDS);
NO_RESET.take();

/** Options of a SYN or SYN-ACK. */
export interface HandshakeOptions {
  /** -1 where the option is absent. */
  mss: number;
  windowScale: number;
  sack: boolean;
  timestamps: boolean;
  fastOpen: boolean;
}

/** One end of the connection, as the sender of its direction. */
export class SideFacts {
  /** 0 or 1: its place in `flow.endpoints`. */
  readonly index: 0 | 1;
  readonly facts = new DirectionFacts();
  readonly analysis = new Direction();
  /** All zero where nothing of the kind happened. */
  readonly trouble = new Trouble();
  readonly odd = new Oddities();
  readonly reset = new Reset();
  /** Counts, then first frames, of the analysis flags by bit number. */
  flagWords: Int32Array = NO_FLAGS;
  flagAt = 0;
  /** Id of its address in the trace's AddressTable. */
  addressId = 0;

  constructor(index: 0 | 1) {
    this.index = index;
    this.trouble.moveTo(NO_TROUBLE, 0);
    this.odd.moveTo(NO_ODDITIES, 0);
    this.reset.moveTo(NO_RESET, 0);
  }

  has(bits: number): boolean {
    return (this.facts.bits & bits) === bits;
  }

  /** True if this end sent a SYN; a SYN-ACK. */
  get sentSyn(): boolean {
    return (this.facts.handshake & HandshakeBit.SYN) !== 0;
  }
  get sentSynAck(): boolean {
    return (this.facts.handshake & HandshakeBit.SYN_ACK) !== 0;
  }
  get syns(): number {
    return this.facts.syns & 0xffff;
  }
  get synAcks(): number {
    return this.facts.syns >>> 16;
  }
  /** Payload bytes sent, those sent again counted again. */
  get payloadBytes(): number {
    return payloadBytes(this.analysis);
  }
  /** True if the other end has acknowledged this one's FIN. */
  get finAcknowledged(): boolean {
    return this.has(FactBit.FIN | FactBit.ACKED) && seqAtOrAfter(this.facts.acked, this.facts.finEnd);
  }

  /** Segments with the flag of this bit number, and the first of their frames. */
  flagCount(bit: number): number {
    return this.flagWords[this.flagAt + bit]!;
  }
  flagFrame(bit: number): number {
    return this.flagWords[this.flagAt + ANALYSIS_FLAG_COUNT + bit]!;
  }
}

/** A frame and its time in seconds since the capture's start. */
export interface Moment {
  frame: number;
  time: number | null;
}

/** One connection with all that is known of it. */
export class FlowFacts {
  flow!: FlowResult;
  readonly connection = new Connection();
  readonly facts = new ConnectionFacts();
  /** In the order of `flow.endpoints`. */
  readonly sides: readonly [SideFacts, SideFacts] = [new SideFacts(0), new SideFacts(1)];
  /** True if A of the rows (bits like FlowBit.TURN_B speak of B) is `sides[1]`. */
  turned = false;
  /** Until when the connection was watched: the end of the capture, or a pause in it of a day or more. Seconds since its start. */
  captureEnd = 0;
  /** How long TIME_WAIT lasts, seconds. */
  timeWaitSeconds = 60;

  #since: (seconds: number, nanoseconds: number) => number;

  /** `since`: seconds since the capture's start of a Unix time. */
  constructor(since: (seconds: number, nanoseconds: number) => number) {
    this.#since = since;
  }

  /** The time of a tick of this connection, seconds since the capture's start, to a tenth of a millisecond. */
  timeOf(tick: number): number {
    return this.flow.start + tick / TICKS_PER_SECOND;
  }

  /** Frame and time of a TroubleEvent of `side`. */
  trouble(side: SideFacts, event: number): Moment {
    return this.#moment(side.trouble, event);
  }

  /** Frame and time of an OddEvent of `side`. */
  odd(side: SideFacts, event: number): Moment {
    return this.#moment(side.odd, event);
  }

  /** The first segment of `side` with the analysis flag of this bit number. */
  flag(side: SideFacts, bit: number): Moment {
    const { trouble } = side;
    const frame = side.flagFrame(bit);
    // A flag that only copies of a frame had is no trouble, and has no time.
    if ((trouble.flagsSeen & (1 << bit)) === 0) return { frame, time: null };
    const at = trouble.at + FLAG_TIMES + 2 * bit;
    return { frame, time: this.#since(trouble.words[at]!, trouble.words[at + 1]!) };
  }

  /** The first reset of `side`. */
  reset(side: SideFacts): Moment {
    const { frame, seconds, nanoseconds } = side.reset;
    return { frame, time: this.#since(seconds, nanoseconds) };
  }

  /** What broke the longest silence, the longest wait for an answer. */
  get idle(): Moment {
    const { idleFrame, idleSeconds, idleNanoseconds } = this.facts;
    return { frame: idleFrame, time: this.#since(idleSeconds, idleNanoseconds) };
  }
  get answer(): Moment {
    const { answerFrame, answerSeconds, answerNanoseconds } = this.facts;
    return { frame: answerFrame, time: this.#since(answerSeconds, answerNanoseconds) };
  }

  /** The connection's first and last segment. */
  get first(): Moment {
    return { frame: this.flow.frames[0], time: this.flow.start };
  }
  get last(): Moment {
    return { frame: this.flow.frames[1], time: this.flow.end };
  }

  #moment(row: Row, event: number): Moment {
    const at = row.at + event;
    return { frame: row.words[at]!, time: this.#since(row.words[at + 1]!, row.words[at + 2]!) };
  }

  /** Initial round trip time in seconds, 0 while unknown. */
  get irtt(): number {
    return this.connection.irttSeconds + this.connection.irttNanoseconds / 1e9;
  }

  other(side: SideFacts): SideFacts {
    return this.sides[side.index === 0 ? 1 : 0];
  }

  endpoint(side: SideFacts): EndpointResult {
    return this.flow.endpoints[side.index];
  }

  /** The end that sent the first SYN without ACK, or null. */
  get opener(): SideFacts | null {
    const [a, b] = this.sides;
    if (a.sentSyn) return a;
    return b.sentSyn ? b : null;
  }
}

/** What a SYN or SYN-ACK with this HandshakeBit word offered. */
export function handshakeOptions(word: number): HandshakeOptions {
  return {
    mss: (word & HandshakeBit.MSS) !== 0 ? word & 0xffff : -1,
    windowScale: (word & HandshakeBit.WINDOW_SCALE) !== 0 ? (word >> 16) & 15 : -1,
    sack: (word & HandshakeBit.SACK) !== 0,
    timestamps: (word & HandshakeBit.TIMESTAMPS) !== 0,
    fastOpen: (word & HandshakeBit.FAST_OPEN) !== 0,
  };
}

/** Moves one FlowFacts from connection to connection of a trace. */
export class FlowFactsReader {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #captureFacts: CaptureFacts;
  readonly #view: FlowFacts;

  constructor(trace: TcpTrace, clock: CaptureClock, captureFacts: CaptureFacts) {
    this.#trace = trace;
    this.#clock = clock;
    this.#captureFacts = captureFacts;
    this.#view = new FlowFacts((seconds, nanoseconds) => clock.since(seconds, nanoseconds));
  }

  /** The facts of connection `index`, whose result is `flow`. Borrowed: valid until the next call. */
  read(index: number, flow: FlowResult): FlowFacts {
    const view = this.#view;
    const trace = this.#trace;
    view.flow = flow;
    view.captureEnd = this.#recordingEnd(flow.end);
    view.timeWaitSeconds = trace.timeWaitSeconds;
    view.connection.moveTo(trace.connections, index);
    const { connection } = view;
    const rows = connection.rows - 1;
    view.facts.moveTo(trace.facts.pool, rows);
    // endpoints[0] is the active opener, who need not have been captured first.
    const first = flow.endpoints[0];
    // Mostly the ports tell, and no text has to be made of an address.
    const { portA, portB } = connection;
    view.turned = portA === portB ? trace.addresses.toText(connection.addressA) !== first.addr : portA !== first.port;
    for (const side of view.sides) {
      const direction = view.turned ? 1 - side.index : side.index;
      side.addressId = direction === 0 ? connection.addressA : connection.addressB;
      side.facts.moveTo(trace.facts.pool, rows);
      side.facts.at += CONNECTION_FACT_WORDS + direction * DIRECTION_FACT_WORDS;
      side.analysis.moveTo(trace.directions, rows);
      side.analysis.at += direction * DIRECTION_WORDS;
      const { facts, analysis } = side;
      if (facts.trouble !== 0) side.trouble.moveTo(trace.facts.troubles, facts.trouble - 1);
      else side.trouble.moveTo(NO_TROUBLE, 0);
      if (facts.oddities !== 0) side.odd.moveTo(trace.facts.oddities, facts.oddities - 1);
      else side.odd.moveTo(NO_ODDITIES, 0);
      if (facts.reset !== 0) side.reset.moveTo(trace.facts.resets, facts.reset - 1);
      else side.reset.moveTo(NO_RESET, 0);
      trace.analyzer.tallies.locate(analysis, side);
    }
    return view;
  }

  /** The end of the recording that holds `time`. */
  #recordingEnd(time: number): number {
    for (const pause of this.#captureFacts.pauses) {
      // A pause is known to the second.
      const end = this.#clock.since(pause, 999_999_999);
      if (time <= end) return Math.max(time, end - 1);
    }
    return this.#clock.duration();
  }
}
