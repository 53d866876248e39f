// Tokens, precedence, literals, slices, patterns: the parts of the language one by one.

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareAddresses, parseAddress } from '../../src/filter/address.ts';
import { tokenize } from '../../src/filter/lexer.ts';
import {
  bytesLiteral,
  integer,
  type LiteralTerm,
  momentLiteral,
  numberLiteral,
  type Target,
} from '../../src/filter/literal.ts';
import { parseFilter } from '../../src/filter/parser.ts';
import { compilePattern } from '../../src/filter/pattern.ts';
import { parseSlice } from '../../src/filter/slice.ts';
import type { Condition, Term } from '../../src/filter/syntax.ts';

describe('tokens', () => {
  test.each([
    ['tcp.port==80', 'tcp.port == 80'],
    ['tcp.port eq 80', 'tcp.port == 80'],
    ['a !== b', 'a any_ne b'],
    ['a ~= b', 'a any_ne b'],
    ['a === b', 'a all_eq b'],
    ['a all_ne b', 'a != b'],
    ['a ~ b', 'a matches b'],
    ['a bitwise_and b', 'a & b'],
    ['a&&b||!c^^d', 'a and b or not c xor d'],
    ['80..90', '80 .. 90'],
    ['1.5..2.5', '1.5 .. 2.5'],
    ['10.0.0.1..10.0.0.9', '10.0.0.1 .. 10.0.0.9'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['fe80::/10', 'fe80::/10'],
    ['::1', '::1'],
    ['open-at-end', 'open-at-end'],
    ['== -1', '== -1'],
    ['a -1', 'a - 1'],
    ['a-1', 'a-1'],
    ['{a}-1', '{ a } - 1'],
    ['(a) -1', '( a ) - 1'],
    ['{-1..1}', '{ -1 .. 1 }'],
    ['2020-07-04T12:34:56', '2020-07-04T12:34:56'],
    ['02:04:05:b4', '02:04:05:b4'],
    ['a[0:2]', 'a 0:2'],
    ['not a', 'not a'],
    ['nota', 'nota'],
  ])('%s', (source, tokens) => {
    const texts = tokenize(source).map(({ text }) => text);
    expect(texts.pop()).toBe('');
    expect(texts.join(' ')).toBe(tokens);
  });

  test.each([
    ['"a\\"b"', 'string', 'a"b'],
    ['"\\x48EAD"', 'string', 'HEAD'],
    ['"\\110EAD"', 'string', 'HEAD'],
    ['"\\u00e9\\U0001d11e"', 'string', 'é𝄞'],
    ['"\\t\\n\\\\"', 'string', '\t\n\\'],
    ['r"\\\\SERVER\\x"', 'string', '\\\\SERVER\\x'],
    ['r"a\\"b"', 'string', 'a\\"b'],
    ["'P'", 'character', 'P'],
    ["'\\n'", 'character', '\n'],
    ["'refused'", 'string', 'refused'],
    ['""', 'string', ''],
  ])('%s', (source, kind, text) => {
    expect(tokenize(source)[0]).toMatchObject({ kind, text, start: 0, end: source.length });
  });

  test('each says where it stands', () => {
    const source = ' tcp.port  >=0x50 ';
    expect(tokenize(source).map(({ start, end }) => source.slice(start, end))).toEqual(['tcp.port', '>=', '0x50', '']);
  });
});

/** The tree with every pair of parentheses. */
function shape(node: Condition): string {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'xor':
      return `(${shape(node.left)} ${node.kind} ${shape(node.right)})`;
    case 'not':
      return `not ${shape(node.of)}`;
    case 'endpoints':
      return `${node.quantifier} ${shape(node.of)}`;
    case 'present':
      return termShape(node.of);
    case 'compare':
      return `(${node.quantifier === null ? '' : `${node.quantifier} `}${termShape(node.left)} ${node.operator} ${termShape(node.right)})`;
    case 'in':
      return `(${node.quantifier === null ? '' : `${node.quantifier} `}${termShape(node.left)}${node.negated ? ' not' : ''} in {${node.set
        .map(({ low, high }) => termShape(low) + (high === null ? '' : `..${termShape(high)}`))
        .join(' ')}})`;
  }
}

