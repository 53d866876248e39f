// In: each segment with its analysis flags. Out: per connection and direction, what findings are judged by beyond
// Wireshark's flags and the state histories: handshake options, resets, stalls, silences, bytes never captured, copies.
//
//   segment ─▶ a copy? ─▶ something special? ─▶ place in sequence space ─▶ acknowledgment, window, timestamps
//
// Most segments take the plain way through, some forty loads and stores. What is rare lies in Trouble and Reset rows that
// a direction takes when it first needs one, so a million healthy connections pay for none.

import type { Frame } from '../capture/frame.ts';
import { type Row, RowPool } from '../flow/rows.ts';
import type { LinearMemory } from '../linear/memory.ts';
import { HandshakeBit, handshakeWord } from '../wire/handshake.ts';
import { Flag, type Packet } from '../wire/packet.ts';
import { payloadPrint } from '../wire/payload-print.ts';
import { seqAdd, seqAfter, seqAtOrAfter, seqAtOrBefore, seqBefore, seqDistance, seqInWindow } from '../wire/seq.ts';
import { tupleHash } from '../wire/share.ts';
import type { Analysis } from './analysis.ts';
import { ANALYSIS_FLAG_COUNT, AnalysisFlag } from './analysis-flag.ts';
import { ETHERNET_PAYLOAD } from './capture-facts.ts';
import { Connection } from './connection.ts';
import { ContentMemory } from './content-memory.ts';
import { type Direction, SCALE_UNKNOWN } from './direction.ts';
import {
  CONNECTION_FACT_WORDS,
  ConnectionFacts,
  DIRECTION_FACT_WORDS,
  DirectionFacts,
  FactBit,
  FLAG_TIMES,
  FlowBit,
  HOLE_EDGES,
  HOLES,
  MAX_TICK,
  ODDITY_WORDS,
  OddEvent,
  Oddities,
  RESET_WORDS,
  Reset,
  ResetBit,
  SILENCE_TICKS,
  TICKS_PER_SECOND,
  TROUBLE_WORDS,
  Trouble,
  TroubleEvent,
  WATCHED,
} from './fact-rows.ts';

/** Linux's least retransmission timer is 200 ms, Windows' 300, RFC 6298's 1 s; less some for the capture's point of view. */
const TIMER_TICKS = 0.18 * TICKS_PER_SECOND;
/** A mirror port or a second interface shows the same frame again within this; no stack sends again so soon. */
const COPY_TICKS = 0.001 * TICKS_PER_SECOND;
/** With another TTL it was captured on the other side of a router, which may hold it back a while; no timer is that short. */
const ROUTED_COPY_TICKS = 0.05 * TICKS_PER_SECOND;
/** The longest retransmission timer there is (Linux 120 s) and some more; whoever waits longer was not waiting for it. */
const LONGEST_TIMER_TICKS = 130 * TICKS_PER_SECOND;
/** TCP_DEFER_ACCEPT lets Linux repeat the SYN-ACK this late, after 31 s, if the client has sent nothing; Apache uses it. */
const DEFERRED_TICKS = 15 * TICKS_PER_SECOND;
/** A segment that comes this late after its acknowledgment was captured, in another order than it travelled. */
const LATE_TICKS = 0.01 * TICKS_PER_SECOND;
/** A reset this soon after the end of a silence belongs to the exchange that ended it (a first timeout included). */
const EXCHANGE_TICKS = 3 * TICKS_PER_SECOND;
/** Segments still under way when a reset is sent arrive within this (RFC 6298's first guess of a round trip). */
const UNDER_WAY_TICKS = 1 * TICKS_PER_SECOND;
/** The largest window there is (RFC 7323 2.2). */
const LARGEST_WINDOW = 2 ** 30;
/** Jumps in sequence space beyond this are stray numbers, not lost data: twice the largest buffers systems use by default. */
const LARGEST_JUMP = 2 ** 24;
/** The least MSS every host must take (RFC 9293 3.7.1). */
const LEAST_SEGMENT = 536;

/** The flags that say that something was seen before; only such segments can be copies of a frame. */
const REPEATS =
  AnalysisFlag.RETRANSMISSION |
  AnalysisFlag.FAST_RETRANSMISSION |
  AnalysisFlag.SPURIOUS_RETRANSMISSION |
  AnalysisFlag.OUT_OF_ORDER |
  AnalysisFlag.DUPLICATE_ACK |
  AnalysisFlag.KEEP_ALIVE |
  AnalysisFlag.KEEP_ALIVE_ACK |
  AnalysisFlag.ZERO_WINDOW |
  AnalysisFlag.ZERO_WINDOW_PROBE;
const SENT_AGAIN =
  AnalysisFlag.RETRANSMISSION | AnalysisFlag.FAST_RETRANSMISSION | AnalysisFlag.SPURIOUS_RETRANSMISSION;
/** Window updates are business as usual. */
const NOTEWORTHY = ((1 << ANALYSIS_FLAG_COUNT) - 1) & ~AnalysisFlag.WINDOW_UPDATE;

/** The IP identification in `DirectionFacts.print`. */
const ID_BITS = 0xffff0000;
const SYN_ACK = Flag.SYN | Flag.ACK;
const SYN_FIN = Flag.SYN | Flag.FIN;
export const SYNS = HandshakeBit.SYN | HandshakeBit.SYN_ACK;
const SPECIAL_FLAGS = Flag.SYN | Flag.FIN | Flag.RST | Flag.URG;

/** Gathers the facts of every connection of a trace. */
export class FactsTracker {
  /** Records lie under `Connection.rows`: ConnectionFacts, then one DirectionFacts per direction. */
  readonly pool: RowPool;
  readonly troubles = new RowPool(TROUBLE_WORDS);
  readonly oddities = new RowPool(ODDITY_WORDS);
  readonly resets = new RowPool(RESET_WORDS);
  readonly #connections: RowPool;
  readonly #flow = new ConnectionFacts();
  readonly #me = new DirectionFacts();
  readonly #peer = new DirectionFacts();
  readonly #trouble = new Trouble();
  readonly #oddities = new Oddities();
  readonly #reset = new Reset();
  readonly contentAddress: number;
  readonly #contents: ContentMemory;
  readonly #previous = new Connection();
  readonly #previousFlow = new ConnectionFacts();
  readonly #previousMe = new DirectionFacts();
  readonly #previousPeer = new DirectionFacts();

