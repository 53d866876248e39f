// In: a life by the book. Out: its JSON, written into bytes; the same as flow-json.ts writes of its account.
//
// From one such life to the next only some fifty numbers and four texts differ. What stands between them is cut once out of the JSON
// of a life whose numbers are marks: so it is written down nowhere but in flowOf and json-text.ts, and to write a life is to copy these
// pieces with its numbers between them (life-json.as.ts). Each number is written once and copied to where it stands; most stand in several places.

import { CELL_BYTES, LIFE_CELLS_BYTES, LIFE_THREES_AT, LifeCell, PatternWord } from '../linear/layout.ts';
import { textMemory } from '../linear/memory.ts';
import { flowOf, LIFE_WORDS, MOMENTS, type Moment, TextbookLife } from '../tcp/textbook-life.ts';
import { APP_PROTOCOLS } from '../wire/app-protocol.ts';
import { jsonText } from './json-text.ts';
import type { RowBytes } from './row-bytes.ts';

/** A mark is this and the cell. */
const FIRST_MARK = 4_000_000;
const MARK = /(40000\d\d)/;
const mark = (cell: number): number => FIRST_MARK + cell;
/** The program may write as much beyond what it says. */
const BEYOND = 32;

/** The same for all lives: made when the first one is written. */
let writer: LifeWriter | null = null;

export function writeLife(out: RowBytes, life: TextbookLife): void {
  writer ??= new LifeWriter();
  writer.write(out, life);
}

interface Pattern {
  readonly address: number;
  /** Bytes that it takes at most. */
  readonly room: number;
}

class LifeWriter {
  readonly #memory = textMemory();
  /** By who closed, twice, and whether TIME_WAIT ran out. */
  readonly #patterns = [0, 1, 2, 3].map((form) => this.#patternOf((form >> 1) as 0 | 1, (form & 1) as 0 | 1));
  readonly #lifeAt = this.#memory.allocate(LIFE_WORDS * 4);
  readonly #words = this.#memory.int32(this.#lifeAt, LIFE_WORDS);
  readonly #cellsAt = this.#memory.allocate(LIFE_CELLS_BYTES);
  readonly #cells = this.#memory.int32(this.#cellsAt, LIFE_CELLS_BYTES / 4);
  readonly #cellText = this.#memory.bytes(this.#cellsAt, LIFE_CELLS_BYTES);
  readonly #outAt: number;
  readonly #out: Uint8Array;
  /** Index of APP_PROTOCOLS in the cell. */
  #app = -1;

  constructor() {
    const room = Math.max(...this.#patterns.map((pattern) => pattern.room)) + BEYOND;
    this.#outAt = this.#memory.allocate(room);
    this.#out = this.#memory.bytes(this.#outAt, room);
    for (let number = 0; number < 1000; number++) {
      const digits = Math.floor(number / 100) | ((Math.floor(number / 10) % 10) << 8) | ((number % 10) << 16);
      this.#cells[LIFE_THREES_AT / 4 + number] = digits + 0x303030;
    }
  }

  write(out: RowBytes, life: TextbookLife): void {
    const { address, room } = this.#patterns[life.closer * 2 + life.expired]!;
    const { program } = this.#memory;
    this.#words.set(life.words);
    this.#writeTexts(life);
    out.makeRoom(room + BEYOND);
    // Where the rows lie elsewhere it is copied there.
    const isThere = out.memory === this.#memory;
    const to = isThere ? out.block.byteOffset + out.length : this.#outAt;
    const length = program.writeLife(this.#lifeAt, address, this.#cellsAt, to);
    if (length < 0) out.text(jsonText(flowOf(life)));
    else if (isThere) out.length += length;
    else out.copy(this.#out.subarray(0, length));
  }

  /** Texts that the program does not make. */
  #writeTexts(life: TextbookLife): void {
    if (life.hasIpv4 === 0) {
      life.name();
      this.#writeText(LifeCell.ID, life.id);
      this.#writeText(LifeCell.ADDRESSES, life.addressA);
      this.#writeText(LifeCell.ADDRESSES + 1, life.addressB);
    }
    if (this.#app !== life.app) this.#writeText(LifeCell.APP, APP_PROTOCOLS[life.app]!);
    this.#app = life.app;
  }

  /** `text`: ASCII, as identifiers, addresses and names of applications are. For so few characters a loop is faster than an encoder. */
  #writeText(cell: number, text: string): void {
    const at = cell * CELL_BYTES;
    this.#cells[at / 4] = text.length;
    for (let i = 0; i < text.length; i++) this.#cellText[at + 4 + i] = text.charCodeAt(i);
  }

  #patternOf(closer: 0 | 1, expired: 0 | 1): Pattern {
    const parts = markedText(closer, expired).split(MARK);
    const pieces = parts.filter((_, part) => part % 2 === 0);
    const cells = parts.filter((_, part) => part % 2 === 1).map((each) => Number(each) - FIRST_MARK);
    const text = new TextEncoder().encode(pieces.join(''));
    const words = PatternWord.PIECES + 2 * pieces.length;
    const address = this.#memory.allocate(words * 4 + text.length + BEYOND);
    const head = this.#memory.int32(address, words);
    head[PatternWord.COUNT] = pieces.length;
    for (const [piece, { length }] of pieces.entries()) {
      head[PatternWord.PIECES + 2 * piece] = length;
      head[PatternWord.PIECES + 2 * piece + 1] = cells[piece] ?? -1;
    }
    this.#memory.bytes(address + words * 4, text.length).set(text);
    return { address, room: text.length + cells.length * CELL_BYTES };
  }
}

/** The JSON of a life that has marks for all that differs. */
function markedText(closer: 0 | 1, expired: 0 | 1): string {
  const life = new TextbookLife();
  life.closer = closer;
  life.expired = expired;
  for (let moment = 0; moment < MOMENTS; moment++) {
    life.setMoment(moment as Moment, mark(LifeCell.FRAME + moment), mark(LifeCell.TIME + moment), 0);
  }
  life.stream = mark(LifeCell.STREAM);
  life.completeness = mark(LifeCell.COMPLETENESS);
  life.segments = mark(LifeCell.SEGMENTS);
  for (const [side, cell] of [LifeCell.A, LifeCell.B].entries()) {
    const numbers = { port: LifeCell.PORT, segments: LifeCell.SIDE_SEGMENTS, payloadBytes: LifeCell.BYTES };
    for (const [name, at] of Object.entries(numbers)) Object.assign(life.sides[side]!, { [name]: mark(cell + at) });
  }
  const texts = [LifeCell.ID, LifeCell.ADDRESSES, LifeCell.ADDRESSES + 1, LifeCell.APP];
  const [id, addressA, addressB, app] = texts.map((cell) => String(mark(cell)));
  Object.assign(life, { id, addressA, addressB });
  return jsonText({ ...flowOf(life), app });
}
