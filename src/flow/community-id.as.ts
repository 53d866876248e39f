// In: an IPv4 4-tuple. Out: its Community ID, written in place: see community-id.ts.

import { get, put } from '../linear/words.as.ts';

/** H(0) of FIPS 180-4 5.3.3. */
const H0: i32 = 0x67452301;
const H1: i32 = 0xefcdab89;
const H2: i32 = 0x98badcfe;
const H3: i32 = 0x10325476;
const H4: i32 = 0xc3d2e1f0;
/** K of 4.2.1. */
const K0: i32 = 0x5a827999;
const K1: i32 = 0x6ed9eba1;
const K2: i32 = 0x8f1bbcdc;
const K3: i32 = 0xca62c1d6;
const END_MARK: i32 = 0x80000000;
const PROTOCOL_TCP = 6;
/** Bytes of the message: the seed, which stays zero, the addresses, protocol, padding, ports. */
const MESSAGE_BYTES = 16;

/** Returns where it ends. `scratch`: 80 words of no account. */
export function writeCommunityId(at: i32, a: i32, portA: i32, b: i32, portB: i32, scratch: i32): i32 {
  const isTurned = a === b ? portA > portB : <u32>a > <u32>b;
  const first = isTurned ? b : a;
  const second = isTurned ? a : b;
  put(scratch, 0, first >>> 16);
  put(scratch, 1, (first << 16) | (second >>> 16));
  put(scratch, 2, (second << 16) | (PROTOCOL_TCP << 8));
  put(scratch, 3, isTurned ? (portB << 16) | portA : (portA << 16) | portB);
  put(scratch, 4, END_MARK);
  for (let word = 5; word < 15; word++) put(scratch, word, 0);
  put(scratch, 15, 8 * MESSAGE_BYTES);
  schedule(scratch);

  let a0 = H0;
  let b0 = H1;
  let c0 = H2;
  let d0 = H3;
  let e0 = H4;
  // FIPS 180-4 6.1.2. Five rounds at a time bring each variable back to its own name.
  let from = scratch;
  for (let five = 0; five < 16; five++, from += 20) {
    const part = five >> 2;
    const k = part === 0 ? K0 : part === 1 ? K1 : part === 2 ? K2 : K3;
    e0 += rotl<i32>(a0, 5) + mixed(part, b0, c0, d0) + k + get(from, 0);
    b0 = rotl<i32>(b0, 30);
    d0 += rotl<i32>(e0, 5) + mixed(part, a0, b0, c0) + k + get(from, 1);
    a0 = rotl<i32>(a0, 30);
    c0 += rotl<i32>(d0, 5) + mixed(part, e0, a0, b0) + k + get(from, 2);
    e0 = rotl<i32>(e0, 30);
    b0 += rotl<i32>(c0, 5) + mixed(part, d0, e0, a0) + k + get(from, 3);
    d0 = rotl<i32>(d0, 30);
    a0 += rotl<i32>(b0, 5) + mixed(part, c0, d0, e0) + k + get(from, 4);
    c0 = rotl<i32>(c0, 30);
  }
  return writeText(at, a0 + H0, b0 + H1, c0 + H2, d0 + H3, e0 + H4);
}

/** The function of each part of twenty rounds: choose, parity, majority, parity (4.1.1). */
function mixed(part: i32, x: i32, y: i32, z: i32): i32 {
  if (part === 0) return (x & (y ^ z)) ^ z;
  return part === 2 ? (x & y) | (z & (x | y)) : x ^ y ^ z;
}

/** The 80 words of the message schedule, of which the first sixteen are there. */
function schedule(words: i32): void {
  for (let word = 16; word < 32; word++) {
    const mixed = get(words, word - 3) ^ get(words, word - 8) ^ get(words, word - 14) ^ get(words, word - 16);
    put(words, word, rotl<i32>(mixed, 1));
  }
  // The same rule, used twice, says each word by words that are six or more before it: so four can be made at once.
  for (let word = 32; word < 80; word += 4) {
    const at = words + word * 4;
    const near = v128.xor(v128.load(at - 6 * 4), v128.load(at - 16 * 4));
    const mixed = v128.xor(near, v128.xor(v128.load(at - 28 * 4), v128.load(at - 32 * 4)));
    v128.store(at, v128.or(i32x4.shl(mixed, 2), i32x4.shr_u(mixed, 30)));
  }
}

/** "1:" and the five words in base64. */
function writeText(at: i32, a: i32, b: i32, c: i32, d: i32, e: i32): i32 {
  store<u16>(at, 0x3a31);
  // 160 bits: five times 32 are five times six digits and two bits over, which the next word goes on with.
  let end = at + 2;
  let bits: u64 = 0;
  let held = 0;
  for (let word = 0; word < 5; word++) {
    const next = word === 0 ? a : word === 1 ? b : word === 2 ? c : word === 3 ? d : e;
    bits = (bits << 32) | <u64>(<u32>next);
    held += 32;
    while (held >= 6) {
      held -= 6;
      store<u8>(end++, digit(<i32>(bits >> <u64>held) & 63));
    }
  }
  // Four bits are left of 160; one "=" stands for what is missing.
  store<u8>(end, digit(<i32>(bits << (<u64>(6 - held))) & 63));
  store<u8>(end + 1, 0x3d);
  return end + 2;
}

/** RFC 4648 4: A to Z, a to z, 0 to 9, +, /. A step at the end of each; no branch, since nobody can foretell the digits of a hash. */
function digit(value: i32): i32 {
  const letters = 0x41 + value + <i32>(value > 25) * 6;
  return letters - <i32>(value > 51) * 75 - <i32>(value > 61) * 15 + <i32>(value > 62) * 3;
}
