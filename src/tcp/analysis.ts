// In: one segment and the rows of its connection. Out: what Wireshark says of it, and the rows brought up to date.
//
// The rules are those of tshark 4.0.17, in its order; the order is part of the rules. So is "before" at a distance of exactly
// 2^31, which is both ways there: hence seqBefore only, with its operands turned round for "after". They were taken from
// the program's behaviour (docs/wireshark-exactness.md); section numbers below are that page's.
//
//   base numbers ─▶ flags ─▶ acknowledgment ─▶ retransmission? ─▶ next, contig, list ─▶ bytes in flight
//   ─▶ completeness ─▶ SYN time, initial RTT ─▶ options ─▶ window scale verified

import type { Frame } from '../capture/frame.ts';
import type { LinearMemory } from '../linear/memory.ts';
import { endAtEmptySack } from '../wire/options.ts';
import { Flag, HeaderCut, type Packet, PacketKind } from '../wire/packet.ts';
import { seqAdd, seqAtOrBefore, seqBefore, seqDistance } from '../wire/seq.ts';
import { AnalysisFlag } from './analysis-flag.ts';
import { type Connection, ConnectionBit } from './connection.ts';
import { type Direction, DirectionBit, DUP_UNSEEN, SCALE_UNKNOWN, SCALE_UNUSED } from './direction.ts';
import { FlagTallies } from './flag-tally.ts';
import { UNACKED_LIMIT, UnackedSegments } from './unacked.ts';

/** A retransmission this soon after the last of two duplicate ACKs is a fast one. */
const FAST_RETRANSMISSION_NANOSECONDS = 20_000_000;
/** Reordering is supposed within the initial RTT; this long where that is not known. */
const REORDERING_NANOSECONDS = 3_000_000;
/** TCP header without options. */
const FIXED_HEADER = 20;
/** Larger values of bytes in flight are taken for nonsense. */
const FLIGHT_LIMIT = 2_000_000_000;
/** Largest window shift (RFC 7323 2.3). */
export const MAX_WINDOW_SCALE = 14;

/** `tcp.completeness`. */
export const Completeness = { SYN: 1, SYN_ACK: 2, ACK: 4, DATA: 8, FIN: 16, RST: 32 } as const;

/** `Analysis.fastOpen`: what a handshake segment says of TCP Fast Open (RFC 7413). */
export const FastOpen = { NONE: 0, SYN: 1, ACK: 2, IGNORED: 3 } as const;

const SYN_FIN = Flag.SYN | Flag.FIN;
const SYN_FIN_RST = Flag.SYN | Flag.FIN | Flag.RST;
const SYN_ACK = Flag.SYN | Flag.ACK;
const ECN_FLAGS = Flag.ECE | Flag.CWR | Flag.AE;

/** What is known of the segment observed last. All numbers int32; sequence numbers print with `>>> 0`. */
export class Analysis {
  /** AnalysisFlag set. */
  flags = 0;
  /** tshark shows an analysis block for the segment: some `tcp.analysis` field may be present. */
  hasBlock = false;

  /** `tcp.seq`, `tcp.ack` (as in the header where the segment has no known length). */
  seq = 0;
  ack = 0;
  /** `tcp.nxtseq`; meaningful where the segment's payload length is known. */
  nextSeq = 0;
  /** Number subtracted from SACK edges: the peer's base, 0 while unknown. */
  sackBase = 0;
  /** `tcp.window_size`. */
  window = 0;
  /** Shift in force for this segment, SCALE_UNKNOWN or SCALE_UNUSED; means nothing on a SYN. */
  scale = SCALE_UNKNOWN as number;
  /** ACE counter in place of the three ECN flags (RFC 9768), or -1. */
  ace = -1;
  /** `tcp.completeness` before this segment. */
  completeness = 0;

