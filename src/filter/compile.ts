// In: the syntax tree of a filter. Out: its conditions as closures, joined by logic; every name and type checked.

import type { Side } from './catalog.ts';
import {
  type AddressTest,
  addressesWithAddresses,
  addressTest,
  type BytesTest,
  bytesTest,
  bytesWithBytes,
  fits,
  type NumberTest,
  numbersWithNumbers,
  numberTest,
  type Order,
  ofAddresses,
  ofBytes,
  ofMoment,
  ofNumbers,
  ofTexts,
  type Test,
  type TextTest,
  textsWithTexts,
  textTest,
} from './comparison.ts';
import { Constancy, type Reader } from './field.ts';
import { columnOf, type Span } from './filter-error.ts';
import {
  addressLiteral,
  bytesLiteral,
  fail,
  type LiteralTerm,
  momentLiteral,
  numberLiteral,
  textLiteral,
} from './literal.ts';
import { type Logic, leaf, not } from './logic.ts';
import { aType, type Literal, newAddresses, numbersOf, type Operand, OperandReader } from './operand.ts';
import { compilePattern } from './pattern.ts';
import type { CompareOperator, Condition, Quantifier, SetElement, Term } from './syntax.ts';

/** Something that is allowed but probably not meant. */
export interface FilterNote {
  readonly column: number;
  readonly message: string;
}

export interface Compiled {
  readonly logic: Logic;
  readonly notes: readonly FilterNote[];
  /** Conditions that hold as soon as one of two endpoints fits: right in a search, rarely meant in an expectation. */
  readonly doubts: readonly FilterNote[];
  /** Fields read, each once. */
  readonly fields: ReadonlySet<string>;
  /** One of them is: see Field. */
  readonly isOfAll: boolean;
}

/** @throws FilterError */
export function compile(source: string, condition: Condition): Compiled {
  const compiler = new Compiler(source);
  const logic = compiler.condition(condition, null);
  const { notes, doubts, fields, isOfAll } = compiler;
  return { logic, notes, doubts, fields, isOfAll };
}

