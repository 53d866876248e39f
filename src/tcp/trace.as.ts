// In: runs of rows, and the flow table. Out: each segment taken in by its connection, as long as that goes by the book. See trace.ts.

import { columnOf } from '../capture/frame-run.as.ts';
import { rowAt } from '../flow/rows.as.ts';
import { connectionAt, find, findHashed, frontOf, homeOf, set } from '../flow/table.as.ts';
import { get, put } from '../linear/words.as.ts';
import {
  Book,
  Check,
  ConnectionBit,
  ConnectionWord,
  Current,
  FrameColumn,
  OTHERS,
  Outcome,
  Plain,
  SEGMENT_WORDS,
  Segment,
  SegmentWord,
  TraceWord,
  UNKNOWN_SHARE,
} from '../numbers.as.ts';
import { isInIpv6 } from '../wire/segment-run.as.ts';
import { shareOf } from '../wire/share.as.ts';
import { placeOf } from './content-memory.as.ts';
import { observePlain } from './plain.as.ts';
import { begin, begins, observe } from './textbook.as.ts';

/**
 * See TcpTrace.beginRun: part `part` of `parts`.
 *
 * What lies all over memory is touched before it is needed, for all rows at once: so the processor waits for some twenty lines at a time, not for one
 * after another, as it would above all where a line is only written to.
 */
export function beginRun(trace: i32, rows: i32, count: i32, part: i32, parts: i32): void {
  const found = get(trace, TraceWord.FOUND);
  const table = get(trace, TraceWord.TABLE);
  put(trace, TraceWord.HAS_GONE, 0);
  let touched = touchPlaces(trace, rows, count);
  for (let i = 0; i < count; i++) {
    const row = rows + i * SEGMENT_WORDS * 4;
    put(found, i, parts === 1 || isOurs(row, part, parts) ? findRow(trace, row) : OTHERS);
  }
  for (let i = 0; i < count; i++) {
    const connection = get(found, i);
    if (connection >= 0) touched ^= touchRecord(connectionAt(table, connection >> 1));
  }
  put(trace, TraceWord.TOUCHED, touched);
}

/** Touches where the rows' connections are looked for, those of IPv4, and where their payloads are remembered. */
function touchPlaces(trace: i32, rows: i32, count: i32): i32 {
  const table = get(trace, TraceWord.TABLE);
  const content = get(trace, TraceWord.CONTENT);
  let touched = 0;
  for (let i = 0; i < count; i++) {
    const row = rows + i * SEGMENT_WORDS * 4;
    const hash = get(row, SegmentWord.HASH);
    touched ^= get(frontOf(table, hash), 0);
    if (get(row, SegmentWord.KIND) === Segment.SYN) touched ^= get(homeOf(table, hash), 0);
    else touched ^= get(placeOf(content, hash, get(row, SegmentWord.SEQ)), 0);
  }
  return touched;
}

/** Touches the lines of a record that most segments touch, but for the first, which is there already: it names the ends. */
function touchRecord(connection: i32): i32 {
  const side = connection + Book.A * 4;
  return (
    get(side, 0) ^ get(side, Book.SIDE_WORDS / 2) ^ get(side, Book.SIDE_WORDS) ^ get(side, (Book.SIDE_WORDS / 2) * 3)
  );
}

/** See TcpTrace.touchRows: of `count` connections whose addresses are in `list`, and whose indices are behind those. */
export function touchRows(trace: i32, list: i32, count: i32): void {
  const indices = list + count * 4;
  let touched = 0;
  for (let i = 0; i < count; i++) {
    const connection = get(list, i);
    const rows = get(connection, ConnectionWord.ROWS) - 1;
    if (rows < 0) continue;
    const current = get(get(trace, TraceWord.CURRENT), get(indices, i)) >> Current.SHIFT;
    touched ^=
      touchLines(rowAt(get(trace, TraceWord.DIRECTIONS), rows, 2 * Plain.DIRECTION_BYTES), 2 * Plain.DIRECTION_BYTES) ^
      touchLines(rowAt(get(trace, TraceWord.FACTS), rows, Plain.FACT_BYTES), Plain.FACT_BYTES) ^
      touchLines(rowAt(get(trace, TraceWord.ENDPOINTS), current, 2 * Plain.ENDPOINT_BYTES), 2 * Plain.ENDPOINT_BYTES);
  }
  put(trace, TraceWord.TOUCHED, touched);
}

function touchLines(at: i32, bytes: i32): i32 {
  let touched = get(at + bytes - 4, 0);
  for (let line = 0; line < bytes; line += 64) touched ^= get(at + line, 0);
  return touched;
}

/** See Part.mayHave. */
function isOurs(row: i32, part: i32, parts: i32): bool {
  const share =
    get(row, SegmentWord.KIND) === Segment.NONE ? get(row, SegmentWord.SHARE) : shareOf(get(row, SegmentWord.HASH));
  return share === UNKNOWN_SHARE || share % parts === part;
}

/**
 * See TcpTrace.observeRun. `bytes`: where the offsets of the frames count from. `room`: connections that may be opened. What else there is to do for frames
 * taken in is listed (TraceWord).
 */