  /**
   * `connections`: the pool of the Connection rows, for a look at the connection before on the same 4-tuple. `memory`: where the records lie, and payloads are
   * remembered, at `contentAddress`.
   */
  constructor(connections: RowPool, memory: LinearMemory) {
    this.#connections = connections;
    this.pool = new RowPool(CONNECTION_FACT_WORDS + 2 * DIRECTION_FACT_WORDS, memory);
    this.#contents = new ContentMemory(memory);
    this.contentAddress = this.#contents.address;
  }

  /** Makes a record; called together with the other rows of TcpTrace, so that all have the same index. */
  open(): void {
    this.pool.take();
  }

  /** Gives back the record at `rows` and what it holds. */
  release(rows: number): void {
    const row = this.#me;
    for (let direction = 0; direction < 2; direction++) {
      this.#select(row, rows, direction);
      if (row.trouble !== 0) this.troubles.release(row.trouble - 1);
      if (row.oddities !== 0) this.oddities.release(row.oddities - 1);
      if (row.reset !== 0) this.resets.release(row.reset - 1);
    }
    this.pool.release(rows);
  }

  /** An ICMP error quotes a segment of the connection whose record is at `rows`. */
  quoted(frame: Frame, rows: number): void {
    const flow = this.#flow;
    flow.moveTo(this.pool, rows);
    if (flow.icmpErrors++ === 0) flow.icmpFrame = frame.number;
  }

  /**
   * Takes in one segment of `connection`, after the sequence analysis. `direction` 0: A sent it. `myAnalysis`: the analysis
   * row of the sender.
   */
  observe(
    frame: Frame,
    packet: Packet,
    connection: Connection,
    direction: 0 | 1,
    analysis: Analysis,
    myAnalysis: Direction,
  ): void {
    const flow = this.#flow;
    const me = this.#me;
    const peer = this.#peer;
    flow.moveTo(this.pool, connection.rows - 1);
    me.moveBeside(flow, CONNECTION_FACT_WORDS + direction * DIRECTION_FACT_WORDS);
    peer.moveBeside(flow, CONNECTION_FACT_WORDS + (1 - direction) * DIRECTION_FACT_WORDS);

    const tick = tickOf(connection, frame.seconds, frame.nanoseconds);
    const payload = packet.payloadLength;
    if (payload < 0) {
      flow.tick = tick;
      return;
    }
    const { seq, ack, flags } = packet;
    const found = analysis.flags;
    const print = (packet.ipId << 16) | packet.checksum;
    const printBefore = me.print;
    if (((print ^ printBefore) & ID_BITS) === 0 || print === me.printBefore) {
      if (print !== printBefore && print !== me.printBefore) me.bits |= FactBit.IDS_ALIKE;
      else if (isCopy(packet, me, found, tick)) {
        this.#copy(frame, packet, me, found);
        return;
      }
    }
    me.printBefore = printBefore;
    me.print = print;

    const silence = tick - flow.tick;
    let isPlain =
      (found & NOTEWORTHY) === 0 &&
      (flags & (SPECIAL_FLAGS | Flag.ACK)) === Flag.ACK &&
      ((me.bits | peer.bits) & WATCHED) === 0;
    if (!isPlain) this.#special(frame, packet, connection, direction, analysis, tick);
    if (silence < 0 || silence >= SILENCE_TICKS) this.#silence(frame, packet, direction, found, tick);
    flow.tick = tick;
    me.tick = tick;

    const myBits = me.bits;
    const peerBits = peer.bits;
    const { high } = me;
    isPlain &&= (myBits & peerBits & PLAIN) === PLAIN;
    if (payload > 0) {
      this.#payload(frame, packet, connection.stream, direction, found, tick);
      if (isPlain && seq === high) me.high = seqAdd(seq, payload);
      else this.#place(frame, packet, tick);
    } else if (!isPlain || seq !== high) this.#place(frame, packet, tick);

    if ((flags & (Flag.ACK | Flag.SYN | Flag.RST)) === Flag.ACK) {
      const { scale } = myAnalysis;
      const edge = seqAdd(ack, scale > 0 ? packet.window << scale : packet.window);
      const { acked } = peer;
      if (isPlain && seqAtOrAfter(edge, me.edge)) me.edge = edge;
      else if (scale !== SCALE_UNKNOWN) this.#offer(frame, ack, edge, scale);
      if (isPlain && ack === peer.high) {
        if (ack !== acked) {
          peer.acked = ack;
          peer.drainedTick = tick;
        }
      } else if ((peerBits & FactBit.ACKED) === 0 || seqAfter(ack, acked))
        this.#acknowledge(frame, me, peer, ack, tick);
    }
    if (packet.hasTimestamps) {
      const { tsVal } = packet;
      const isKnown = (myBits & FactBit.TIMESTAMPS_USED) !== 0;
      if (isPlain && isKnown && seqAtOrAfter(tsVal, me.tsVal)) me.tsVal = tsVal;
      else this.#timestamp(frame, packet, found);
    }
    if ((me.ttls & 0xff) !== packet.ttl && (flags & Flag.RST) === 0) me.ttls = widenedTtls(me.ttls, packet.ttl);
  }