function termShape(term: Term): string {
  switch (term.kind) {
    case 'slice':
      return `${termShape(term.of)}[${term.range}]`;
    case 'call':
      return `${term.name}(${term.terms.map(termShape).join(' ')})`;
    case 'arithmetic':
      return `{${termShape(term.left)} ${term.operator} ${termShape(term.right)}}`;
    case 'negative':
      return `-${termShape(term.of)}`;
    default:
      return term.text;
  }
}

describe('precedence', () => {
  test.each([
    // From wireshark-filter(4).
    ['A and B or not C or D and not E or F', '((((A and B) or not C) or (D and not E)) or F)'],
    ['a or b xor c and d', '(a or (b xor (c and d)))'],
    ['a xor b xor c', '((a xor b) xor c)'],
    ['not a == 1', 'not (a == 1)'],
    ['!a and b', '(not a and b)'],
    ['not not a', 'not not a'],
    ['not(a)and(b)', '(not a and b)'],
    ['a & 2 == 2', '({a & 2} == 2)'],
    ['a == b + 1 * 2', '(a == {b + {1 * 2}})'],
    ['a == {b + 1} * 2', '(a == {{b + 1} * 2})'],
    ['a - 1 - 2 > 0', '({{a - 1} - 2} > 0)'],
    ['a + 1 & 3', '{{a + 1} & 3}'],
    ['a > - b', '(a > -b)'],
    ['a < b < c', '((a < b) and (b < c))'],
    ['all a == 1 and b', '((all a == 1) and b)'],
    ['any (a and b) or c', '(any (a and b) or c)'],
    ['a not in {1, 2..3} or b', '((a not in {1 2..3}) or b)'],
    ['max(a, b + 1) > 2', '(max(a {b + 1}) > 2)'],
    ['a[0:2][1] == 5', '(a[0:2][1] == 5)'],
    ['((((a))))', 'a'],
  ])('%s', (source, tree) => {
    expect(shape(parseFilter(source))).toBe(tree);
  });
});

const word = (text: string): LiteralTerm => ({ kind: 'word', text, start: 0, end: text.length });
const target = (fields: Partial<Target>): Target => ({ name: 'x', type: 'uint', ...fields });

describe('values', () => {
  test.each([
    ['80', 80],
    ['0x50', 80],
    ['0120', 80],
    ['0b1010000', 80],
    ['0', 0],
    ['00', 0],
    ['-1', -1],
    ['08', null],
    ['1e2', null],
    ['0x', null],
    ['', null],
    ['5s', null],
  ])('integer %s', (text, value) => {
    expect(integer(text)).toBe(value);
  });

  test.each([
    ['0.2', 0.2],
    ['200ms', 0.2],
    ['200000us', 0.2],
    ['200000000ns', 0.2],
    ['-0.005', -0.005],
    ['5s', 5],
    ['1.5s', 1.5],
    ['2m', 120],
    ['2min', 120],
    ['1h', 3600],
    ['1d', 86400],
    ['0.123456789', 0.123456789],
  ])('time %s', (text, seconds) => {
    expect(numberLiteral('', word(text), target({ type: 'duration' }))).toBe(seconds);
  });

  test.each([
    ['10B', 10],
    ['10KB', 10_000],
    ['10kB', 10_000],
    ['1.5MB', 1_500_000],
    ['1KiB', 1024],
    ['1MiB', 1_048_576],
    ['2GiB', 2_147_483_648],
    ['0xB', 11],
  ])('size %s', (text, bytes) => {
    expect(numberLiteral('', word(text), target({ isSize: true }))).toBe(bytes);
  });

  test.each([
    ['1714989443.25', 1714989443, 250_000_000],
    ['1714989443', 1714989443, 0],
    ['-0.5', -1, 500_000_000],
    ['2024-05-06T09:57:23Z', 1714989443, 0],
    ['2024-05-06 09:57:23.000000001 UTC', 1714989443, 1],
    ['2024-05-06T11:57:23.5+02:00', 1714989443, 500_000_000],
    ['2024-05-06T00:00:00Z', 1714953600, 0],
  ])('moment %s', (text, seconds, nanoseconds) => {
    const term: LiteralTerm = { kind: /^-?\d+(?:\.\d+)?$/.test(text) ? 'word' : 'string', text, start: 0, end: 0 };
    expect(momentLiteral('', term, target({ type: 'moment' }))).toEqual({ seconds, nanoseconds });
  });

  test.each([
    ['02:04:05:b4', '020405b4'],
    ['2', '02'],
    ['0x2', '02'],
    ['a0-b1', 'a0b1'],
    ['0.1.0.d', '0001000d'],
    ['0204', '0204'],
  ])('bytes %s', (text, hex) => {
    expect(Buffer.from(bytesLiteral('', word(text), target({ type: 'bytes' }))).toString('hex')).toBe(hex);
  });
});