  /** Since the connection's first frame and since its previous one; nanoseconds 0 to 999,999,999, seconds may be negative. */
  relativeSeconds = 0;
  relativeNanoseconds = 0;
  deltaSeconds = 0;
  deltaNanoseconds = 0;

  /** With DUPLICATE_ACK: how many in a row, and the frame that first acknowledged this number. */
  duplicateNumber = 0;
  duplicateFrame = 0;
  /** Frame of the segment that ended exactly at this acknowledgment, or 0, and the time since. */
  acksFrame = 0;
  ackRttSeconds = 0;
  ackRttNanoseconds = 0;
  /** With RETRANSMISSION: the oldest unacknowledged frame, and the time since. */
  rtoFrame = 0;
  rtoSeconds = 0;
  rtoNanoseconds = 0;
  /** 0: not shown, and then neither is `pushBytesSent`. */
  bytesInFlight = 0;
  pushBytesSent = 0;
  /** The connection's initial RTT as known after this segment; both 0 while unknown. */
  irttSeconds = 0;
  irttNanoseconds = 0;
  fastOpen: number = FastOpen.NONE;

  /** Clears what `observe` does not set for every segment. */
  reset(): void {
    this.sackBase = 0;
    this.ace = -1;
    this.duplicateNumber = 0;
    this.duplicateFrame = 0;
    this.acksFrame = 0;
    this.ackRttSeconds = 0;
    this.ackRttNanoseconds = 0;
    this.rtoFrame = 0;
    this.rtoSeconds = 0;
    this.rtoNanoseconds = 0;
    this.bytesInFlight = 0;
    this.pushBytesSent = 0;
    this.fastOpen = FastOpen.NONE;
  }
}

/** Wireshark's sequence analysis of every connection of a trace. */
export class SequenceAnalyzer {
  /** About the segment observed last. */
  readonly result = new Analysis();
  /** The unacknowledged segments and the flag counts of all directions. */
  readonly unacked: UnackedSegments;
  readonly tallies = new FlagTallies();

  /** `memory`: where the rows of directions lie. */
  constructor(memory: LinearMemory) {
    this.unacked = new UnackedSegments(memory);
  }

  /**
   * Takes in one segment of `connection`, travelling in the direction `me`.
   * `isNew`: it made the connection's record. `reused`: by a SYN with another number on a 4-tuple in use, or it is a SYN/ACK
   * that changed the base. `repeatedSyn`: a SYN with the number already known.
   */
  observe(
    frame: Frame,
    packet: Packet,
    connection: Connection,
    me: Direction,
    peer: Direction,
    isNew: boolean,
    reused: boolean,
    repeatedSyn: boolean,
  ): void {
    const { result } = this;
    result.reset();
    const { flags } = packet;
    const isSegment = packet.kind === PacketKind.SEGMENT;
    const payload = packet.payloadLength;
    const lengthKnown = isSegment && payload >= 0;
    result.flags = reused ? AnalysisFlag.REUSED_PORTS : 0;
    result.hasBlock = reused || repeatedSyn;
    result.completeness = connection.completeness;
    this.times(frame, connection);
    result.seq = packet.seq;
    result.ack = packet.ack;
    result.window = packet.window;
    result.scale = me.scale;
    if (isSegment) {
      me.segments++;
      if (payload > 0) addBytes(me, payload);
    }
    me.sackedBytes = 0;
    if (lengthKnown) {
      if ((me.bits & peer.bits & DirectionBit.BASE_KNOWN) === 0) this.#setBases(packet, me, peer);
      this.#analyse(frame, packet, connection, me, peer);
      result.seq = seqDistance(me.base, packet.seq);
      if ((flags & Flag.ACK) !== 0) result.ack = seqDistance(peer.base, packet.ack);
      result.nextSeq = seqAdd(result.seq, payload + ((flags & SYN_FIN) !== 0 ? 1 : 0));
      if ((flags & Flag.SYN) === 0 && me.scale >= 0) result.window = packet.window << me.scale;
    }
    if ((peer.bits & DirectionBit.BASE_KNOWN) !== 0) result.sackBase = peer.base;
    if ((flags & Flag.SYN) !== 0 || (connection.bits & ConnectionBit.ACCURATE_ECN) !== 0) {
      this.#accurateEcn(packet, connection);
    }
    if (packet.cut !== HeaderCut.BOGUS_LENGTH) this.#header(frame, packet, connection, me, peer, isNew);
    result.irttSeconds = connection.irttSeconds;
    result.irttNanoseconds = connection.irttNanoseconds;
    if (isSegment && result.flags !== 0) this.tallies.add(me, result.flags, frame.number);
  }