  /** What a segment with payload tells, wherever it lies. */
  #payload(frame: Frame, packet: Packet, stream: number, direction: 0 | 1, found: number, tick: number): void {
    const flow = this.#flow;
    const me = this.#me;
    const peer = this.#peer;
    const payload = packet.payloadLength;
    this.#content(frame, packet, (stream * 2 + direction) | 0, me, found);
    if (payload > me.largest) me.largest = payload;
    if (payload > me.limit && me.limit !== 0) this.#oversized(frame, me, payload);
    const { dataSegments } = me;
    me.dataSegments = dataSegments + 1;
    if (dataSegments === 0) me.firstDataTick = tick;
    else if (packet.seq === me.acked && packet.seq === me.high) {
      me.emptyTicks = addTicks(me.emptyTicks, tick - me.drainedTick);
    }
    me.dataTick = tick;
    me.answered = peer.high;
    flow.bits = direction === 0 ? (flow.bits & ~FlowBit.TURN_B) | FlowBit.TURN_KNOWN : flow.bits | TURN_OF_B;
  }

  /** The window offered up to `edge`, where there is none known or it is not further than before. */
  #offer(frame: Frame, ack: number, edge: number, scale: number): void {
    const me = this.#me;
    const peer = this.#peer;
    if ((me.bits & FactBit.EDGE) === 0 || seqAtOrAfter(edge, me.edge)) {
      me.edge = edge;
      me.bits |= FactBit.EDGE;
      return;
    }
    // Who gets a FIN needs no window any more; and an ACK that was overtaken shows an older one.
    const inOrder = (peer.bits & FactBit.ACKED) !== 0 && seqAtOrAfter(ack, peer.acked);
    if ((peer.bits & FactBit.FIN) === 0 && inOrder) this.#shrunk(frame, me, edge, scale);
  }

  #timestamp(frame: Frame, packet: Packet, found: number): void {
    const me = this.#me;
    const { flags, tsVal } = packet;
    if ((flags & Flag.RST) !== 0) return;
    if ((me.bits & FactBit.TIMESTAMPS_USED) === 0) {
      me.bits |= (flags & Flag.SYN) !== 0 ? FactBit.TIMESTAMPS : FactBit.TIMESTAMPS | FactBit.TIMESTAMPS_USED;
      me.tsVal = tsVal;
    } else if (seqAtOrAfter(tsVal, me.tsVal)) me.tsVal = tsVal;
    else if ((found & REPEATS) === 0 && (packet.payloadLength > 0 || (flags & SYN_FIN) !== 0)) {
      this.#timeBack(frame, packet, me);
    }
  }

  /** The Trouble row of `direction`, taken if it has none. */
  #troubleOf(direction: DirectionFacts): Trouble {
    if (direction.trouble === 0) direction.trouble = this.troubles.take() + 1;
    const trouble = this.#trouble;
    trouble.moveTo(this.troubles, direction.trouble - 1);
    return trouble;
  }

  /** What `Textbook` has counted of segments larger than the other end's MSS. */
  setOversized(
    direction: DirectionFacts,
    count: number,
    joined: number,
    frame: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    const odd = this.#odditiesOf(direction);
    odd.oversized = count;
    odd.oversizedJoined = joined;
    const at = odd.at + OddEvent.OVERSIZED;
    odd.words[at] = frame;
    odd.words[at + 1] = seconds;
    odd.words[at + 2] = nanoseconds;
  }

  /** The Oddities row of `direction`, taken if it has none. */
  #odditiesOf(direction: DirectionFacts): Oddities {
    if (direction.oddities === 0) direction.oddities = this.oddities.take() + 1;
    const odd = this.#oddities;
    odd.moveTo(this.oddities, direction.oddities - 1);
    return odd;
  }

  #select(row: DirectionFacts, rows: number, direction: number): void {
    row.moveTo(this.pool, rows);
    row.at += CONNECTION_FACT_WORDS + direction * DIRECTION_FACT_WORDS;
  }

  /** Remembers payload sent for the first time. `sender`: stream and direction as one number. */
  remember(packet: Packet, sender: number): void {
    const print = payloadPrint(packet);
    if (print !== 0) this.#contents.put(tupleHash(packet), sender, packet.seq, packet.payloadLength, print);
  }

  /** Remembers the payload, or compares it with what was sent there before. */
  #content(frame: Frame, packet: Packet, sender: number, me: DirectionFacts, found: number): void {
    const print = payloadPrint(packet);
    if (print === 0) return;
    const { seq, payloadLength } = packet;
    if ((found & SENT_AGAIN) === 0) {
      this.#contents.put(tupleHash(packet), sender, seq, payloadLength, print);
      return;
    }
    // What was not acknowledged may have been damaged on the way the first time; what was acknowledged arrived as it was.
    if ((found & AnalysisFlag.SPURIOUS_RETRANSMISSION) === 0) return;
    if (!this.#contents.differs(tupleHash(packet), sender, seq, payloadLength, print)) return;
    const odd = this.#odditiesOf(me);
    if (odd.changed++ === 0) mark(odd, OddEvent.CHANGED, frame);
  }

  /** The same frame once more: a mirror port that copies both ways, two interfaces, a duplicating network. */
  #copy(frame: Frame, packet: Packet, me: DirectionFacts, found: number): void {
    const odd = this.#odditiesOf(me);
    if (odd.copies++ === 0) mark(odd, OddEvent.COPY, frame);
    if ((found & (SENT_AGAIN | AnalysisFlag.OUT_OF_ORDER)) !== 0) odd.copiesFlagged++;
    if ((me.ttls & 0xff) !== packet.ttl) odd.copiesRouted++;
  }

  #special(
    frame: Frame,
    packet: Packet,
    connection: Connection,
    direction: 0 | 1,
    analysis: Analysis,
    tick: number,
  ): void {
    const me = this.#me;
    const peer = this.#peer;
    const { flags } = packet;
    const found = analysis.flags;
    const payload = packet.payloadLength;
    if ((found & NOTEWORTHY) !== 0) this.#flagged(frame, packet, me, peer, analysis, tick);
    if ((flags & (SPECIAL_FLAGS | Flag.ACK)) !== Flag.ACK) {
      if (isOdd(flags)) {
        const odd = this.#odditiesOf(me);
        if (odd.oddFlags++ === 0) {
          mark(odd, OddEvent.ODD_FLAGS, frame);
          odd.oddFlagsValue = flags;
        }
      }
      if ((flags & Flag.URG) !== 0) {
        const odd = this.#odditiesOf(me);
        if (odd.urgent++ === 0) mark(odd, OddEvent.URGENT, frame);
      }
      if ((flags & Flag.RST) !== 0) this.#rst(frame, packet, me, peer, tick);
      else if ((flags & Flag.SYN) !== 0) this.#syn(frame, packet, connection, direction, me, peer, tick);
      else if ((flags & Flag.FIN) !== 0) this.#fin(packet, direction, me, tick);
    }
    if ((me.bits & FactBit.FIN) !== 0 && payload > 0) this.#afterFin(frame, packet, me);
    if ((peer.bits & FactBit.FIN) !== 0 && payload > 0) peer.bits |= FactBit.LATE_DATA;
    if ((flags & Flag.RST) === 0) {
      if ((me.bits & FactBit.RST) !== 0) this.#afterOwnReset(frame, packet, me, tick);
      if ((peer.bits & FactBit.RST) !== 0 && payload > 0) this.#afterPeerReset(frame, me, peer, tick);
      if ((me.bits & FactBit.WINDOW_CLOSED) !== 0 && packet.window !== 0) this.#windowOpened(me, tick);
    }
    if ((peer.bits & FactBit.PROBING) !== 0) {
      this.#odditiesOf(peer).probes = 0;
      peer.bits &= ~FactBit.PROBING;
    }
    if ((peer.bits & FactBit.WINDOW_FILLED) !== 0 && (flags & Flag.ACK) !== 0) this.#windowMoved(packet, peer, tick);
  }

  #flagged(
    frame: Frame,
    packet: Packet,
    me: DirectionFacts,
    peer: DirectionFacts,
    analysis: Analysis,
    tick: number,
  ): void {
    const trouble = this.#troubleOf(me);
    const found = analysis.flags;
    const fresh = found & NOTEWORTHY & ~trouble.flagsSeen;
    if (fresh !== 0) {
      trouble.flagsSeen |= fresh;
      for (let bit = 0; bit < ANALYSIS_FLAG_COUNT; bit++) {
        if ((fresh & (1 << bit)) === 0) continue;
        const at = trouble.at + FLAG_TIMES + 2 * bit;
        trouble.words[at] = frame.seconds;
        trouble.words[at + 1] = frame.nanoseconds;
      }
    }
    if ((found & AnalysisFlag.DUPLICATE_ACK) !== 0 && analysis.duplicateNumber > trouble.duplicateRun) {
      trouble.duplicateRun = analysis.duplicateNumber;
      trouble.duplicateFrame = frame.number;
    }
    if ((found & SENT_AGAIN) !== 0 && packet.payloadLength > 0) {
      trouble.resent++;
      trouble.resentBytes = saturating(trouble.resentBytes, packet.payloadLength);
      const wait = tick - me.dataTick;
      if ((found & AnalysisFlag.SPURIOUS_RETRANSMISSION) === 0 && wait > 0 && wait <= LONGEST_TIMER_TICKS) {
        trouble.resendTicks = addTicks(trouble.resendTicks, wait);
        if (wait > trouble.resendLongest) {
          trouble.resendLongest = wait;
          mark(trouble, TroubleEvent.RESEND, frame);
        }
        if (wait >= TIMER_TICKS) trouble.timeouts++;
      }
    }
    if ((found & AnalysisFlag.ZERO_WINDOW) !== 0 && (me.bits & FactBit.WINDOW_CLOSED) === 0) {
      me.bits |= FactBit.WINDOW_CLOSED;
      trouble.zeroSince = tick;
      mark(trouble, TroubleEvent.ZERO, frame);
    }
    if ((found & AnalysisFlag.WINDOW_FULL) !== 0 && (me.bits & FactBit.WINDOW_FILLED) === 0) {
      me.bits |= FactBit.WINDOW_FILLED;
      trouble.fullSince = tick;
    }
    if ((found & AnalysisFlag.KEEP_ALIVE) !== 0 && (me.bits & FactBit.FIN) === 0) {
      const odd = this.#odditiesOf(me);
      if (odd.probes++ === 0) mark(odd, OddEvent.PROBES, frame);
      if (odd.probes > odd.probesMost) {
        odd.probesMost = odd.probes;
        copyEvent(odd, OddEvent.PROBES, OddEvent.PROBES_MOST);
      }
      me.bits |= FactBit.PROBING;
    }
    // Whatever is sent toward a closed window shows that there is something to send.
    const probes = AnalysisFlag.ZERO_WINDOW_PROBE | AnalysisFlag.KEEP_ALIVE | AnalysisFlag.WINDOW_FULL;
    if ((found & probes) !== 0 && (peer.bits & FactBit.WINDOW_CLOSED) !== 0) this.#troubleOf(peer).zeroProbes++;
  }

  #windowOpened(me: DirectionFacts, tick: number): void {
    const trouble = this.#troubleOf(me);
    const closed = Math.max(0, tick - trouble.zeroSince);
    me.bits &= ~FactBit.WINDOW_CLOSED;
    trouble.zeroTicks = addTicks(trouble.zeroTicks, closed);
    if (closed >= trouble.zeroLongest) {
      trouble.zeroLongest = closed;
      copyEvent(trouble, TroubleEvent.ZERO, TroubleEvent.ZERO_LONGEST);
    }
  }

  /** `peer` had filled the window; this segment of the other end may open it further. */
  #windowMoved(packet: Packet, peer: DirectionFacts, tick: number): void {
    // A mere window update has the same acknowledgment number, but it moves the edge all the same.
    if (packet.window === 0 || (packet.ack === peer.acked && packet.payloadLength > 0)) return;
    peer.bits &= ~FactBit.WINDOW_FILLED;
    peer.fullTicks = addTicks(peer.fullTicks, tick - this.#troubleOf(peer).fullSince);
  }

  #syn(
    frame: Frame,
    packet: Packet,
    connection: Connection,
    direction: 0 | 1,
    me: DirectionFacts,
    peer: DirectionFacts,
    tick: number,
  ): void {
    const isSynAck = (packet.flags & SYN_ACK) === SYN_ACK;
    const options = handshakeWord(packet) | (isSynAck ? HandshakeBit.SYN_ACK : HandshakeBit.SYN);
    const seen = me.handshake & SYNS;
    if (!isSynAck && frame.number === connection.firstFrame && connection.previous > 0) {
      this.#reuse(packet, connection, direction);
    }
    const { seq } = packet;
    if (seen === 0) {
      // What came before the SYN belongs to an older connection: numbers count from here.
      me.bits &= ~(FactBit.HIGH | FactBit.ACKED | FactBit.EDGE | FactBit.HOLE | FactBit.JUST_MISSED);
      if (me.trouble !== 0) this.#troubleOf(me).holes = 0;
      me.handshake = options;
      me.iss = seq;
      if (packet.mss > 0) peer.limit = packet.mss;
    } else {
      me.handshake |= options & SYNS;
      const odd = this.#odditiesOf(me);
      if (seq === me.iss) {
        if (!marked(odd, OddEvent.SYN_AGAIN)) mark(odd, OddEvent.SYN_AGAIN, frame);
        odd.synLastTick = tick;
        const asked = HandshakeBit.SYN | HandshakeBit.SYN_ACK | HandshakeBit.DATA | HandshakeBit.FAST_OPEN;
        if (((me.handshake ^ options) & ~asked) !== 0 && !marked(odd, OddEvent.SYN_OTHER)) {
          // In a simultaneous open the SYN-ACK repeats the SYN's options, so the word compares there too.
          mark(odd, OddEvent.SYN_OTHER, frame);
          odd.synOtherOptions = options;
          odd.synOtherCopy = tick - me.tick <= COPY_TICKS && packet.ipId === me.print >> 16 ? 1 : 0;
        }
      } else if (!marked(odd, OddEvent.SYN_ACK_OTHER)) {
        mark(odd, OddEvent.SYN_ACK_OTHER, frame);
        // What follows counts from the new number.
        me.bits &= ~(FactBit.HIGH | FactBit.ACKED);
      }
      // A SYN-ACK on its way when the third segment passed crosses it within a round trip.
      const since =
        tick - me.drainedTick - connection.irttSeconds * TICKS_PER_SECOND - connection.irttNanoseconds / 1e5;
      const ignores = since >= TIMER_TICKS && (since < DEFERRED_TICKS || peer.dataSegments > 0);
      if (isSynAck && (seen & HandshakeBit.SYN_ACK) !== 0 && (me.bits & FactBit.ACKED) !== 0 && ignores) {
        if (odd.synAckIgnoring++ === 0) mark(odd, OddEvent.SYN_ACK_IGNORING, frame);
        if (peer.dataSegments > 0) odd.synAckIgnoringData++;
      }
    }
    if (isSynAck) {
      const asked = (peer.handshake & HandshakeBit.SYN) !== 0;
      const expected = seqAdd(peer.iss, 1);
      if (asked && (seqBefore(packet.ack, expected) || seqAfter(packet.ack, peer.high))) {
        const odd = this.#odditiesOf(me);
        if (!marked(odd, OddEvent.SYN_ACK_WRONG)) {
          mark(odd, OddEvent.SYN_ACK_WRONG, frame);
          odd.synAckWrongAck = packet.ack;
        }
      } else if ((peer.bits & FactBit.ACKED) === 0) {
        peer.acked = packet.ack;
        peer.bits |= FactBit.ACKED;
        peer.drainedTick = tick;
        const data = (peer.handshake & HandshakeBit.DATA) !== 0;
        if (data && packet.ack === expected) peer.handshake |= HandshakeBit.DATA_IGNORED;
      }
    }
    me.syns += isSynAck ? 0x10000 : 1;
  }

  /** The 4-tuple was used before in this capture: how did that connection stand when this SYN came? */
  #reuse(packet: Packet, connection: Connection, direction: 0 | 1): void {
    const old = this.#previous;
    old.moveTo(this.#connections, connection.previous - 1);
    const rows = old.rows - 1;
    const turned = old.addressA !== connection.addressA || old.portA !== connection.portA ? 1 : 0;
    const oldDirection = direction ^ turned;
    const oldMe = this.#previousMe;
    const oldPeer = this.#previousPeer;
    this.#previousFlow.moveTo(this.pool, rows);
    this.#select(oldMe, rows, oldDirection);
    this.#select(oldPeer, rows, 1 - oldDirection);
    let bits: number = FlowBit.REUSED;
    const bothClosed = (oldMe.bits & oldPeer.bits & FactBit.FIN) !== 0;
    const wasReset = ((oldMe.bits | oldPeer.bits) & FactBit.RST) !== 0;
    const answered = (oldPeer.bits & FactBit.HIGH) !== 0 || (oldMe.bits & FactBit.ACKED) !== 0;
    if (bothClosed) bits |= FlowBit.REUSED_CLOSED;
    else if (!answered && !wasReset) bits |= FlowBit.REUSED_UNANSWERED;
    else if (!wasReset) bits |= FlowBit.REUSED_OPEN;
    if ((oldMe.bits & FactBit.HIGH) === 0 || seqAfter(packet.seq, oldMe.high)) bits |= FlowBit.REUSED_ABOVE;
    else if (packet.hasTimestamps && (oldMe.bits & FactBit.TIMESTAMPS) !== 0 && seqAfter(packet.tsVal, oldMe.tsVal)) {
      bits |= FlowBit.REUSED_ABOVE;
    }
    const firstFinByMe = ((this.#previousFlow.bits & FlowBit.FIRST_FIN_B) !== 0 ? 1 : 0) === oldDirection;
    if ((this.#previousFlow.bits & FlowBit.FIN_SEEN) !== 0 && firstFinByMe) bits |= FlowBit.REUSED_BY_CLOSER;
    const flow = this.#flow;
    flow.bits |= bits;
    flow.reuseTicks = ticksBetween(
      old.lastSeconds,
      old.lastNanoseconds,
      connection.startSeconds,
      connection.startNanoseconds,
    );
  }

  #fin(packet: Packet, direction: 0 | 1, me: DirectionFacts, tick: number): void {
    const flow = this.#flow;
    if ((flow.bits & FlowBit.FIN_SEEN) === 0) {
      flow.bits |= FlowBit.FIN_SEEN;
      if (direction === 1) flow.bits |= FlowBit.FIRST_FIN_B;
    }
    const end = seqAdd(packet.seq, packet.payloadLength + 1);
    if ((me.bits & FactBit.FIN) === 0) {
      me.bits |= FactBit.FIN;
      me.finEnd = end;
    } else if (end === me.finEnd) {
      const odd = this.#odditiesOf(me);
      odd.finsAgain++;
      odd.finLastTick = tick;
    }
  }

  #afterFin(frame: Frame, packet: Packet, me: DirectionFacts): void {
    const beyond = seqDistance(seqAdd(me.finEnd, -1), seqAdd(packet.seq, packet.payloadLength));
    if (beyond <= 0 || beyond > LARGEST_WINDOW) return;
    const odd = this.#odditiesOf(me);
    if (odd.afterFin++ === 0) mark(odd, OddEvent.AFTER_FIN, frame);
    if (beyond > odd.afterFinBytes) odd.afterFinBytes = beyond;
  }

  #rst(frame: Frame, packet: Packet, me: DirectionFacts, peer: DirectionFacts, tick: number): void {
    const { seq, flags } = packet;
    let bits = 0;
    if ((flags & Flag.ACK) !== 0) bits |= ResetBit.ACK;
    if (packet.payloadLength > 0) bits |= ResetBit.DATA;
    const asked = (peer.handshake & HandshakeBit.SYN) !== 0;
    const iAnswered = (me.handshake & SYNS) !== 0 || me.dataSegments > 0;
    if (asked && !iAnswered && (me.bits & FactBit.HIGH) === 0) bits |= ResetBit.REFUSES | ResetBit.EXACT;
    else {
      if ((me.handshake & HandshakeBit.SYN) !== 0 && (peer.bits & FactBit.ACKED) === 0) bits |= ResetBit.OPENER;
      if ((me.handshake & HandshakeBit.SYN_ACK) !== 0 && (me.bits & FactBit.ACKED) === 0) bits |= ResetBit.RESPONDER;
      bits |= resetPlace(seq, me, peer);
    }
    if ((me.bits & FactBit.FIN) !== 0) bits |= ResetBit.AFTER_OWN_FIN;
    if ((peer.bits & FactBit.FIN) !== 0) bits |= ResetBit.AFTER_PEER_FIN;
    if (finAcknowledged(me) && finAcknowledged(peer)) bits |= ResetBit.AFTER_CLOSE;
    if ((me.bits & FactBit.LATE_DATA) !== 0) bits |= ResetBit.LATE_DATA;
    if ((peer.bits & FactBit.RST) !== 0) bits |= ResetBit.SECOND;
    const low = me.ttls & 0xff;
    const high = (me.ttls >> 8) & 0xff;
    if (low !== 0 && (packet.ttl < low || packet.ttl > high)) bits |= ResetBit.OTHER_TTL;

    if (me.reset === 0) me.reset = this.resets.take() + 1;
    const reset = this.#reset;
    reset.moveTo(this.resets, me.reset - 1);
    if ((bits & (ResetBit.IN_WINDOW | ResetBit.OUTSIDE)) !== 0) reset.ignorable++;
    me.bits |= FactBit.RST;
    if (reset.count++ > 0) return;
    const flow = this.#flow;
    reset.frame = frame.number;
    reset.seconds = frame.seconds;
    reset.nanoseconds = frame.nanoseconds;
    reset.tick = tick;
    reset.bits = bits;
    reset.ttl = packet.ttl;
    reset.loses = outstanding(me, me.acked);
    const ackNow = (flags & Flag.ACK) !== 0 && seqAfter(packet.ack, peer.acked) ? packet.ack : peer.acked;
    reset.losesPeer = outstanding(peer, ackNow);
    if ((peer.bits & FactBit.HIGH) !== 0) {
      const fin = (peer.bits & FactBit.FIN) !== 0 ? 1 : 0;
      const unanswered = seqDistance(me.answered, peer.high) - fin;
      reset.unanswered = unanswered > 0 && peer.dataSegments > 0 ? unanswered : 0;
    }
    reset.sinceData = peer.dataSegments > 0 ? tick - peer.dataTick : 0;
    const silence = tick - flow.tick;
    if (silence >= SILENCE_TICKS) {
      reset.idle = silence;
      reset.bits |= ResetBit.BREAKS_SILENCE;
    } else if (flow.gap > 0 && tick - flow.gapEnd <= EXCHANGE_TICKS) reset.idle = flow.gap;
  }

  #afterOwnReset(frame: Frame, packet: Packet, me: DirectionFacts, tick: number): void {
    this.#reset.moveTo(this.resets, me.reset - 1);
    // What was sent before the reset may arrive after it; and another SYN is another attempt.
    if (tick - this.#reset.tick <= LATE_TICKS && seqBefore(packet.seq, me.high)) return;
    if ((packet.flags & Flag.SYN) !== 0) return;
    const odd = this.#odditiesOf(me);
    if (odd.afterOwnReset++ === 0) mark(odd, OddEvent.AFTER_OWN_RESET, frame);
  }

  #afterPeerReset(frame: Frame, me: DirectionFacts, peer: DirectionFacts, tick: number): void {
    this.#reset.moveTo(this.resets, peer.reset - 1);
    if (tick - this.#reset.tick <= UNDER_WAY_TICKS) return;
    const odd = this.#odditiesOf(me);
    if (odd.afterPeerReset++ === 0) mark(odd, OddEvent.AFTER_PEER_RESET, frame);
  }

  #silence(frame: Frame, packet: Packet, direction: 0 | 1, found: number, tick: number): void {
    const flow = this.#flow;
    const me = this.#me;
    const peer = this.#peer;
    const gap = tick - flow.tick;
    if (gap < 0) {
      flow.bits |= FlowBit.BACKWARDS;
      return;
    }
    flow.gap = gap;
    flow.gapEnd = tick;
    // A timer ran out, or a window was closed: that is told elsewhere.
    if ((found & SENT_AGAIN) !== 0 || (packet.flags & SYN_FIN) === Flag.SYN) return;
    if (((me.bits | peer.bits) & FactBit.WINDOW_CLOSED) !== 0) return;
    const turnOfPeer =
      (flow.bits & FlowBit.TURN_KNOWN) !== 0 && ((flow.bits & FlowBit.TURN_B) !== 0) !== (direction === 1);
    const asking = (peer.handshake & HandshakeBit.SYN) !== 0;
    if (packet.payloadLength > 0 && turnOfPeer && asking) {
      if (gap > flow.answer) {
        flow.answer = gap;
        flow.answerFrame = frame.number;
        flow.answerSeconds = frame.seconds;
        flow.answerNanoseconds = frame.nanoseconds;
      }
    } else if (gap > flow.idle) {
      flow.idle = gap;
      flow.idleFrame = frame.number;
      flow.idleSeconds = frame.seconds;
      flow.idleNanoseconds = frame.nanoseconds;
    }
  }

  #oversized(frame: Frame, me: DirectionFacts, payload: number): void {
    const odd = this.#odditiesOf(me);
    if (odd.oversized++ === 0) mark(odd, OddEvent.OVERSIZED, frame);
    if (payload > ETHERNET_PAYLOAD || payload % me.limit === 0) odd.oversizedJoined++;
  }

  /** Puts a segment in its place, wherever that is. */
  #place(frame: Frame, packet: Packet, tick: number): void {
    const me = this.#me;
    const peer = this.#peer;
    const { seq, flags } = packet;
    if ((flags & Flag.RST) !== 0) return;
    const end = seqAdd(seq, packet.payloadLength + ((flags & SYN_FIN) !== 0 ? 1 : 0));
    if ((me.bits & FactBit.HIGH) === 0) {
      me.bits |= FactBit.HIGH;
      me.high = end;
      // Nothing of this was answered yet, except the SYN, which is no payload.
      peer.answered = (me.handshake & SYNS) !== 0 ? seqAdd(seq, 1) : seq;
      return;
    }
    const jump = seqDistance(me.high, seq);
    if (jump > 0) {
      if (jump > LARGEST_JUMP) return;
      this.#hole(frame, me, me.high, seq);
      me.high = end;
      return;
    }
    if (seq === end) return;
    if ((me.bits & FactBit.HOLE) !== 0) this.#fill(me, seq, end);
    if ((me.bits & FactBit.JUST_MISSED) !== 0) this.#late(frame, me, seq, end, tick);
    if (seqAfter(end, me.high)) me.high = end;
  }

  #hole(frame: Frame, me: DirectionFacts, from: number, to: number): void {
    const trouble = this.#troubleOf(me);
    const size = seqDistance(from, to);
    if (size > trouble.holeMost) {
      trouble.holeMost = size;
      trouble.holeMostFrame = frame.number;
    }
    if (trouble.holes === HOLES) return;
    const edge = trouble.at + HOLE_EDGES + 2 * trouble.holes++;
    trouble.words[edge] = from;
    trouble.words[edge + 1] = to;
    me.bits |= FactBit.HOLE;
  }

  /** [seq, end) has now been seen after all. */
  #fill(me: DirectionFacts, seq: number, end: number): void {
    const trouble = this.#troubleOf(me);
    const { words } = trouble;
    const first = trouble.at + HOLE_EDGES;
    for (let hole = trouble.holes - 1; hole >= 0; hole--) {
      const at = first + 2 * hole;
      const from = words[at]!;
      const to = words[at + 1]!;
      if (seqAtOrBefore(end, from) || seqAtOrAfter(seq, to)) continue;
      const keepsLeft = seqAfter(seq, from);
      const keepsRight = seqBefore(end, to);
      if (keepsLeft && keepsRight) {
        // Two holes of one; without room for the second it is forgotten, and can then not count as missing.
        words[at + 1] = seq;
        if (trouble.holes < HOLES) {
          const added = first + 2 * trouble.holes++;
          words[added] = end;
          words[added + 1] = to;
        }
      } else if (keepsLeft) words[at + 1] = seq;
      else if (keepsRight) words[at] = end;
      else this.#dropHole(me, trouble, hole);
    }
  }

  #dropHole(me: DirectionFacts, trouble: Trouble, hole: number): void {
    const last = --trouble.holes;
    const at = trouble.at + HOLE_EDGES;
    trouble.words[at + 2 * hole] = trouble.words[at + 2 * last]!;
    trouble.words[at + 2 * hole + 1] = trouble.words[at + 2 * last + 1]!;
    if (last === 0) me.bits &= ~FactBit.HOLE;
  }

  /** `me` acknowledges up to `ack`, more than before. `sender`: whose bytes they are. */
  #acknowledge(frame: Frame, me: DirectionFacts, sender: DirectionFacts, ack: number, tick: number): void {
    if ((sender.handshake & HandshakeBit.SYN) !== 0 && (me.handshake & SYNS) === 0) {
      // In answer to a SYN an ACK without SYN may speak of an older connection (RFC 9293 3.10.7.4, RFC 5961 4.2).
      if (!seqAfter(ack, sender.iss) || seqAfter(ack, sender.high)) return;
    }
    sender.acked = ack;
    sender.bits |= FactBit.ACKED;
    if ((sender.bits & FactBit.HIGH) === 0) return;
    if (ack === sender.high) sender.drainedTick = tick;
    else if (seqAfter(ack, sender.high)) {
      const jump = seqDistance(sender.high, ack);
      if (jump <= LARGEST_JUMP) {
        this.#missing(frame, sender, sender.high, ack, tick);
        sender.high = ack;
      }
      sender.drainedTick = tick;
    }
    if ((sender.bits & FactBit.HOLE) === 0) return;
    const trouble = this.#troubleOf(sender);
    for (let hole = trouble.holes - 1; hole >= 0; hole--) {
      const at = trouble.at + HOLE_EDGES + 2 * hole;
      const from = trouble.words[at]!;
      const to = trouble.words[at + 1]!;
      if (!seqAfter(ack, from)) continue;
      const upTo = seqBefore(ack, to) ? ack : to;
      this.#missing(frame, sender, from, upTo, tick);
      if (upTo === to) this.#dropHole(sender, trouble, hole);
      else trouble.words[at] = upTo;
    }
  }

  /** [from, to) was acknowledged, so it travelled; it was never captured. */
  #missing(frame: Frame, sender: DirectionFacts, from: number, to: number, tick: number): void {
    const trouble = this.#troubleOf(sender);
    const size = seqDistance(from, to);
    if (trouble.missingPlaces++ === 0) mark(trouble, TroubleEvent.MISSING, frame);
    trouble.missingBytes = saturating(trouble.missingBytes, size);
    if (size > trouble.missingMost) {
      trouble.missingMost = size;
      trouble.missingMostFrame = frame.number;
    }
    trouble.missedFrom = from;
    trouble.missedTo = to;
    trouble.missedTick = tick;
    sender.bits |= FactBit.JUST_MISSED;
  }

  /** Bytes come right after their acknowledgment: the capture put them in another order than they travelled. */
  #late(frame: Frame, me: DirectionFacts, seq: number, end: number, tick: number): void {
    const trouble = this.#troubleOf(me);
    if (tick - trouble.missedTick > LATE_TICKS) {
      me.bits &= ~FactBit.JUST_MISSED;
      return;
    }
    const from = seqAfter(seq, trouble.missedFrom) ? seq : trouble.missedFrom;
    const to = seqBefore(end, trouble.missedTo) ? end : trouble.missedTo;
    const size = seqDistance(from, to);
    if (size <= 0) return;
    if (trouble.lateBytes === 0) mark(trouble, TroubleEvent.LATE, frame);
    trouble.lateBytes = saturating(trouble.lateBytes, size);
    trouble.missingBytes -= size;
    if (from === trouble.missedFrom) trouble.missedFrom = to;
    if (to === trouble.missedTo && from !== trouble.missedFrom) trouble.missedTo = from;
    if (seqAtOrAfter(trouble.missedFrom, trouble.missedTo)) {
      me.bits &= ~FactBit.JUST_MISSED;
      trouble.missingPlaces--;
    }
  }

  #shrunk(frame: Frame, me: DirectionFacts, edge: number, scale: number): void {
    const by = seqDistance(edge, me.edge);
    me.edge = edge;
    // The field counts in units of 1 << scale, so the edge may seem to move by less than one (RFC 7323 2.4). And less than a
    // segment stops nobody.
    if (by < Math.max(scale > 0 ? 1 << scale : 1, LEAST_SEGMENT) || by > LARGEST_WINDOW) return;
    const odd = this.#odditiesOf(me);
    if (odd.shrinks++ === 0) mark(odd, OddEvent.SHRINK, frame);
    if (by > odd.shrinkBytes) odd.shrinkBytes = by;
  }

  #timeBack(frame: Frame, packet: Packet, me: DirectionFacts): void {
    const odd = this.#odditiesOf(me);
    const step = seqDistance(packet.tsVal, me.tsVal);
    if (odd.timeBack++ === 0) mark(odd, OddEvent.TIME_BACK, frame);
    if (step > odd.timeBackMost) odd.timeBackMost = step;
  }
}

