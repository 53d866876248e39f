// In: texts. Out: proof that they fit their columns and that hostile ones stay text.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearestName } from '../../src/nearest-name.ts';
import { clip, displayWidth, padLeft, padRight, wrap } from '../../src/report/columns.ts';
import { printable } from '../../src/report/printable.ts';

describe('columns', () => {
  test.each([
    ['abc', 3],
    ['', 0],
    ['→ ────▶ ~', 9],
    ['Zoë', 3],
    ['Zoe\u0308', 3],
    ['日本', 4],
    ['한글', 4],
    ['🦈', 2],
    ['\x1b[31mred\x1b[39m', 3],
  ])('%j takes %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('padding counts columns, not characters', () => {
    expect(padRight('日本', 6)).toBe('日本  ');
    expect(padLeft('日本', 6)).toBe('  日本');
    expect(padRight('\x1b[31mred\x1b[39m', 4)).toBe('\x1b[31mred\x1b[39m ');
    expect(padRight('longer', 3)).toBe('longer');
  });

  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    ['日本語の名前', 6, '日本…'],
  ])('%j clipped to %i is %j', (text, width, clipped) => {
    expect(clip(text, width)).toBe(clipped);
  });

  test.each([
    ['one two three', 20, ['one two three']],
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 5, ['one', 'two', 'three']],
    ['abcdefghij k', 4, ['abcd', 'efgh', 'ij k']],
    ['x abcdefghij', 4, ['x', 'abcd', 'efgh', 'ij']],
  ])('%j wrapped at %i', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  test('wrapping loses nothing and never exceeds the width', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z日]{1,9}( [a-z日]{1,9}){0,9}$/),
        fc.integer({ min: 2, max: 30 }),
        (text, width) => {
          const lines = wrap(text, width);
          expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        },
      ),
    );
  });
});

describe('printable', () => {
  test.each([
    ['clear the screen', '\x1b[2J', '\\x1b[2J'],
    ['C1 control sequence introducer', '\x9b31m', '\\x9b31m'],
    ['bell, carriage return, delete', '\x07\r\x7f', '\\x07\\x0d\\x7f'],
    ['right to left override', '\u202egpj.exe', '\\u202egpj.exe'],
    ['isolates', '\u2066x\u2069', '\\u2066x\\u2069'],
    ['zero width', 'a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['line separator', 'a\u2028b', 'a\\u2028b'],
    ['lone surrogates', '\ud800x\udc00', '\\ud800x\\udc00'],
    ['ordinary text', 'GET /ü/日本/🦈?q=1 HTTP/1.1', 'GET /ü/日本/🦈?q=1 HTTP/1.1'],
  ])('%s', (_name, hostile, harmless) => {
    expect(printable(hostile)).toBe(harmless);
  });

  test('nothing a terminal obeys is left of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe('did you mean', () => {
  const names = ['analyze', 'packets', 'sockets', 'buildup', 'explain'];
  test.each([
    ['anlyze', 'analyze'],
    ['analyse', 'analyze'],
    ['ANALYZE', 'analyze'],
    ['paktes', 'packets'],
    ['socket', 'sockets'],
    ['expalin', 'explain'],
    ['report', null],
    ['x', null],
    ['', null],
  ])('%j: %j', (typed, meant) => {
    expect(nearestName(typed, names)).toBe(meant);
  });
});
