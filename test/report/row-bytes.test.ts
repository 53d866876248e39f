import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeText } from '../../src/report/packet-fields.ts';
import { RowBytes, utf8 } from '../../src/report/row-bytes.ts';

/** What `write` writes behind `before`. */
function written(write: (out: RowBytes) => void, before = ''): string {
  const out = new RowBytes(16);
  out.text(before);
  out.makeRoom(2000);
  write(out);
  return new TextDecoder().decode(out.block.subarray(0, out.length)).slice(before.length);
}

const EDGES = [
  0,
  9,
  10,
  99,
  100,
  101,
  999,
  1000,
  65535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  -1,
  -2,
];
const POWERS = Array.from({ length: 16 }, (_, n) => [10 ** n - 1, 10 ** n, 10 ** n + 1]).flat();

describe('RowBytes', () => {
  it.each([...EDGES, ...POWERS])('number %d', (value) => {
    expect(written((out) => out.number(value))).toBe(String(value));
  });

  it('writes any whole number as String does, any time as timeText', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(2 ** 32 - 1), (safe, word) => {
        expect(written((out) => out.number(safe))).toBe(String(safe));
        expect(written((out) => out.number(word))).toBe(String(word));
      }),
    );
    fc.assert(
      fc.property(fc.integer(), fc.nat(999_999_999), fc.nat(999_999), (seconds, nanoseconds, few) => {
        expect(written((out) => out.time(seconds, nanoseconds))).toBe(timeText(seconds, nanoseconds));
        expect(written((out) => out.time(seconds, few))).toBe(timeText(seconds, few));
      }),
    );
  });

  it.each([
    [0x0a000001, '10.0.0.1'],
    [-1, '255.255.255.255'],
    [0, '0.0.0.0'],
    [0xc0a86409 | 0, '192.168.100.9'],
  ])('address %i', (address, text) => {
    expect(written((out) => out.ipv4(address))).toBe(text);
  });

  it('keeps text of any kind and length, and what stood before it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 5000 }), fc.string({ unit: 'grapheme' }), (text, before) => {
        expect(written((out) => out.text(text), before)).toBe(text);
      }),
      { numRuns: 50 },
    );
    expect(written((out) => out.text('→'.repeat(10_000)))).toBe('→'.repeat(10_000));
    expect(written((out) => out.bytes(utf8('a → b·')))).toBe('a → b·');
  });

  it('makes room for another cell after a long text', () => {
    const out = new RowBytes(16);
    out.text('x'.repeat(5000));
    out.makeRoom(2000);
    for (let i = 0; i < 2000; i++) out.byte(0x79);
    expect(new TextDecoder().decode(out.block.subarray(0, out.length))).toBe('x'.repeat(5000) + 'y'.repeat(2000));
  });
});
