// In: every segment up to a moment, or the record of a connection by the book in place of its segments. Out: what each endpoint had sent by then that
// was not yet acknowledged.

import type { CaptureClock, UnixMoment } from '../tcp/clock.ts';
import type { Connection } from '../tcp/connection.ts';
import { sendingOf } from '../tcp/textbook-sending.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { Flag, type Packet } from '../wire/packet.ts';
import { seqAfter, seqDistance } from '../wire/seq.ts';

/** Words per direction: SND.NXT, SND.UNA, which of the two are known, payload bytes sent since the peer's FIN. */
const WORDS = 4;
const NXT = 0;
const UNA = 1;
const KNOWN = 2;
const AFTER_FIN = 3;
const NXT_KNOWN = 1;
const UNA_KNOWN = 2;
const FIN_SENT = 4;

/** What is known of one endpoint's sending. */
export interface SendQueue {
  /**
   * SND.NXT - SND.UNA (RFC 9293 3.3.1), SYN and FIN counted as one each: the Send-Q of `ss` less what the application has
   * written and the kernel has not sent yet. null where not both ends were seen.
   */
  unacknowledged: number | null;
  /** Payload bytes it has sent since its peer's FIN, retransmitted ones again. */
  sentAfterPeersFin: number;
  /** When it last sent payload, nanoseconds since the capture's start; null if it never did. */
  lastPayload: number | null;
  /** When it last sent an acknowledgment, and the one before; null if it did not. */
  lastAck: number | null;
  ackBefore: number | null;
}

/** Times per direction: latest payload, latest acknowledgment, the one before. -1: none. */
const TIMES = 3;
const LAST_PAYLOAD = 0;
const LAST_ACK = 1;
const ACK_BEFORE = 2;

/**
 * Follows both directions of every connection, by the trace's index for it. The trace gives an index to another connection
 * once the first is over; the newest is the one that counts.
 */
export class SendQueues {
  #words = new Int32Array(0);
  #times = new Float64Array(0);
  /** Stream + 1 that holds the slot; 0: none. */
  #streams = new Int32Array(0);
  /** Address and port of direction 0's sender, to tell the directions by. */
  #addresses: number[] = [];
  #ports = new Int32Array(0);
  #trace: TcpTrace | null = null;
  /** Slot by stream. */
  readonly #slots = new Map<number, number>();

  /** Goes on from the record of a connection by the book. */
  adopt(connection: Connection, trace: TcpTrace, clock: CaptureClock): void {
    const slot = connection.index;
    this.#open(slot, connection, trace);
    const since = (moment: UnixMoment | null): number => (moment === null ? -1 : clock.nanosecondsSince(moment));
    for (const side of [0, 1] as const) {
      const { next, unacknowledgedFrom, hasSentFin, lastPayload, lastAck } = sendingOf(connection, side);
      const me = (slot * 2 + side) * WORDS;
      this.#words[me + NXT] = next ?? 0;
      this.#words[me + UNA] = unacknowledgedFrom ?? 0;
      this.#words[me + KNOWN] =
        (next === null ? 0 : NXT_KNOWN) | (unacknowledgedFrom === null ? 0 : UNA_KNOWN) | (hasSentFin ? FIN_SENT : 0);
      const times = (slot * 2 + side) * TIMES;
      this.#times[times + LAST_PAYLOAD] = since(lastPayload);
      this.#times[times + LAST_ACK] = since(lastAck);
    }
  }

