// In: nothing. Out: the rows in which facts.ts gathers what findings are judged by.
//
// One record per connection: ConnectionFacts, then DirectionFacts of A to B, then of B to A. Trouble, Oddities and Reset
// rows belong to one direction and are taken when it first needs them. Times that are reckoned with are ticks of 0.1 ms since
// the connection's first frame: one int32 lasts 59 hours, longer times stop there. Sequence numbers are raw int32.

import { layout, Row } from '../flow/rows.ts';
import { ANALYSIS_FLAG_COUNT } from './analysis-flag.ts';

export const TICKS_PER_SECOND = 10_000;
export const MAX_TICK = 0x7fff_ffff;
/** Shorter silences are nobody's concern: an RTT, a delayed ACK, a least retransmission timer all fit in (RFC 6298 2.4). */
export const SILENCE_TICKS = 1 * TICKS_PER_SECOND;

/** Bits of `ConnectionFacts.bits`. */
export const FlowBit = {
  /** Payload has been seen; TURN_B says whose was the latest (B's, else A's). */
  TURN_KNOWN: 1,
  TURN_B: 2,
  /** A FIN has been seen; FIRST_FIN_B says whose came first. */
  FIN_SEEN: 4,
  FIRST_FIN_B: 8,
  /** The 4-tuple was used before in this capture; the other REUSED bits say how. */
  REUSED: 16,
  /** The connection before never got an answer to its SYN: this is one attempt more, with another sequence number. */
  REUSED_UNANSWERED: 32,
  /** The connection before was still open. */
  REUSED_OPEN: 64,
  /** The connection before ended with both FINs, and one side may still have been in TIME_WAIT. */
  REUSED_CLOSED: 128,
  /** The new sequence number is above what was used before, or both have timestamps and the new one is later. */
  REUSED_ABOVE: 256,
  /** The reuse came from the side that had closed first, the one with the TIME_WAIT. */
  REUSED_BY_CLOSER: 512,
  /** A segment has an earlier time than the one before. */
  BACKWARDS: 1024,
} as const;

export class ConnectionFacts extends Row {
  /** FlowBit set. */
  declare bits: number;
  /** When the latest segment came. */
  declare tick: number;
  /** Longest silence of a second or more that was not waiting for an answer, the frame that broke it, and its time. */
  declare idle: number;
  declare idleFrame: number;
  declare idleSeconds: number;
  declare idleNanoseconds: number;
  /** Longest silence between the active opener's payload and the other side's, the frame that broke it, and its time. */
  declare answer: number;
  declare answerFrame: number;
  declare answerSeconds: number;
  declare answerNanoseconds: number;
  /** The latest silence of a second or more, and when it ended. */
  declare gap: number;
  declare gapEnd: number;
  /** Seconds between the last segment of the connection before on this 4-tuple and this one's SYN, in ticks. */
  declare reuseTicks: number;
  /** ICMP errors that quote a segment of this connection, and the first such frame. */
  declare icmpErrors: number;
  declare icmpFrame: number;
}

export const CONNECTION_FACT_WORDS = layout(ConnectionFacts, [
  'bits',
  'tick',
  'idle',
  'idleFrame',
  'idleSeconds',
  'idleNanoseconds',
  'answer',
  'answerFrame',
  'answerSeconds',
  'answerNanoseconds',
  'gap',
  'gapEnd',
  'reuseTicks',
  'icmpErrors',
  'icmpFrame',
]);

/** Bits of `DirectionFacts.bits`. */
export const FactBit = {
  /** `high`, `acked`, `edge`, `tsVal` hold. */
  HIGH: 1,
  ACKED: 2,
  EDGE: 4,
  TIMESTAMPS: 8,
  /** This end has announced a zero window and not yet opened it again. */
  WINDOW_CLOSED: 16,
  /** This end has filled the window the other one offers. */
  WINDOW_FILLED: 32,
  /** There are bytes between those captured that were not. */
  HOLE: 64,
  /** This end has sent a FIN, a RST. */
  FIN: 128,
  RST: 256,
  /** Keep-alives have been sent and nothing has come back since. */
  PROBING: 512,
  /** A range was just acknowledged that had not been captured. */
  JUST_MISSED: 1024,
  /** Payload of the other end came after this end's FIN. */
  LATE_DATA: 2048,
  /** A segment other than a SYN carried the Timestamps option. */
  TIMESTAMPS_USED: 4096,
  /** Different segments bear the same IP identification, so that tells nothing. */
  IDS_ALIKE: 8192,
} as const;

