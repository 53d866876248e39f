// In: a value as written and the field it is compared with. Out: the value, or the error that says what the field takes.

import { nearestName } from '../nearest-name.ts';
import { type AddressPattern, parseAddress } from './address.ts';
import { FIELD_TYPES, type Field } from './field.ts';
import { FilterError } from './filter-error.ts';
import type { Term } from './syntax.ts';

/** A value as written in a filter. */
export type LiteralTerm = Extract<Term, { text: string }>;

/** What a value is compared with: a field, or something computed from one. */
export type Target = Pick<Field, 'type' | 'max' | 'isSize' | 'words' | 'aliases' | 'truth'> & {
  /** How an error calls it: the field's name. */
  readonly name: string;
};

/** Unix seconds and nanoseconds. */
export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

const INTEGER = /^-?(?:0x[0-9a-f]+|0b[01]+|0[0-7]*|[1-9]\d*)$/i;
const QUANTITY = /^(-?\d+(?:\.\d+)?)([A-Za-z]+)$/;
const DECIMAL = /^-?\d+(?:\.\d{1,9})?$/;
const EPOCH = /^(-?\d+)(?:\.(\d{1,9}))?$/;
const HEX_BYTES = /^[0-9a-f]{1,2}(?:[:.-][0-9a-f]{1,2})*$|^(?:[0-9a-f]{2})+$/i;
const ONE_HEX_BYTE = /^0x([0-9a-f]{1,2})$/i;
const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/;

/** SI sizes are decimal, IEC sizes binary (IEC 80000-13). */
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  min: 60e9,
  h: 3600e9,
  d: 86400e9,
};

export function fail(source: string, term: { start: number; end: number }, reason: string): never {
  throw new FilterError(reason, source, term);
}

/** For fields of type uint, int, boolean and duration. Times are in seconds. */
export function numberLiteral(source: string, term: LiteralTerm, target: Target): number {
  switch (target.type) {
    case 'boolean':
      return booleanLiteral(source, term, target);
    case 'duration':
      return durationLiteral(source, term, target);
    default:
      return integerLiteral(source, term, target);
  }
}

function integerLiteral(source: string, term: LiteralTerm, target: Target): number {
  if (term.kind === 'string') fail(source, term, `${target.name} is a number; write the value without quotes`);
  const value =
    term.kind === 'character' ? term.text.codePointAt(0)! : (integer(term.text) ?? sizeLiteral(source, term, target));
  if (value === null) fail(source, term, notANumber(term.text, target));
  if (target.type === 'uint' && value < 0) fail(source, term, `${target.name} is never below 0`);
  if (target.max !== undefined && value > target.max) {
    fail(source, term, `${term.text} is more than ${target.name} can be, which is ${target.max} at most`);
  }
  return value;
}

/** Decimal, 0x hexadecimal, 0b binary, or octal with a leading 0, as in Wireshark; null for anything else. */
export function integer(text: string): number | null {
  if (!INTEGER.test(text)) return null;
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return negative ? -value : value;
}

function sizeLiteral(source: string, term: LiteralTerm, target: Target): number | null {
  const parts = QUANTITY.exec(term.text);
  const factor = parts === null ? undefined : SIZE_UNITS[parts[2]!];
  if (parts === null || factor === undefined) return null;
  if (!target.isSize) fail(source, term, `${term.text} is a number of bytes, and ${target.name} is not`);
  return Number(parts[1]) * factor;
}

function notANumber(text: string, target: Target): string {
  const parts = QUANTITY.exec(text);
  if (parts !== null && parts[2]! in NANOSECONDS) return `${text} is a time, and ${target.name} is not`;
  if (parts !== null && target.isSize) {
    return `${text} has no unit of bytes: there are ${Object.keys(SIZE_UNITS).join(', ')}`;
  }
  if (/^-?\d+\.\d+$/.test(text)) return `${target.name} is a whole number`;
  return `${text} is no number, and ${target.name} is one`;
}

function booleanLiteral(source: string, term: LiteralTerm, target: Target): number {
  if (term.kind === 'word') {
    if (/^true$/i.test(term.text)) return 1;
    if (/^false$/i.test(term.text)) return 0;
    const value = integer(term.text);
    if (value !== null) return value === 0 ? 0 : 1;
  }
  const at = target.truth?.findIndex((name) => name.toLowerCase() === term.text.toLowerCase()) ?? -1;
  if (at >= 0) return 1 - at;
  fail(source, term, `${target.name} is true or false (1 or 0)`);
}

