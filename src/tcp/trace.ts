// In: decoded packets in the order of the capture. Out: every connection of the trace, brought up to date per segment.
//
//   packet ─▶ which connection, which direction ─▶ Wireshark's sequence analysis ─▶ both endpoints' RFC 9293 states
//             (flow/table, stream rules)           (analysis.ts)                    (states.ts)

import type { Frame } from '../capture/frame.ts';
import { FRAMES_PER_RUN, type FrameRun } from '../capture/frame-run.ts';
import { AddressTable } from '../flow/address.ts';
import { RowPool } from '../flow/rows.ts';
import { FlowTable } from '../flow/table.ts';
import { TRACE_WORDS, TraceWord } from '../linear/layout.ts';
import { LinearMemory } from '../linear/memory.ts';
import { Checksum, tcpChecksum } from '../wire/checksum.ts';
import { Flag, type Packet, PacketKind } from '../wire/packet.ts';
import type { Part } from '../wire/part.ts';
import { SegmentRun } from '../wire/segment-run.ts';
import { type Analysis, Completeness, SequenceAnalyzer } from './analysis.ts';
import { CONNECTION_WORDS, Connection, ConnectionBit, ENDS_WORD, lookForApp } from './connection.ts';
import { beginDirection, DIRECTION_WORDS, Direction, DirectionBit } from './direction.ts';
import { Endpoint } from './endpoint.ts';
import { CONNECTION_FACT_WORDS, ConnectionFacts, DIRECTION_FACT_WORDS, DirectionFacts } from './fact-rows.ts';
import { FactsTracker } from './facts.ts';
import { Incarnation } from './incarnation.ts';
import { PlainSegments } from './plain.ts';
import { StateTracker } from './states.ts';
import { Textbook, type TextbookRows } from './textbook.ts';
import { Outcome, Phase, TEXTBOOK_WORDS } from './textbook-record.ts';

/** Header bytes that must be captured before a segment names a stream (tshark 4.0.17: ports, numbers, flags, window). */
const STREAM_HEADER_BYTES = 16;

const SYN_ACK = Flag.SYN | Flag.ACK;

/** Connections whose rows are touched at once: some thousand lines of cache. */
const MOST_TOUCHED = 32;

export interface TraceOptions {
  /** How long TIME_WAIT lasts, seconds. */
  timeWaitSeconds?: number;
  /**
   * Of which connections, by stream, `me`, `peer`, `analysis` and `states` are wanted after every segment; asked as they begin.
   * Default: all. Others have no rows while they go by the book, until they are asked for (`unfold`): less time, less memory,
   * and the same in the end.
   */
  everySegment?: boolean | Wants;
  /**
   * Called with the record of a connection before it leaves the book, or is unfolded for whatever reason. Where it is given, `me`, `peer`, `analysis` and
   * `states` are wanted of whatever is not by the book. Borrowed.
   */
  leavesTheBook?: (connection: Connection, trace: TcpTrace) => void;
  /** Of connections from this stream on the function is not asked: no. */
  wantsNoneFrom?: number;
  /**
   * What is to be found out beyond the sequence analysis; default: all. Less takes less time. With `everySegment` true only:
   * a record by the book stands for all of it.
   */
  extent?: Extent;
  /** Where its connections lie, and the runs given to it; default: memory of its own. */
  memory?: LinearMemory;
}

/**
 * Asked with the packet that opens a connection, of which the trace knows `current` and `connection`, and whether it begins by the book; and again, where it
 * said no, with a packet that has more than one IP header, and with the first that is not by the book.
 */
export type Wants = (stream: number, packet: Packet, trace: TcpTrace, isByTheBook: boolean) => boolean;

/** SEQUENCE: Wireshark's analysis alone. STATES: and the states of the endpoints. ALL: and what findings are judged by. */
export const Extent = { SEQUENCE: 0, STATES: 1, ALL: 2 } as const;
export type Extent = (typeof Extent)[keyof typeof Extent];

/** What there is to know of the frames of a run that were taken in together. */
export class Taken {
  /** Rows that have opened a connection, and rows whose checksum is to be looked at (CaptureFacts.looksInto), in their order. */
  readonly opened: Int32Array;
  readonly checked: Int32Array;
  readonly #words: Int32Array;
  readonly #bytes: Float64Array;

