// In: numbers, times and text. Out: their characters as UTF-8 in one growing block of bytes, written in place.
//
// A row of `packets` has some thirty numbers. As strings that are joined and then encoded, each costs an allocation, a copy and
// a visit by the garbage collector; here it costs its digits.

const ZERO = 0x30;
const TAB = 0x09;
const DOT = 0x2e;
const MINUS = 0x2d;
const THOUSAND = 1000;
const MILLION = 1_000_000;
const BILLION = 1_000_000_000;

/** "000" to "999", four bytes apart: two divisions for nine digits, where one digit at a time takes eight. */
const TRIPLES = Uint8Array.from(
  { length: 4 * THOUSAND },
  (_, i) => ZERO + (Math.floor((i >> 2) / 10 ** (2 - (i & 3))) % 10),
);

/** Up to this many characters, a loop is faster than the way to the encoder and back. */
const SHORT_TEXT = 100;

const encoder = new TextEncoder();

/** Text ready for {@link RowBytes.bytes}. Copying bytes takes half as long as asking a string for its characters. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export class RowBytes {
  /** What was written is [0, length) of `block`. */
  block: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.block = new Uint8Array(capacity);
  }

  /** To be called before writing; the writers below, {@link text} apart, do not look. */
  makeRoom(bytes: number): void {
    if (this.length + bytes > this.block.length) this.#grow(bytes);
  }

  tab(): void {
    this.block[this.length++] = TAB;
  }

  byte(value: number): void {
    this.block[this.length++] = value;
  }

  /** For few bytes: `set` on a typed array takes as long as thirty turns of this loop. */
  bytes(bytes: Uint8Array): void {
    const { block } = this;
    let at = this.length;
    for (let i = 0; i < bytes.length; i++) block[at++] = bytes[i]!;
    this.length = at;
  }

  /** Any text, of any length; leaves room for `more` bytes. */
  text(text: string, more = 0): void {
    // Three bytes of UTF-8 at most for one UTF-16 unit.
    this.makeRoom(text.length * 3 + more);
    if (text.length <= SHORT_TEXT && this.#ascii(text)) return;
    this.length += encoder.encodeInto(text, this.block.subarray(this.length)).written;
  }

  /** A whole number, as String() writes it. */
  number(value: number): void {
    if (value >= 0 && value < BILLION) {
      this.#belowBillion(value | 0);
    } else if (value >= BILLION && value < 10 * BILLION) {
      const first = Math.floor(value / BILLION);
      this.block[this.length++] = ZERO + first;
      this.#nineDigits(value - first * BILLION);
    } else {
      this.text(String(value));
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

  /** False, and nothing written, where a character is not ASCII. */
  #ascii(text: string): boolean {
    const { block } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const character = text.charCodeAt(i);
      if (character > 0x7f) return false;
      block[at++] = character;
    }
    this.length = at;
    return true;
  }

  #belowBillion(value: number): void {
    if (value < THOUSAND) {
      this.#upToThreeDigits(value);
    } else if (value < MILLION) {
      const thousands = (value / THOUSAND) | 0;
      this.#upToThreeDigits(thousands);
      this.#threeDigits(value - thousands * THOUSAND);
    } else {
      const millions = (value / MILLION) | 0;
      const rest = value - millions * MILLION;
      const thousands = (rest / THOUSAND) | 0;
      this.#upToThreeDigits(millions);
      this.#threeDigits(thousands);
      this.#threeDigits(rest - thousands * THOUSAND);
    }
  }

  #nineDigits(value: number): void {
    const whole = value | 0;
    const millions = (whole / MILLION) | 0;
    const rest = whole - millions * MILLION;
    const thousands = (rest / THOUSAND) | 0;
    this.#threeDigits(millions);
    this.#threeDigits(thousands);
    this.#threeDigits(rest - thousands * THOUSAND);
  }

  #threeDigits(value: number): void {
    const { block, length } = this;
    const digits = value << 2;
    block[length] = TRIPLES[digits]!;
    block[length + 1] = TRIPLES[digits + 1]!;
    block[length + 2] = TRIPLES[digits + 2]!;
    this.length = length + 3;
  }

  #upToThreeDigits(value: number): void {
    const { block } = this;
    const digits = value << 2;
    if (value >= 100) block[this.length++] = TRIPLES[digits]!;
    if (value >= 10) block[this.length++] = TRIPLES[digits + 1]!;
    block[this.length++] = TRIPLES[digits + 2]!;
  }

  #grow(room: number): void {
    const grown = new Uint8Array(Math.max(this.block.length * 2, this.length + room));
    grown.set(this.block.subarray(0, this.length));
    this.block = grown;
  }
}
