// In: lives by the book. Out: the JSON of each, written into bytes; the same as flow-json.ts writes of its account.
//
// From one such life to the next only some fifty numbers and four texts differ. What stands between them is cut once out of the JSON
// of a life whose numbers are marks: so it is written down nowhere but in flowOf and json-text.ts, and to write a life is to copy these
// pieces with its numbers between them (life-json.as.ts). Each number is written once and copied to where it stands; most stand in several places.

import { CELL_BYTES, LifeCell, LifePage, PatternWord } from '../linear/layout.ts';
import { textMemory } from '../linear/memory.ts';
import {
  flowOf,
  LIFE_WORDS,
  type Lives,
  MOMENTS,
  MOST_LIVES,
  type Moment,
  TextbookLife,
} from '../tcp/textbook-life.ts';
import { APP_PROTOCOLS } from '../wire/app-protocol.ts';
import { jsonText } from './json-text.ts';
import type { RowBytes } from './row-bytes.ts';

/** A mark is this and the cell. */
const FIRST_MARK = 4_000_000;
const MARK = /(40000\d\d)/;
const mark = (cell: number): number => FIRST_MARK + cell;
/** The program may write as much beyond what it says. */
const BEYOND = 32;
/** Characters before a life, and after it, at most. */
const MOST_AROUND = 4;

/** The same for all lives: made when the first one is written. */
let writer: LifeWriter | null = null;

/** Writes the lives one after the other, with up to four characters of ASCII before and after each. */
export function writeLives(out: RowBytes, lives: Lives, before = '', after = ''): void {
  writer ??= new LifeWriter();
  writer.write(out, lives, before, after);
}

interface Pattern {
  readonly address: number;
  /** Bytes that it takes at most. */
  readonly room: number;
}

class LifeWriter {
  readonly #memory = textMemory();
  readonly #livesAt = this.#memory.allocate(MOST_LIVES * LIFE_WORDS * 4);
  readonly #words = this.#memory.int32(this.#livesAt, MOST_LIVES * LIFE_WORDS);
  readonly #pageAt: number;
  readonly #page: Int32Array;
  readonly #pageText: Uint8Array;
  /** Bytes that a life takes at most, with what is around it. */
  readonly #room: number;
  readonly #outAt: number;
  readonly #out: Uint8Array;

  constructor() {
    const memory = this.#memory;
    const bytes = LifePage.APPS + APP_PROTOCOLS.length * CELL_BYTES;
    this.#pageAt = memory.allocate(bytes);
    this.#page = memory.int32(this.#pageAt, bytes / 4);
    this.#pageText = memory.bytes(this.#pageAt, bytes);
    const patterns = [0, 1, 2, 3].map((form) => this.#patternOf((form >> 1) as 0 | 1, (form & 1) as 0 | 1));
    for (const [form, { address }] of patterns.entries()) this.#page[LifePage.PATTERNS / 4 + form] = address;
    for (let number = 0; number < 1000; number++) {
      const digits = Math.floor(number / 100) | ((Math.floor(number / 10) % 10) << 8) | ((number % 10) << 16);
      this.#page[LifePage.THREES / 4 + number] = digits + 0x303030;
    }
    for (const [app, name] of APP_PROTOCOLS.entries()) this.#writeCell(LifePage.APPS + app * CELL_BYTES, name);
    this.#room = Math.max(...patterns.map(({ room }) => room)) + 2 * MOST_AROUND;
    const room = MOST_LIVES * this.#room + BEYOND;
    this.#outAt = memory.allocate(room);
    this.#out = memory.bytes(this.#outAt, room);
  }

  write(out: RowBytes, lives: Lives, before: string, after: string): void {
    const { from, to, all, words } = lives;
    this.#words.set(words.subarray(from * LIFE_WORDS, to * LIFE_WORDS));
    this.#writeAround(LifePage.BEFORE, before);
    this.#writeAround(LifePage.AFTER, after);
    for (let at = from; at < to; ) {
      let end = at + 1;
      if (all[at]!.hasIpv4 === 0) this.#name(all[at]!);
      else while (end < to && all[end]!.hasIpv4 === 1) end++;
      const written = this.#writeSome(out, at - from, end - at);
      if (written === 0) out.text(before + jsonText(flowOf(all[at]!)) + after);
      at += Math.max(written, 1);
    }
  }

  /** Writes as many of `count` lives from life `first` on as the program can. Returns how many. */
  #writeSome(out: RowBytes, first: number, count: number): number {
    const { program } = this.#memory;
    out.makeRoom(count * this.#room + BEYOND);
    // Where the rows lie elsewhere it is copied there.
    const isThere = out.memory === this.#memory;
    const to = isThere ? out.block.byteOffset + out.length : this.#outAt;
    const length = program.writeLives(this.#livesAt + first * LIFE_WORDS * 4, count, this.#pageAt, to);
    if (isThere) out.length += length;
    else out.copy(this.#out.subarray(0, length));
    return this.#page[LifePage.WRITTEN / 4]!;
  }

  /** Writes the texts that the program does not make. */
  #name(life: TextbookLife): void {
    life.name();
    this.#writeCell(LifeCell.ID * CELL_BYTES, life.id);
    this.#writeCell(LifeCell.ADDRESSES * CELL_BYTES, life.addressA);
    this.#writeCell((LifeCell.ADDRESSES + 1) * CELL_BYTES, life.addressB);
  }

  /** `text`: ASCII, as identifiers, addresses and names of applications are. For so few characters a loop is faster than an encoder. */
  #writeCell(at: number, text: string): void {
    this.#page[at / 4] = text.length;
    for (let i = 0; i < text.length; i++) this.#pageText[at + 4 + i] = text.charCodeAt(i);
  }

  #writeAround(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) this.#pageText[at + i] = text.charCodeAt(i);
    this.#page[at / 4 + 1] = text.length;
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
