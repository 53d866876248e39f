// In: the numbers of a life by the book, and the text that stands between them. Out: its JSON. See life-json.ts.

import { writeCommunityId } from '../flow/community-id.as.ts';
import { get, put } from '../linear/words.as.ts';
import { CELL_BYTES, LifeCell, LifeWord, MOMENTS, PatternWord } from '../numbers.as.ts';
import { writeFraction, writeIpv4, writeNumber } from './digits.as.ts';

/** Nanoseconds below which JSON writes a time of no whole second with an exponent. */
const LEAST_DECIMAL = 1000;
/** Seconds, with nine decimals, of as many digits as a double tells apart whatever they are. */
const MOST_SECONDS = 1_000_000;

/**
 * Writes to `out`, and returns how many bytes. -1, and what stands at `out` means nothing, where JSON has another form for one of the times. `life`: LifeWord.
 * `cells`: where each text is made, its length in the word before the first; texts of addresses are there already where they are not IPv4.
 */
export function writeLife(life: i32, pattern: i32, cells: i32, out: i32): i32 {
  for (let moment = 0; moment < MOMENTS; moment++) {
    writeCell(cells, LifeCell.FRAME + moment, get(life, LifeWord.FRAMES + moment));
    const seconds = get(life, LifeWord.SECONDS + moment);
    const nanoseconds = get(life, LifeWord.NANOSECONDS + moment);
    const isTiny = seconds === 0 && nanoseconds < LEAST_DECIMAL && nanoseconds > 0;
    if (isTiny || seconds >= MOST_SECONDS) return -1;
    const at = cellAt(cells, LifeCell.TIME + moment);
    endCell(at, writeFraction(writeNumber(at + 4, seconds), nanoseconds));
  }
  for (let number = 0; number < LifeWord.NUMBERS_COUNT; number++) {
    writeCell(cells, LifeCell.NUMBER + number, get(life, LifeWord.NUMBERS + number));
  }
  if (get(life, LifeWord.IS_IPV4) !== 0) {
    const a = get(life, LifeWord.ADDRESSES);
    const b = get(life, LifeWord.ADDRESSES + 1);
    const id = cellAt(cells, LifeCell.ID);
    endCell(id, writeCommunityId(id + 4, a, get(life, LifeWord.PORTS), b, get(life, LifeWord.PORTS + 1), out));
    const textA = cellAt(cells, LifeCell.ADDRESSES);
    endCell(textA, writeIpv4(textA + 4, a));
    const textB = cellAt(cells, LifeCell.ADDRESSES + 1);
    endCell(textB, writeIpv4(textB + 4, b));
  }
  return weave(pattern, cells, out);
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

/** Sixteen bytes at a time: what is written beyond is overwritten by what comes next. */
function copy(to: i32, from: i32, length: i32): void {
  for (let done = 0; done < length; done += 16) v128.store(to + done, v128.load(from + done));
}

function writeCell(cells: i32, cell: i32, number: i32): void {
  const at = cellAt(cells, cell);
  endCell(at, writeNumber(at + 4, number));
}

function cellAt(cells: i32, cell: i32): i32 {
  return cells + cell * CELL_BYTES;
}

/** `end`: of its text, which begins in its second word. */
function endCell(cell: i32, end: i32): void {
  put(cell, 0, end - cell - 4);
}
