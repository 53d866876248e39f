// In: the numbers of lives by the book, and the text that stands between them. Out: their JSON. See life-json.ts.

import { hashTuples, LANES, putTuple, writeCommunityId } from '../flow/community-id.as.ts';
import { get, put } from '../linear/words.as.ts';
import {
  CELL_BYTES,
  LIFE_WORDS,
  LifeCell,
  LifePage,
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
 * Writes `count` lives (LifeWord) to `out`, one after the other, and returns how many bytes. Ends before one of which a number is too large for this, or a
 * time has another form in JSON: see LifePage.WRITTEN. `page`: LifePage, in which the texts of addresses that are not IPv4 are there already.
 */
export function writeLives(lives: i32, count: i32, page: i32, out: i32): i32 {
  const before = page + LifePage.BEFORE;
  const after = page + LifePage.AFTER;
  let to = out;
  let written = 0;
  for (; written < count; written++) {
    const life = lives + written * LIFE_WORDS * 4;
    const hasIpv4 = get(life, LifeWord.HAS_IPV4) !== 0;
    if (hasIpv4 && written % LANES === 0) hashNext(life, min(count - written, LANES), page + LifePage.SCRATCH);
    if (!writeCells(life, page, written % LANES)) break;
    store<i32>(to, get(before, 0));
    to = weave(patternOf(life, page), page, to + get(before, 1));
    store<i32>(to, get(after, 0));
    to += get(after, 1);
  }
  put(page + LifePage.WRITTEN, 0, written);
  return to - out;
}

/** Works out the hashes of the Community IDs of the next lives. */
function hashNext(lives: i32, count: i32, scratch: i32): void {
  for (let lane = 0; lane < count; lane++) {
    const a = lives + (lane * LIFE_WORDS + LifeWord.A) * 4;
    const b = lives + (lane * LIFE_WORDS + LifeWord.B) * 4;
    putTuple(
      scratch,
      lane,
      get(a, LifeSideWord.IPV4),
      get(a, LifeSideWord.PORT),
      get(b, LifeSideWord.IPV4),
      get(b, LifeSideWord.PORT),
    );
  }
  hashTuples(scratch);
}

function patternOf(life: i32, page: i32): i32 {
  return get(page + LifePage.PATTERNS, get(life, LifeWord.CLOSER) * 2 + get(life, LifeWord.EXPIRED));
}

/** False where one of the numbers cannot be written. `lane`: of the hash of its Community ID. */
function writeCells(life: i32, page: i32, lane: i32): bool {
  const threes = page + LifePage.THREES;
  for (let moment = 0; moment < MOMENTS; moment++) {
    const frame = get(life, LifeWord.FRAMES + moment);
    const seconds = get(life, LifeWord.SECONDS + moment);
    const nanoseconds = get(life, LifeWord.NANOSECONDS + moment);
    const isTiny = seconds === 0 && nanoseconds < LEAST_DECIMAL && nanoseconds > 0;
    if (frame < 0 || seconds < 0 || isTiny || seconds >= MOST_SECONDS) return false;
    writeCell(page, LifeCell.FRAME + moment, frame);
    const at = cellAt(page, LifeCell.TIME + moment);
    endCell(at, writeFraction(writeNumber(at + 4, seconds, threes), nanoseconds, threes));
  }
  if (get(life, LifeWord.STREAM) < 0 || get(life, LifeWord.SEGMENTS) < 0) return false;
  writeCell(page, LifeCell.STREAM, get(life, LifeWord.STREAM));
  writeCell(page, LifeCell.COMPLETENESS, get(life, LifeWord.COMPLETENESS));
  writeCell(page, LifeCell.SEGMENTS, get(life, LifeWord.SEGMENTS));
  const a = life + LifeWord.A * 4;
  const b = life + LifeWord.B * 4;
  if (!writeSide(page, LifeCell.A, a) || !writeSide(page, LifeCell.B, b)) return false;
  if (get(life, LifeWord.HAS_IPV4) !== 0) {
    const id = cellAt(page, LifeCell.ID);
    endCell(id, writeCommunityId(id + 4, page + LifePage.SCRATCH, lane));
    const textA = cellAt(page, LifeCell.ADDRESSES);
    endCell(textA, writeIpv4(textA + 4, get(a, LifeSideWord.IPV4), threes));
    const textB = cellAt(page, LifeCell.ADDRESSES + 1);
    endCell(textB, writeIpv4(textB + 4, get(b, LifeSideWord.IPV4), threes));
  }
  // The name of an application is shorter than what is copied at once.
  copy(cellAt(page, LifeCell.APP), page + LifePage.APPS + get(life, LifeWord.APP) * CELL_BYTES, 0);
  return true;
}

/** False where one of the numbers is too large. */
function writeSide(page: i32, cell: i32, side: i32): bool {
  const segments = get(side, LifeSideWord.SEGMENTS);
  const bytes = get(side, LifeSideWord.BYTES_LOW);
  if (segments < 0 || bytes < 0 || get(side, LifeSideWord.BYTES_HIGH) !== 0) return false;
  writeCell(page, cell + LifeCell.PORT, get(side, LifeSideWord.PORT));
  writeCell(page, cell + LifeCell.SIDE_SEGMENTS, segments);
  writeCell(page, cell + LifeCell.BYTES, bytes);
  return true;
}

/** The pieces of the pattern with cells between them. Returns where they end. */
function weave(pattern: i32, page: i32, out: i32): i32 {
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
    const at = cellAt(page, cell);
    copy(to, at + 4, get(at, 0));
    to += get(at, 0);
  }
  return to;
}

/** Sixteen bytes at a time, two of them always, so that it need not be foreseen how many: what is written beyond is overwritten by what comes next. */
function copy(to: i32, from: i32, length: i32): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  for (let done = 32; done < length; done += 16) v128.store(to + done, v128.load(from + done));
}

function writeCell(page: i32, cell: i32, number: i32): void {
  const at = cellAt(page, cell);
  endCell(at, writeNumber(at + 4, number, page + LifePage.THREES));
}

function cellAt(page: i32, cell: i32): i32 {
  return page + cell * CELL_BYTES;
}

/** `end`: of its text, which begins in its second word. */
function endCell(cell: i32, end: i32): void {
  put(cell, 0, end - cell - 4);
}