  /** Gives back what the two directions of a connection hold outside their rows. */
  release(a: Direction, b: Direction): void {
    this.unacked.clear(a);
    this.unacked.clear(b);
    this.tallies.clear(a);
    this.tallies.clear(b);
  }

  /** 6.6 */
  acknowledge(peer: Direction, ack: number, seconds: number, nanoseconds: number): void {
    this.unacked.acknowledge(peer, ack);
    if (this.unacked.ackedFrame !== 0) this.acknowledged(seconds, nanoseconds);
  }

  /** What there is to say of the segment that was acknowledged. */
  acknowledged(seconds: number, nanoseconds: number): void {
    const { result, unacked } = this;
    result.hasBlock = true;
    result.acksFrame = unacked.ackedFrame;
    const since = nanoseconds - unacked.ackedNanoseconds;
    const borrow = since < 0 ? 1 : 0;
    result.ackRttSeconds = (seconds - unacked.ackedSeconds - borrow) | 0;
    result.ackRttNanoseconds = since + borrow * 1_000_000_000;
  }

  /** 6.7, for a segment with payload. */
  measureFlight(packet: Packet, me: Direction, peer: Direction): void {
    const { bits } = me;
    if (me.listed === 0 || (bits & DirectionBit.FLIGHT_HIDDEN) !== 0) return;
    const { flags, payloadLength: length } = packet;
    me.push = (bits & DirectionBit.PUSHED) !== 0 ? length : seqAdd(me.push, length);
    me.bits = (flags & Flag.PSH) !== 0 ? bits | DirectionBit.PUSHED : bits & ~DirectionBit.PUSHED;
    this.sayFlight(packet, me, peer);
  }

  /** What there is to say of the bytes in flight, of which there are some, and none hidden. */
  sayFlight(packet: Packet, me: Direction, peer: Direction): void {
    const { result } = this;
    result.hasBlock = true;
    const flight = (this.unacked.flight(me) - peer.sackedBytes) >>> 0;
    if (flight > 0 && flight < FLIGHT_LIMIT) {
      result.bytesInFlight = flight - ((packet.flags & SYN_FIN) !== 0 ? 1 : 0);
    }
    if (result.bytesInFlight !== 0) result.pushBytesSent = me.push;
  }

  /** How long after the connection's first frame, and after its previous one. */
  times(frame: Frame, connection: Connection): void {
    const { result } = this;
    const seconds = frame.seconds | 0;
    const { nanoseconds } = frame;
    const sinceStart = nanoseconds - connection.startNanoseconds;
    const borrow = sinceStart < 0 ? 1 : 0;
    result.relativeSeconds = (seconds - connection.startSeconds - borrow) | 0;
    result.relativeNanoseconds = sinceStart + borrow * 1_000_000_000;
    const sinceLast = nanoseconds - connection.lastNanoseconds;
    const borrowLast = sinceLast < 0 ? 1 : 0;
    result.deltaSeconds = (seconds - connection.lastSeconds - borrowLast) | 0;
    result.deltaNanoseconds = sinceLast + borrowLast * 1_000_000_000;
  }

