// In: decoded packets in the order of the capture. Out: every connection of the trace, brought up to date per segment.
//
//   packet ─▶ which connection, which direction ─▶ Wireshark's sequence analysis ─▶ both endpoints' RFC 9293 states
//             (flow/table, stream rules)           (analysis.ts)                    (states.ts)

import type { Frame } from '../capture/frame.ts';
import { AddressTable } from '../flow/address.ts';
import { RowPool } from '../flow/rows.ts';
import { FlowTable } from '../flow/table.ts';
import { appProtocol } from '../wire/app-protocol.ts';
import { Flag, type Packet, PacketKind } from '../wire/packet.ts';
import { type Analysis, SequenceAnalyzer } from './analysis.ts';
import { CONNECTION_WORDS, Connection } from './connection.ts';
import { beginDirection, DIRECTION_WORDS, Direction, DirectionBit } from './direction.ts';
import { FactsTracker } from './facts.ts';
import { StateTracker } from './states.ts';

/** Header bytes that must be captured before a segment names a stream (tshark 4.0.17: ports, numbers, flags, window). */
const STREAM_HEADER_BYTES = 16;

/** Data segments looked at for the application protocol: the client's first and the server's first, usually. */
const APP_LOOKS = 2;

const SYN_ACK = Flag.SYN | Flag.ACK;

export interface TraceOptions {
  /** How long TIME_WAIT lasts, seconds. */
  timeWaitSeconds?: number;
}

export class TcpTrace {
  readonly addresses = new AddressTable();
  readonly table = new FlowTable();
  /** All pools give out the same index for the same connection: records are taken and released together. */
  readonly connections = new RowPool(CONNECTION_WORDS);
  readonly directions = new RowPool(2 * DIRECTION_WORDS);
  readonly analyzer = new SequenceAnalyzer();
  readonly states = new StateTracker();
  readonly facts = new FactsTracker(this.connections);
  /** How long TIME_WAIT lasts, seconds (2MSL). */
  readonly timeWaitSeconds: number;
  /** Number of streams so far; the next `tcp.stream`. */
  streams = 0;

  // -- About the segment observed last; valid until the next `observe` ---------------------------------------------------
  /** Its connection, the sender's direction, and the receiver's. Only meaningful while `current` >= 0. */
  readonly connection = new Connection();
  readonly me = new Direction();
  readonly peer = new Direction();
  /** What Wireshark says of it. Only meaningful while `current` >= 0. */
  readonly analysis: Analysis = this.analyzer.result;
  /** Index of the connection, or -1 where the segment belongs to none (header cut too short). */
  current = -1;
  /** 0 if it travels from A to B, else 1. */
  direction: 0 | 1 = 0;

  /** Address id of its sender. Only meaningful while `current` >= 0. */
  get sender(): number {
    return this.direction === 0 ? this.connection.addressA : this.connection.addressB;
  }

  readonly #row = new Connection();

  constructor(options: TraceOptions = {}) {
    this.timeWaitSeconds = options.timeWaitSeconds ?? 60;
    this.states.timeWaitSeconds = this.timeWaitSeconds;
  }

  /** Takes in one packet of kind SEGMENT or QUOTED. */
  observe(frame: Frame, packet: Packet): void {
    this.current = -1;
    if (packet.capturedHeader < STREAM_HEADER_BYTES) return;
    const source = this.addresses.internFrom(packet, 1);
    const destination = this.addresses.internFrom(packet, 5);
    const { sourcePort, destinationPort, seq } = packet;
    const { connection, me } = this;
    let index = this.table.find(source, sourcePort, destination, destinationPort);
    let isNew = false;
    let reused = false;
    let repeatedSyn = false;
    if (index < 0) {
      isNew = true;
      index = this.#open(frame, source, sourcePort, destination, destinationPort, 0);
    } else {
      this.#select(index, source, sourcePort);
      if ((packet.flags & Flag.SYN) !== 0 && (me.bits & DirectionBit.BASE_KNOWN) !== 0) {
        const same = seq === me.base;
        if ((packet.flags & SYN_ACK) === Flag.SYN) {
          if (same) {
            repeatedSyn = true;
            me.next = me.contig;
          } else {
            reused = true;
            index = this.#open(frame, source, sourcePort, destination, destinationPort, index + 1);
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
      if (connection.app <= 0 && packet.payloadEnd > packet.payloadStart && connection.app > -APP_LOOKS) {
        connection.app = appProtocol(packet) || connection.app - 1;
      }
      this.states.observe(frame, packet, index, this.direction);
      this.facts.observe(frame, packet, index, connection, this.direction, this.analysis, me);
    } else {
      this.states.observeError(frame, packet, index, this.direction);
      this.facts.quoted(frame, index);
    }
    connection.lastFrame = frame.number;
    connection.lastSeconds = frame.seconds | 0;
    connection.lastNanoseconds = frame.nanoseconds;
  }

  /** Indices of the connections held, by stream. */
  held(): number[] {
    const row = this.#row;
    const indices: number[] = [];
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
    if (!this.states.release(index)) return false;
    const connection = this.#row;
    connection.moveTo(this.connections, index);
    const { addressA, portA, addressB, portB } = connection;
    const { me, peer } = this;
    me.moveTo(this.directions, index);
    peer.moveTo(this.directions, index);
    peer.at += DIRECTION_WORDS;
    this.analyzer.release(me, peer);
    this.facts.release(index);
    if (this.table.find(addressA, portA, addressB, portB) === index) {
      this.table.delete(addressA, portA, addressB, portB);
    }
    this.connections.release(index);
    this.directions.release(index);
    this.addresses.release(addressA);
    this.addresses.release(addressB);
    return true;
  }

  /** Moves the rows onto connection `index` as seen by the sender `source`:`sourcePort`. */
  #select(index: number, source: number, sourcePort: number): void {
    const { connection, me, peer } = this;
    connection.moveTo(this.connections, index);
    this.direction = source === connection.addressA && sourcePort === connection.portA ? 0 : 1;
    me.moveTo(this.directions, index);
    peer.words = me.words;
    peer.at = me.at;
    if (this.direction === 0) peer.at += DIRECTION_WORDS;
    else me.at += DIRECTION_WORDS;
  }

  /** A new stream, stored as the newest of its 4-tuple. `previous`: index + 1 of the one before it, or 0. */
  #open(
    frame: Frame,
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
    previous: number,
  ): number {
    const index = this.connections.take();
    this.directions.take();
    this.states.open(index, previous, this.direction === 1);
    this.facts.open();
    this.connection.moveTo(this.connections, index);
    const { connection } = this;
    connection.stream = this.streams++;
    connection.addressA = source;
    connection.portA = sourcePort;
    connection.addressB = destination;
    connection.portB = destinationPort;
    connection.previous = previous;
    connection.firstFrame = frame.number;
    connection.startSeconds = connection.lastSeconds = frame.seconds | 0;
    connection.startNanoseconds = connection.lastNanoseconds = frame.nanoseconds;
    this.table.set(source, sourcePort, destination, destinationPort, index);
    this.addresses.hold(source);
    this.addresses.hold(destination);
    this.#select(index, source, sourcePort);
    beginDirection(this.me);
    beginDirection(this.peer);
    return index;
  }
}
