// In: nothing. Out: what a field of the filter language is: its type, what it belongs to, and how its value is read.

import type { Subject } from './subject.ts';

/** Types of values, under the names `tcpstate fields` prints. */
export const FIELD_TYPES = {
  uint: 'unsigned integer',
  int: 'signed integer',
  boolean: 'boolean',
  duration: 'time in seconds',
  moment: 'date and time',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  address: 'IP address',
  text: 'text',
  word: 'one of a list',
  bytes: 'bytes',
  label: 'flag, there or not',
} as const;

export type FieldType = keyof typeof FIELD_TYPES;

/**
 * What must be known before a field has a value: the segment, the connection as a whole, or (in checks) one of its findings.
 */
export type Scope = 'segment' | 'flow' | 'finding';

/** Words an address takes in a reader's output: version (4 or 6), then four; version 4 uses only the first of them. */
export const ADDRESS_WORDS = 5;

/**
 * How a value is read off the subject. Readers with `fill` serve fields that may have several values: they write them to the
 * front of `out` and return their number.
 */
export type Reader =
  /** uint, int, boolean (0 and 1) and duration; NaN where the field is absent. */
  | { readonly form: 'number'; get(subject: Subject): number }
  | { readonly form: 'numbers'; fill(subject: Subject, out: number[]): number }
  /** Unix seconds and nanoseconds, always there. */
  | { readonly form: 'moment'; seconds(subject: Subject): number; nanoseconds(subject: Subject): number }
  | { readonly form: 'texts'; fill(subject: Subject, out: string[]): number }
  | { readonly form: 'addresses'; fill(subject: Subject, out: Int32Array): number }
  /** Borrowed bytes, or null where the field is absent. */
  | { readonly form: 'bytes'; get(subject: Subject): Uint8Array | null }
  | { readonly form: 'presence'; is(subject: Subject): boolean };

/**
 * ALWAYS: all segments of a connection have the same values, whichever end sent them. ENDS: all with as many IP headers have. BOOK: all that are by the
 * book (tcp/textbook.ts) have. NEVER: none that is by the book has the field.
 */
export const Constancy = { ALWAYS: 0, ENDS: 1, BOOK: 2, NEVER: 3 } as const;
export type Constancy = (typeof Constancy)[keyof typeof Constancy];

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly scope: Scope;
  /** One line for `tcpstate fields`. */
  readonly meaning: string;
  readonly reader: Reader;
  /** True if one segment or connection can have several values at once. */
  readonly many: boolean;
  /** Largest value of an unsigned integer. */
  readonly max?: number;
  /** True for a quantity of bytes: values may be written as 10KB or 1MiB. */
  readonly isSize?: boolean;
  /** For type `word`: every value there is. */
  readonly words?: readonly string[];
  /** For type `word`: other spellings of a value, by the spelling in capitals with "_" for "-". */
  readonly aliases?: Readonly<Record<string, string>>;
  /** For booleans: the two values' names in tshark, for true and for false. */
  readonly truth?: readonly [string, string];
  /** What the first segment of a connection tells of it in the others. */
  readonly constancy?: Constancy;
  /** True if it depends on earlier segments of the connection of which a record by the book does not keep enough. */
  readonly isOfAll?: boolean;
  /** True if the name, and so the selection, is Wireshark's. */
  readonly isWireshark: boolean;
}