const MIRRORED: Readonly<Partial<Record<CompareOperator, CompareOperator>>> = {
  '==': '==',
  '!=': '!=',
  all_eq: 'all_eq',
  any_ne: 'any_ne',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** What an operator compares, and over which of several values, unless "any" or "all" stands before it (tshark 4.0.17). */
const ORDERS: Readonly<Partial<Record<CompareOperator, { order: Order; quantifier: Quantifier }>>> = {
  '==': { order: '==', quantifier: 'any' },
  '!=': { order: '!=', quantifier: 'all' },
  all_eq: { order: '==', quantifier: 'all' },
  any_ne: { order: '!=', quantifier: 'any' },
  '<': { order: '<', quantifier: 'any' },
  '<=': { order: '<=', quantifier: 'any' },
  '>': { order: '>', quantifier: 'any' },
  '>=': { order: '>=', quantifier: 'any' },
};

const ONE_OF_TWO = /^endpoint\.(?!addr$|port$|visited$)/;

class Compiler {
  readonly notes: FilterNote[] = [];
  readonly doubts: FilterNote[] = [];
  readonly fields = new Set<string>();
  isOfAll = false;
  readonly #source: string;
  #isNegated = false;
  /** Of all operands of a leaf. */
  readonly #read: (Constancy | undefined)[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  condition(condition: Condition, side: Side | null): Logic {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return {
          kind: condition.kind,
          of: [this.condition(condition.left, side), this.condition(condition.right, side)],
        };
      case 'xor':
        return {
          kind: 'xor',
          left: this.condition(condition.left, side),
          right: this.condition(condition.right, side),
        };
      case 'not': {
        this.#isNegated = !this.#isNegated;
        const of = this.condition(condition.of, side);
        this.#isNegated = !this.#isNegated;
        return not(of);
      }
      case 'endpoints': {
        if (side !== null) fail(this.#source, condition, 'any (...) and all (...) cannot stand inside one another');
        const before = this.fields.size;
        const of = [this.condition(condition.of, 'a'), this.condition(condition.of, 'b')];
        if (![...this.fields].slice(before).some((name) => /^[ab]\./.test(name)) && !mentionsEndpoint(condition.of)) {
          fail(
            this.#source,
            condition,
            `${condition.quantifier} (...) asks about endpoints; there is no endpoint.* in it`,
          );
        }
        return { kind: condition.quantifier === 'any' ? 'or' : 'and', of };
      }
      case 'present':
        return this.#leaf(() => this.#present(condition.of, side));
      case 'compare':
        return this.#leaf(() => this.#compare(condition, side));
      case 'in': {
        const inSet = this.#leaf(() => this.#in(condition, side));
        return condition.negated ? not(inSet) : inSet;
      }
    }
  }

  #reader(side: Side | null): OperandReader {
    return new OperandReader(this.#source, side, (field) => {
      this.isOfAll ||= field.isOfAll === true;
    });
  }

  /** A leaf, and what the first segment of a connection says of it. */
  #leaf(make: () => Logic): Logic {
    this.#read.length = 0;
    const logic = make();
    if (logic.kind !== 'leaf' || this.#read.includes(undefined)) return logic;
    const constancy = Math.max(...(this.#read as Constancy[])) as Constancy;
    // Of a field that is never there nothing is asked but whether it is.
    const test = constancy === Constancy.NEVER ? () => false : logic.test;
    return { ...logic, opening: { test, constancy } };
  }

  #use(operand: Operand): void {
    this.fields.add(operand.target.name);
    this.#read.push(operand.field?.constancy);
  }

  #present(term: Term, side: Side | null): Logic {
    const operand = this.#reader(side).operand(term);
    this.#use(operand);
    const { reader, field, scope } = operand;
    if (field?.type === 'boolean') {
      // Presence, as in Wireshark, is true of every header. Our own facts are always there: they mean their value.
      if (!field.isWireshark) return leaf(scope, ofNumbers(reader, 'any', numberTest('==', 1)));
      this.#note(
        term,
        `${field.name} alone is true wherever the flag could be set; write ${field.name} == 1 where it must be`,
      );
    }
    if (term.kind === 'arithmetic' && term.operator === '&') return leaf(scope, nonZero(reader));
    return leaf(scope, present(reader));
  }

  /** `endpoint.state == CLOSED` is true if one of the two is; addresses and ports are meant that way. */
  #doubtOne({ term, field }: Operand, quantifier: Quantifier): void {
    if (quantifier !== 'any' || this.#isNegated || field === null || !ONE_OF_TWO.test(field.name)) return;
    this.doubts.push({
      column: columnOf(this.#source, term.start),
      message: `this holds as soon as one endpoint fits; where both must, write all ${field.name}`,
    });
  }

  #note(at: Span, message: string): void {
    this.notes.push({ column: columnOf(this.#source, at.start), message });
  }

  #compare(condition: Extract<Condition, { kind: 'compare' }>, side: Side | null): Logic {
    const reader = this.#reader(side);
    let left = reader.read(condition.left);
    let right = reader.read(condition.right);
    let { operator } = condition;
    const mirrored = MIRRORED[operator];
    if (left.kind === 'literal' && right.kind === 'operand' && mirrored !== undefined && !looksLikeField(left)) {
      // Wireshark wants the field first. A value first is fine with us; a misspelt field is not.
      [left, right] = [right, left];
      operator = mirrored;
    }
    if (left.kind === 'literal') left = reader.operand(condition.left);
    this.#use(left);
    if (right.kind === 'operand') {
      this.#use(right);
      return this.#compareFields(left, right, operator, condition.quantifier, reader, condition.right);
    }
    return this.#compareWithLiteral(left, right.term, operator, condition.quantifier);
  }

  #compareWithLiteral(
    left: Operand,
    term: LiteralTerm,
    operator: CompareOperator,
    quantifier: Quantifier | null,
  ): Logic {
    const { reader, scope, target } = left;
    this.#requireValue(left);
    if (operator === 'contains') return leaf(scope, this.#contains(left, term, quantifier ?? 'any'));
    if (operator === 'matches') return leaf(scope, this.#matches(left, term, quantifier ?? 'any'));
    const { order, quantifier: usual } = ORDERS[operator]!;
    this.#requireOrder(left, order);
    const over = quantifier ?? usual;
    this.#doubtOne(left, over);
    switch (reader.form) {
      case 'number':
      case 'numbers':
        return leaf(scope, ofNumbers(reader, over, numberTest(order, numberLiteral(this.#source, term, target))));
      case 'texts':
        return leaf(scope, ofTexts(reader, over, textTest(order, textLiteral(this.#source, term, target))));
      case 'addresses':
        return leaf(scope, ofAddresses(reader, over, addressTest(order, addressLiteral(this.#source, term, target))));
      case 'bytes':
        return leaf(scope, ofBytes(reader, bytesTest(order, bytesLiteral(this.#source, term, target))));
      case 'moment':
        return leaf(scope, ofMoment(reader, order, momentLiteral(this.#source, term, target)));
      case 'presence':
        return this.#noValue(left);
    }
  }

  #compareFields(
    left: Operand,
    right: Operand,
    operator: CompareOperator,
    quantifier: Quantifier | null,
    operands: OperandReader,
    at: Term,
  ): Logic {
    this.#requireValue(left);
    this.#requireValue(right);
    const scope = operands.commonScope(left, right, at);
    const a = left.reader;
    const b = right.reader;
    const over = quantifier ?? ORDERS[operator]?.quantifier ?? 'any';
    if (operator === 'matches') fail(this.#source, at, 'matches takes a regular expression in quotes');
    if (operator === 'contains') {
      if (a.form === 'texts' && b.form === 'texts') {
        return leaf(
          scope,
          textsWithTexts(a, b, over, (x, y) => x.includes(y)),
        );
      }
      if (a.form === 'bytes' && b.form === 'bytes')
        return leaf(
          scope,
          bytesWithBytes(a, b, (x, y) => find(x, y)),
        );
      return fail(this.#source, at, `contains works on text and bytes, not on ${aType(left.target.type)}`);
    }
    const { order } = ORDERS[operator]!;
    this.#requireOrder(left, order);
    if (isNumeric(a) && isNumeric(b) && (left.target.type === 'duration') === (right.target.type === 'duration')) {
      return leaf(scope, numbersWithNumbers(a, b, over, order));
    }
    if (a.form === 'texts' && b.form === 'texts') {
      return leaf(
        scope,
        textsWithTexts(a, b, over, (x, y) => fits(order, x < y ? -1 : x > y ? 1 : 0)),
      );
    }
    if (a.form === 'addresses' && b.form === 'addresses') return leaf(scope, addressesWithAddresses(a, b, over, order));
    if (a.form === 'bytes' && b.form === 'bytes') {
      return leaf(
        scope,
        bytesWithBytes(a, b, (x, y) => fits(order, Buffer.compare(x, y))),
      );
    }
    return fail(
      this.#source,
      at,
      `${left.target.name} is ${aType(left.target.type)}, and ${right.target.name} is ${aType(right.target.type)}`,
    );
  }

  #in(condition: Extract<Condition, { kind: 'in' }>, side: Side | null): Logic {
    const left = this.#reader(side).operand(condition.left);
    this.#use(left);
    this.#requireValue(left);
    const quantifier = condition.quantifier ?? 'any';
    if (!condition.negated) this.#doubtOne(left, quantifier);
    const tests = condition.set.map((element) => this.#elementTest(left, element));
    const { scope } = left;
    const each = tests.map((test) => test(quantifier));
    if (each.length === 1) return leaf(scope, each[0]!);
    if (quantifier === 'all' && scope !== 'segment') {
      return leaf(scope, this.#allInSet(left, condition.set));
    }
    if (quantifier === 'all' && left.many) {
      // What tshark 4.0.17 does; kept for equal selections.
      this.#note(
        condition,
        `as in Wireshark, "all ... in" with several elements holds only if one element alone fits every value of ${left.target.name}`,
      );
    }
    return leaf(scope, (subject) => {
      for (let i = 0; i < each.length; i++) if (each[i]!(subject)) return true;
      return false;
    });
  }

  /** The element as a condition on the field's values. */
  #elementTest(left: Operand, element: SetElement): (quantifier: Quantifier) => Test {
    const { reader } = left;
    switch (reader.form) {
      case 'number':
      case 'numbers': {
        const test = this.#numberElement(left, element);
        return (quantifier) => ofNumbers(reader, quantifier, test);
      }
      case 'texts': {
        const test = this.#textElement(left, element);
        return (quantifier) => ofTexts(reader, quantifier, test);
      }
      case 'addresses': {
        const test = this.#addressElement(left, element);
        return (quantifier) => ofAddresses(reader, quantifier, test);
      }
      case 'bytes': {
        const test = this.#bytesElement(left, element);
        return () => ofBytes(reader, test);
      }
      case 'moment': {
        const low = momentLiteral(this.#source, this.#elementValue(element.low), left.target);
        if (element.high === null) return () => ofMoment(reader, '==', low);
        const high = momentLiteral(this.#source, this.#elementValue(element.high), left.target);
        const from = ofMoment(reader, '>=', low);
        const to = ofMoment(reader, '<=', high);
        return () => (subject) => from(subject) && to(subject);
      }
      case 'presence':
        return this.#noValue(left);
    }
  }

  /** For facts of ours: every value is in the set. */
  #allInSet(left: Operand, set: readonly SetElement[]): Test {
    const { reader } = left;
    switch (reader.form) {
      case 'number':
      case 'numbers': {
        const tests = set.map((element) => this.#numberElement(left, element));
        return ofNumbers(reader, 'all', (value) => tests.some((test) => test(value)));
      }
      case 'texts': {
        const tests = set.map((element) => this.#textElement(left, element));
        return ofTexts(reader, 'all', (value) => tests.some((test) => test(value)));
      }
      case 'addresses': {
        const tests = set.map((element) => this.#addressElement(left, element));
        return ofAddresses(reader, 'all', (words, at) => tests.some((test) => test(words, at)));
      }
      default:
        return this.#noValue(left);
    }
  }

  #numberElement(left: Operand, { low, high }: SetElement): NumberTest {
    const from = numberLiteral(this.#source, this.#elementValue(low), left.target);
    if (high === null) return numberTest('==', from);
    const to = numberLiteral(this.#source, this.#elementValue(high), left.target);
    this.#requireOrder(left, '<=');
    this.#checkRange(low, high, from - to);
    return (value) => value >= from && value <= to;
  }

  #textElement(left: Operand, { low, high }: SetElement): TextTest {
    const from = textLiteral(this.#source, this.#elementValue(low), left.target);
    if (high === null) return textTest('==', from);
    this.#requireOrder(left, '<=');
    const to = textLiteral(this.#source, this.#elementValue(high), left.target);
    this.#checkRange(low, high, from > to ? 1 : 0);
    return (value) => value >= from && value <= to;
  }

  #addressElement(left: Operand, { low, high }: SetElement): AddressTest {
    const from = addressLiteral(this.#source, this.#elementValue(low), left.target);
    if (high === null) return addressTest('==', from);
    const to = addressLiteral(this.#source, this.#elementValue(high), left.target);
    const atLeast = addressTest('>=', from);
    const atMost = addressTest('<=', to);
    return (words, at) => atLeast(words, at) && atMost(words, at);
  }

  #bytesElement(left: Operand, { low, high }: SetElement): BytesTest {
    const from = bytesTest(
      high === null ? '==' : '>=',
      bytesLiteral(this.#source, this.#elementValue(low), left.target),
    );
    if (high === null) return from;
    const to = bytesTest('<=', bytesLiteral(this.#source, this.#elementValue(high), left.target));
    return (value) => from(value) && to(value);
  }

  #elementValue(term: Term): LiteralTerm {
    if ('text' in term) return term;
    return fail(this.#source, term, 'a set holds values as written');
  }

  #checkRange(low: Term, high: Term, difference: number): void {
    if (difference > 0) {
      this.#note({ start: low.start, end: high.end }, 'this range is empty: its end comes before its beginning');
    }
  }

  #contains(left: Operand, term: LiteralTerm, quantifier: Quantifier): Test {
    const { reader, target } = left;
    if (reader.form === 'texts') {
      const part = term.text;
      return ofTexts(reader, quantifier, (value) => value.includes(part));
    }
    if (reader.form === 'bytes') {
      const part = bytesLiteral(this.#source, term, target);
      return ofBytes(reader, (value) => find(value, part));
    }
    return fail(
      this.#source,
      left.term,
      `contains works on text and bytes, and ${target.name} is ${aType(target.type)}`,
    );
  }

  #matches(left: Operand, term: LiteralTerm, quantifier: Quantifier): Test {
    const { reader, target } = left;
    if (term.kind === 'word') fail(this.#source, term, 'matches takes a regular expression in quotes');
    if (reader.form === 'texts') {
      const pattern = this.#pattern(term, term.text);
      return ofTexts(reader, quantifier, (value) => pattern.test(value));
    }
    if (reader.form === 'bytes') {
      // Bytes as characters 0 to 255; so a pattern has to come in its UTF-8 bytes too.
      const pattern = this.#pattern(term, Buffer.from(term.text, 'utf8').toString('latin1'));
      return ofBytes(reader, (value) =>
        pattern.test(Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')),
      );
    }
    return fail(
      this.#source,
      left.term,
      `matches works on text and bytes, and ${target.name} is ${aType(target.type)}`,
    );
  }

  #pattern(term: LiteralTerm, text: string): RegExp {
    try {
      return compilePattern(text);
    } catch (error) {
      const reason = (error as Error).message.replace(/^Invalid regular expression: .*\/[a-z]*: /, '');
      return fail(this.#source, term, `this is no regular expression: ${reason}`);
    }
  }

  /** Flags have presence only. */
  #requireValue(operand: Operand): void {
    if (operand.reader.form === 'presence') this.#noValue(operand);
  }

  #noValue(operand: Operand): never {
    return fail(
      this.#source,
      operand.term,
      `${operand.target.name} has no value: it is there or not; write ${operand.target.name} or not ${operand.target.name}`,
    );
  }

  #requireOrder(operand: Operand, order: Order): void {
    if (order === '==' || order === '!=' || operand.target.type !== 'word') return;
    fail(this.#source, operand.term, `${operand.target.name} is a name from a list; names have no order`);
  }
}

/** True for words such as tcp.prt, which were meant to be a field. */
function looksLikeField(literal: Literal): boolean {
  return literal.term.kind === 'word' && /^[A-Za-z_]/.test(literal.term.text);
}

function mentionsEndpoint(condition: Condition): boolean {
  return /"text":"endpoint\./.test(JSON.stringify(condition));
}

function isNumeric(reader: Reader): boolean {
  return reader.form === 'number' || reader.form === 'numbers';
}

function find(bytes: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part) >= 0;
}

function present(reader: Reader): Test {
  switch (reader.form) {
    case 'presence':
      return reader.is;
    case 'moment':
      return () => true;
    case 'bytes':
      return (subject) => reader.get(subject) !== null;
    case 'number':
      return (subject) => !Number.isNaN(reader.get(subject));
    case 'numbers': {
      const out: number[] = [];
      return (subject) => reader.fill(subject, out) > 0;
    }
    case 'texts': {
      const out: string[] = [];
      return (subject) => reader.fill(subject, out) > 0;
    }
    case 'addresses': {
      const out = newAddresses();
      return (subject) => reader.fill(subject, out) > 0;
    }
  }
}

/** For `tcp.flags & 0x02`: some bit is left. */
function nonZero(reader: Reader): Test {
  if (reader.form === 'bytes') return ofBytes(reader, (value) => value.some((byte) => byte !== 0));
  const fill = numbersOf(reader);
  const out: number[] = [];
  return (subject) => {
    const count = fill(subject, out);
    for (let i = 0; i < count; i++) if (out[i] !== 0) return true;
    return false;
  };
}
