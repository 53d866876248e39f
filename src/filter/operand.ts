// In: a term of a filter. Out: something with a type that can be read off a subject, or a value as written.

import { findField, type Side, unknownField } from './catalog.ts';
import { FIELD_TYPES, type Field, type FieldType, type Reader, type Scope } from './field.ts';
import { bytesLiteral, fail, type LiteralTerm, numberLiteral, type Target } from './literal.ts';
import { parseSlice } from './slice.ts';
import type { Subject } from './subject.ts';
import type { Term } from './syntax.ts';

/** A field, or what a function or an operator makes of one. */
export interface Operand {
  readonly kind: 'operand';
  readonly term: Term;
  readonly target: Target;
  readonly scope: Scope;
  readonly reader: Reader;
  readonly many: boolean;
  /** The field itself, where the term is nothing but its name. */
  readonly field: Field | null;
}

/** A value as written; what it means depends on what it is compared with. */
export interface Literal {
  readonly kind: 'literal';
  readonly term: LiteralTerm;
}

const FUNCTIONS = ['abs', 'count', 'len', 'lower', 'max', 'min', 'string', 'upper'] as const;

const NUMERIC: ReadonlySet<FieldType> = new Set<FieldType>(['uint', 'int', 'boolean', 'duration']);

/** Fills `out` with all values of a numeric operand and returns their number. */
export function numbersOf(reader: Reader): (subject: Subject, out: number[]) => number {
  if (reader.form === 'numbers') return reader.fill;
  if (reader.form !== 'number') throw new TypeError(`no numbers in a reader of form ${reader.form}`);
  const { get } = reader;
  return (subject, out) => {
    const value = get(subject);
    if (Number.isNaN(value)) return 0;
    out[0] = value;
    return 1;
  };
}

export class OperandReader {
  readonly #source: string;
  /** Set inside `any (...)` and `all (...)`. */
  readonly #side: Side | null;
  readonly #noteField: (field: Field) => void;

  /** `noteField`: called for each field that is read. */
  constructor(source: string, side: Side | null, noteField: (field: Field) => void) {
    this.#source = source;
    this.#side = side;
    this.#noteField = noteField;
  }

