// In: a life by the book. Out: its JSON, written into bytes; the same as flow-json.ts writes of its account.
//
// From one such life to the next only some fifty numbers and four texts differ. What stands between them is cut once out of the JSON
// of a life whose numbers are marks: so it is written down nowhere but in flowOf and json-text.ts, and to write a life is to copy these
// pieces with its numbers between them. Each number is written once and copied to where it stands; most stand in several places.

import { flowOf, MOMENTS, type Moment, TextbookLife } from '../tcp/textbook-life.ts';
import { APP_PROTOCOLS } from '../wire/app-protocol.ts';
import { jsonText } from './json-text.ts';
import { Cells, Pattern, type RowBytes } from './row-bytes.ts';

/** What stands in the gaps, a cell each: frames and times of the moments, numbers, texts. A mark is FIRST_MARK and the cell. */
const FRAME = 0;
const TIME = FRAME + MOMENTS;
const NUMBER = TIME + MOMENTS;
const NUMBERS = 9;
const TEXT = NUMBER + NUMBERS;
const TEXTS = 4;
const FIRST_MARK = 4_000_000;
const MARK = /(40000\d\d)/;
const mark = (cell: number): number => FIRST_MARK + cell;

/** By who closed, twice, and whether TIME_WAIT ran out. */
const PATTERNS = [0, 1, 2, 3].map((form) => patternOf((form >> 1) as 0 | 1, (form & 1) !== 0));

const cells = new Cells(TEXT + TEXTS);

export function writeLife(out: RowBytes, life: TextbookLife): void {
  const { frames, seconds, nanoseconds } = life;
  const [a, b] = life.sides;
  for (let moment = 0; moment < MOMENTS; moment++) {
    writeNumber(FRAME + moment, frames[moment]!);
    cells.begin(TIME + moment).elapsed(seconds[moment]!, nanoseconds[moment]!);
    cells.end(TIME + moment);
  }
  writeNumber(NUMBER, life.stream);
  writeNumber(NUMBER + 1, life.completeness);
  writeNumber(NUMBER + 2, life.segments);
  writeNumber(NUMBER + 3, a.port);
  writeNumber(NUMBER + 4, b.port);
  writeNumber(NUMBER + 5, a.segments);
  writeNumber(NUMBER + 6, b.segments);
  writeNumber(NUMBER + 7, a.payloadBytes);
  writeNumber(NUMBER + 8, b.payloadBytes);
  writeText(TEXT, life.id);
  writeText(TEXT + 1, life.addressA);
  writeText(TEXT + 2, life.addressB);
  writeText(TEXT + 3, APP_PROTOCOLS[life.app]!);
  const pattern = PATTERNS[life.closer * 2 + (life.isExpired ? 1 : 0)]!;
  out.makeRoom(pattern.room);
  out.weave(pattern, cells);
}

function writeNumber(cell: number, value: number): void {
  cells.begin(cell).number(value);
  cells.end(cell);
}

function writeText(cell: number, text: string): void {
  cells.begin(cell).plain(text);
  cells.end(cell);
}

function patternOf(closer: 0 | 1, isExpired: boolean): Pattern {
  const life = new TextbookLife();
  life.closer = closer;
  life.isExpired = isExpired;
  for (let moment = 0; moment < MOMENTS; moment++) {
    life.setMoment(moment as Moment, mark(FRAME + moment), mark(TIME + moment), 0);
  }
  const numbers = Array.from({ length: NUMBERS }, (_, number) => mark(NUMBER + number));
  const [stream, completeness, segments, portA, portB, segmentsA, segmentsB, bytesA, bytesB] = numbers;
  Object.assign(life, { stream, completeness, segments });
  Object.assign(life.sides[0], { port: portA, segments: segmentsA, payloadBytes: bytesA });
  Object.assign(life.sides[1], { port: portB, segments: segmentsB, payloadBytes: bytesB });
  const [id, addressA, addressB, app] = Array.from({ length: TEXTS }, (_, text) => String(mark(TEXT + text)));
  Object.assign(life, { id, addressA, addressB });
  const parts = jsonText({ ...flowOf(life), app }).split(MARK);
  const pieces = parts.filter((_, part) => part % 2 === 0);
  const marks = parts.filter((_, part) => part % 2 === 1);
  return new Pattern(
    pieces,
    marks.map((each) => Number(each) - FIRST_MARK),
  );
}
