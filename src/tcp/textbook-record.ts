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

// The row: the connection's own fields, the record's head, then a side each for A (the active opener) and B, then what is seldom touched.
// Moments are frame, seconds, nanoseconds.
export const PHASE = wordOf(Connection, 'phase');
export const KEY_A = wordOf(Connection, 'keyA');
export const PORT_A = wordOf(Connection, 'portA');
export const KEY_B = wordOf(Connection, 'keyB');
export const PORT_B = wordOf(Connection, 'portB');
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
/** Time of the latest segment in ticks; FlowBit set. */
export const TICK = CONNECTION_WORDS;
export const FLOW_BITS = CONNECTION_WORDS + 1;
export const A = CONNECTION_WORDS + 2;

// What a segment of the other end touches as well comes first.
/** One past the highest number sent (SYN and FIN counted); latest acknowledgment and window as sent; FactBit and own bits. */
export const NEXT = 0;
export const LAST_ACK = 1;
export const WIN = 2;
export const BITS = 3;
/** As in Direction and DirectionFacts. */
export const SCALE = 4;
export const HANDSHAKE = 5;
export const DRAINED_TICK = 6;
/** At most so many segments have not been acknowledged. */
export const LISTED = 7;
/** The latest segment's moment; the time of the latest that moved `NEXT`. */
export const LAST_FRAME = 8;
export const LAST_SECONDS = 9;
export const LAST_NANOSECONDS = 10;
export const NEXT_SECONDS = 11;
export const NEXT_NANOSECONDS = 12;
export const SEGMENTS = 13;
/** Latest TSval, and the peer's TS.Recent. */
export const TS_VAL = 14;
export const TS_RECENT = 15;
/** As in DirectionFacts. */
export const TTLS = 16;
export const PRINT = 17;
export const PRINT_BEFORE = 18;
/** Payload bytes, two words. */
export const BYTES_LOW = 19;
export const BYTES_HIGH = 20;
export const DATA_SEGMENTS = 21;
export const LARGEST = 22;
export const DATA_TICK = 23;
export const ANSWERED = 24;
export const EMPTY_TICKS = 25;
export const FIRST_DATA_TICK = 26;
/** As in Endpoint. */
export const ISS = 27;
export const LOOP = 28;
export const CONTROL_ID = 29;
export const CONTROL_TS = 30;
/** Segments larger than the peer's MSS, those of them that were joined, the first (a moment). */
export const OVERSIZED = 31;
export const OVERSIZED_JOINED = 32;
export const OVERSIZED_AT = 33;
export const SIDE_WORDS = 36;

export const B = A + SIDE_WORDS;
export const REST = B + SIDE_WORDS;
/** Zeek's history letters, their number first. */
export const LETTERS = REST;
export const LETTERS_0 = REST + 1;
export const LETTERS_1 = REST + 2;
/** The first frame of B after the third segment: it proves that B has had that one. */
export const PROOF_OF_B = REST + 3;
/** As in ConnectionFacts, of silences of a second or more. */
export const GAP = REST + 4;
export const GAP_END = REST + 5;
export const IDLE = REST + 6;
export const ANSWER = REST + 10;
/** When the SYN,ACK passed, the third segment, the first FIN, its acknowledgment, the second FIN. */
export const SYN_ACK_AT = REST + 14;
export const ACK_AT = REST + 17;
export const FIN_AT = REST + 20;
export const FIN_ACK_AT = REST + 23;
export const FIN_2_AT = REST + 26;
/** Words of a connection's row where it may have a record. */
export const TEXTBOOK_WORDS = REST + 29;

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
