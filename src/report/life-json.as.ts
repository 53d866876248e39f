// In: the numbers of a life by the book, and the text that stands between them. Out: its JSON. See life-json.ts.

import { writeCommunityId } from '../flow/community-id.as.ts';
import { get, put } from '../linear/words.as.ts';
import {
  CELL_BYTES,
  LIFE_CELLS,
  LIFE_THREES_AT,
  LifeCell,
  LifeSideWord,
  LifeWord,
  MOMENTS,
  PatternWord,
} from '../numbers.as.ts';
import { writeFraction, writeIpv4, writeNumber } from './digits.as.ts';

/** Nanoseconds below which JSON writes a time of no whole second with an exponent. */
const LEAST_DECIMAL = 1000;
/** Seconds, with nine decimals, of as many digits as a double tells apart whatever they are. */
const MOST_SECONDS = 1_000_000;

/**
 * Writes to `out`, and returns how many bytes. -1, and what stands at `out` means nothing, where a number is too large for this, or JSON has another form for a
 * time. `life`: LifeWord. `cells`: where each text is made, its length in the word before the first; texts of addresses are there already where they are not IPv4.
 */
export function writeLife(life: i32, pattern: i32, cells: i32, out: i32): i32 {
  const threes = cells + LIFE_THREES_AT;
  for (let moment = 0; moment < MOMENTS; moment++) {
    const frame = get(life, LifeWord.FRAMES + moment);
    const seconds = get(life, LifeWord.SECONDS + moment);
    const nanoseconds = get(life, LifeWord.NANOSECONDS + moment);
    const isTiny = seconds === 0 && nanoseconds < LEAST_DECIMAL && nanoseconds > 0;
    if (frame < 0 || seconds < 0 || isTiny || seconds >= MOST_SECONDS) return -1;
    writeCell(cells, LifeCell.FRAME + moment, frame);
    const at = cellAt(cells, LifeCell.TIME + moment);
    endCell(at, writeFraction(writeNumber(at + 4, seconds, threes), nanoseconds, threes));
  }
  if (get(life, LifeWord.STREAM) < 0 || get(life, LifeWord.SEGMENTS) < 0) return -1;
  writeCell(cells, LifeCell.STREAM, get(life, LifeWord.STREAM));
  writeCell(cells, LifeCell.COMPLETENESS, get(life, LifeWord.COMPLETENESS));
  writeCell(cells, LifeCell.SEGMENTS, get(life, LifeWord.SEGMENTS));
  const a = life + LifeWord.A * 4;
  const b = life + LifeWord.B * 4;
  if (!writeSide(cells, LifeCell.A, a) || !writeSide(cells, LifeCell.B, b)) return -1;
  if (get(life, LifeWord.HAS_IPV4) !== 0) {
    const addressA = get(a, LifeSideWord.IPV4);
    const addressB = get(b, LifeSideWord.IPV4);
    const id = cellAt(cells, LifeCell.ID);
    const scratch = cellAt(cells, LIFE_CELLS);
    endCell(
      id,
      writeCommunityId(id + 4, addressA, get(a, LifeSideWord.PORT), addressB, get(b, LifeSideWord.PORT), scratch),
    );
    const textA = cellAt(cells, LifeCell.ADDRESSES);
    endCell(textA, writeIpv4(textA + 4, addressA, threes));
    const textB = cellAt(cells, LifeCell.ADDRESSES + 1);
    endCell(textB, writeIpv4(textB + 4, addressB, threes));
  }
  return weave(pattern, cells, out);
}

/** False where one of the numbers is too large. */
function writeSide(cells: i32, cell: i32, side: i32): bool {
  const segments = get(side, LifeSideWord.SEGMENTS);
  const bytes = get(side, LifeSideWord.BYTES_LOW);
  if (segments < 0 || bytes < 0 || get(side, LifeSideWord.BYTES_HIGH) !== 0) return false;
  writeCell(cells, cell + LifeCell.PORT, get(side, LifeSideWord.PORT));
  writeCell(cells, cell + LifeCell.SIDE_SEGMENTS, segments);
  writeCell(cells, cell + LifeCell.BYTES, bytes);
  return true;
}

/** The pieces of the pattern with cells between them. */
function weave(pattern: i32, cells: i32, out: i32): i32 {
  const count = get(pattern, PatternWord.COUNT);
  let text = pattern + (PatternWord.PIECES + 2 * count) * 4;
  let to = out;
  for (let piece = 0; piece < count; piece++) {
    const length = get(pattern, PatternWord.PIECES + 2 * piece);
    copy(to, text, length);
    to += length;
    text += length;
    const cell = get(pattern, PatternWord.PIECES + 2 * piece + 1);
    if (cell < 0) break;
    const at = cellAt(cells, cell);
    copy(to, at + 4, get(at, 0));
    to += get(at, 0);
  }
  return to - out;
}

/** Sixteen bytes at a time, two of them always, so that it need not be foreseen how many: what is written beyond is overwritten by what comes next. */
function copy(to: i32, from: i32, length: i32): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  for (let done = 32; done < length; done += 16) v128.store(to + done, v128.load(from + done));
}

function writeCell(cells: i32, cell: i32, number: i32): void {
  const at = cellAt(cells, cell);
  endCell(at, writeNumber(at + 4, number, cells + LIFE_THREES_AT));
}

function cellAt(cells: i32, cell: i32): i32 {
  return cells + cell * CELL_BYTES;
}

/** `end`: of its text, which begins in its second word. */
function endCell(cell: i32, end: i32): void {
  put(cell, 0, end - cell - 4);
}