/** `packet` looks like one of the two segments before it in this direction: is it the same frame once more? */
function isCopy(packet: Packet, me: DirectionFacts, found: number, tick: number): boolean {
  const { flags, ipId } = packet;
  const age = tick - me.tick;
  const isRst = (flags & Flag.RST) !== 0;
  if ((found & REPEATS) === 0 && !isRst) return false;
  if (ipId > 0 && (me.bits & FactBit.IDS_ALIKE) === 0) {
    return age <= (packet.ttl === (me.ttls & 0xff) ? COPY_TICKS : ROUTED_COPY_TICKS);
  }
  // Without an identification two equal ACKs or resets may well answer two segments, and a fast retransmission be as quick.
  const occupies = packet.payloadLength > 0 || (flags & SYN_FIN) !== 0;
  return age <= COPY_TICKS && occupies && !isRst && (found & AnalysisFlag.FAST_RETRANSMISSION) === 0;
}

/** Notes frame and time of an event. */
function mark(row: Row, event: number, frame: Frame): void {
  const at = row.at + event;
  row.words[at] = frame.number;
  row.words[at + 1] = frame.seconds;
  row.words[at + 2] = frame.nanoseconds;
}

function marked(row: Row, event: number): boolean {
  return row.words[row.at + event] !== 0;
}

