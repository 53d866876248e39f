import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { type Moment, parseMoment, sinceStart } from '../../src/occupancy/moment.ts';

// 2024-05-06T09:57:23Z is 1714989443: `date -u -d 2024-05-06T09:57:23Z +%s`.
test.each<[string, Moment]>([
  ['end', { kind: 'end' }],
  ['12.5', { kind: 'relative', nanoseconds: 12.5e9 }],
  ['+12.5s', { kind: 'relative', nanoseconds: 12.5e9 }],
  ['+3', { kind: 'relative', nanoseconds: 3e9 }],
  ['0', { kind: 'relative', nanoseconds: 0 }],
  ['.25', { kind: 'relative', nanoseconds: 0.25e9 }],
  ['1.0000000019', { kind: 'relative', nanoseconds: 1_000_000_001 }],
  ['@1714989443.25', { kind: 'absolute', seconds: 1714989443, nanoseconds: 250_000_000 }],
  ['@1714989443', { kind: 'absolute', seconds: 1714989443, nanoseconds: 0 }],
  ['2024-05-06T09:57:23Z', { kind: 'absolute', seconds: 1714989443, nanoseconds: 0 }],
  ['2024-05-06T09:57:23.000000007Z', { kind: 'absolute', seconds: 1714989443, nanoseconds: 7 }],
  ['2024-05-06 09:57:23.5', { kind: 'absolute', seconds: 1714989443, nanoseconds: 500_000_000 }],
  ['2024-05-06 09:57:23.000 UTC', { kind: 'absolute', seconds: 1714989443, nanoseconds: 0 }],
  ['2024-05-06T11:57:23+02:00', { kind: 'absolute', seconds: 1714989443, nanoseconds: 0 }],
  ['2024-05-06T05:57:23-0400', { kind: 'absolute', seconds: 1714989443, nanoseconds: 0 }],
  ['2024-05-06T09:57Z', { kind: 'absolute', seconds: 1714989420, nanoseconds: 0 }],
])('%s', (text, expected) => {
  expect(parseMoment(text)).toEqual(expected);
});

test.each([
  '',
  'now',
  '-3',
  '12,5',
  '1e3',
  '12.5 min',
  '@',
  '@-1',
  '2024-13-06T09:57:23Z',
  '2024-05-06',
  '2024-05-06T25:00Z',
])('"%s" is no time, and the sentence says what is', (text) => {
  expect(() => parseMoment(text)).toThrow(UsageError);
  expect(() => parseMoment(text)).toThrow(/seconds since the capture's start .* "end", an ISO 8601 time .* @/);
});

test('epoch seconds without @ are met with the hint', () => {
  expect(() => parseMoment('1714989443.25')).toThrow('for epoch seconds write @1714989443.25');
});

describe('within a capture that starts at 1714989443.000000500', () => {
  test.each<[string, number | null]>([
    ['end', null],
    ['2.5', 2.5e9],
    ['@1714989443.0000005', 0],
    ['@1714989444', 999_999_500],
    ['@1714989443', -500],
  ])('%s', (text, expected) => {
    expect(sinceStart(parseMoment(text), 1714989443, 500)).toBe(expected);
  });
});
