// In: the text of a filter. Out: its tokens, each with the place it stands at.
//
// Spelling is that of Wireshark's display filters (wireshark-filter(4), tshark 4.0.17). As there, a run of letters, digits
// and the signs . : / _ - is one word, be it a field, a number, an address or a state; only the parser knows which.

import { FilterError, type Span } from './filter-error.ts';

export type TokenKind = 'word' | 'string' | 'character' | 'operator' | 'slice' | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** Operators under one name each ("&&" and "and" are both "and"); strings and characters without quotes and escapes. */
  readonly text: string;
}

/** Every spelling of an operator, and the one name the parser knows it by. `!=` and the others as tshark 4.0.17 reads them. */
const SIGNS: Readonly<Record<string, string>> = {
  '&&': 'and',
  '||': 'or',
  '^^': 'xor',
  '!==': 'any_ne',
  '!=': '!=',
  '!': 'not',
  '===': 'all_eq',
  '==': '==',
  '~=': 'any_ne',
  '~': 'matches',
  '<=': '<=',
  '<': '<',
  '>=': '>=',
  '>': '>',
  '&': '&',
  '+': '+',
  '-': '-',
  '*': '*',
  '/': '/',
  '%': '%',
  '..': '..',
  '(': '(',
  ')': ')',
  '{': '{',
  '}': '}',
  ',': ',',
};

const WORDS: Readonly<Record<string, string>> = {
  and: 'and',
  or: 'or',
  xor: 'xor',
  not: 'not',
  eq: '==',
  any_eq: '==',
  ne: '!=',
  all_ne: '!=',
  all_eq: 'all_eq',
  any_ne: 'any_ne',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  contains: 'contains',
  matches: 'matches',
  in: 'in',
  any: 'any',
  all: 'all',
  bitwise_and: '&',
};

/** Two, three characters before one: the longest sign wins. */
const SIGN = /!==|===|&&|\|\||\^\^|!=|==|~=|<=|>=|\.\.|[!~<>&+\-*/%(){},]/y;
/** Signs inside a word only between two of its characters; two dots in a row end it (a range). */
const WORD = /[A-Za-z0-9_:](?:[A-Za-z0-9_:]|\.(?!\.)(?=[A-Za-z0-9_:])|[/-](?=[A-Za-z0-9_:]))*/y;
const NEGATIVE = /-(?=\d)/y;

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** @throws FilterError at a character that begins nothing, or a string without an end. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const push = (kind: TokenKind, text: string, end: number): void => {
    tokens.push({ kind, text, start: at, end });
    at = end;
  };
  while (at < source.length) {
    const character = source[at]!;
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    if (character === '"' || (character === 'r' && source[at + 1] === '"')) {
      const raw = character === 'r';
      const { text, end } = readQuoted(source, at, raw ? at + 1 : at, raw);
      push('string', text, end);
      continue;
    }
    if (character === "'") {
      const { text, end } = readQuoted(source, at, at, false);
      // Wireshark's quotes hold one character; longer texts are ours, for shells in which " is taken.
      push(text.length === 1 ? 'character' : 'string', text, end);
      continue;
    }
    if (character === '[') {
      const close = source.indexOf(']', at);
      if (close < 0) throw new FilterError('this slice has no end, a ] is missing', source, { start: at, end: at + 1 });
      push('slice', source.slice(at + 1, close), close + 1);
      continue;
    }
    const word = wordAt(source, at, tokens.at(-1));
    if (word !== null) {
      const operator = WORDS[word];
      if (operator === undefined) push('word', word, at + word.length);
      else push('operator', operator, at + word.length);
      continue;
    }
    const sign = matchAt(SIGN, source, at);
    if (sign === null)
      throw new FilterError(strayCharacter(source, at), source, { start: at, end: at + lengthAt(source, at) });
    push('operator', SIGNS[sign]!, at + sign.length);
  }
  tokens.push({ kind: 'end', text: '', start: source.length, end: source.length });
  return tokens;
}

function wordAt(source: string, at: number, before: Token | undefined): string | null {
  // "-1" is a number where a value is due; after a value it is a subtraction, as in Wireshark.
  const valueDue = before === undefined || (before.kind === 'operator' && before.text !== ')' && before.text !== '}');
  const sign = valueDue ? matchAt(NEGATIVE, source, at) : null;
  const word = matchAt(WORD, source, sign === null ? at : at + 1);
  return word === null ? null : (sign ?? '') + word;
}

function matchAt(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}

function lengthAt(source: string, at: number): number {
  return String.fromCodePoint(source.codePointAt(at)!).length;
}

function strayCharacter(source: string, at: number): string {
  const character = source.slice(at, at + lengthAt(source, at));
  switch (character) {
    case '=':
      return 'to compare, write == instead of =';
    case '|':
      return 'write || (or) instead of |';
    case '^':
      return 'write xor instead of ^';
    case '“':
    case '”':
    case '„':
      return `${character} is a typographic quote; write "`;
    case '.':
      return 'a number begins with a digit: 0.5 instead of .5';
    case '#':
      return 'tcpstate does not know the layer operator #';
    case '$':
      return 'tcpstate does not know field references (a name behind a dollar sign)';
    default:
      return `${JSON.stringify(character)} has no meaning here`;
  }
}

/** Reads from the quote at `quote` to its partner. In a raw string a backslash stays as it is, also before a quote. */
function readQuoted(source: string, start: number, quote: number, raw: boolean): { text: string; end: number } {
  const mark = source[quote]!;
  let text = '';
  let at = quote + 1;
  while (at < source.length && source[at] !== mark) {
    if (source[at] !== '\\') {
      text += source[at++];
    } else if (raw) {
      text += source.slice(at, at + 2);
      at += 2;
    } else {
      const escaped = readEscape(source, at);
      text += escaped.text;
      at = escaped.end;
    }
  }
  if (at >= source.length)
    throw new FilterError(`this text has no end, a ${mark} is missing`, source, { start, end: source.length });
  return { text, end: at + 1 };
}

/** The escape at the backslash `at`, as wireshark-filter(4) lists them. */
function readEscape(source: string, at: number): { text: string; end: number } {
  const rest = source.slice(at + 1, at + 10);
  const coded = /^(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{1,3}))/.exec(rest);
  if (coded !== null) {
    const [all, hex, short, long, octal] = coded;
    const digits = hex ?? short ?? long;
    const code = digits === undefined ? Number.parseInt(octal!, 8) : Number.parseInt(digits, 16);
    if (code <= 0x10ffff) return { text: String.fromCodePoint(code), end: at + 1 + all.length };
  }
  const plain = ESCAPES[rest[0] ?? ''];
  if (plain === undefined) {
    throw new FilterError(
      `\\${rest[0] ?? ''} is no escape (write \\\\ for a backslash, or r"..." for a raw text)`,
      source,
      {
        start: at,
        end: Math.min(source.length, at + 2),
      },
    );
  }
  return { text: plain, end: at + 2 };
}