  /** Section 4: the numbers subtracted for display, fixed by the first segment that tells them. */
  #setBases(packet: Packet, me: Direction, peer: Direction): void {
    if ((me.bits & DirectionBit.BASE_KNOWN) === 0) {
      me.base = (packet.flags & Flag.SYN) !== 0 ? packet.seq : seqAdd(packet.seq, -1);
      me.bits |= DirectionBit.BASE_KNOWN;
    }
    if ((peer.bits & DirectionBit.BASE_KNOWN) === 0 && (packet.flags & Flag.ACK) !== 0) {
      peer.base = seqAdd(packet.ack, -1);
      peer.bits |= DirectionBit.BASE_KNOWN;
    }
  }

  /** Section 6. `seq`, `ack` and `window` are raw throughout; `ack` counts with or without the ACK flag. */
  #analyse(frame: Frame, packet: Packet, connection: Connection, me: Direction, peer: Direction): void {
    const { result } = this;
    const { seq, ack, window } = packet;
    const tcpFlags = packet.flags;
    const length = packet.payloadLength;
    const hasAck = (tcpFlags & Flag.ACK) !== 0;
    const plain = (tcpFlags & SYN_FIN_RST) === 0;
    const occupies = length > 0 || (tcpFlags & SYN_FIN) !== 0;
    const number = frame.number;
    const seconds = frame.seconds | 0;
    const { nanoseconds } = frame;
    if (hasAck) peer.bits &= ~DirectionBit.FLIGHT_HIDDEN;

    let found = result.flags;
    const { next } = me;
    const lastAck = me.lastAck;
    // 6.2
    if (length === 1 && seq === next && peer.win === 0) {
      found |= AnalysisFlag.ZERO_WINDOW_PROBE;
    } else {
      if (window === 0 && plain) found |= AnalysisFlag.ZERO_WINDOW;
      if (next !== 0 && seqBefore(next, seq) && (tcpFlags & Flag.RST) === 0) {
        found |= AnalysisFlag.LOST_SEGMENT;
        me.bits |= DirectionBit.FLIGHT_HIDDEN;
      }
      if (plain) {
        if (length <= 1 && seq === seqAdd(next, -1)) found |= AnalysisFlag.KEEP_ALIVE;
        const repeats = length === 0 && seq === next && ack === lastAck;
        if (repeats && window !== 0 && window !== me.win) found |= AnalysisFlag.WINDOW_UPDATE;
        if (length > 0 && peer.scale !== SCALE_UNKNOWN && seqAdd(seq, length) === windowEdge(peer)) {
          found |= AnalysisFlag.WINDOW_FULL;
        }
        if (repeats && window === me.win) {
          if (window === 0) {
            if ((peer.lastFlags & AnalysisFlag.ZERO_WINDOW_PROBE) !== 0) found |= AnalysisFlag.ZERO_WINDOW_PROBE_ACK;
          } else if ((peer.lastFlags & AnalysisFlag.KEEP_ALIVE) !== 0) {
            found |= AnalysisFlag.KEEP_ALIVE_ACK;
          } else if (me.mptcpOps === connection.mptcpOps) {
            // An MPTCP connection that has just met a new kind of MPTCP option repeats ACKs for it (6.8).
            me.dup = me.dup === DUP_UNSEEN ? 1 : me.dup + 1;
            found |= AnalysisFlag.DUPLICATE_ACK;
            result.duplicateNumber = me.dup;
            result.duplicateFrame = me.ackFrame;
          }
        }
      }
    }

    // 6.3
    if (ack !== lastAck) {
      me.ackFrame = number;
      me.dup = 0;
    }
    if (hasAck && peer.contig !== 0 && seqBefore(peer.contig, ack)) {
      result.hasBlock = true;
      if (seqBefore(peer.contig, peer.next)) {
        peer.contig = peer.next;
        found |= AnalysisFlag.ACK_LOST_SEGMENT;
      } else {
        if (peer.dup === 0) found |= AnalysisFlag.ACK_LOST_SEGMENT;
        peer.dup = DUP_UNSEEN;
      }
    }

    let end = seqAdd(seq, length);
    if (occupies && (found & AnalysisFlag.KEEP_ALIVE) === 0) {
      // Above all that was sent and acknowledged it is none.
      const isBelow = seqBefore(seq, next) || seqAtOrBefore(end, peer.lastAck);
      if (isBelow) found |= this.#retransmission(packet, connection, me, peer, seconds, nanoseconds);
    }

    // 6.5
    if (occupies && me.listed < UNACKED_LIMIT) {
      // A full list also keeps SYN and FIN from counting.
      if ((tcpFlags & SYN_FIN) !== 0) end = seqAdd(end, 1);
      this.unacked.add(me, seq, end, number, seconds, nanoseconds);
    }
    if ((found & AnalysisFlag.ZERO_WINDOW_PROBE) === 0) {
      if (next === 0 || seqBefore(next, end)) {
        me.next = end;
        me.nextFrame = number;
        me.nextSeconds = seconds;
        me.nextNanoseconds = nanoseconds;
      }
      if (me.contig === 0 || seq === me.contig) me.contig = me.next;
    }
    me.win = window;
    me.lastAck = ack;
    me.lastSeconds = seconds;
    me.lastNanoseconds = nanoseconds;
    me.lastFlags = found;
    me.mptcpOps = connection.mptcpOps;

    if (peer.listed > 0) this.acknowledge(peer, ack, seconds, nanoseconds);
    if (length > 0) this.measureFlight(packet, me, peer);
    result.flags = found;
    if (found !== 0) result.hasBlock = true;
  }

  /** 6.4: which of the four kinds of sending again it is, if any. */
  #retransmission(
    packet: Packet,
    connection: Connection,
    me: Direction,
    peer: Direction,
    seconds: number,
    nanoseconds: number,
  ): number {
    const { seq } = packet;
    const length = packet.payloadLength;
    const end = seqAdd(seq, length);
    if (length > 0 && peer.lastAck !== 0 && seqAtOrBefore(end, peer.lastAck))
      return AnalysisFlag.SPURIOUS_RETRANSMISSION;
    const { next } = me;
    if (next === 0 || !seqBefore(seq, next)) return 0;
    if (length > 1 && seq === seqAdd(next, -1)) return 0;
    // Times compare as unsigned: one that went backwards is never recent.
    if ((peer.dup >= 2 || peer.dup === DUP_UNSEEN) && peer.lastAck === seq) {
      if (
        isEarlier(seconds - peer.lastSeconds, nanoseconds - peer.lastNanoseconds, 0, FAST_RETRANSMISSION_NANOSECONDS)
      ) {
        return AnalysisFlag.FAST_RETRANSMISSION;
      }
    }
    if (next !== ((packet.flags & SYN_FIN) !== 0 ? seqAdd(end, 1) : end)) {
      const irttKnown = connection.irttSeconds !== 0 || connection.irttNanoseconds !== 0;
      if (
        isEarlier(
          seconds - me.nextSeconds,
          nanoseconds - me.nextNanoseconds,
          connection.irttSeconds,
          irttKnown ? connection.irttNanoseconds : REORDERING_NANOSECONDS,
        )
      ) {
        return AnalysisFlag.OUT_OF_ORDER;
      }
    }
    const { result, unacked } = this;
    let fromSeconds = me.nextSeconds;
    let fromNanoseconds = me.nextNanoseconds;
    result.rtoFrame = me.nextFrame;
    if (me.listed > 0) {
      unacked.findOldest(me);
      result.rtoFrame = unacked.oldestFrame;
      fromSeconds = unacked.oldestSeconds;
      fromNanoseconds = unacked.oldestNanoseconds;
    }
    const since = nanoseconds - fromNanoseconds;
    const borrow = since < 0 ? 1 : 0;
    result.rtoSeconds = (seconds - fromSeconds - borrow) | 0;
    result.rtoNanoseconds = since + borrow * 1_000_000_000;
    return AnalysisFlag.RETRANSMISSION;
  }

  /** What follows the analysis while tshark goes through the rest of the header. */
  #header(frame: Frame, packet: Packet, connection: Connection, me: Direction, peer: Direction, isNew: boolean): void {
    const { flags } = packet;
    const usual = packet.payloadLength > 0 ? Completeness.DATA : Completeness.ACK;
    const isUsual = (flags & (SYN_FIN_RST | Flag.ACK)) === Flag.ACK && !isNew;
    if (!isUsual || (connection.completeness & usual) === 0) countCompleteness(packet, connection, isNew);

    // 7.1; also the window-full rule's "first ACK".
    if ((flags & Flag.SYN) !== 0) {
      me.bits |= DirectionBit.FIRST_ACK_DUE;
      if ((flags & Flag.ACK) === 0) {
        connection.synSeconds = frame.seconds | 0;
        connection.synNanoseconds = frame.nanoseconds;
      }
    } else if ((flags & Flag.ACK) !== 0) {
      me.bits &= ~DirectionBit.FIRST_ACK_DUE;
      if (connection.irttSeconds === 0 && connection.irttNanoseconds === 0) this.#initialRtt(frame, connection);
    }

    this.#options(packet, connection, me);

    // End of section 5. Not reached where the header was cut.
    if ((flags & Flag.SYN) !== 0 && packet.cut === HeaderCut.NONE) {
      if (me.scale === SCALE_UNKNOWN) {
        me.scale = SCALE_UNUSED;
        peer.scale = SCALE_UNUSED;
      } else if ((flags & Flag.ACK) !== 0 && peer.scale === SCALE_UNUSED) {
        me.scale = SCALE_UNUSED;
      }
    }
  }

  #initialRtt(frame: Frame, connection: Connection): void {
    // A SYN at the epoch itself counts as none, as in tshark.
    if (connection.synSeconds === 0 && connection.synNanoseconds === 0) return;
    const since = frame.nanoseconds - connection.synNanoseconds;
    const borrow = since < 0 ? 1 : 0;
    connection.irttSeconds = ((frame.seconds | 0) - connection.synSeconds - borrow) | 0;
    connection.irttNanoseconds = since + borrow * 1_000_000_000;
  }

  /** Section 8: from when on the ECN flags are shown as the ACE counter. */
  #accurateEcn(packet: Packet, connection: Connection): void {
    const { flags } = packet;
    if ((flags & Flag.SYN) === 0) {
      const asked = connection.bits & ConnectionBit.ACCURATE_ECN;
      if (asked === ConnectionBit.ACCURATE_ECN_HANDSHAKE || (asked & ConnectionBit.ACCURATE_ECN_OPTION) !== 0) {
        this.result.ace =
          ((flags & Flag.AE) !== 0 ? 4 : 0) + ((flags & Flag.CWR) !== 0 ? 2 : 0) + ((flags & Flag.ECE) !== 0 ? 1 : 0);
      }
    } else if ((flags & Flag.ACK) === 0) {
      setBit(connection, ConnectionBit.ACCURATE_ECN_SYN, (flags & ECN_FLAGS) === ECN_FLAGS);
    } else {
      const agrees = (flags & (Flag.AE | Flag.CWR)) === Flag.CWR || (flags & (Flag.AE | Flag.ECE)) === Flag.AE;
      setBit(connection, ConnectionBit.ACCURATE_ECN_SYN_ACK, agrees);
    }
  }

  #options(packet: Packet, connection: Connection, me: Direction): void {
    const { flags } = packet;
    if (packet.headerLength > FIXED_HEADER) {
      // tshark looks for a duplicate SACK (RFC 2883) in an option without a block too, and so runs out of bytes.
      if (packet.emptySackOption >= 0 && packet.kind === PacketKind.SEGMENT) {
        const rightEdge = packet.hasEarlierSack ? seqDistance(this.result.sackBase, packet.sackEdges[1]!) : 0;
        if (seqAtOrBefore(rightEdge, this.result.ack)) endAtEmptySack(packet);
      }
      if (packet.windowScale >= 0) {
        me.scale = Math.min(packet.windowScale, MAX_WINDOW_SCALE);
      }
      const { sackCount, sackEdges } = packet;
      for (let block = 0; block < sackCount && block < 3; block++) {
        me.sackedBytes = seqAdd(me.sackedBytes, seqDistance(sackEdges[2 * block]!, sackEdges[2 * block + 1]!));
      }
      if (packet.cut === HeaderCut.NONE) connection.mptcpOps |= packet.mptcpKinds & 0xff;
      if (packet.hasAccEcn) connection.bits |= ConnectionBit.ACCURATE_ECN_OPTION;
      if (packet.fastOpenCookieLength > 0 && (flags & SYN_ACK) === Flag.SYN) {
        this.result.fastOpen = FastOpen.SYN;
        if (packet.payloadLength > 0) connection.bits |= ConnectionBit.FAST_OPEN_DATA;
      }
    }
    if ((flags & SYN_ACK) === SYN_ACK) {
      // More than the SYN itself acknowledged: it must have carried data.
      if (this.result.ack >>> 0 > 1) this.result.fastOpen = FastOpen.ACK;
      else if ((connection.bits & ConnectionBit.FAST_OPEN_DATA) !== 0) this.result.fastOpen = FastOpen.IGNORED;
    }
  }
}

