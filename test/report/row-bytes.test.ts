import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressText } from '../../src/flow/address.ts';
import { timeText } from '../../src/report/packet-fields.ts';
import { RowBytes, utf8, Words } from '../../src/report/row-bytes.ts';

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

  it('writes any IPv6 address as it is written elsewhere', () => {
    const group = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(1, 0xffff, 0x100), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const words = Int32Array.from([6, 0, 2, 4, 6], (i, n) => (n === 0 ? 6 : (groups[i]! << 16) | groups[i + 1]!));
        expect(written((out) => out.ipv6(words, 1))).toBe(addressText(words, 0));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [[0x20010db8, 0, 0, 1], '2001:db8::1'],
    [[0, 0, 0, 1], '::1'],
    [[0, 0, 0, 0], '::'],
    [[0, 0, 0xffff, 0x0a000001], '::ffff:10.0.0.1'],
    [[0, 0, 0, 0x0a000001], '::10.0.0.1'],
    [[0xfe800000, 0, 0x02000000, 0x00010002], 'fe80::200:0:1:2'],
    [[0x00010000, 0x00000002, 0, 0x00030000], '1::2:0:0:3:0'],
    [[0x00010002, 0x00030004, 0x00050006, 0], '1:2:3:4:5:6::'],
    [[0x00010000, 0x00020003, 0x00040005, 0x00060007], '1:0:2:3:4:5:6:7'],
  ])('address %j, as inet_ntop writes it', (words, text) => {
    expect(written((out) => out.ipv6(Int32Array.from(words), 0))).toBe(text);
  });

  it.each([
    [0x0a000001, '10.0.0.1'],
    [-1, '255.255.255.255'],
    [0, '0.0.0.0'],
    [0xc0a86409 | 0, '192.168.100.9'],
  ])('address %i', (address, text) => {
    expect(written((out) => out.ipv4(address))).toBe(text);
  });

  it.each([
    0,
    -0,
    0.1,
    1e-6,
    9.99e-7,
    1e-7,
    999_999.999999999,
    1e6,
    12.5,
    2 ** 31,
    2 ** 53,
    1e21,
    -1,
    -0.5,
    Number.NaN,
  ])('decimal %d, as JSON writes it', (value) => {
    expect(written((out) => out.decimal(value))).toBe(JSON.stringify(value));
  });

  it('writes any number as JSON does, whole nanoseconds above all', () => {
    const nanoseconds = fc.oneof(fc.maxSafeNat(), fc.nat(2_000_000), fc.nat(10 ** 9));
    fc.assert(
      fc.property(nanoseconds, fc.double(), (whole, double) => {
        expect(written((out) => out.decimal(whole / 1e9))).toBe(JSON.stringify(whole / 1e9));
        expect(written((out) => out.decimal(double))).toBe(JSON.stringify(double));
      }),
      { numRuns: 2000 },
    );
  });

  it('copies words of every length, and takes as plain what JSON leaves as it is', () => {
    for (let length = 0; length < 40; length++) {
      const text = 'abcdefghijklmnopqrstuvwxyz0123456789,:{}'.slice(0, length);
      expect(written((out) => out.words(new Words(text)), 'before')).toBe(text);
    }
    for (let code = 0; code < 0x180; code++) {
      const text = `a${String.fromCharCode(code)}`;
      const isPlain = JSON.stringify(text) === `"${text}"` && code < 0x7f;
      const taken = written((out) => expect(out.plain(text)).toBe(isPlain));
      expect(taken).toBe(isPlain ? text : '');
    }
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
