// In: the cells of a row, written into bytes one after another. Out: what stands around them, as tab-separated values, CSV or JSON lines have it.

import { csvCell } from './csv.ts';
import { isWholeNumber } from './packet-fields.ts';
import { type RowBytes, Words } from './row-bytes.ts';

/** How cells become a row. Called in the order of the cells, each of which is either absent or begun and ended. */
export interface RowForm {
  /** Bytes a cell can need around its text, at most. */
  readonly room: number;
  beginRow(out: RowBytes): void;
  absent(out: RowBytes): void;
  /** What stands before the text of cell `index`. */
  begin(out: RowBytes, index: number): void;
  /** What stands behind it; empty texts are like absent ones. */
  end(out: RowBytes, index: number): void;
  endRow(out: RowBytes): void;
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const CAPITAL_A = 0x41;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** As `tshark -T fields` prints them. No cell holds a tab or a line end. */
export class TsvForm implements RowForm {
  readonly room = 1;

  beginRow(): void {}
  begin(): void {}

  absent(out: RowBytes): void {
    out.byte(TAB);
  }

  end(out: RowBytes): void {
    out.byte(TAB);
  }

  endRow(out: RowBytes): void {
    out.block[out.length - 1] = LINE_FEED;
  }
}

/** What a cell of CSV needs. */
const Needs = { NOTHING: 0, QUOTES: 1, MORE: 2 } as const;
type Needs = (typeof Needs)[keyof typeof Needs];

/** As csv.ts says. */
export class CsvForm implements RowForm {
  /** Two quotes and a comma. */
  readonly room = 3;
  #start = 0;

  beginRow(): void {}

  absent(out: RowBytes): void {
    out.byte(COMMA);
  }

  begin(out: RowBytes): void {
    this.#start = out.length;
  }

  end(out: RowBytes): void {
    const needs = csvNeeds(out.block, this.#start, out.length);
    if (needs === Needs.QUOTES) out.quote(this.#start);
    else if (needs === Needs.MORE) out.text(csvCell(out.take(this.#start)), this.room);
    out.byte(COMMA);
  }

  endRow(out: RowBytes): void {
    out.block[out.length - 1] = LINE_FEED;
  }
}

/** MORE: something rare, such as a quote within, or what could begin a formula. */
function csvNeeds(block: Uint8Array, start: number, end: number): Needs {
  if (start === end) return Needs.NOTHING;
  // All that begins a formula stands before the digits, or between them and the letters.
  const first = block[start]!;
  if (first < ZERO || (first > NINE && first < CAPITAL_A)) return Needs.MORE;
  let needs: Needs = Needs.NOTHING;
  for (let i = start; i < end; i++) {
    const byte = block[i]!;
    if (byte === COMMA) needs = Needs.QUOTES;
    else if (byte === QUOTE || byte < SPACE) return Needs.MORE;
  }
  return needs;
}

/** An object a line; a field the segment does not have is left out. */
export class NdjsonForm implements RowForm {
  /** `,"name":`, and a quote where the value is text. */
  readonly #keys: readonly Words[];
  /** Several values of one field stay one text, as in the other formats. */
  readonly #isNumber: readonly boolean[];
  readonly room: number;
  #rowStart = 0;
  #cellStart = 0;
  #textStart = 0;

  constructor(names: readonly string[]) {
    this.#isNumber = names.map(isWholeNumber);
    const keys = names.map((name, i) => `,${JSON.stringify(name)}:${this.#isNumber[i] ? '' : '"'}`);
    this.#keys = keys.map((key) => new Words(key));
    // `words` writes up to seven bytes more than there are; two quotes or one, a brace and a line end may follow.
    this.room = Math.max(...keys.map((key) => key.length)) + 7 + 4;
  }

  beginRow(out: RowBytes): void {
    this.#rowStart = out.length;
  }

  absent(): void {}

  begin(out: RowBytes, index: number): void {
    this.#cellStart = out.length;
    out.words(this.#keys[index]!);
    this.#textStart = out.length;
  }

  end(out: RowBytes, index: number): void {
    const start = this.#textStart;
    if (out.length === start) {
      out.length = this.#cellStart;
      return;
    }
    if (this.#isNumber[index]!) {
      if (isList(out.block, start, out.length)) out.quote(start);
    } else if (isPlainText(out.block, start, out.length)) {
      out.byte(QUOTE);
    } else {
      const text = out.take(start);
      // The quote before it is JSON.stringify's as well.
      out.length--;
      out.text(JSON.stringify(text), this.room);
    }
  }

  endRow(out: RowBytes): void {
    if (out.length === this.#rowStart) out.byte(OPEN_BRACE);
    else out.block[this.#rowStart] = OPEN_BRACE;
    out.byte(CLOSE_BRACE);
    out.byte(LINE_FEED);
  }
}

function isList(block: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (block[i] === COMMA) return true;
  return false;
}

/** Text that JSON writes as it is. */
function isPlainText(block: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = block[i]!;
    if (byte < SPACE || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}