/** Right edge of the window `direction` has offered, as window-full sees it. */
export function windowEdge(direction: Direction): number {
  const unscaled = direction.scale === SCALE_UNUSED || (direction.bits & DirectionBit.FIRST_ACK_DUE) !== 0;
  return seqAdd(direction.lastAck, unscaled ? direction.win : direction.win << direction.scale);
}

/** 7.5. A connection's first segment counts only if it is a SYN. */
function countCompleteness(packet: Packet, connection: Connection, isNew: boolean): void {
  const { flags } = packet;
  let seen = connection.completeness;
  if (isNew) {
    if ((flags & SYN_ACK) !== Flag.SYN) return;
    seen |= Completeness.SYN;
    if (packet.payloadLength > 0) seen |= Completeness.DATA;
  } else {
    if ((flags & SYN_ACK) === SYN_ACK) seen |= Completeness.SYN_ACK;
    else if ((flags & Flag.ACK) !== 0) seen |= packet.payloadLength > 0 ? Completeness.DATA : Completeness.ACK;
    if ((flags & (Flag.FIN | Flag.ACK)) === (Flag.FIN | Flag.ACK)) seen |= Completeness.FIN;
    if ((flags & Flag.RST) !== 0) seen |= Completeness.RST;
  }
  connection.completeness = seen;
}

/** True if the difference (not yet normalised) is less than the limit, both as unsigned: negative means huge. */
function isEarlier(seconds: number, nanoseconds: number, limitSeconds: number, limitNanoseconds: number): boolean {
  seconds = seconds | 0;
  if (nanoseconds < 0) {
    seconds = (seconds - 1) | 0;
    nanoseconds += 1_000_000_000;
  }
  if (seconds < 0 !== limitSeconds < 0) return limitSeconds < 0;
  return seconds < limitSeconds || (seconds === limitSeconds && nanoseconds < limitNanoseconds);
}

function setBit(connection: Connection, bit: number, isSet: boolean): void {
  connection.bits = isSet ? connection.bits | bit : connection.bits & ~bit;
}

export function addBytes(direction: Direction, count: number): void {
  const sum = (direction.bytesLow >>> 0) + count;
  direction.bytesLow = sum | 0;
  if (sum > 0xffff_ffff) direction.bytesHigh++;
}