/** While one of these is set on either side, every segment of the connection takes the slow path. */
export const WATCHED =
  FactBit.WINDOW_CLOSED |
  FactBit.WINDOW_FILLED |
  FactBit.HOLE |
  FactBit.FIN |
  FactBit.RST |
  FactBit.PROBING |
  FactBit.JUST_MISSED;

export class DirectionFacts extends Row {
  /** FactBit set. */
  declare bits: number;
  /** When this end sent its latest segment, and its latest payload. */
  declare tick: number;
  declare dataTick: number;
  /** When it sent its first payload. */
  declare firstDataTick: number;
  /** End of the highest byte sent, SYN and FIN counted. */
  declare high: number;
  /** Highest acknowledgment the other end has sent. */
  declare acked: number;
  /** When everything sent had been acknowledged. */
  declare drainedTick: number;
  /** Right edge of the window this end offers. */
  declare edge: number;
  /** `high` of the other end when this end last sent payload: what lies above has not been answered. */
  declare answered: number;
  /** Latest TSval. */
  declare tsVal: number;
  /** Lowest TTL in the low byte, highest in the next, of segments that are no RST; 0 before one. */
  declare ttls: number;
  /** IP identification and checksum of the latest two segments. */
  declare print: number;
  declare printBefore: number;
  /** HandshakeBit word. */
  declare handshake: number;
  /** Sequence number of the SYN or SYN-ACK. */
  declare iss: number;
  /** SYNs in the low 16 bits, SYN-ACKs above. */
  declare syns: number;
  /** Segments with payload. */
  declare dataSegments: number;
  /** Most payload in one segment. */
  declare largest: number;
  /** Most payload the other end takes in one segment (its MSS option); 0 while unknown. */
  declare limit: number;
  /** Ticks during which the other end's window was full, and ticks during which there was nothing to send. */
  declare fullTicks: number;
  declare emptyTicks: number;
  /** Where the FIN ends; valid with FactBit.FIN. */
  declare finEnd: number;
  /** Trouble row + 1, Oddities row + 1, Reset row + 1, or 0. */
  declare trouble: number;
  declare oddities: number;
  declare reset: number;
}

export const DIRECTION_FACT_WORDS = layout(DirectionFacts, [
  'bits',
  'tick',
  'dataTick',
  'firstDataTick',
  'high',
  'acked',
  'drainedTick',
  'edge',
  'answered',
  'tsVal',
  'ttls',
  'print',
  'printBefore',
  'handshake',
  'iss',
  'syns',
  'dataSegments',
  'largest',
  'limit',
  'fullTicks',
  'emptyTicks',
  'finEnd',
  'trouble',
  'oddities',
  'reset',
]);

const EVENT_WORDS = 3;

/** Most holes kept per direction. More at once are not followed, so missing bytes are then counted too low, never too high. */
export const HOLES = 6;

/** What went wrong with delivery in one direction. After the named words: events, the times of the flags, the edges of the holes. */
export class Trouble extends Row {
  /** Which of the flag times hold, by bit of AnalysisFlag. */
  declare flagsSeen: number;
  /** Longest run of duplicate ACKs, and the frame that reached it. */
  declare duplicateRun: number;
  declare duplicateFrame: number;
  /** Segments sent again (copies do not count), their bytes; ticks of silence before them in all, the longest. */
  declare resent: number;
  declare resentBytes: number;
  declare resendTicks: number;
  declare resendLongest: number;
  /** How often that silence was as long as a retransmission timer. */
  declare timeouts: number;
  /** Zero window: since which tick; ticks in all, the longest; probes of the other end meanwhile. */
  declare zeroSince: number;
  declare zeroTicks: number;
  declare zeroLongest: number;
  declare zeroProbes: number;
  /** The other end's window filled: since which tick. */
  declare fullSince: number;
  /** Bytes that the other end acknowledged and that were never captured: in all, places, most at once, its frame. */
  declare missingBytes: number;
  declare missingPlaces: number;
  declare missingMost: number;
  declare missingMostFrame: number;
  /** The range counted last, its tick; bytes that turned up right after it (the capture's order is not the wire's). */
  declare missedFrom: number;
  declare missedTo: number;
  declare missedTick: number;
  declare lateBytes: number;
  /** Most bytes skipped at once, and the frame after them. */
  declare holeMost: number;
  declare holeMostFrame: number;
  /** Holes not filled so far. */
  declare holes: number;
}

