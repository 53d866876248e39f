// In: a comparison with both sides typed. Out: the closure that makes it.
//
// A field may have several values (two ports, addresses of tunnels, two endpoints). A comparison is then made of every value, or of
// every pair of values, and holds if any of them fits, or all; a field without a value fits nothing (wireshark-filter(4)).

import { type AddressPattern, compareAddresses } from './address.ts';
import type { Reader } from './field.ts';
import type { Moment } from './literal.ts';
import { newAddresses, numbersOf } from './operand.ts';
import type { Subject } from './subject.ts';
import type { Quantifier } from './syntax.ts';

export type Test = (subject: Subject) => boolean;
export type Order = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** True of one value. NaN, the absent number, is true of none. */
export type NumberTest = (value: number) => boolean;
export type TextTest = (value: string) => boolean;
export type BytesTest = (value: Uint8Array) => boolean;
export type AddressTest = (words: Int32Array, at: number) => boolean;

export function numberTest(order: Order, k: number): NumberTest {
  switch (order) {
    case '==':
      return (value) => value === k;
    case '!=':
      return (value) => value < k || value > k;
    case '<':
      return (value) => value < k;
    case '<=':
      return (value) => value <= k;
    case '>':
      return (value) => value > k;
    case '>=':
      return (value) => value >= k;
  }
}

/** True if a comparison whose outcome is `difference` (negative, 0, positive; NaN: not comparable) satisfies the order. */
export function fits(order: Order, difference: number): boolean {
  switch (order) {
    case '==':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}

export function textTest(order: Order, text: string): TextTest {
  return (value) => fits(order, value < text ? -1 : value > text ? 1 : 0);
}

export function bytesTest(order: Order, bytes: Uint8Array): BytesTest {
  return (value) => fits(order, Buffer.compare(value, bytes));
}

/** As Wireshark: only the leading bits of a network are compared. */
export function addressTest(order: Order, pattern: AddressPattern): AddressTest {
  const { words, bits } = pattern;
  return (value, at) => fits(order, compareAddresses(value, at, words, 0, bits));
}

export function ofNumbers(reader: Reader, quantifier: Quantifier, test: NumberTest): Test {
  if (reader.form === 'number') {
    const { get } = reader;
    return (subject) => test(get(subject));
  }
  const fill = numbersOf(reader);
  const values: number[] = [];
  if (quantifier === 'any') {
    return (subject) => {
      const count = fill(subject, values);
      for (let i = 0; i < count; i++) if (test(values[i]!)) return true;
      return false;
    };
  }
  return (subject) => {
    const count = fill(subject, values);
    for (let i = 0; i < count; i++) if (!test(values[i]!)) return false;
    return count > 0;
  };
}

export function ofTexts(reader: Extract<Reader, { form: 'texts' }>, quantifier: Quantifier, test: TextTest): Test {
  const values: string[] = [];
  return (subject) => {
    const count = reader.fill(subject, values);
    for (let i = 0; i < count; i++) if (test(values[i]!) === (quantifier === 'any')) return quantifier === 'any';
    return quantifier === 'all' && count > 0;
  };
}

export function ofAddresses(
  reader: Extract<Reader, { form: 'addresses' }>,
  quantifier: Quantifier,
  test: AddressTest,
): Test {
  const values = newAddresses();
  return (subject) => {
    const count = reader.fill(subject, values);
    for (let i = 0; i < count; i++) if (test(values, i * 5) === (quantifier === 'any')) return quantifier === 'any';
    return quantifier === 'all' && count > 0;
  };
}

export function ofBytes(reader: Extract<Reader, { form: 'bytes' }>, test: BytesTest): Test {
  return (subject) => {
    const bytes = reader.get(subject);
    return bytes !== null && test(bytes);
  };
}

export function ofMoment(reader: Extract<Reader, { form: 'moment' }>, order: Order, moment: Moment): Test {
  return (subject) =>
    fits(order, reader.seconds(subject) - moment.seconds || reader.nanoseconds(subject) - moment.nanoseconds);
}

/** Field against field: every value of one with every value of the other. */
export function numbersWithNumbers(left: Reader, right: Reader, quantifier: Quantifier, order: Order): Test {
  const fillLeft = numbersOf(left);
  const fillRight = numbersOf(right);
  const lefts: number[] = [];
  const rights: number[] = [];
  return (subject) => {
    const n = fillLeft(subject, lefts);
    const m = fillRight(subject, rights);
    return ofPairs(n, m, quantifier, (i, j) => fits(order, lefts[i]! - rights[j]!));
  };
}

export function textsWithTexts(
  left: Extract<Reader, { form: 'texts' }>,
  right: Extract<Reader, { form: 'texts' }>,
  quantifier: Quantifier,
  test: (a: string, b: string) => boolean,
): Test {
  const lefts: string[] = [];
  const rights: string[] = [];
  return (subject) => {
    const n = left.fill(subject, lefts);
    const m = right.fill(subject, rights);
    return ofPairs(n, m, quantifier, (i, j) => test(lefts[i]!, rights[j]!));
  };
}

export function addressesWithAddresses(
  left: Extract<Reader, { form: 'addresses' }>,
  right: Extract<Reader, { form: 'addresses' }>,
  quantifier: Quantifier,
  order: Order,
): Test {
  const lefts = newAddresses();
  const rights = newAddresses();
  return (subject) => {
    const n = left.fill(subject, lefts);
    const m = right.fill(subject, rights);
    return ofPairs(n, m, quantifier, (i, j) => fits(order, compareAddresses(lefts, i * 5, rights, j * 5, 128)));
  };
}

export function bytesWithBytes(
  left: Extract<Reader, { form: 'bytes' }>,
  right: Extract<Reader, { form: 'bytes' }>,
  test: (a: Uint8Array, b: Uint8Array) => boolean,
): Test {
  return (subject) => {
    const a = left.get(subject);
    const b = right.get(subject);
    return a !== null && b !== null && test(a, b);
  };
}

function ofPairs(n: number, m: number, quantifier: Quantifier, test: (i: number, j: number) => boolean): boolean {
  const wanted = quantifier === 'any';
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) if (test(i, j) === wanted) return wanted;
  return !wanted && n > 0 && m > 0;
}