function durationLiteral(source: string, term: LiteralTerm, target: Target): number {
  if (term.kind !== 'word') fail(source, term, `${target.name} is a time; write it without quotes: 0.2, 200ms or 5s`);
  const { text } = term;
  if (DECIMAL.test(text)) return Number(text);
  const parts = QUANTITY.exec(text);
  const factor = parts === null ? undefined : NANOSECONDS[parts[2]!];
  if (parts === null || factor === undefined) {
    if (parts !== null && parts[2]! in SIZE_UNITS)
      fail(source, term, `${text} is a number of bytes, and ${target.name} is a time`);
    fail(
      source,
      term,
      `${text} is no time; write seconds with up to nine decimals, or a unit: ${Object.keys(NANOSECONDS).join(', ')}`,
    );
  }
  // Whole nanoseconds over 1e9, as the fields themselves are made: 200ms is the same number as 0.2.
  return Math.round(Number(parts[1]) * factor) / 1e9;
}

/** For frame.time and frame.time_epoch. A date without a zone is local time, as in Wireshark. */
export function momentLiteral(source: string, term: LiteralTerm, target: Target): Moment {
  const epoch = term.kind === 'word' ? EPOCH.exec(term.text) : null;
  if (epoch !== null) {
    const fraction = Number((epoch[2] ?? '').padEnd(9, '0'));
    const negative = term.text.startsWith('-') && fraction > 0;
    return negative
      ? { seconds: Number(epoch[1]) - 1, nanoseconds: 1e9 - fraction }
      : { seconds: Number(epoch[1]), nanoseconds: fraction };
  }
  const date = DATE.exec(term.text);
  if (date !== null) {
    const [, day, time = '00:00:00', fraction = '', zone = ''] = date;
    const milliseconds = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}${zone === 'UTC' ? 'Z' : zone}`);
    if (!Number.isNaN(milliseconds)) {
      return { seconds: milliseconds / 1000, nanoseconds: Number(fraction.padEnd(9, '0')) };
    }
  }
  fail(
    source,
    term,
    `${target.name} is a date and time: "2024-05-06T09:57:23.5Z", or seconds since 1970 such as 1714989443.5`,
  );
}

/** For IP addresses. Type `address` takes either version. */
export function addressLiteral(source: string, term: LiteralTerm, target: Target): AddressPattern {
  if (term.kind !== 'word') fail(source, term, `${target.name} is an address; write it without quotes`);
  const four = parseAddress(term.text, 4);
  const six = parseAddress(term.text, 6);
  const found = target.type === 'ipv4' ? four : target.type === 'ipv6' ? six : (four ?? six);
  if (found !== null) return found;
  if (four !== null)
    fail(source, term, `${term.text} is an IPv4 address; the field for those is ${target.name.replace(/^ipv6/, 'ip')}`);
  if (six !== null)
    fail(
      source,
      term,
      `${term.text} is an IPv6 address; the field for those is ${target.name.replace(/^ip\./, 'ipv6.')}`,
    );
  const bits = /\/(\d+)$/.exec(term.text);
  const plain = bits === null ? term.text : term.text.slice(0, bits.index);
  if (bits !== null && (parseAddress(plain, 4) ?? parseAddress(plain, 6)) !== null) {
    fail(source, term, `a netmask has at most ${plain.includes(':') ? 128 : 32} bits, not ${bits[1]}`);
  }
  fail(source, term, `${term.text} is no ${FIELD_TYPES[target.type]}`);
}

/** For fields that are text. Words need no quotes. */
export function textLiteral(source: string, term: LiteralTerm, target: Target): string {
  if (target.type !== 'word') return term.text;
  const words = target.words!;
  if (words.includes(term.text)) return term.text;
  const folded = fold(term.text);
  const found = words.find((word) => fold(word) === folded) ?? target.aliases?.[folded];
  if (found !== undefined) return found;
  const nearest = nearestName(term.text, words);
  const list = words.length <= 16 ? `: it is one of ${words.join(', ')}` : '';
  fail(
    source,
    term,
    `${target.name} is never ${JSON.stringify(term.text)}${nearest === null ? list : ` (did you mean ${nearest}?)`}`,
  );
}

function fold(word: string): string {
  return word.toUpperCase().replaceAll('-', '_');
}

/** For fields that are bytes: 02:04:05:b4, 0x02 for a single byte, or text in quotes, which stands for its UTF-8 bytes. */
export function bytesLiteral(source: string, term: LiteralTerm, target: Target): Uint8Array {
  if (term.kind !== 'word') return new TextEncoder().encode(term.text);
  const one = ONE_HEX_BYTE.exec(term.text);
  if (one !== null) return Uint8Array.of(Number.parseInt(one[1]!, 16));
  if (!HEX_BYTES.test(term.text)) {
    fail(source, term, `${target.name} is bytes; write them as 47:45:54, a single one as 0x47, or text as "GET"`);
  }
  const pairs = /[:.-]/.test(term.text) ? term.text.split(/[:.-]/) : (term.text.match(/../g) ?? [term.text]);
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