const TROUBLE_EVENTS = layout(Trouble, [
  'flagsSeen',
  'duplicateRun',
  'duplicateFrame',
  'resent',
  'resentBytes',
  'resendTicks',
  'resendLongest',
  'timeouts',
  'zeroSince',
  'zeroTicks',
  'zeroLongest',
  'zeroProbes',
  'fullSince',
  'missingBytes',
  'missingPlaces',
  'missingMost',
  'missingMostFrame',
  'missedFrom',
  'missedTo',
  'missedTick',
  'lateBytes',
  'holeMost',
  'holeMostFrame',
  'holes',
]);
/** When something about delivery happened first, or worst: the offset of its frame, seconds and nanoseconds in the row. */
export const TroubleEvent = {
  /** The longest silence ended by sending again. */
  RESEND: TROUBLE_EVENTS,
  /** The window was closed, for now. */
  ZERO: TROUBLE_EVENTS + 3,
  /** It was closed for the longest time. */
  ZERO_LONGEST: TROUBLE_EVENTS + 6,
  /** Bytes were first acknowledged that had not been captured. */
  MISSING: TROUBLE_EVENTS + 9,
  /** Bytes first came after their acknowledgment. */
  LATE: TROUBLE_EVENTS + 12,
} as const;
/** Offset of the times at which each analysis flag was first seen, by bit: seconds and nanoseconds. */
export const FLAG_TIMES = TROUBLE_EVENTS + EVENT_WORDS * 5;
/** Offset of the holes: start and end in turn. */
export const HOLE_EDGES = FLAG_TIMES + 2 * ANALYSIS_FLAG_COUNT;
export const TROUBLE_WORDS = HOLE_EDGES + 2 * HOLES;

/** What is rare, of one direction. After the named words: events. */
export class Oddities extends Row {
  /** Window taken back: how often, most bytes at once. */
  declare shrinks: number;
  declare shrinkBytes: number;
  /** Segments with more payload than the other end's MSS; those that no 1500-byte packet holds, or whole multiples. */
  declare oversized: number;
  declare oversizedJoined: number;
  /** Timestamps that went back on new data: how many, largest step. */
  declare timeBack: number;
  declare timeBackMost: number;
  /** Segments with the URG flag. */
  declare urgent: number;
  /** Frames that are copies of one just seen; those that Wireshark takes for something sent again; those with another TTL. */
  declare copies: number;
  declare copiesFlagged: number;
  declare copiesRouted: number;
  /** Impossible sets of TCP flags, and the first of them. */
  declare oddFlags: number;
  declare oddFlagsValue: number;
  /** Keep-alives in a row without any answer: now, and most. */
  declare probes: number;
  declare probesMost: number;
  /** When a SYN or SYN-ACK was sent again last, as a tick. */
  declare synLastTick: number;
  /** SYN-ACKs sent again long after the third segment had been seen; those after data, too. */
  declare synAckIgnoring: number;
  declare synAckIgnoringData: number;
  /** What the wrong SYN-ACK acknowledges. */
  declare synAckWrongAck: number;
  /** The other options of the same SYN (HandshakeBit word), and whether it was a copy (seen on its way). */
  declare synOtherOptions: number;
  declare synOtherCopy: number;
  /** FINs sent again, and the tick of the last. */
  declare finsAgain: number;
  declare finLastTick: number;
  /** Payload beyond the own FIN: segments, most bytes beyond. */
  declare afterFin: number;
  declare afterFinBytes: number;
  /** Segments sent after the own reset; payload sent a good while after the other end's. */
  declare afterOwnReset: number;
  declare afterPeerReset: number;
  /** Payload sent again with other content than what had been acknowledged. */
  declare changed: number;
}