function copyEvent(row: Row, from: number, to: number): void {
  row.words.copyWithin(row.at + to, row.at + from, row.at + from + 3);
}

/** Ticks since the connection's first frame; the usual case here, the rest in ticksBetween. */
export function tickOf(connection: Connection, atSeconds: number, atNanoseconds: number): number {
  const seconds = (atSeconds - connection.startSeconds) | 0;
  const nanoseconds = atNanoseconds - connection.startNanoseconds;
  if (seconds > 0 && seconds < MAX_TICK / TICKS_PER_SECOND - 1) {
    return (seconds * TICKS_PER_SECOND + nanoseconds * TICKS_PER_NANOSECOND) | 0;
  }
  if (seconds === 0 && nanoseconds >= 0) return (nanoseconds * TICKS_PER_NANOSECOND) | 0;
  return ticksBetween(connection.startSeconds, connection.startNanoseconds, atSeconds | 0, atNanoseconds);
}

const TICKS_PER_NANOSECOND = TICKS_PER_SECOND / 1e9;
/** What is known of a direction on which the plain way is taken. */
const PLAIN = FactBit.HIGH | FactBit.ACKED | FactBit.EDGE;

const TURN_OF_B = FlowBit.TURN_KNOWN | FlowBit.TURN_B;

/** Time from one moment to another in ticks, 0 to MAX_TICK: a capture's clock may go back. Seconds are int32. */
export function ticksBetween(
  fromSeconds: number,
  fromNanoseconds: number,
  toSeconds: number,
  toNanoseconds: number,
): number {
  const seconds = (toSeconds - fromSeconds) | 0;
  const ticks = seconds * TICKS_PER_SECOND + (toNanoseconds - fromNanoseconds) / (1e9 / TICKS_PER_SECOND);
  return ticks <= 0 ? 0 : ticks >= MAX_TICK ? MAX_TICK : ticks | 0;
}