  /** `words`: TraceWord. */
  constructor(words: Int32Array, opened: Int32Array, checked: Int32Array) {
    this.#words = words;
    this.#bytes = new Float64Array(words.buffer, words.byteOffset + TraceWord.BYTES * 4, 1);
    this.opened = opened;
    this.checked = checked;
  }

  get openedCount(): number {
    return this.#words[TraceWord.OPENED_COUNT]!;
  }

  get checkedCount(): number {
    return this.#words[TraceWord.CHECKED_COUNT]!;
  }

  /** Segments, without those of another part. */
  get segments(): number {
    return this.#words[TraceWord.SEGMENTS]!;
  }

  /** Bytes that all the frames had on the wire. */
  get bytes(): number {
    return this.#bytes[0]!;
  }
}

export class TcpTrace {
  readonly addresses: AddressTable;
  readonly memory: LinearMemory;
  readonly connections: RowPool;
  readonly #table4: FlowTable;
  readonly #table6: FlowTable;
  /** This pool and that of `facts` give out the same index, `Connection.rows`: their records are taken and released together. */
  readonly directions: RowPool;
  readonly analyzer: SequenceAnalyzer;
  readonly states: StateTracker;
  readonly facts: FactsTracker;
  readonly #textbook: Textbook;
  readonly plain: PlainSegments;
  readonly #isWanted: Wants;
  readonly #leavesTheBook: TraceOptions['leavesTheBook'];
  /** See `closeBook`. */
  #isBookClosed = false;
  /** See TraceOptions. */
  readonly extent: Extent;
  /** True where connections may be records by the book, whose segments may be given to `observeRun`. */
  readonly takesRuns: boolean;
  readonly #hasStates: boolean;
  readonly #hasFacts: boolean;
  /** How long TIME_WAIT lasts, seconds (2MSL). */
  readonly timeWaitSeconds: number;
  // -- About the segment observed last; valid until the next `observe` ---------------------------------------------------
  /** Its connection, the sender's direction, and the receiver's. Only meaningful while `current` >= 0. */
  readonly connection = new Connection();
  readonly me = new Direction();
  readonly peer = new Direction();
  /** What Wireshark says of it. Only meaningful while `current` >= 0. */
  readonly analysis: Analysis;
  /** Index of the connection, or -1 where the segment belongs to none (header cut too short). */
  current = -1;
  /** 0 if it travels from A to B, else 1. */
  direction: 0 | 1 = 0;

  /** Address id of its sender, or -1. */
  get sender(): number {
    if (this.current < 0) return -1;
    return this.direction === 0 ? this.connection.addressA : this.connection.addressB;
  }

  /** True if everything about it is up to date: see `TraceOptions.everySegment`. Only meaningful while `current` >= 0. */
  get isWanted(): boolean {
    return (this.connection.bits & ConnectionBit.EVERY_SEGMENT) !== 0;
  }

  readonly #row = new Connection();
  /** Of one packet. */
  readonly #single: SegmentRun;
  /** What the program knows of the trace (TraceWord), its address, and what was found for the frames of a run. */
  readonly #words: Int32Array;
  readonly #address: number;
  readonly #found: Int32Array;
  /** Free rows for connections that runs open; rows of a run whose payload may show the application. */
  readonly #free: Int32Array;
  readonly #asking: Int32Array;
  /** Up to this stream somebody is asked for each connection whether its segments are wanted. */
  readonly #wantsNoneFrom: number;
  /** What `observeRun` has taken in. */
  readonly taken: Taken;
  readonly #unfolded: TextbookRows;
  /** See touchRows. */
  readonly #touched: Int32Array;

