// In: nothing. Out: what the program in linear memory and those who call it both look at, word by word. All addresses are of bytes.

/** What readRecords has to know of a pcap file, and where in the chunk it goes on: see capture/pcap.ts. */
export const RecordWord = {
  POSITION: 0,
  /** Bytes of a record's header. */
  HEADER: 1,
  IS_BIG_ENDIAN: 2,
  NANOSECONDS_PER_FRACTION: 3,
  FRACTIONS_PER_SECOND: 4,
  MOST_CAPTURED: 5,
  /** Of its frames: as in the columns of a run. */
  LINK_TYPE: 6,
  ORIGIN: 7,
  /** As in a trace. */
  TOUCHED: 8,
} as const;
export const RECORD_WORDS = 9;

/** A flow table: see flow/table.ts. */
export const TableWord = {
  /** Tuples in it. */
  SIZE: 0,
  /** Address of the slots, their number less one. */
  SLOTS: 1,
  MASK: 2,
  /** Address of the copies of the slots found last. */
  FRONT: 3,
  /** Address of the addresses of the pages of connections, bytes of a connection's row, and the first of its four words that name the ends. */
  PAGES: 4,
  ROW_BYTES: 5,
  ENDS: 6,
} as const;
export const TABLE_WORDS = 7;
/** Of a slot: hash, connection + 1 (0: empty). */
export const ENTRY_WORDS = 2;
/** Together 128 KB: of 5,000 connections at a time nearly all are there. */
export const FRONT_PLACES = 1 << 12;
export const FRONT_WORDS = 4 * ENTRY_WORDS;

/** IPv6 addresses known: places of two entries each, which are four words of address and the id + 1 (0: empty). */
export const KNOWN_PLACE_BITS = 12;
export const KNOWN_ENTRY_WORDS = 8;
export const KNOWN_WORDS = 2 * KNOWN_ENTRY_WORDS;

/** Payloads remembered: enough for a few dozen on the way in each of a thousand connections, and they fit the cache. */
export const CONTENT_BYTES = 1 << 19;

/** A trace: see tcp/trace.ts. */
export const TraceWord = {
  /** Original bytes of the frames that `observeRun` has taken in, a double. */
  BYTES: 0,
  /** Address of the flow table of IPv4. */
  TABLE: 2,
  /** Address of the payloads remembered: see tcp/content-memory.ts. */
  CONTENT: 3,
  /** Address of what was found for the frames of a run; whether a connection has gone since. */
  FOUND: 4,
  HAS_GONE: 5,
  /** Streams so far. */
  STREAMS: 6,
  /** Address of free rows for connections, as indices; the first that is left, and the number of all. */
  FREE: 7,
  FREE_FROM: 8,
  FREE_TO: 9,
  /** Segments of its own among the frames taken in. */
  SEGMENTS: 10,
  /** Address of rows of the run, and how many they are: those that have opened a connection, whose payload may show the application, whose checksum is to be looked at. */
  OPENED: 11,
  OPENED_COUNT: 12,
  ASKING: 13,
  ASKING_COUNT: 14,
  CHECKED: 15,
  CHECKED_COUNT: 16,
  /** What was touched ahead: said somewhere, or the compiler would see that it is of no account. */
  TOUCHED: 17,
  /** Address of the flow table of IPv6. */
  TABLE_6: 18,
  /** Addresses of the addresses of the pages of rows: directions, facts, endpoints (RowPool.pagesAt). */
  DIRECTIONS: 19,
  FACTS: 20,
  ENDPOINTS: 21,
  /** Address of the incarnation that the segments of each connection are given to (StateTracker). */
  CURRENT: 22,
  /** Address of the unacknowledged segments (UnackedWord). */
  UNACKED: 23,
} as const;
export const TRACE_WORDS = 24;

/** The unacknowledged segments of all directions: see tcp/unacked.ts. */
export const UnackedWord = {
  /** Address of the addresses of the pages of entries, and how many entries have ever been in use. */
  PAGES: 0,
  USED: 1,
  /** Entry + 1 of the first free one; 0 where there is none. */
  FREE: 2,
  /** Frame and time of the segment that ended exactly at the latest acknowledgment; of the one asked for last. */
  ACKED_FRAME: 3,
  ACKED_SECONDS: 4,
  ACKED_NANOSECONDS: 5,
  OLDEST_FRAME: 6,
  OLDEST_SECONDS: 7,
  OLDEST_NANOSECONDS: 8,
  /** What is left of a list that was trimmed entry by entry: its ends, its lowest start, and bits. */
  KEPT_OLDEST: 9,
  KEPT_NEWEST: 10,
  KEPT_LOW: 11,
  KEPT_BITS: 12,
} as const;
export const UNACKED_WORDS = 13;

/** In place of what was found for a frame of another part. */
export const OTHERS = -2;

/**
 * What stands in the gaps of the JSON of a life by the book, a cell each: frames and times of the moments; stream, completeness, segments; of A and of B port,
 * segments, payload bytes; texts.
 */
export const LifeCell = {
  FRAME: 0,
  TIME: 9,
  STREAM: 18,
  COMPLETENESS: 19,
  SEGMENTS: 20,
  A: 21,
  B: 24,
  PORT: 0,
  SIDE_SEGMENTS: 1,
  BYTES: 2,
  ID: 27,
  ADDRESSES: 28,
  APP: 30,
} as const;
export const LIFE_CELLS = 31;
/** Of a cell: a word for its length, and its text, of which none is longer than an IPv6 address. */
export const CELL_BYTES = 64;

const SCRATCH = LIFE_CELLS * CELL_BYTES;
const THREES = SCRATCH + 80 * 16;
const PATTERNS = THREES + 1000 * 4;
/** What the program needs to write lives, by offset in bytes from the cells, which come first. */
export const LifePage = {
  /** What Community IDs are worked out in (flow/community-id.as.ts). */
  SCRATCH,
  /** A word for each number of three digits (report/digits.as.ts). */
  THREES,
  /** Addresses of the patterns, by who closed, twice, and whether TIME_WAIT ran out. */
  PATTERNS,
  /** Up to four bytes that come before each life, and how many; the same of what comes after it. */
  BEFORE: PATTERNS + 16,
  AFTER: PATTERNS + 24,
  /** How many have been written. */
  WRITTEN: PATTERNS + 32,
  /** By index of APP_PROTOCOLS: a cell with the name. */
  APPS: PATTERNS + 48,
} as const;

/** Text in pieces: how many; of each its length, and the cell after it (-1: none); then the text of all. */
export const PatternWord = { COUNT: 0, PIECES: 1 } as const;
