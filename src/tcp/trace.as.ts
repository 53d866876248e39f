// In: runs of rows, and the flow table. Out: each segment taken in by its connection, as long as that goes by the book. See trace.ts.

import { columnOf } from '../capture/frame-run.as.ts';
import { connectionAt, findHashed } from '../flow/table.as.ts';
import { get, put } from '../linear/words.as.ts';
import {
  FrameColumn,
  Header,
  OTHERS,
  Outcome,
  SEGMENT_WORDS,
  Segment,
  SegmentWord,
  TraceWord,
  UNKNOWN_SHARE,
} from '../numbers.as.ts';
import { shareOf } from '../wire/share.as.ts';
import { observe } from './textbook.as.ts';

/** See TcpTrace.beginRun: part `part` of `parts`. */
export function beginRun(trace: i32, rows: i32, count: i32, part: i32, parts: i32): void {
  const found = get(trace, TraceWord.FOUND);
  put(trace, TraceWord.HAS_GONE, 0);
  for (let i = 0; i < count; i++) {
    const row = rows + i * SEGMENT_WORDS * 4;
    put(found, i, parts === 1 || isOurs(row, part, parts) ? findRow(trace, row) : OTHERS);
  }
}

/** See Part.mayHave. */
function isOurs(row: i32, part: i32, parts: i32): bool {
  const share =
    get(row, SegmentWord.KIND) === Segment.NONE ? get(row, SegmentWord.SHARE) : shareOf(get(row, SegmentWord.HASH));
  return share === UNKNOWN_SHARE || share % parts === part;
}

/**
 * See TcpTrace.observeRun. `bytes`: where the offsets of the frames count from. Stops at the first frame that is not taken in, or that was and whose payload may
 * show the application: TraceWord.OUTCOME.
 */
export function observeRun(trace: i32, frames: i32, rows: i32, bytes: i32, from: i32, count: i32, until: f64): i32 {
  const table = get(trace, TraceWord.TABLE);
  const founds = get(trace, TraceWord.FOUND);
  const starts = columnOf(frames, FrameColumn.START);
  const numbers = columnOf(frames, FrameColumn.NUMBER);
  const hasGone = get(trace, TraceWord.HAS_GONE) !== 0;
  for (let i = from; i < count; i++) {
    let outcome = Outcome.LEFT;
    if (load<f64>(frames + i * 8) < until) {
      let found = get(founds, i);
      if (found === OTHERS) continue;
      const row = rows + i * SEGMENT_WORDS * 4;
      // What came before in the run may have opened a connection, or let one go, whose row may be another's now. One that was replaced has left the book.
      if (found < 0 || hasGone) {
        found = findRow(trace, row);
        put(founds, i, found);
      }
      if (found >= 0) {
        const connection = connectionAt(table, found >> 1);
        outcome = observe(trace, row, get(numbers, i), connection, found & 1, bytes + get(starts, i) + Header.TCP);
        if (outcome === Outcome.TAKEN) continue;
      }
    }
    put(trace, TraceWord.OUTCOME, outcome);
    return i;
  }
  put(trace, TraceWord.OUTCOME, Outcome.TAKEN);
  return count;
}

/** As FlowTable.find, of a row of a run; -1 also where it is no simple segment. */
function findRow(trace: i32, row: i32): i32 {
  if (get(row, SegmentWord.KIND) === Segment.NONE) return -1;
  const ports = get(row, SegmentWord.PORTS);
  return findHashed(
    get(trace, TraceWord.TABLE),
    get(row, SegmentWord.HASH),
    get(row, SegmentWord.SOURCE),
    ports >>> 16,
    get(row, SegmentWord.DESTINATION),
    ports & 0xffff,
  );
}
