// In: numbers, times and text. Out: their characters as UTF-8 in one growing block of bytes, written in place.
//
// A row of `packets` has some thirty numbers. As strings that are joined and then encoded, each costs an allocation, a copy and
// a visit by the garbage collector; here it costs its digits.

import { bytesIn, type LinearMemory, viewOf } from '../linear/memory.ts';

const QUOTE = 0x22;
const ZERO = 0x30;
const DOT = 0x2e;
const MINUS = 0x2d;
const COLON = 0x3a;
const THOUSAND = 1000;
const MILLION = 1_000_000;
const BILLION = 1_000_000_000;

/** "000" to "999", and "0" to "999", a word each: two divisions for nine digits, where one digit at a time takes eight. */
const TRIPLES = Int32Array.from({ length: THOUSAND }, (_, i) => wordOf(String(i).padStart(3, '0')));
const UP_TO_TRIPLES = Int32Array.from({ length: THOUSAND }, (_, i) => wordOf(String(i)));

/** The int32 that little-endian bytes of up to four characters are. */
function wordOf(text: string): number {
  let word = 0;
  for (let i = 0; i < text.length; i++) word |= text.charCodeAt(i) << (8 * i);
  return word;
}

/** JSON writes less than a millionth with an exponent; and fifteen digits are told apart by a double, whatever they are. */
const LEAST_DECIMAL = 1000;
const MOST_DECIMAL = 1e15;
/** Room for any number. */
const JSON_NUMBER = 32;

/** Up to this many characters, a loop is faster than the way to the encoder and back. */
const SHORT_TEXT = 100;

const encoder = new TextEncoder();
/** A mark of byte order is text like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const IPV6_GROUPS = 8;

/** Group `i` of the IPv6 address in the four words from `words[at]` on. */
function groupOf(words: Int32Array, at: number, i: number): number {
  const word = words[at + (i >> 1)]!;
  return (i & 1) === 0 ? word >>> 16 : word & 0xffff;
}

/** Text ready for {@link RowBytes.bytes}. Copying bytes takes half as long as asking a string for its characters. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The digits of hexadecimal numbers. */
export const HEX = utf8('0123456789abcdef');

/**
 * Text ready for {@link RowBytes.words}, eight bytes at a time: of 32 bytes that takes a fifth of what a loop over the bytes does.
 * ASCII only: as doubles its bytes are never a NaN, of which a copy may differ.
 */
export class Words {
  readonly length: number;
  readonly eights: Float64Array;

  constructor(text: string) {
    this.length = text.length;
    const bytes = new Uint8Array(Math.ceil(text.length / 8) * 8);
    encoder.encodeInto(text, bytes);
    const view = new DataView(bytes.buffer);
    this.eights = Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
  }
}

export class RowBytes {
  /** What was written is [0, length) of `block`. */
  block: Uint8Array;
  length = 0;
  #view: DataView;
  /** Where the block lies; null: anywhere. */
  readonly memory: LinearMemory | null;

  constructor(capacity: number, memory: LinearMemory | null = null) {
    this.memory = memory;
    this.block = bytesIn(memory, capacity);
    this.#view = viewOf(this.block);
  }

