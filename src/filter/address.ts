// In: text such as 10.0.0.0/8 or fe80::1. Out: the address as words, and comparison of addresses by prefix.

import { ADDRESS_WORDS } from './field.ts';

/** An address, or with `bits` below 32 or 128 a network (CIDR). */
export interface AddressPattern {
  /** Version, then four words, as a reader writes them. */
  readonly words: Int32Array;
  /** Leading bits that count. */
  readonly bits: number;
}

const V4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/** Null if the text is no address, or no network, of the version. A netmask beyond the address is no network either. */
export function parseAddress(text: string, version: 4 | 6): AddressPattern | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const most = version === 4 ? 32 : 128;
  let bits = most;
  if (slash >= 0) {
    if (!/^\d{1,3}$/.test(text.slice(slash + 1))) return null;
    bits = Number(text.slice(slash + 1));
    if (bits > most) return null;
  }
  const words = new Int32Array(ADDRESS_WORDS);
  words[0] = version;
  return (version === 4 ? readV4(address, words, 1) : readV6(address, words)) ? { words, bits } : null;
}

function readV4(text: string, words: Int32Array, at: number): boolean {
  if (!V4.test(text)) return false;
  let word = 0;
  for (const part of text.split('.')) {
    const byte = Number(part);
    if (byte > 255) return false;
    word = (word << 8) | byte;
  }
  words[at] = word;
  return true;
}

/** RFC 4291 2.2: eight groups, one run of zeros as "::", the last two groups also as an IPv4 address. */
function readV6(text: string, words: Int32Array): boolean {
  let head = text;
  const tail = new Int32Array(1);
  const dotted = text.includes('.');
  if (dotted) {
    const colon = text.lastIndexOf(':');
    if (colon < 0 || !readV4(text.slice(colon + 1), tail, 0)) return false;
    head = `${text.slice(0, colon + 1)}${(tail[0]! >>> 16).toString(16)}:${(tail[0]! & 0xffff).toString(16)}`;
  }
  const halves = head.split('::');
  if (halves.length > 2) return false;
  const [before, after] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = before!.length + (after?.length ?? 0);
  if (after === undefined ? given !== 8 : given > 7) return false;
  const groups = [...before!, ...new Array<string>(8 - given).fill('0'), ...(after ?? [])];
  for (const [i, group] of groups.entries()) {
    if (!/^[0-9A-Fa-f]{1,4}$/.test(group)) return false;
    const value = Number.parseInt(group, 16);
    words[1 + (i >> 1)] = i % 2 === 0 ? value << 16 : words[1 + (i >> 1)]! | value;
  }
  return true;
}

/**
 * Negative, zero or positive, comparing the leading `bits` of two addresses as unsigned numbers; NaN for addresses of
 * different versions: they differ, and neither is the greater.
 */
export function compareAddresses(a: Int32Array, aAt: number, b: Int32Array, bAt: number, bits: number): number {
  if (a[aAt] !== b[bAt]) return Number.NaN;
  // A reader leaves the words behind a version 4 address as they were.
  let left = a[aAt] === 4 ? Math.min(bits, 32) : bits;
  for (let word = 1; left > 0; word++, left -= 32) {
    const shift = left >= 32 ? 0 : 32 - left;
    const difference = (a[aAt + word]! >>> shift) - (b[bAt + word]! >>> shift);
    if (difference !== 0) return difference;
  }
  return 0;
}
