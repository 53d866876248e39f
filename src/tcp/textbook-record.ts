// In: nothing. Out: the record of a connection that goes by the book, word by word. textbook.as.ts writes it, textbook.ts reads it.

import { wordOf } from '../flow/rows.ts';
import { CONNECTION_WORDS, Connection } from './connection.ts';

/** How far a connection has come. */
export const Phase = {
  SYN: 1,
  SYN_ACK: 2,
  /** Both ends have acknowledged the other's SYN. */
  OPEN: 3,
  /** One end has sent its FIN; the other has acknowledged it; and sent its own; the last acknowledgment. */
  FIN: 4,
  FIN_ACKED: 5,
  BOTH_FINS: 6,
  CLOSED: 7,
} as const;

// The row, in lines of cache of sixteen words: the connection's own fields, of which every segment touches the first line only; two lines each for A (the active
// opener) and B; what is seldom touched. A segment without data touches three lines: the connection's, and the first of either side; one with data also the
// second of its own side. Moments are frame, seconds, nanoseconds.
export const PHASE = wordOf(Connection, 'phase');
export const KEY_A = wordOf(Connection, 'keyA');
export const PORT_A = wordOf(Connection, 'portA');
export const KEY_B = wordOf(Connection, 'keyB');
export const PORT_B = wordOf(Connection, 'portB');
export const ADDRESS_A = wordOf(Connection, 'addressA');
export const ADDRESS_B = wordOf(Connection, 'addressB');
export const FIRST_FRAME = wordOf(Connection, 'firstFrame');
export const STREAM = wordOf(Connection, 'stream');
export const START_SECONDS = wordOf(Connection, 'startSeconds');
export const START_NANOSECONDS = wordOf(Connection, 'startNanoseconds');
export const COMPLETENESS = wordOf(Connection, 'completeness');
export const APP = wordOf(Connection, 'app');
/** The latest segment's moment. */
export const FRAME = wordOf(Connection, 'lastFrame');
export const SECONDS = wordOf(Connection, 'lastSeconds');
export const NANOSECONDS = wordOf(Connection, 'lastNanoseconds');
export const ALL_SEGMENTS = wordOf(Connection, 'segments');
export const TICK = wordOf(Connection, 'bookTick');
/** ConnectionBit set. */
export const CONNECTION_BITS = wordOf(Connection, 'bits');
export const FLOW_BITS = wordOf(Connection, 'bookBits');

const LINE = 16;
/** The first line after `word` words. */
const lineAfter = (word: number): number => Math.ceil(word / LINE) * LINE;

/** Zeek's history letters, their number first. */
export const LETTERS = CONNECTION_WORDS;
export const LETTERS_0 = LETTERS + 1;
export const LETTERS_1 = LETTERS + 2;
/** The first frame of B after the third segment: it proves that B has had that one. */
export const PROOF_OF_B = LETTERS + 3;
/** As in ConnectionFacts, of silences of a second or more. */
export const GAP = LETTERS + 4;

export const SIDE_WORDS = 2 * LINE;
export const A = lineAfter(GAP + 1);
export const B = A + SIDE_WORDS;

/** One past the highest number sent (SYN and FIN counted); latest acknowledgment and window as sent; FactBit and own bits. */
export const NEXT = 0;
export const LAST_ACK = 1;
export const WIN = 2;
export const BITS = 3;
/** As in Direction and DirectionFacts. */
export const SCALE = 4;
export const DRAINED_TICK = 5;
/** At most so many segments have not been acknowledged. */
export const LISTED = 6;
/** The latest segment's moment. */
export const LAST_FRAME = 7;
export const LAST_SECONDS = 8;
export const LAST_NANOSECONDS = 9;
export const SEGMENTS = 10;
/** Latest TSval, and the peer's TS.Recent. */
export const TS_VAL = 11;
export const TS_RECENT = 12;
/** As in DirectionFacts. */
export const TTLS = 13;
export const PRINT = 14;
export const PRINT_BEFORE = 15;
// The second line. The time of the latest segment that moved `NEXT`.
export const NEXT_SECONDS = LINE;
export const NEXT_NANOSECONDS = LINE + 1;
/** Payload bytes, two words. */
export const BYTES_LOW = LINE + 2;
export const BYTES_HIGH = LINE + 3;
export const DATA_SEGMENTS = LINE + 4;
export const LARGEST = LINE + 5;
export const DATA_TICK = LINE + 6;
export const ANSWERED = LINE + 7;
export const EMPTY_TICKS = LINE + 8;
export const FIRST_DATA_TICK = LINE + 9;
export const HANDSHAKE = LINE + 10;
/** As in Endpoint. */
export const ISS = LINE + 11;
export const LOOP = LINE + 12;
export const CONTROL_ID = LINE + 13;
export const CONTROL_TS = LINE + 14;
/** Segments larger than the peer's MSS. */
export const OVERSIZED = LINE + 15;

const REST = B + SIDE_WORDS;
export const GAP_END = REST;
export const IDLE = REST + 1;
export const ANSWER = REST + 5;
/** When the SYN,ACK passed, the third segment, the first FIN, its acknowledgment, the second FIN. */
export const SYN_ACK_AT = REST + 9;
export const ACK_AT = REST + 12;
export const FIN_AT = REST + 15;
export const FIN_ACK_AT = REST + 18;
export const FIN_2_AT = REST + 21;
/** Of each side: the first segment larger than the peer's MSS (a moment), and how many of them were joined. */
export const OVERSIZED_A = REST + 24;
export const OVERSIZED_B = REST + 28;
export const OVERSIZED_JOINED = 3;
/** Words of a connection's row where it may have a record. */
export const TEXTBOOK_WORDS = REST + 32;

/** Own bits of `BITS`, above those of FactBit: the letters `a` and `d` are in Zeek's history; CONTROL_TS holds. */
export const HAS_LETTER_A = 1 << 20;
export const HAS_LETTER_D = 1 << 21;
export const HAS_CONTROL_TS = 1 << 22;
export const OWN_BITS = HAS_LETTER_A | HAS_LETTER_D | HAS_CONTROL_TS;

/**
 * Most segments without acknowledgment; tshark's list of them, not kept here, would have to be exact from 10,000 on. Together they have fewer bytes than
 * would be too far ahead (guards.ts).
 */
export const MOST_LISTED = 1000;
/** The plain path of states.ts ends here. */
export const MOST_PAYLOAD = 0xffff;

/** What becomes of a segment. LEFT: it is not by the book, and nothing has changed. */
export const Outcome = {
  LEFT: 0,
  TAKEN: 1,
  /** And its payload may show the application. */
  TAKEN_ASKS_APP: 2,
  /** Nothing has changed: it depends on the checksum. */
  ASKS_SUM: 3,
} as const;
