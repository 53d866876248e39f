import { describe, expect, it } from 'vitest';
import { AddressTable } from '../../src/flow/address.ts';

/** Parses "a.b.c.d" or eight colon-separated groups. */
function words(text: string): [4 | 6, number, number, number, number] {
  if (text.includes('.')) {
    const [a, b, c, d] = text.split('.').map(Number) as [number, number, number, number];
    return [4, (a << 24) | (b << 16) | (c << 8) | d, 0, 0, 0];
  }
  const g = text.split(':').map((h) => Number.parseInt(h, 16));
  return [6, (g[0]! << 16) | g[1]!, (g[2]! << 16) | g[3]!, (g[4]! << 16) | g[5]!, (g[6]! << 16) | g[7]!];
}

describe('addresses as text', () => {
  // RFC 5952 sections 4.1 to 5; the embedded forms as inet_ntop (and so tshark) prints them.
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:0:0:0:0', '2001:db8::'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['fe80:0:0:0:dead:BEEF:cafe:f00d', 'fe80::dead:beef:cafe:f00d'],
    ['0:0:0:0:0:ffff:a00:1', '::ffff:10.0.0.1'],
    ['0:0:0:0:0:0:a00:1', '::10.0.0.1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['0:0:3:4:5:6:0:0', '::3:4:5:6:0:0'],
  ])('%s prints as %s', (input, expected) => {
    const table = new AddressTable();
    expect(table.toText(table.intern(...words(input)))).toBe(expected);
  });
});

describe('interning', () => {
  it('gives one id to one address, however many there are', () => {
    const table = new AddressTable();
    const count = 50_000;
    for (let i = 0; i < count; i++) expect(table.intern(4, (i * 65537) | 0, 0, 0, 0)).toBe(i);
    for (let i = 0; i < count; i++) expect(table.intern(4, (i * 65537) | 0, 0, 0, 0)).toBe(i);
    expect(table.size).toBe(count);
  });

  it('never takes an IPv4 address for an IPv6 one', () => {
    const table = new AddressTable();
    expect(table.intern(4, 1, 0, 0, 0)).not.toBe(table.intern(6, 1, 0, 0, 0));
  });

  it('gives the bytes back', () => {
    const table = new AddressTable();
    expect([...table.toBytes(table.intern(...words('192.0.2.7')))]).toEqual([192, 0, 2, 7]);
    expect([...table.toBytes(table.intern(...words('2001:db8:0:0:0:0:0:5')))]).toEqual([
      0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5,
    ]);
  });
});