  /** To be called before writing; the writers below, {@link text} apart, do not look. */
  makeRoom(bytes: number): void {
    if (this.length + bytes > this.block.length) this.#grow(bytes);
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

  /** Needs room for seven bytes more than there are. */
  words({ eights, length }: Words): void {
    const at = this.length;
    const view = this.#view;
    for (let i = 0; 8 * i < length; i++) view.setFloat64(at + 8 * i, eights[i]!, true);
    this.length = at + length;
  }

  /** Any bytes. From shared memory into shared memory `set` copies a byte or a word at a time, and takes several times as long. To be called with room for them. */
  copy(bytes: Uint8Array): void {
    const { length } = bytes;
    const from = viewOf(bytes);
    const to = this.#view;
    const at = this.length;
    const whole = length & ~3;
    for (let i = 0; i < whole; i += 4) to.setInt32(at + i, from.getInt32(i, true), true);
    for (let i = whole; i < length; i++) to.setUint8(at + i, bytes[i]!);
    this.length = at + length;
  }

  /** Any text, of any length; leaves room for `more` bytes. */
  text(text: string, more = 0): void {
    // Three bytes of UTF-8 at most for one UTF-16 unit.
    this.makeRoom(text.length * 3 + more);
    if (text.length <= SHORT_TEXT && this.#ascii(text)) return;
    this.length += encoder.encodeInto(text, this.block.subarray(this.length)).written;
  }

  /** Text that JSON writes as it is. False, and nothing written, for any other. To be called with room for it. */
  plain(text: string): boolean {
    const { block } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const character = text.charCodeAt(i);
      if (character < 0x20 || character > 0x7e || character === 0x22 || character === 0x5c) return false;
      block[at++] = character;
    }
    this.length = at;
    return true;
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

  /** Any number, as JSON writes it. Fast for whole numbers and for up to nine decimals, as seconds have here. */
  decimal(value: number): void {
    if (value === (value | 0) && value >= 0) {
      this.number(value);
      return;
    }
    const billionths = Math.round(value * BILLION);
    if (billionths < LEAST_DECIMAL || billionths >= MOST_DECIMAL || billionths / BILLION !== value) {
      this.text(JSON.stringify(value), JSON_NUMBER);
      return;
    }
    const whole = Math.floor(billionths / BILLION);
    this.number(whole);
    this.#fraction(billionths - whole * BILLION);
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

  /** The address in the four words from `words[at]` on, as addressText. */
  ipv6(words: Int32Array, at: number): void {
    let best = -1;
    let bestLength = 1;
    for (let i = 0; i < IPV6_GROUPS; i++) {
      let zeros = 0;
      while (i + zeros < IPV6_GROUPS && groupOf(words, at, i + zeros) === 0) zeros++;
      if (zeros > bestLength) {
        best = i;
        bestLength = zeros;
      }
      i += zeros;
    }
    const isMapped = best === 0 && bestLength === 5 && groupOf(words, at, 5) === 0xffff;
    const end = isMapped || (best === 0 && bestLength === 6) ? 6 : IPV6_GROUPS;
    for (let i = 0; i < end; i++) {
      if (i === best) {
        this.byte(COLON);
        this.byte(COLON);
        i += bestLength - 1;
        continue;
      }
      if (i > 0 && i !== best + bestLength) this.byte(COLON);
      this.#hex(groupOf(words, at, i));
    }
    if (end === IPV6_GROUPS) return;
    if (isMapped) this.byte(COLON);
    this.ipv4(words[at + 3]!);
  }

  /** Puts what was written from `start` on between quotes. To be called with room for them. */
  quote(start: number): void {
    const { block } = this;
    block.copyWithin(start + 1, start, this.length);
    block[start] = QUOTE;
    block[this.length + 1] = QUOTE;
    this.length += 2;
  }

  /** What was written from `start` on, as text; it is written no more. */
  take(start = 0): string {
    const text = decoder.decode(this.block.subarray(start, this.length));
    this.length = start;
    return text;
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

  /** 16 bits, without zeros in front. */
  #hex(value: number): void {
    if (value > 0xfff) this.byte(HEX[value >> 12]!);
    if (value > 0xff) this.byte(HEX[(value >> 8) & 15]!);
    if (value > 0xf) this.byte(HEX[(value >> 4) & 15]!);
    this.byte(HEX[value & 15]!);
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

  /** Nanoseconds as decimals, without zeros at the end. */
  #fraction(nanoseconds: number): void {
    if (nanoseconds === 0) return;
    const { block } = this;
    block[this.length++] = DOT;
    this.#nineDigits(nanoseconds);
    let end = this.length;
    while (block[end - 1] === ZERO) end--;
    this.length = end;
  }

  // Both write a word, of which what is not a digit is overwritten by what comes next.
  #threeDigits(value: number): void {
    this.#view.setInt32(this.length, TRIPLES[value]!, true);
    this.length += 3;
  }

  #upToThreeDigits(value: number): void {
    this.#view.setInt32(this.length, UP_TO_TRIPLES[value]!, true);
    this.length += value < 10 ? 1 : value < 100 ? 2 : 3;
  }

  #grow(room: number): void {
    const grown = bytesIn(this.memory, Math.max(this.block.length * 2, this.length + room));
    grown.set(this.block.subarray(0, this.length));
    this.memory?.free(this.block.byteOffset, this.block.length);
    this.block = grown;
    this.#view = viewOf(grown);
  }
}
