// In: bytes of a pcap file. Out: its next frames, as columns of a run: see pcap.ts.

import { get, put } from '../linear/words.as.ts';
import { FRAMES_PER_RUN, FrameColumn, RecordWord } from '../numbers.as.ts';
import { columnOf } from './frame-run.as.ts';

/** Of the processor's cache. */
const LINE = 64;

/**
 * Reads frames behind the first `count` of the run, as long as their records are whole and nothing is to be said of them. `reader`: RecordWord. Returns how
 * many frames the run has then. `number`: of the frame before the first one read.
 *
 * Only the length of a record says where the next one is; while that is waited for, the headers in it are touched, which will be needed next.
 */
export function readRecords(reader: i32, frames: i32, count: i32, bytes: i32, end: i32, number: i32): i32 {
  const starts = columnOf(frames, FrameColumn.START);
  const nanoseconds = columnOf(frames, FrameColumn.NANOSECONDS);
  const captured = columnOf(frames, FrameColumn.CAPTURED_LENGTH);
  const original = columnOf(frames, FrameColumn.ORIGINAL_LENGTH);
  const linkTypes = columnOf(frames, FrameColumn.LINK_TYPE);
  const origins = columnOf(frames, FrameColumn.ORIGIN);
  const numbers = columnOf(frames, FrameColumn.NUMBER);
  const header = get(reader, RecordWord.HEADER);
  const isBigEndian = get(reader, RecordWord.IS_BIG_ENDIAN) !== 0;
  const perFraction = get(reader, RecordWord.NANOSECONDS_PER_FRACTION);
  const fractions = <u32>get(reader, RecordWord.FRACTIONS_PER_SECOND);
  const most = <u32>get(reader, RecordWord.MOST_CAPTURED);
  const linkType = get(reader, RecordWord.LINK_TYPE);
  const origin = get(reader, RecordWord.ORIGIN);
  let at = get(reader, RecordWord.POSITION);
  let i = count;
  let touched = 0;
  for (; i < FRAMES_PER_RUN; i++) {
    const start = at + header;
    if (start > end) break;
    const fraction = <u32>word(bytes + at, 1, isBigEndian);
    const length = <u32>word(bytes + at, 2, isBigEndian);
    if (length > most || length > <u32>(end - start) || fraction >= fractions) break;
    const onWire = word(bytes + at, 3, isBigEndian);
    store<f64>(frames + i * 8, <f64>(<u32>word(bytes + at, 0, isBigEndian)));
    put(nanoseconds, i, fraction * perFraction);
    put(starts, i, start);
    put(captured, i, length);
    put(original, i, onWire < 0 ? i32.MAX_VALUE : onWire);
    put(linkTypes, i, linkType);
    put(origins, i, origin);
    put(numbers, i, number + 1 + i - count);
    if (length >= <u32>LINE) touched ^= get(bytes + start, LINE / 4 - 1);
    at = start + length;
  }
  put(reader, RecordWord.POSITION, at);
  put(reader, RecordWord.TOUCHED, touched);
  return i;
}

/** A word of a record's header. */
function word(record: i32, n: i32, isBigEndian: bool): i32 {
  const value = get(record, n);
  return isBigEndian ? bswap<i32>(value) : value;
}