function addTicks(sum: number, ticks: number): number {
  return ticks > 0 ? saturating(sum, ticks) : sum;
}

function saturating(sum: number, more: number): number {
  return Math.min(sum + more, MAX_TICK);
}

/** Sets that no stack sends on purpose: two of SYN, FIN, RST; or neither SYN nor RST nor ACK (RFC 9293 3.1, 3.10.7). */
function isOdd(flags: number): boolean {
  const control = flags & (Flag.SYN | Flag.FIN | Flag.RST);
  if ((control & (control - 1)) !== 0) return true;
  return (flags & (Flag.SYN | Flag.RST | Flag.ACK)) === 0;
}

/** Where a reset's sequence number lies in the receiver's window (RFC 9293 3.10.7.4, RFC 5961 3.2): EXACT, IN_WINDOW, OUTSIDE or 0. */
function resetPlace(seq: number, me: DirectionFacts, peer: DirectionFacts): number {
  const known = (me.bits & FactBit.ACKED) !== 0;
  if (!known && (me.bits & FactBit.HIGH) === 0) return 0;
  // What was sent may or may not have arrived: any byte in between can be the next one expected, at the ends it is exact.
  if ((me.bits & FactBit.HIGH) !== 0 && seq === me.high) return ResetBit.EXACT;
  if (known && seq === me.acked) return ResetBit.EXACT;
  // After a FIN, Linux accepts the number before the FIN too.
  if ((me.bits & FactBit.FIN) !== 0 && seq === seqAdd(me.finEnd, -1)) return ResetBit.EXACT;
  const from = known ? me.acked : me.high;
  if ((me.bits & FactBit.HIGH) !== 0 && seqAfter(seq, from) && seqBefore(seq, me.high)) return 0;
  if ((peer.bits & FactBit.EDGE) === 0) return 0;
  const size = seqDistance(from, peer.edge);
  return size > 0 && seqInWindow(seq, from, size) ? ResetBit.IN_WINDOW : ResetBit.OUTSIDE;
}

function finAcknowledged(direction: DirectionFacts): boolean {
  const both = FactBit.FIN | FactBit.ACKED;
  return (direction.bits & both) === both && seqAtOrAfter(direction.acked, direction.finEnd);
}

/** Bytes sent and not acknowledged, a FIN not counted. */
function outstanding(direction: DirectionFacts, acked: number): number {
  const both = FactBit.HIGH | FactBit.ACKED;
  if ((direction.bits & both) !== both) return 0;
  const fin = (direction.bits & FactBit.FIN) !== 0 && seqBefore(acked, direction.finEnd) ? 1 : 0;
  const bytes = seqDistance(acked, direction.high) - fin;
  return bytes > 0 && bytes <= LARGEST_WINDOW ? bytes : 0;
}

/** `DirectionFacts.ttls` with one TTL more. */
function widenedTtls(ttls: number, ttl: number): number {
  const low = ttls & 0xff;
  if (low === 0) return ttl | (ttl << 8);
  if (ttl < low) return (ttls & 0xff00) | ttl;
  return ttl > ttls >> 8 ? low | (ttl << 8) : ttls;
}