  /** An operand, or a literal. Words that are no field are literals; {@link operand} does not accept those. */
  read(term: Term): Operand | Literal {
    switch (term.kind) {
      case 'word': {
        const field = findField(term.text, this.#side);
        if (field === undefined) return { kind: 'literal', term };
        this.#noteField(field);
        const { scope, reader, many } = field;
        return { kind: 'operand', term, target: field, scope, reader, many, field };
      }
      case 'string':
      case 'character':
        return { kind: 'literal', term };
      case 'slice':
        return this.#slice(term);
      case 'call':
        return this.#call(term);
      case 'arithmetic':
        return this.#arithmetic(term);
      case 'negative':
        return this.#negative(term);
    }
  }

  /** An operand; a literal is an error. */
  operand(term: Term): Operand {
    const read = this.read(term);
    if (read.kind === 'operand') return read;
    if (read.term.kind !== 'word') {
      fail(this.#source, term, 'a condition begins with a field, not with a value');
    }
    return fail(this.#source, term, unknownField(read.term.text));
  }

  /** The scope both belong to. */
  commonScope(left: Operand, right: Operand, at: Term): Scope {
    if (left.scope === right.scope) return left.scope;
    const names = `${left.target.name} and ${right.target.name}`;
    return fail(this.#source, at, `${names} cannot be compared: a ${left.scope} has one, a ${right.scope} the other`);
  }

  #slice(term: Extract<Term, { kind: 'slice' }>): Operand {
    const of = this.operand(term.of);
    if (of.reader.form !== 'bytes') {
      fail(this.#source, term.of, `${of.target.name} is ${aType(of.target.type)}; only bytes can be sliced`);
    }
    const slice = parseSlice(term.range);
    if (slice === null) {
      fail(
        this.#source,
        term,
        `[${term.range}] is no slice; it is [start:length], [first-last], [offset], [:length] or [start:]`,
      );
    }
    const { get } = of.reader;
    const reader: Reader = {
      form: 'bytes',
      get(subject) {
        const bytes = get(subject);
        return bytes === null ? null : slice(bytes);
      },
    };
    return this.#derived(term, `${of.target.name}[${term.range}]`, 'bytes', of, reader);
  }

  #call(term: Extract<Term, { kind: 'call' }>): Operand {
    const name = term.name as (typeof FUNCTIONS)[number];
    if (!FUNCTIONS.includes(name)) {
      fail(this.#source, term.nameSpan, `there is no function ${name}; there are ${FUNCTIONS.join(', ')}`);
    }
    if (name === 'max' || name === 'min') return this.#extreme(term, name === 'max' ? Math.max : Math.min);
    if (term.terms.length !== 1) fail(this.#source, term, `${name} takes one argument`);
    const of = this.operand(term.terms[0]!);
    const label = `${name}(${of.target.name})`;
    const { reader } = of;
    switch (name) {
      case 'count':
        return this.#derived(term, label, 'uint', of, { form: 'number', get: counter(this.#source, of) });
      case 'len':
        return this.#derived(term, label, 'uint', of, { form: 'numbers', fill: lengths(this.#source, of) }, of.many);
      case 'abs': {
        this.#requireNumber(of, name);
        const fill = numbersOf(reader);
        return this.#derived(term, label, of.target.type, of, mapped(fill, Math.abs), of.many);
      }
      case 'string': {
        if (reader.form !== 'number' && reader.form !== 'numbers') {
          fail(this.#source, of.term, `string() takes a number, and ${of.target.name} is ${aType(of.target.type)}`);
        }
        const fill = numbersOf(reader);
        const numbers: number[] = [];
        return this.#derived(
          term,
          label,
          'text',
          of,
          {
            form: 'texts',
            fill(subject, out) {
              const count = fill(subject, numbers);
              for (let i = 0; i < count; i++) out[i] = String(numbers[i]);
              return count;
            },
          },
          of.many,
        );
      }
      default: {
        if (reader.form !== 'texts')
          fail(this.#source, of.term, `${name}() takes text, and ${of.target.name} is ${aType(of.target.type)}`);
        const change = name === 'upper' ? (text: string) => text.toUpperCase() : (text: string) => text.toLowerCase();
        return this.#derived(
          term,
          label,
          'text',
          of,
          {
            form: 'texts',
            fill(subject, out) {
              const count = reader.fill(subject, out);
              for (let i = 0; i < count; i++) out[i] = change(out[i]!);
              return count;
            },
          },
          of.many,
        );
      }
    }
  }

  /** The largest or smallest of all values of all arguments; absent if any argument is. */
  #extreme(term: Extract<Term, { kind: 'call' }>, choose: (...values: number[]) => number): Operand {
    const operands = term.terms.map((one) => this.operand(one));
    const [first] = operands;
    for (const of of operands) {
      this.#requireNumber(of, term.name);
      this.commonScope(first!, of, of.term);
      if ((of.target.type === 'duration') !== (first!.target.type === 'duration')) {
        fail(
          this.#source,
          of.term,
          `${of.target.name} is ${aType(of.target.type)}, and ${first!.target.name} is ${aType(first!.target.type)}`,
        );
      }
    }
    const fills = operands.map((of) => numbersOf(of.reader));
    const numbers: number[] = [];
    const get = (subject: Subject): number => {
      let best = Number.NaN;
      for (const fill of fills) {
        const count = fill(subject, numbers);
        if (count === 0) return Number.NaN;
        for (let i = 0; i < count; i++) best = Number.isNaN(best) ? numbers[i]! : choose(best, numbers[i]!);
      }
      return best;
    };
    return this.#derived(term, `${term.name}(...)`, first!.target.type, first!, { form: 'number', get });
  }

  #requireNumber(of: Operand, name: string): void {
    if (of.reader.form === 'number' || of.reader.form === 'numbers') return;
    fail(this.#source, of.term, `${name}() takes a number, and ${of.target.name} is ${aType(of.target.type)}`);
  }

  #negative(term: Extract<Term, { kind: 'negative' }>): Operand {
    const of = this.operand(term.of);
    this.#requireNumber(of, '-');
    const type = of.target.type === 'duration' ? 'duration' : 'int';
    return this.#derived(
      term,
      `-${of.target.name}`,
      type,
      of,
      mapped(numbersOf(of.reader), (value) => -value),
      of.many,
    );
  }

  #arithmetic(term: Extract<Term, { kind: 'arithmetic' }>): Operand {
    const { operator } = term;
    let left = this.read(term.left);
    let right = this.read(term.right);
    if (left.kind === 'literal' && right.kind === 'literal') {
      // "tcp.prt & 2": the unknown word is the mistake; "1 + 1" has nothing in it that could change.
      left = this.operand(term.left);
      right = this.operand(term.right);
    }
    const anchor = left.kind === 'operand' ? left : (right as Operand);
    if (anchor.reader.form === 'bytes' && operator === '&') return this.#maskBytes(term, left, right);
    for (const side of [left, right]) {
      if (side.kind === 'operand' && (!NUMERIC.has(side.target.type) || side.target.type === 'boolean')) {
        fail(
          this.#source,
          side.term,
          `${side.target.name} is ${aType(side.target.type)}; ${operator} works on numbers`,
        );
      }
    }
    const duration = anchor.target.type === 'duration';
    if (duration && operator === '&') fail(this.#source, term, '& works on whole numbers, not on times');
    // Times scale by plain numbers and add to times.
    const scales = operator === '*' || operator === '/' || operator === '%';
    const literalTarget: Target =
      duration && !scales ? anchor.target : { name: 'this', type: 'int', isSize: anchor.target.isSize ?? false };
    const reader = (side: Operand | Literal): ((subject: Subject, out: number[]) => number) => {
      if (side.kind === 'operand') return numbersOf(side.reader);
      const value = numberLiteral(this.#source, side.term, literalTarget);
      return (_subject, out) => {
        out[0] = value;
        return 1;
      };
    };
    const scope =
      left.kind === 'operand' && right.kind === 'operand' ? this.commonScope(left, right, term) : anchor.scope;
    const fill = pairwise(reader(left), reader(right), OPERATIONS[operator]);
    const name = this.#source.slice(term.start, term.end);
    const many = (left.kind === 'operand' && left.many) || (right.kind === 'operand' && right.many);
    return {
      kind: 'operand',
      term,
      target: { name, type: duration ? 'duration' : 'int', isSize: anchor.target.isSize ?? false },
      scope,
      reader: { form: 'numbers', fill },
      many,
      field: null,
    };
  }

  #maskBytes(term: Extract<Term, { kind: 'arithmetic' }>, left: Operand | Literal, right: Operand | Literal): Operand {
    if (left.kind !== 'operand' || left.reader.form !== 'bytes' || right.kind !== 'literal') {
      return fail(this.#source, term, 'bytes are masked by bytes as written: tcp[12] & f0');
    }
    const mask = bytesLiteral(this.#source, right.term, left.target);
    const { get } = left.reader;
    const reader: Reader = {
      form: 'bytes',
      get(subject) {
        const bytes = get(subject);
        if (bytes === null || bytes.length !== mask.length) return null;
        return bytes.map((byte, i) => byte & mask[i]!);
      },
    };
    return this.#derived(term, this.#source.slice(term.start, term.end), 'bytes', left, reader);
  }

  #derived(term: Term, name: string, type: FieldType, of: Operand, reader: Reader, many = false): Operand {
    return { kind: 'operand', term, target: { name, type }, scope: of.scope, reader, many, field: null };
  }
}

const OPERATIONS = {
  // Fields reach 2^32 - 1; JavaScript's & gives a signed result.
  '&': (a, b) => (a & b) >>> 0,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  // Division by zero leaves no value, as in Wireshark.
  '/': (a, b) => (b === 0 ? Number.NaN : a / b),
  '%': (a, b) => (b === 0 ? Number.NaN : a % b),
} satisfies Readonly<Record<string, (a: number, b: number) => number>>;

function pairwise(
  left: (subject: Subject, out: number[]) => number,
  right: (subject: Subject, out: number[]) => number,
  operation: (a: number, b: number) => number,
): (subject: Subject, out: number[]) => number {
  const lefts: number[] = [];
  const rights: number[] = [];
  return (subject, out) => {
    const n = left(subject, lefts);
    const m = right(subject, rights);
    let count = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        const value = operation(lefts[i]!, rights[j]!);
        if (!Number.isNaN(value)) out[count++] = value;
      }
    }
    return count;
  };
}

function mapped(fill: (subject: Subject, out: number[]) => number, change: (value: number) => number): Reader {
  return {
    form: 'numbers',
    fill(subject, out) {
      const count = fill(subject, out);
      for (let i = 0; i < count; i++) out[i] = change(out[i]!);
      return count;
    },
  };
}

/** Number of values of a field; absent fields have none at all, as in Wireshark. */
function counter(source: string, of: Operand): (subject: Subject) => number {
  const { reader } = of;
  const atLeastOne = (count: number): number => (count === 0 ? Number.NaN : count);
  switch (reader.form) {
    case 'number':
    case 'numbers': {
      const fill = numbersOf(reader);
      const out: number[] = [];
      return (subject) => atLeastOne(fill(subject, out));
    }
    case 'texts': {
      const out: string[] = [];
      return (subject) => atLeastOne(reader.fill(subject, out));
    }
    case 'addresses': {
      const out = newAddresses();
      return (subject) => atLeastOne(reader.fill(subject, out));
    }
    default:
      return fail(
        source,
        of.term,
        `count() takes a field with values, and ${of.target.name} is ${aType(of.target.type)}`,
      );
  }
}

/** Lengths in bytes, of text in UTF-8. */
function lengths(source: string, of: Operand): (subject: Subject, out: number[]) => number {
  const { reader } = of;
  if (reader.form === 'bytes') {
    return (subject, out) => {
      const bytes = reader.get(subject);
      if (bytes === null) return 0;
      out[0] = bytes.length;
      return 1;
    };
  }
  if (reader.form !== 'texts')
    return fail(source, of.term, `len() takes text or bytes, and ${of.target.name} is ${aType(of.target.type)}`);
  const texts: string[] = [];
  return (subject, out) => {
    const count = reader.fill(subject, texts);
    for (let i = 0; i < count; i++) out[i] = Buffer.byteLength(texts[i]!);
    return count;
  };
}

/** Room for all addresses a reader can give: two per IP header, at most 16 headers. */
export function newAddresses(): Int32Array {
  return new Int32Array(ADDRESS_ROOM);
}

const ADDRESS_ROOM = 5 * 2 * 16;

/** "an unsigned integer", "text". */
export function aType(type: FieldType): string {
  const name = FIELD_TYPES[type];
  if (type === 'text' || type === 'bytes' || type === 'word') return type === 'word' ? 'a name from a list' : name;
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}