  constructor(options: TraceOptions = {}) {
    const { everySegment = true, extent = Extent.ALL } = options;
    if (extent !== Extent.ALL && everySegment !== true) throw new Error('records by the book have the whole extent');
    this.extent = extent;
    this.#hasStates = extent >= Extent.STATES;
    this.#hasFacts = extent >= Extent.ALL;
    this.takesRuns = everySegment !== true;
    const { memory = new LinearMemory() } = options;
    this.memory = memory;
    this.directions = new RowPool(2 * DIRECTION_WORDS, memory);
    this.analyzer = new SequenceAnalyzer(memory);
    this.analysis = this.analyzer.result;
    this.timeWaitSeconds = options.timeWaitSeconds ?? 60;
    this.states = new StateTracker(memory);
    this.states.timeWaitSeconds = this.timeWaitSeconds;
    this.addresses = new AddressTable(memory);
    this.connections = new RowPool(this.takesRuns ? TEXTBOOK_WORDS : CONNECTION_WORDS, memory);
    this.#table4 = new FlowTable(memory, this.connections, ENDS_WORD);
    this.#table6 = new FlowTable(memory, this.connections, ENDS_WORD);
    this.facts = new FactsTracker(this.connections, memory);
    this.#textbook = new Textbook(this.facts);
    this.#single = new SegmentRun(memory);
    this.#address = memory.allocate(TRACE_WORDS * 4);
    this.#words = memory.int32(this.#address, TRACE_WORDS);
    this.#words[TraceWord.TABLE] = this.#table4.address;
    this.#words[TraceWord.TABLE_6] = this.#table6.address;
    this.#words[TraceWord.CONTENT] = this.facts.contentAddress;
    const ofRun = (word: number): Int32Array => {
      this.#words[word] = memory.allocate(FRAMES_PER_RUN * 4);
      return memory.int32(this.#words[word]!, FRAMES_PER_RUN);
    };
    this.#found = ofRun(TraceWord.FOUND);
    this.#free = ofRun(TraceWord.FREE);
    this.#asking = ofRun(TraceWord.ASKING);
    this.taken = new Taken(this.#words, ofRun(TraceWord.OPENED), ofRun(TraceWord.CHECKED));
    this.#words[TraceWord.DIRECTIONS] = this.directions.pagesAt;
    this.#words[TraceWord.FACTS] = this.facts.pool.pagesAt;
    this.#words[TraceWord.ENDPOINTS] = this.states.endpoints.pagesAt;
    this.#words[TraceWord.CURRENT] = this.states.currentAt;
    this.#words[TraceWord.UNACKED] = this.analyzer.unacked.address;
    this.#touched = memory.int32(memory.allocate(2 * MOST_TOUCHED * 4), 2 * MOST_TOUCHED);
    this.plain = new PlainSegments({
      program: memory.program,
      address: this.#address,
      single: this.#single,
      connections: this.connections,
      analyzer: this.analyzer,
      states: this.states,
    });
    this.#leavesTheBook = options.leavesTheBook;
    this.#isWanted = typeof everySegment === 'function' ? everySegment : () => everySegment;
    this.#wantsNoneFrom = everySegment === false ? 0 : (options.wantsNoneFrom ?? Number.POSITIVE_INFINITY);
    this.#unfolded = {
      histories: this.states.histories,
      incarnation: new Incarnation(),
      flow: new ConnectionFacts(),
      directions: [new Direction(), new Direction()],
      facts: [new DirectionFacts(), new DirectionFacts()],
      endpoints: [new Endpoint(), new Endpoint()],
      unacked: this.analyzer.unacked,
    };
  }

  /**
   * To be called before a run is observed: finds the connections of its segments, all at once, so that waiting for memory overlaps. `part`:
   * the frames of others are passed over.
   */
  beginRun(segments: SegmentRun, count: number, part: Part | null = null): void {
    this.memory.program.beginRun(this.#address, segments.address, count, part?.index ?? 0, part?.count ?? 1);
  }

  /**
   * Takes in segments of a run from `from` on, as `observe` does, as long as they are simple and their connections go by the book, and opens as many
   * connections as there is `room` for. Returns the first of which that is not so, or which is of second `until` or later, or the number of frames: all
   * before it have been taken in, and `taken` says what there is to know of them. `current` and what goes with it mean nothing then.
   */
  observeRun(frames: FrameRun, segments: SegmentRun, from: number, until: number, room = FRAMES_PER_RUN): number {
    const { program } = this.memory;
    const { count, address, bytes } = frames;
    const words = this.#words;
    // Who is asked for each connection is asked by `observe`.
    const opens = this.streams < this.#wantsNoneFrom ? 0 : Math.min(room, FRAMES_PER_RUN);
    if (opens > 0) this.#makeRoom();
    const to = program.observeRun(
      this.#address,
      address,
      segments.address,
      bytes.byteOffset,
      from,
      count,
      until,
      opens,
    );
    const { taken, connection } = this;
    for (let n = 0; n < words[TraceWord.OPENED_COUNT]!; n++) {
      const i = taken.opened[n]!;
      connection.moveTo(this.connections, this.#found[i]! >> 1);
      const isV4 = !segments.isInIpv6(i);
      connection.addressA = isV4 ? this.addresses.intern(4, connection.keyA, 0, 0, 0) : connection.keyA;
      connection.addressB = isV4 ? this.addresses.intern(4, connection.keyB, 0, 0, 0) : connection.keyB;
      this.addresses.hold(connection.addressA);
      this.addresses.hold(connection.addressB);
    }
    for (let n = 0; n < words[TraceWord.ASKING_COUNT]!; n++) {
      const i = this.#asking[n]!;
      connection.moveTo(this.connections, this.#found[i]! >> 1);
      lookForApp(connection, segments.payload(i));
    }
    return to;
  }

  /** Index of the connection that row `i` of the run observed last has opened. */
  openedBy(i: number): number {
    return this.#found[i]! >> 1;
  }

  /** Connections held. */
  get live(): number {
    return this.connections.live - (this.#words[TraceWord.FREE_TO]! - this.#words[TraceWord.FREE_FROM]!);
  }

  /** Number of streams so far; the next `tcp.stream`. */
  get streams(): number {
    return this.#words[TraceWord.STREAMS]!;
  }

  /** Takes in one packet of kind SEGMENT or QUOTED. */
  observe(frame: Frame, packet: Packet): void {
    this.current = -1;
    if (packet.capturedHeader < STREAM_HEADER_BYTES) return;
    const { ipLayers, ip } = packet;
    const isV4 = ipLayers[ip] === 4;
    const table = isV4 ? this.#table4 : this.#table6;
    const source = isV4 ? ipLayers[ip + 1]! : this.addresses.internV6From(packet, 1);
    const destination = isV4 ? ipLayers[ip + 5]! : this.addresses.internV6From(packet, 5);
    const { sourcePort, destinationPort, seq } = packet;
    const { connection, me } = this;
    const found = table.find(source, sourcePort, destination, destinationPort);
    let index = found >> 1;
    let isNew = false;
    let reused = false;
    let repeatedSyn = false;
    if (found < 0) {
      index = this.#open(frame, table, source, sourcePort, destination, destinationPort, 0);
      this.direction = 0;
      const isByTheBook = this.takesRuns && this.#beginsByTheBook(frame, packet);
      if (!this.#wants(packet, index, isByTheBook) && isByTheBook) {
        this.memory.program.begin(
          this.#single.address,
          frame.number,
          this.connections.addressOf(index),
          Checksum.CORRECT,
        );
        return;
      }
      isNew = true;
      this.#openRows(index, 0);
    } else {
      connection.moveTo(this.connections, index);
      this.direction = (found & 1) as 0 | 1;
      const isWantedNow = packet.ipLayerCount > 1 && !this.isWanted && this.#wants(packet, index, false);
      if (connection.phase !== 0) {
        if (!isWantedNow && this.#observeByTheBook(frame, packet)) {
          this.current = index;
          return;
        }
        if (!isWantedNow) this.#wants(packet, index, false);
        this.unfold(index);
        connection.phase = 0;
        if (this.#leavesTheBook !== undefined) connection.bits |= ConnectionBit.EVERY_SEGMENT;
      }
      this.#select();
      if (this.#observePlain(frame, packet, index)) {
        this.current = index;
        return;
      }
      if ((packet.flags & Flag.SYN) !== 0 && (me.bits & DirectionBit.BASE_KNOWN) !== 0) {
        const same = seq === me.base;
        if ((packet.flags & SYN_ACK) === Flag.SYN) {
          if (same) {
            repeatedSyn = true;
            me.next = me.contig;
          } else {
            reused = true;
            const previous = index + 1;
            index = this.#open(frame, table, source, sourcePort, destination, destinationPort, previous);
            this.#wants(packet, index, false);
            this.#openRows(index, previous);
            connection.completeness = 1;
          }
        } else if (!same) {
          reused = true;
          me.base = seq;
          this.analyzer.unacked.baseChanged(me);
        }
      }
    }
    this.current = index;
    this.analyzer.observe(frame, packet, connection, me, this.peer, isNew, reused, repeatedSyn);
    if (packet.kind === PacketKind.SEGMENT) {
      connection.segments++;
      lookForApp(connection, packet);
      if (this.#hasStates) this.states.observe(frame, packet, index, this.direction);
      if (this.#hasFacts) this.facts.observe(frame, packet, connection, this.direction, this.analysis, me);
    } else {
      if (this.#hasStates) this.states.observeError(frame, packet, index, this.direction);
      if (this.#hasFacts) this.facts.quoted(frame, connection.rows - 1);
    }
    connection.lastFrame = frame.number;
    connection.lastSeconds = frame.seconds | 0;
    connection.lastNanoseconds = frame.nanoseconds;
  }

  /** Gives all records there are to `leavesTheBook`, and from now on none. */
  closeBook(): void {
    const row = this.#row;
    for (const index of this.held()) {
      row.moveTo(this.connections, index);
      if (row.phase !== 0) this.#leavesTheBook?.(row, this);
    }
    this.#isBookClosed = true;
  }

  /** Indices of the connections held, by stream. */
  held(): number[] {
    const row = this.#row;
    const indices: number[] = [];
    if (!this.connections.hasReleased) {
      // Free rows have been taken, and streams numbered, in this order.
      for (let index = 0; index < this.streams; index++) indices.push(index);
      return indices;
    }
    const streamOf = new Int32Array(this.connections.capacity);
    let isSorted = true;
    let latest = -1;
    for (let index = 0; index < this.connections.capacity; index++) {
      row.moveTo(this.connections, index);
      if (row.firstFrame === 0) continue;
      indices.push(index);
      streamOf[index] = row.stream;
      isSorted &&= row.stream > latest;
      latest = row.stream;
    }
    return isSorted ? indices : indices.sort((a, b) => streamOf[a]! - streamOf[b]!);
  }

  /**
   * Forgets connection `index`: a later segment of its 4-tuple begins a new stream. False, and nothing is done, while a newer
   * connection of the 4-tuple may still hand segments to it.
   */
  release(index: number): boolean {
    const connection = this.#row;
    connection.moveTo(this.connections, index);
    if (connection.rows !== 0 && this.#hasStates && !this.states.release(index)) return false;
    const { addressA, keyA, portA, addressB, keyB, portB } = connection;
    const table = this.addresses.version(addressA) === 4 ? this.#table4 : this.#table6;
    if (connection.rows !== 0) this.#releaseRows(connection);
    table.delete(keyA, portA, keyB, portB, index);
    this.#words[TraceWord.HAS_GONE] = 1;
    this.connections.release(index);
    this.addresses.release(addressA);
    this.addresses.release(addressB);
    return true;
  }

  /** Has connection `index` rows? */
  hasRows(index: number): boolean {
    this.#row.moveTo(this.connections, index);
    return this.#row.rows !== 0;
  }

  /**
   * To be called before the rows of many connections are read one after the other: touches those of up to MOST_TOUCHED of `indices` from place `at` on, so that
   * waiting for memory overlaps. Returns how many.
   */
  touchRows(indices: readonly number[], at: number): number {
    const count = Math.min(indices.length - at, MOST_TOUCHED);
    const list = this.#touched;
    for (let i = 0; i < count; i++) {
      list[i] = this.connections.addressOf(indices[at + i]!);
      list[count + i] = indices[at + i]!;
    }
    this.memory.program.touchRows(this.#address, list.byteOffset, count);
    return count;
  }

  /** Makes the rows of connection `index` if it has none yet. True if it had none: to be followed by `fold` then. */
  unfold(index: number): boolean {
    const connection = this.#row;
    connection.moveTo(this.connections, index);
    if (connection.rows !== 0) return false;
    if (!this.#isBookClosed) this.#leavesTheBook?.(connection, this);
    const rows = this.#takeRows(index, 0, false);
    connection.rows = rows + 1;
    const { incarnation, endpoints, directions, facts, flow } = this.#unfolded;
    this.states.first(index, incarnation, endpoints[0], endpoints[1]);
    flow.moveTo(this.facts.pool, rows);
    for (const side of [0, 1] as const) {
      const direction = directions[side];
      direction.moveTo(this.directions, rows);
      direction.at += side * DIRECTION_WORDS;
      beginDirection(direction);
      facts[side].moveTo(this.facts.pool, rows);
      facts[side].at += CONNECTION_FACT_WORDS + side * DIRECTION_FACT_WORDS;
    }
    this.#textbook.fill(connection, this.#unfolded);
    return true;
  }

  /** Drops the rows that `unfold` has made, whatever has become of them. */
  fold(index: number): void {
    const connection = this.#row;
    connection.moveTo(this.connections, index);
    this.states.release(index);
    this.#releaseRows(connection);
  }

  /** See StateTracker.isOver. Without states: who has sent a FIN or RST and is silent since is taken for closed. */
  isOver(index: number, seconds: number, nanoseconds: number, quietSeconds: number): boolean {
    const connection = this.#row;
    connection.moveTo(this.connections, index);
    if (connection.rows !== 0 && this.#hasStates) return this.states.isOver(index, seconds, nanoseconds, quietSeconds);
    if (this.#hasStates) {
      if (connection.phase !== Phase.CLOSED) return false;
    } else if ((connection.completeness & (Completeness.FIN | Completeness.RST)) === 0) return false;
    const quiet = (seconds - connection.lastSeconds) | 0;
    return quiet + (nanoseconds - connection.lastNanoseconds) / 1e9 >= quietSeconds;
  }

  /** See StateTracker.isOlder. */
  isOlder(index: number): boolean {
    this.#row.moveTo(this.connections, index);
    return this.#row.rows !== 0 && this.#hasStates && this.states.isOlder(index);
  }

  /** True if of connection `index`, the first of its 4-tuple, nothing but SYNs of A has been seen. */
  isUnanswered(index: number): boolean {
    const connection = this.#row;
    connection.moveTo(this.connections, index);
    if (connection.completeness !== 1 || connection.previous !== 0) return false;
    if (connection.rows === 0) return true;
    this.peer.moveTo(this.directions, connection.rows - 1);
    this.peer.at += DIRECTION_WORDS;
    return this.peer.segments === 0;
  }

  /** Connection `index` if nothing but one SYN, by the book, has been seen of it; else null. Borrowed. */
  loneSyn(index: number): Connection | null {
    const connection = this.#row;
    connection.moveTo(this.connections, index);
    return connection.phase === Phase.SYN ? connection : null;
  }

  #releaseRows(connection: Connection): void {
    const { me, peer } = this;
    const rows = connection.rows - 1;
    me.moveTo(this.directions, rows);
    peer.moveTo(this.directions, rows);
    peer.at += DIRECTION_WORDS;
    this.analyzer.release(me, peer);
    if (this.#hasFacts) this.facts.release(rows);
    this.directions.release(rows);
    connection.rows = 0;
  }

  /** True if the packet is a SYN with which a connection can begin by the book; its row is in `#single`. */
  #beginsByTheBook(frame: Frame, packet: Packet): boolean {
    if ((packet.flags & SYN_ACK) !== Flag.SYN || !this.#single.readPacket(frame, packet)) return false;
    const outcome = this.memory.program.begins(this.#single.address, Checksum.UNKNOWN);
    return outcome === Outcome.TAKEN || (outcome === Outcome.ASKS_SUM && isSound(packet));
  }

  /** Takes in a segment of a connection that goes by the book. False: the connection leaves it. */
  #observeByTheBook(frame: Frame, packet: Packet): boolean {
    const { connection, direction } = this;
    const { program } = this.memory;
    const { address } = this.#single;
    if (!this.#single.readPacket(frame, packet)) return false;
    const at = this.connections.addressOf(connection.index);
    let outcome = program.observe(this.#address, address, frame.number, at, direction, Checksum.UNKNOWN);
    if (outcome === Outcome.ASKS_SUM) {
      if (!isSound(packet)) return false;
      outcome = program.observe(this.#address, address, frame.number, at, direction, Checksum.CORRECT);
    }
    if (outcome === Outcome.TAKEN_ASKS_APP) lookForApp(connection, packet);
    return outcome !== Outcome.LEFT;
  }

  /** See PlainSegments. The rows are on the segment's connection. */
  #observePlain(frame: Frame, packet: Packet, index: number): boolean {
    const { plain, connection, me, peer, direction } = this;
    if (!plain.observe(frame, packet, index, connection, direction, me, peer, this.#hasFacts)) return false;
    if (this.#hasStates && !this.#hasFacts) this.states.observe(frame, packet, index, direction);
    return true;
  }

  /** Moves the windows onto the rows of `connection`, as its sender in `direction` sees them. */
  #select(): void {
    const { connection, me, peer } = this;
    me.moveTo(this.directions, connection.rows - 1);
    peer.moveBeside(me, this.direction === 0 ? DIRECTION_WORDS : 0);
    if (this.direction === 1) me.at += DIRECTION_WORDS;
  }

  /** Takes as many rows as a run may need. */
  #makeRoom(): void {
    const words = this.#words;
    const from = words[TraceWord.FREE_FROM]!;
    const left = words[TraceWord.FREE_TO]! - from;
    if (left === FRAMES_PER_RUN) return;
    this.#free.copyWithin(0, from, from + left);
    for (let n = left; n < FRAMES_PER_RUN; n++) this.#free[n] = this.connections.take();
    words[TraceWord.FREE_FROM] = 0;
    words[TraceWord.FREE_TO] = FRAMES_PER_RUN;
  }

  /** A free row. */
  #take(): number {
    const words = this.#words;
    if (words[TraceWord.FREE_FROM] === words[TraceWord.FREE_TO]) return this.connections.take();
    return this.#free[words[TraceWord.FREE_FROM]!++]!;
  }

  /** A new stream, without rows yet, stored as the newest of its 4-tuple. `previous`: index + 1 of the one before it, or 0. */
  #open(
    frame: Frame,
    table: FlowTable,
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
    previous: number,
  ): number {
    const index = this.#take();
    this.connection.moveTo(this.connections, index);
    const { connection } = this;
    connection.stream = this.#words[TraceWord.STREAMS]!++;
    const isV4 = table === this.#table4;
    connection.addressA = isV4 ? this.addresses.intern(4, source, 0, 0, 0) : source;
    connection.keyA = source;
    connection.portA = sourcePort;
    connection.addressB = isV4 ? this.addresses.intern(4, destination, 0, 0, 0) : destination;
    connection.keyB = destination;
    connection.portB = destinationPort;
    if (!isV4) connection.bits |= ConnectionBit.IPV6;
    connection.previous = previous;
    connection.firstFrame = frame.number;
    connection.startSeconds = connection.lastSeconds = frame.seconds | 0;
    connection.startNanoseconds = connection.lastNanoseconds = frame.nanoseconds;
    table.set(source, sourcePort, destination, destinationPort, index);
    this.addresses.hold(connection.addressA);
    this.addresses.hold(connection.addressB);
    return index;
  }

  /** Asks whether the segments of `connection` are wanted from this one on, and notes it. */
  #wants(packet: Packet, index: number, isByTheBook: boolean): boolean {
    const { connection } = this;
    this.current = index;
    if (connection.stream >= this.#wantsNoneFrom) return false;
    if (!this.#isWanted(connection.stream, packet, this, isByTheBook)) return false;
    connection.bits |= ConnectionBit.EVERY_SEGMENT;
    return true;
  }

  /** Makes the rows of the connection just opened and selects it. */
  #openRows(index: number, previous: number): void {
    if (this.#leavesTheBook !== undefined) this.connection.bits |= ConnectionBit.EVERY_SEGMENT;
    this.connection.rows = this.#takeRows(index, previous, this.direction === 1) + 1;
    this.direction = 0;
    this.#select();
    beginDirection(this.me);
    beginDirection(this.peer);
  }

  /** `flipped`: A is B of the connection before. */
  #takeRows(index: number, previous: number, flipped: boolean): number {
    if (this.#hasStates) {
      this.states.open(index, previous, flipped);
      this.#words[TraceWord.CURRENT] = this.states.currentAt;
    }
    if (this.#hasFacts) this.facts.open();
    return this.directions.take();
  }
}

/** See Exchange.isSound. */
function isSound(packet: Packet): boolean {
  return packet.checksum === 0 || tcpChecksum(packet) !== Checksum.WRONG;
}