describe('addresses', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const v4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
  const v6 = fc.ipV6();

  test('what Node takes for an address, and nothing else', () => {
    const texts = fc.oneof(v4, v6, fc.string({ maxLength: 20 }), fc.stringMatching(/^[0-9a-f:.]{1,30}$/));
    fc.assert(
      fc.property(texts, (text) => {
        // Node reads zone ids ("%eth0"), which no packet carries.
        fc.pre(!text.includes('%') && !text.includes('/'));
        expect(parseAddress(text, 4) !== null).toBe(isIPv4(text));
        expect(parseAddress(text, 6) !== null).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['ipv4', 4, v4, 32],
    ['ipv6', 6, v6, 128],
  ] as const)('%s networks hold what net.BlockList says they hold', (family, version, address, most) => {
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: most }), (network, other, bits) => {
        const list = new BlockList();
        list.addSubnet(network, bits, family);
        const pattern = parseAddress(`${network}/${bits}`, version)!;
        for (const one of [other, network]) {
          const words = parseAddress(one, version)!.words;
          expect(compareAddresses(words, 0, pattern.words, 0, pattern.bits) === 0).toBe(list.check(one, family));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('order is that of the numbers', () => {
    const number = ({ words }: { words: Int32Array }): bigint =>
      [...words.subarray(1)].reduce((sum, one) => (sum << 32n) | BigInt(one >>> 0), 0n);
    fc.assert(
      fc.property(v6, v6, (x, y) => {
        const [a, b] = [parseAddress(x, 6)!, parseAddress(y, 6)!];
        const difference = compareAddresses(a.words, 0, b.words, 0, 128);
        expect(Math.sign(difference)).toBe(number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0);
      }),
    );
  });

  test('behind a version 4 address anything may stand', () => {
    const [a, b] = [Int32Array.of(4, 0x0a000001, 9, 9, 9), Int32Array.of(4, 0x0a000001, 1, 2, 3)];
    expect(compareAddresses(a, 0, b, 0, 128)).toBe(0);
  });

  test('the two versions neither equal nor order', () => {
    const [a, b] = [parseAddress('0.0.0.1', 4)!, parseAddress('::1', 6)!];
    expect(compareAddresses(a.words, 0, b.words, 0, 128)).toBeNaN();
  });
});

describe('slices', () => {
  const bytes = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  test.each([
    ['0:2', '0 1'],
    ['3-5', '3 4 5'],
    ['4', '4'],
    [':3', '0 1 2'],
    ['7:', '7 8 9'],
    ['-1', '9'],
    ['-4:4', '6 7 8 9'],
    ['-4:', '6 7 8 9'],
    ['-4:2', '6 7'],
    ['1,3-5,9:', '1 3 4 5 9'],
    ['9:2', null],
    ['10', null],
    ['-11', null],
    ['8-10', null],
    ['5-4', null],
  ])('[%s]', (range, wanted) => {
    const found = parseSlice(range)!(bytes);
    expect(found === null ? null : [...found].join(' ')).toBe(wanted);
  });

  test.each(['', ':', 'a', '1:0', '1-', '1..2', ','])('[%s] is none', (range) => {
    expect(parseSlice(range)).toBeNull();
  });
});

describe('regular expressions, as PCRE2 reads them', () => {
  test.each([
    ['cldc', 'CLDC/1', true],
    ['(?-i)cldc', 'CLDC/1', false],
    ['(?-i)cldc', 'x cldc', true],
    ['^a.c$', 'a\rc', true],
    ['^a.c$', 'a\nc', false],
    ['(?s)^a.c$', 'a\nc', true],
    ['[.]c', 'abc', false],
    ['\\.c', 'a.c', true],
    ['\\Aab\\z', 'ab', true],
    ['(?im-s)^b', 'a\nB', true],
  ])('%s', (pattern, text, matches) => {
    expect(compilePattern(pattern).test(text)).toBe(matches);
  });
});