export function observeRun(
  trace: i32,
  frames: i32,
  rows: i32,
  bytes: i32,
  from: i32,
  count: i32,
  until: f64,
  room: i32,
): i32 {
  const table = get(trace, TraceWord.TABLE);
  const founds = get(trace, TraceWord.FOUND);
  const starts = columnOf(frames, FrameColumn.START);
  const lengths = columnOf(frames, FrameColumn.ORIGINAL_LENGTH);
  const numbers = columnOf(frames, FrameColumn.NUMBER);
  const hasGone = get(trace, TraceWord.HAS_GONE) !== 0;
  put(trace, TraceWord.OPENED_COUNT, 0);
  put(trace, TraceWord.ASKING_COUNT, 0);
  put(trace, TraceWord.CHECKED_COUNT, 0);
  let segments = 0;
  let left = room;
  let i = from;
  for (; i < count && load<f64>(frames + i * 8) < until; i++) {
    let found = get(founds, i);
    if (found === OTHERS) continue;
    const row = rows + i * SEGMENT_WORDS * 4;
    const number = get(numbers, i);
    const tcp = bytes + get(starts, i) + (get(row, SegmentWord.TTL_AND_START) & 0xffff);
    // What came before in the run may have opened a connection, or let one go, whose row may be another's now. One that was replaced has left the book.
    if (found < 0 || hasGone) {
      found = findRow(trace, row);
      put(founds, i, found);
    }
    if (found >= 0) {
      const outcome = takeIn(trace, row, number, found, connectionAt(table, found >> 1), tcp);
      if (outcome === Outcome.LEFT) break;
      if (outcome === Outcome.TAKEN_ASKS_APP) list(trace, TraceWord.ASKING, i);
    } else {
      // An address may have been forgotten with what has gone, and its id with it.
      if (left === 0 || (hasGone && isInIpv6(row)) || begins(row, tcp) !== Outcome.TAKEN) break;
      left--;
      put(founds, i, 2 * open(trace, row, number, tcp));
      list(trace, TraceWord.OPENED, i);
    }
    segments++;
    if (isChecked(number)) list(trace, TraceWord.CHECKED, i);
  }
  let wireBytes: f64 = 0;
  for (let taken = from; taken < i; taken++) wireBytes += get(lengths, taken);
  store<f64>(trace + TraceWord.BYTES * 4, wireBytes);
  put(trace, TraceWord.SEGMENTS, segments);
  return i;
}

/** Takes in a segment of a connection that goes by the book, or a plain one of a connection whose segments nobody is asked about. */
function takeIn(trace: i32, row: i32, number: i32, found: i32, connection: i32, tcp: i32): i32 {
  if (get(connection, Book.PHASE) !== 0) return observe(trace, row, number, connection, found & 1, tcp);
  if ((get(connection, Book.CONNECTION_BITS) & ConnectionBit.EVERY_SEGMENT) !== 0) return Outcome.LEFT;
  return observePlain(trace, row, number, found >> 1, connection, found & 1);
}

/** Opens a connection with the SYN in the row, but for what JavaScript knows of its addresses. Returns its index. */
function open(trace: i32, row: i32, number: i32, tcp: i32): i32 {
  const table = tableOf(trace, row);
  const next = get(trace, TraceWord.FREE_FROM);
  const index = get(get(trace, TraceWord.FREE), next);
  put(trace, TraceWord.FREE_FROM, next + 1);
  const connection = connectionAt(table, index);
  const stream = get(trace, TraceWord.STREAMS);
  put(trace, TraceWord.STREAMS, stream + 1);
  const source = get(row, SegmentWord.SOURCE);
  const destination = get(row, SegmentWord.DESTINATION);
  const ports = get(row, SegmentWord.PORTS);
  put(connection, Book.STREAM, stream);
  put(connection, Book.KEY_A, source);
  put(connection, Book.PORT_A, ports >>> 16);
  put(connection, Book.KEY_B, destination);
  put(connection, Book.PORT_B, ports & 0xffff);
  put(connection, Book.FIRST_FRAME, number);
  put(connection, Book.START_SECONDS, get(row, SegmentWord.SECONDS));
  put(connection, Book.START_NANOSECONDS, get(row, SegmentWord.NANOSECONDS));
  set(table, source, ports >>> 16, destination, ports & 0xffff, index);
  if (isInIpv6(row)) put(connection, Book.CONNECTION_BITS, ConnectionBit.IPV6);
  begin(row, number, connection, tcp);
  return index;
}

/** Puts row `i` into a list: `word` has its address, the next one its length. */
function list(trace: i32, word: i32, i: i32): void {
  const length = get(trace, word + 1);
  put(get(trace, word), length, i);
  put(trace, word + 1, length + 1);
}

/** See CaptureFacts.looksInto. */
function isChecked(frame: i32): bool {
  return <u32>frame <= <u32>Check.AT_FIRST || <u32>frame % <u32>Check.LATER === 0;
}

/** The flow table that the row's connection is in. */
function tableOf(trace: i32, row: i32): i32 {
  return get(trace, isInIpv6(row) ? TraceWord.TABLE_6 : TraceWord.TABLE);
}

/** As FlowTable.find, of a row of a run; -1 also where it is no simple segment. */
function findRow(trace: i32, row: i32): i32 {
  if (get(row, SegmentWord.KIND) === Segment.NONE) return -1;
  const source = get(row, SegmentWord.SOURCE);
  const destination = get(row, SegmentWord.DESTINATION);
  const ports = get(row, SegmentWord.PORTS);
  // The hash in the row is of the addresses, that in the table of their ids.
  if (isInIpv6(row)) return find(get(trace, TraceWord.TABLE_6), source, ports >>> 16, destination, ports & 0xffff);
  const hash = get(row, SegmentWord.HASH);
  return findHashed(get(trace, TraceWord.TABLE), hash, source, ports >>> 16, destination, ports & 0xffff);
}
