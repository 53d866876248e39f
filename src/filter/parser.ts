// In: the text of a filter. Out: its syntax tree, or the error that says where and why there is none.
//
// From weakest to strongest, as in Wireshark: or, xor, and, not, comparison, &, + -, * / %.

import { FilterError, type Span } from './filter-error.ts';
import { type Token, tokenize } from './lexer.ts';
import type { CompareOperator, Condition, Quantifier, SetElement, Term } from './syntax.ts';

/** Deeper nesting is no filter a person wrote; without a limit it would end in a stack overflow. */
const DEEPEST = 200;

const COMPARISONS: ReadonlySet<string> = new Set([
  '==',
  '!=',
  'all_eq',
  'any_ne',
  '<',
  '<=',
  '>',
  '>=',
  'contains',
  'matches',
]);

/** @throws FilterError */
export function parseFilter(source: string): Condition {
  return new Parser(source).parse();
}

class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  parse(): Condition {
    if (this.#peek().kind === 'end') throw this.#error('the filter is empty', this.#peek());
    const condition = this.#or();
    if (this.#peek().kind !== 'end') throw this.#unexpected('"and", "or" or the end');
    return condition;
  }

  #or(): Condition {
    let left = this.#xor();
    while (this.#take('or')) left = joined('or', left, this.#xor());
    return left;
  }

  #xor(): Condition {
    let left = this.#and();
    while (this.#take('xor')) left = joined('xor', left, this.#and());
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#take('and')) left = joined('and', left, this.#not());
    return left;
  }

  #not(): Condition {
    const first = this.#peek();
    return this.#nested(first, () => {
      if (this.#take('not')) {
        const of = this.#not();
        return { kind: 'not', of, start: first.start, end: of.end };
      }
      if (this.#take('(')) return this.#restOfGroup(first);
      if ((this.#is('any') || this.#is('all')) && isOperator(this.#tokens[this.#at + 1], '(')) {
        const quantifier = this.#advance().text as Quantifier;
        const of = this.#restOfGroup(this.#advance());
        return { kind: 'endpoints', quantifier, of, start: first.start, end: this.#tokens[this.#at - 1]!.end };
      }
      return this.#comparison();
    });
  }

  #restOfGroup(open: Token): Condition {
    const condition = this.#or();
    if (!this.#take(')')) throw this.#unclosed(open, ')');
    return condition;
  }

  #comparison(): Condition {
    const first = this.#peek();
    const quantifier = this.#is('any') || this.#is('all') ? (this.#advance().text as Quantifier) : null;
    const left = this.#term();
    const negated = this.#is('not') && isOperator(this.#tokens[this.#at + 1], 'in');
    if (negated) this.#at++;
    if (this.#take('in')) {
      const set = this.#set();
      return { kind: 'in', negated, quantifier, left, set, start: first.start, end: this.#tokens[this.#at - 1]!.end };
    }
    if (!this.#isComparison()) {
      if (quantifier !== null) throw this.#unexpected('a comparison');
      return { kind: 'present', of: left, start: first.start, end: left.end };
    }
    // "a < b < c" means "a < b and b < c".
    let chain: Condition | null = null;
    let from = left;
    while (this.#isComparison()) {
      const operator = this.#advance().text as CompareOperator;
      const to = this.#term();
      const link: Condition = {
        kind: 'compare',
        operator,
        quantifier,
        left: from,
        right: to,
        start: from.start,
        end: to.end,
      };
      chain = chain === null ? link : joined('and', chain, link);
      from = to;
    }
    return chain!;
  }

  #set(): SetElement[] {
    const open = this.#peek();
    if (!this.#take('{')) throw this.#unexpected('a set: in {80, 443, 8000..8099}');
    const elements: SetElement[] = [];
    do {
      if (this.#is('}')) throw this.#unexpected(elements.length === 0 ? 'a value: a set is not empty' : 'a value');
      const low = this.#factor();
      elements.push({ low, high: this.#take('..') ? this.#factor() : null });
    } while (this.#take(','));
    if (!this.#take('}')) {
      if (this.#peek().kind === 'end') throw this.#unclosed(open, '}');
      throw this.#unexpected('a comma between the values, or }');
    }
    return elements;
  }

  #term(): Term {
    return this.#leftToRight(['&'], () =>
      this.#leftToRight(['+', '-'], () => this.#leftToRight(['*', '/', '%'], () => this.#factor())),
    );
  }

  #leftToRight(operators: readonly string[], operand: () => Term): Term {
    let left = operand();
    while (this.#peek().kind === 'operator' && operators.includes(this.#peek().text)) {
      const operator = this.#advance().text as '&' | '+' | '-' | '*' | '/' | '%';
      const right = operand();
      left = { kind: 'arithmetic', operator, left, right, start: left.start, end: right.end };
    }
    return left;
  }

  #factor(): Term {
    const first = this.#peek();
    return this.#nested(first, () => {
      if (this.#take('-')) {
        const of = this.#factor();
        return { kind: 'negative', of, start: first.start, end: of.end };
      }
      if (this.#take('{')) {
        const inner = this.#term();
        if (!this.#take('}')) throw this.#unclosed(first, '}');
        return inner;
      }
      return this.#value();
    });
  }

  #value(): Term {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'string' && token.kind !== 'character') {
      throw this.#unexpected('a field or a value');
    }
    this.#at++;
    if (token.kind === 'word' && this.#take('(')) return this.#call(token);
    let term: Term = { kind: token.kind, text: token.text, start: token.start, end: token.end };
    while (this.#peek().kind === 'slice') {
      const slice = this.#advance();
      term = { kind: 'slice', of: term, range: slice.text, start: term.start, end: slice.end };
    }
    return term;
  }

  #call(name: Token): Term {
    const open = this.#tokens[this.#at - 1]!;
    const terms: Term[] = [];
    do terms.push(this.#term());
    while (this.#take(','));
    if (!this.#take(')')) throw this.#unclosed(open, ')');
    return {
      kind: 'call',
      name: name.text,
      nameSpan: name,
      terms,
      start: name.start,
      end: this.#tokens[this.#at - 1]!.end,
    };
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #advance(): Token {
    return this.#tokens[this.#at++]!;
  }

  #is(operator: string): boolean {
    return isOperator(this.#peek(), operator);
  }

  #take(operator: string): boolean {
    if (!this.#is(operator)) return false;
    this.#at++;
    return true;
  }

  #isComparison(): boolean {
    return this.#peek().kind === 'operator' && COMPARISONS.has(this.#peek().text);
  }

  #nested<T>(at: Span, read: () => T): T {
    if (++this.#depth > DEEPEST) throw this.#error(`nested deeper than ${DEEPEST} levels`, at);
    const result = read();
    this.#depth--;
    return result;
  }

  #error(reason: string, span: Span): FilterError {
    return new FilterError(reason, this.#source, span);
  }

  #unexpected(expected: string): FilterError {
    const token = this.#peek();
    if (token.kind === 'end') return this.#error(`the filter ends where it needs ${expected}`, token);
    const text = this.#source.slice(token.start, token.end);
    return this.#error(`${text} stands where ${expected} belongs`, token);
  }

  #unclosed(open: Token, mark: string): FilterError {
    if (this.#peek().kind !== 'end') return this.#unexpected(mark);
    return this.#error(`this ${open.text} has no partner, a ${mark} is missing`, open);
  }
}

function isOperator(token: Token | undefined, text: string): boolean {
  return token?.kind === 'operator' && token.text === text;
}

function joined(kind: 'and' | 'or' | 'xor', left: Condition, right: Condition): Condition {
  return { kind, left, right, start: left.start, end: right.end };
}