const ODD_EVENTS = layout(Oddities, [
  'shrinks',
  'shrinkBytes',
  'oversized',
  'oversizedJoined',
  'timeBack',
  'timeBackMost',
  'urgent',
  'copies',
  'copiesFlagged',
  'copiesRouted',
  'oddFlags',
  'oddFlagsValue',
  'probes',
  'probesMost',
  'synLastTick',
  'synAckIgnoring',
  'synAckIgnoringData',
  'synAckWrongAck',
  'synOtherOptions',
  'synOtherCopy',
  'finsAgain',
  'finLastTick',
  'afterFin',
  'afterFinBytes',
  'afterOwnReset',
  'afterPeerReset',
  'changed',
]);
/** When something rare happened first, or worst: the offset of its frame, seconds and nanoseconds in the row. */
export const OddEvent = {
  /** Window was taken back. */
  SHRINK: ODD_EVENTS,
  /** A segment larger than the other end's MSS. */
  OVERSIZED: ODD_EVENTS + 3,
  /** A timestamp that went back on new data. */
  TIME_BACK: ODD_EVENTS + 6,
  /** The URG flag. */
  URGENT: ODD_EVENTS + 9,
  /** A copy of a frame. */
  COPY: ODD_EVENTS + 12,
  /** An impossible set of flags. */
  ODD_FLAGS: ODD_EVENTS + 15,
  /** The row of unanswered keep-alives that goes on began. */
  PROBES: ODD_EVENTS + 18,
  /** The longest such row began. */
  PROBES_MOST: ODD_EVENTS + 21,
  /** A SYN or SYN-ACK was sent again. */
  SYN_AGAIN: ODD_EVENTS + 24,
  /** A SYN-ACK was sent again long after the third segment. */
  SYN_ACK_IGNORING: ODD_EVENTS + 27,
  /** A SYN-ACK that does not acknowledge the SYN. */
  SYN_ACK_WRONG: ODD_EVENTS + 30,
  /** A SYN-ACK with another sequence number than the first. */
  SYN_ACK_OTHER: ODD_EVENTS + 33,
  /** The same SYN with other options. */
  SYN_OTHER: ODD_EVENTS + 36,
  /** Payload beyond the own FIN. */
  AFTER_FIN: ODD_EVENTS + 39,
  /** A segment after the own reset. */
  AFTER_OWN_RESET: ODD_EVENTS + 42,
  /** Payload well after the other end's reset. */
  AFTER_PEER_RESET: ODD_EVENTS + 45,
  /** Payload sent again with other content. */
  CHANGED: ODD_EVENTS + 48,
} as const;
export const ODDITY_WORDS = ODD_EVENTS + EVENT_WORDS * 17;

/** Bits of `Reset.bits`. */
export const ResetBit = {
  /** Its sequence number is what the other end expects; lies in its window; lies outside. None of them: cannot be told. */
  EXACT: 1,
  IN_WINDOW: 2,
  OUTSIDE: 4,
  /** It answers a SYN. */
  REFUSES: 8,
  /** It came before the handshake was over, from the end that had asked; from the end that had answered. */
  OPENER: 16,
  RESPONDER: 32,
  /** The sender, the receiver had sent a FIN before. */
  AFTER_OWN_FIN: 64,
  AFTER_PEER_FIN: 128,
  /** Both FINs had been acknowledged: one end may have been in TIME_WAIT. */
  AFTER_CLOSE: 256,
  /** Its TTL lies outside what the sender's other segments had. */
  OTHER_TTL: 512,
  /** It carries the ACK flag; payload. */
  ACK: 1024,
  DATA: 2048,
  /** It came right after payload for a sender that had closed. */
  LATE_DATA: 4096,
  /** The other end had reset the connection before. */
  SECOND: 8192,
  /** It ended the silence itself: nobody had tried to use the connection. */
  BREAKS_SILENCE: 16384,
} as const;

/** The resets that one direction sent. */
export class Reset extends Row {
  /** Resets sent. */
  declare count: number;
  /** The first one: frame, time, tick, ResetBit set, TTL. */
  declare frame: number;
  declare seconds: number;
  declare nanoseconds: number;
  declare tick: number;
  declare bits: number;
  declare ttl: number;
  /** Bytes then unacknowledged of this end, of the other end. */
  declare loses: number;
  declare losesPeer: number;
  /** Payload bytes of the other end that this end had not answered, and the ticks since the latest of them. */
  declare unanswered: number;
  declare sinceData: number;
  /** Ticks of silence before the exchange that led to it. */
  declare idle: number;
  /** Resets that the other end must ignore or challenge (RFC 5961): inside the window but not exact, or outside. */
  declare ignorable: number;
}

export const RESET_WORDS = layout(Reset, [
  'count',
  'frame',
  'seconds',
  'nanoseconds',
  'tick',
  'bits',
  'ttl',
  'loses',
  'losesPeer',
  'unanswered',
  'sinceData',
  'idle',
  'ignorable',
]);
