// In: numbers, times and text. Out: their characters as UTF-8 in one growing block of bytes, written in place.
//
// A row of `packets` has some thirty numbers. As strings that are joined and then encoded, each costs an allocation, a copy and
// a visit by the garbage collector; here it costs its digits.

const ZERO = 0x30;
const TAB = 0x09;
const DOT = 0x2e;
const MINUS = 0x2d;
const BILLION = 1_000_000_000;
/** Bytes free after {@link RowBytes.makeRoom}: more than any number, time, address or list of names takes. */
const ROOM = 2048;

/** "00" to "99", two bytes each. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

const encoder = new TextEncoder();

/** Text whose UTF-8 bytes are wanted often, with one character per byte: the form {@link RowBytes.ascii} takes. */
export function utf8AsCharacters(text: string): string {
  return String.fromCharCode(...encoder.encode(text));
}

export class RowBytes {
  /** What was written is [0, length) of `block`. */
  block: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.block = new Uint8Array(capacity);
  }

  /** To be called before each cell; the writers below, {@link text} apart, do not look. */
  makeRoom(): void {
    if (this.length + ROOM > this.block.length) this.#grow(ROOM);
  }

  tab(): void {
    this.block[this.length++] = TAB;
  }

  byte(value: number): void {
    this.block[this.length++] = value;
  }

  /** Characters below 256, a byte each; not more of them than makeRoom provides. */
  ascii(text: string): void {
    const { block } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) block[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Any text, of any length. */
  text(text: string): void {
    // Three bytes of UTF-8 at most for one UTF-16 unit.
    const most = text.length * 3;
    if (this.length + most + ROOM > this.block.length) this.#grow(most + ROOM);
    this.length += encoder.encodeInto(text, this.block.subarray(this.length)).written;
  }

  /** A whole number, as String() writes it. */
  number(value: number): void {
    if (value >= 0 && value < BILLION) {
      const end = this.length + digitCount(value);
      this.length = end;
      writeDigits(this.block, end, value);
    } else if (value >= BILLION && value < 10 * BILLION) {
      const first = Math.floor(value / BILLION);
      this.block[this.length++] = ZERO + first;
      this.#nineDigits(value - first * BILLION);
    } else {
      this.ascii(String(value));
    }
  }

  /** Seconds with nine decimals, from whole seconds rounded down and nanoseconds, as timeText. */
  time(seconds: number, nanoseconds: number): void {
    let whole = seconds;
    let rest = nanoseconds;
    if (seconds < 0 && nanoseconds > 0) {
      this.block[this.length++] = MINUS;
      whole = -1 - seconds;
      rest = BILLION - nanoseconds;
    }
    this.number(whole);
    this.block[this.length++] = DOT;
    this.#nineDigits(rest);
  }

  /** Dotted decimal. */
  ipv4(address: number): void {
    this.number(address >>> 24);
    this.block[this.length++] = DOT;
    this.number((address >>> 16) & 255);
    this.block[this.length++] = DOT;
    this.number((address >>> 8) & 255);
    this.block[this.length++] = DOT;
    this.number(address & 255);
  }

  #nineDigits(value: number): void {
    const { block } = this;
    const at = this.length;
    this.length = at + 9;
    let rest = value | 0;
    for (let place = at + 7; place > at; place -= 2) {
      const higher = (rest / 100) | 0;
      const pair = (rest - higher * 100) << 1;
      block[place] = PAIRS[pair]!;
      block[place + 1] = PAIRS[pair + 1]!;
      rest = higher;
    }
    block[at] = ZERO + rest;
  }

  #grow(room: number): void {
    const grown = new Uint8Array(Math.max(this.block.length * 2, this.length + room));
    grown.set(this.block.subarray(0, this.length));
    this.block = grown;
  }
}

function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  return value < 100_000_000 ? 8 : 9;
}

/** The digits of `value`, below a billion, so that the last stands before `end`. */
function writeDigits(block: Uint8Array, end: number, value: number): void {
  let at = end;
  let rest = value | 0;
  while (rest >= 100) {
    const higher = (rest / 100) | 0;
    const pair = (rest - higher * 100) << 1;
    block[--at] = PAIRS[pair + 1]!;
    block[--at] = PAIRS[pair]!;
    rest = higher;
  }
  if (rest >= 10) {
    block[--at] = PAIRS[(rest << 1) + 1]!;
    block[--at] = PAIRS[rest << 1]!;
  } else {
    block[--at] = ZERO + rest;
  }
}
