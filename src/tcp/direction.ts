// In: nothing. Out: the row of what Wireshark's sequence analysis keeps per direction.

import { layout, Row } from '../flow/rows.ts';

/** `Direction.scale` where no Window Scale option has been seen yet. */
export const SCALE_UNKNOWN = -1;
/** `Direction.scale` where the handshake shows that scaling is not used. */
export const SCALE_UNUSED = -2;
/** `Direction.dup` after an acknowledgment of bytes that were never captured; counts as "two or more". */
export const DUP_UNSEEN = -1;

/** Bits of `Direction.bits`. */
export const DirectionBit = {
  /** `base` holds. */
  BASE_KNOWN: 1,
  /** Bytes in flight stay hidden: a hole was seen, and no acknowledgment since. */
  FLIGHT_HIDDEN: 2,
  /** The latest data segment carried PSH. */
  PUSHED: 4,
  /** A SYN went out, and no segment with ACK and without SYN since: its window counts unscaled. */
  FIRST_ACK_DUE: 8,
} as const;

/**
 * Sequence analysis state of one direction, under the names of the reference rules (tshark 4.0.17). A connection's two
 * directions are one record: direction 0 (A to B), then direction 1. Sequence numbers are raw int32. As in tshark, 0 means
 * "unknown" in `next`, `contig` and `lastAck`.
 */
export class Direction extends Row {
  /** Number subtracted for display; valid with BASE_KNOWN. Called base_seq in tshark. */
  declare base: number;
  declare bits: number;
  /** Window shift 0 to 14, SCALE_UNKNOWN or SCALE_UNUSED. */
  declare scale: number;
  /** Window of the previous segment as sent; -1 before the first. */
  declare win: number;
  /** Highest "sequence number after the segment" seen, and the frame and time that set it. */
  declare next: number;
  declare nextFrame: number;
  declare nextSeconds: number;
  declare nextNanoseconds: number;
  /** End of the contiguous run: the most the peer may acknowledge. */
  declare contig: number;
  /** Acknowledgment number of the previous segment, and that segment's time. */
  declare lastAck: number;
  declare lastSeconds: number;
  declare lastNanoseconds: number;
  /** Duplicate ACKs in a row, or DUP_UNSEEN. */
  declare dup: number;
  /** Frame in which the acknowledgment number last changed. */
  declare ackFrame: number;
  /** AnalysisFlag set of the previous segment. */
  declare lastFlags: number;
  /** Bytes since PSH. */
  declare push: number;
  /** Bytes in the first three SACK blocks of the latest segment, modulo 2^32. */
  declare sackedBytes: number;
  /** The connection's `mptcpOps` when the previous segment was analysed. */
  declare mptcpOps: number;

  // -- Unacknowledged segments; only unacked.ts follows these ---------------------------------------------------------
  /** Entry + 1 of the oldest and of the newest of the run and of the strays; 0 where there is none. */
  declare oldest: number;
  declare newest: number;
  declare strayOldest: number;
  declare strayNewest: number;
  /** Lowest sequence number among the strays. */
  declare strayLow: number;
  /** Entries in both. */
  declare listed: number;
  declare listBits: number;
  /** Where the order of the list is measured from: the acknowledgment it was last trimmed to. */
  declare listOrigin: number;
  /** Lowest start and highest end in the list, relative to `base`; kept only once asked for. */
  declare flightLow: number;
  declare flightHigh: number;

  // -- Totals ---------------------------------------------------------------------------------------------------------
  /** Segments sent. */
  declare segments: number;
  /** Payload bytes sent, retransmitted ones again: `bytesHigh * 2^32 + (bytesLow >>> 0)`. */
  declare bytesLow: number;
  declare bytesHigh: number;
  /** Row + 1 in the pool of flag tallies; 0 while no segment of this direction has had a flag. */
  declare tally: number;
}

export const DIRECTION_WORDS = layout(Direction, [
  'base',
  'bits',
  'scale',
  'win',
  'next',
  'nextFrame',
  'nextSeconds',
  'nextNanoseconds',
  'contig',
  'lastAck',
  'lastSeconds',
  'lastNanoseconds',
  'dup',
  'ackFrame',
  'lastFlags',
  'push',
  'sackedBytes',
  'mptcpOps',
  'oldest',
  'newest',
  'strayOldest',
  'strayNewest',
  'strayLow',
  'listed',
  'listBits',
  'listOrigin',
  'flightLow',
  'flightHigh',
  'segments',
  'bytesLow',
  'bytesHigh',
  'tally',
]);

/** Sets the fields of a fresh (all zero) record that do not start at zero. */
export function beginDirection(direction: Direction): void {
  direction.scale = SCALE_UNKNOWN;
  direction.win = -1;
}

/** Payload bytes the direction has sent. */
export function payloadBytes(direction: Direction): number {
  return direction.bytesHigh * 0x1_0000_0000 + (direction.bytesLow >>> 0);
}
