// In: bytes or text, and random choices. Out: the same with a few things changed, so that most of it still makes sense.

import { concat } from '../../test/support/pcap-writer.ts';
import type { Random } from '../../test/support/random.ts';
import { type RecordPlace, recordsOf } from './records.ts';

/** No input grows beyond that: what takes long in a small input takes longer in a large one. */
const MOST_BYTES = 48 << 10;
const MOST_CHARACTERS = 6000;

/** Where lengths, counts and shifts go wrong. */
const NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 19, 20, 27, 28, 32, 40, 60, 64, 127, 128, 255, 256, 1499, 1500, 4095, 4096, 32767,
  32768, 65534, 65535, 65536, 0xfffff, 0x100000, 0x3ffff, 0x40000, 0x40001, 0x7fffffff, 0x80000000, 0xfffffffe,
  0xffffffff,
];

/** Bytes of a record that hold headers, mostly. */
const HEADERS = 120;

export function changedBytes(bytes: Uint8Array, random: Random, other: Uint8Array | null): Uint8Array {
  let changed: Uint8Array = bytes.slice();
  for (let times = 1 + random.int(4); times > 0; times--) changed = changeOnce(changed, random, other);
  return changed.length > MOST_BYTES ? changed.slice(0, MOST_BYTES) : changed;
}

function changeOnce(bytes: Uint8Array, random: Random, other: Uint8Array | null): Uint8Array {
  if (bytes.length === 0) return other?.slice() ?? Uint8Array.from(random.bytes(1 + random.int(64)));
  const records = random.chance(0.65) ? recordsOf(bytes) : [];
  if (records.length > 0) return changeRecord(bytes, records, random, other);
  const at = random.int(bytes.length);
  const length = 1 + random.int(Math.min(bytes.length - at, random.pick([1, 4, 16, 256, 4096])));
  switch (random.int(9)) {
    case 0:
      bytes[at]! ^= 1 << random.int(8);
      return bytes;
    case 1:
      bytes[at] = random.int(256);
      return bytes;
    case 2:
    case 3:
      return putNumber(bytes, at, random);
    case 4:
      return without(bytes, at, at + length);
    case 5:
      return inserted(bytes, at, bytes.slice(at, at + length));
    case 6:
      return inserted(bytes, at, Uint8Array.from(random.bytes(length)));
    case 7:
      return bytes.slice(0, at);
    default: {
      if (other === null || other.length === 0) return bytes.slice(0, at);
      const from = random.int(other.length);
      if (random.chance(0.5)) return concat([bytes.subarray(0, at), other.subarray(from)]);
      return inserted(bytes, at, other.slice(from, from + length));
    }
  }
}

/** What happens to captures: records are lost, repeated, exchanged, and damaged in their headers and their frames'. */
function changeRecord(
  bytes: Uint8Array,
  records: readonly RecordPlace[],
  random: Random,
  other: Uint8Array | null,
): Uint8Array {
  const record = random.pick(records);
  const whole = bytes.slice(record.start, record.end);
  switch (random.int(9)) {
    case 0:
      return without(bytes, record.start, record.end);
    case 1:
      return inserted(bytes, record.start, whole);
    case 2:
      return inserted(bytes, random.pick(records).end, whole);
    case 3: {
      const theirs = other === null ? [] : recordsOf(other);
      if (theirs.length === 0) return without(bytes, record.start, record.end);
      const their = random.pick(theirs);
      return inserted(bytes, record.start, other!.slice(their.start, their.end));
    }
    case 4:
      return putNumber(bytes, record.start + random.int(Math.min(32, record.end - record.start)), random);
    default: {
      const place = record.frame + random.int(Math.max(1, Math.min(HEADERS, record.end - record.frame)));
      if (place >= bytes.length) return bytes;
      if (random.chance(0.5)) return putNumber(bytes, place, random);
      bytes[place]! ^= 1 << random.int(8);
      return bytes;
    }
  }
}

function putNumber(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = random.chance(0.5);
  const value = random.chance(0.2) ? bytes.length - at + random.int(9) - 4 : random.pick(NUMBERS);
  if (random.chance(0.5)) {
    if (at + 4 <= bytes.length) view.setUint32(at, value >>> 0, little);
  } else if (at + 2 <= bytes.length) view.setUint16(at, value & 0xffff, little);
  return bytes;
}

function without(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function inserted(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  return concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

const TOKEN = /\s+|[\w.]+|"[^"]*"|./gsu;
const CHARACTERS = [
  '\0',
  '\t',
  '\n',
  '\r',
  '"',
  "'",
  '\\',
  '(',
  ')',
  '{',
  '[',
  '&',
  '*',
  '#',
  ':',
  '\u{1f600}',
  '\ud800',
  '\u00a0',
  '\u202e',
];

/** Text by its words: left out, repeated, exchanged, nested, put in the place of others. `words`: what may stand there as well. */
export function changedText(text: string, random: Random, other: string | null, words: readonly string[]): string {
  let tokens: string[] = text.match(TOKEN) ?? [];
  for (let times = 1 + random.int(4); times > 0; times--) tokens = changeTokens(tokens, random, other, words);
  return tokens.join('').slice(0, MOST_CHARACTERS);
}

function changeTokens(tokens: string[], random: Random, other: string | null, words: readonly string[]): string[] {
  const at = random.int(tokens.length + 1);
  const token = tokens[at] ?? '';
  const put = (count: number, ...news: string[]): string[] => [
    ...tokens.slice(0, at),
    ...news,
    ...tokens.slice(at + count),
  ];
  switch (random.int(10)) {
    case 0:
      return put(1);
    case 1:
      return put(0, token, ' ');
    case 2:
      return put(1, random.pick(words));
    case 3:
      return put(0, ' ', random.pick(words), ' ');
    case 4: {
      const depth = 1 + random.int(random.pick([2, 10, 900]));
      return [...new Array<string>(depth).fill('('), ...tokens, ...new Array<string>(depth).fill(')')];
    }
    case 5: {
      const theirs = other?.match(TOKEN) ?? [];
      return put(random.int(4), ...theirs.slice(random.int(theirs.length + 1)));
    }
    case 6:
      return put(1, token.slice(0, random.int(token.length + 1)), random.pick(CHARACTERS));
    case 7:
      return put(1, String(random.pick(NUMBERS)));
    case 8: {
      const times = random.pick([2, 3, 40]);
      const operator = random.pick([' && ', ' || ', ' ', '\n', ', ', ' not ']);
      return Array.from({ length: times }, () => [...tokens, operator]).flat();
    }
    default:
      return put(1 + random.int(5));
  }
}