  /** Takes in the segment the trace has just observed. `time`: nanoseconds since the capture's start. */
  observe(packet: Packet, trace: TcpTrace, time: number): void {
    const slot = trace.current;
    if (slot < 0) return;
    if (slot >= this.#streams.length || this.#streams[slot] !== trace.connection.stream + 1)
      this.#open(slot, trace.connection, trace);
    const me = (slot * 2 + trace.direction) * WORDS;
    const peer = (slot * 2 + 1 - trace.direction) * WORDS;
    const words = this.#words;
    const { flags } = packet;
    const payload = Math.max(0, packet.payloadLength);
    // A reset's numbers may come from anywhere (RFC 9293 3.5.2) and acknowledge nothing for good.
    if ((flags & Flag.RST) !== 0) return;
    if (payload > 0) {
      this.#times[(slot * 2 + trace.direction) * TIMES + LAST_PAYLOAD] = time;
      if ((words[peer + KNOWN]! & FIN_SENT) !== 0) words[me + AFTER_FIN]! += payload;
    }
    const next = (packet.seq + payload + ((flags & Flag.SYN) >> 1) + (flags & Flag.FIN)) | 0;
    if ((flags & Flag.SYN) !== 0 && (words[me + KNOWN]! & UNA_KNOWN) === 0) {
      words[me + UNA] = packet.seq;
      words[me + KNOWN]! |= UNA_KNOWN;
    }
    if ((words[me + KNOWN]! & NXT_KNOWN) === 0 || seqAfter(next, words[me + NXT]!)) words[me + NXT] = next;
    words[me + KNOWN]! |= NXT_KNOWN | ((flags & Flag.FIN) !== 0 ? FIN_SENT : 0);
    if ((flags & Flag.ACK) === 0) return;
    const times = (slot * 2 + trace.direction) * TIMES;
    this.#times[times + ACK_BEFORE] = this.#times[times + LAST_ACK]!;
    this.#times[times + LAST_ACK] = time;
    const { ack } = packet;
    if ((words[peer + KNOWN]! & UNA_KNOWN) === 0 || seqAfter(ack, words[peer + UNA]!)) words[peer + UNA] = ack;
    words[peer + KNOWN]! |= UNA_KNOWN;
    // What is acknowledged was sent, captured or not.
    if ((words[peer + KNOWN]! & NXT_KNOWN) !== 0 && seqAfter(ack, words[peer + NXT]!)) words[peer + NXT] = ack;
  }

  /** The endpoint with this address and port of a connection, or null where its record is gone. */
  of(stream: number, addr: string, port: number): SendQueue | null {
    const slot = this.#slots.get(stream);
    if (slot === undefined || this.#trace === null) return null;
    const isA = port === this.#ports[slot] && addr === this.#trace.addresses.toText(this.#addresses[slot]!);
    const direction = slot * 2 + (isA ? 0 : 1);
    const me = direction * WORDS;
    const both = NXT_KNOWN | UNA_KNOWN;
    const isKnown = (this.#words[me + KNOWN]! & both) === both;
    const lastPayload = this.#times[direction * TIMES + LAST_PAYLOAD]!;
    const lastAck = this.#times[direction * TIMES + LAST_ACK]!;
    const ackBefore = this.#times[direction * TIMES + ACK_BEFORE]!;
    return {
      unacknowledged: isKnown ? Math.max(0, seqDistance(this.#words[me + UNA]!, this.#words[me + NXT]!)) : null,
      sentAfterPeersFin: this.#words[me + AFTER_FIN]!,
      lastPayload: lastPayload < 0 ? null : lastPayload,
      lastAck: lastAck < 0 ? null : lastAck,
      ackBefore: ackBefore < 0 ? null : ackBefore,
    };
  }

  /** Gives the slot to a connection of which nothing is known yet. */
  #open(slot: number, { stream, addressA, portA }: Connection, trace: TcpTrace): void {
    this.#trace = trace;
    if (slot >= this.#streams.length) this.#grow(slot);
    this.#slots.delete(this.#streams[slot]! - 1);
    this.#slots.set(stream, slot);
    this.#streams[slot] = stream + 1;
    this.#addresses[slot] = addressA;
    this.#ports[slot] = portA;
    this.#words.fill(0, slot * 2 * WORDS, (slot + 1) * 2 * WORDS);
    this.#times.fill(-1, slot * 2 * TIMES, (slot + 1) * 2 * TIMES);
  }

  #grow(slot: number): void {
    const slots = Math.max(1024, 2 * (slot + 1));
    const words = new Int32Array(slots * 2 * WORDS);
    words.set(this.#words);
    this.#words = words;
    const times = new Float64Array(slots * 2 * TIMES);
    times.set(this.#times);
    this.#times = times;
    const streams = new Int32Array(slots);
    streams.set(this.#streams);
    this.#streams = streams;
    const ports = new Int32Array(slots);
    ports.set(this.#ports);
    this.#ports = ports;
  }
}
