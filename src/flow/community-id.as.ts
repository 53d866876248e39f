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
  for (let word = 16; word < 80; word++) {
    const mixed = get(scratch, word - 3) ^ get(scratch, word - 8) ^ get(scratch, word - 14) ^ get(scratch, word - 16);
    put(scratch, word, rotl<i32>(mixed, 1));
  }

  let h0 = H0;
  let h1 = H1;
  let h2 = H2;
  let h3 = H3;
  let h4 = H4;
  // FIPS 180-4 6.1.2, in its four parts.
  for (let round = 0; round < 20; round++) {
    const next = rotl<i32>(h0, 5) + ((h1 & (h2 ^ h3)) ^ h3) + h4 + get(scratch, round) + K0;
    h4 = h3;
    h3 = h2;
    h2 = rotl<i32>(h1, 30);
    h1 = h0;
    h0 = next;
  }
  for (let round = 20; round < 40; round++) {
    const next = rotl<i32>(h0, 5) + (h1 ^ h2 ^ h3) + h4 + get(scratch, round) + K1;
    h4 = h3;
    h3 = h2;
    h2 = rotl<i32>(h1, 30);
    h1 = h0;
    h0 = next;
  }
  for (let round = 40; round < 60; round++) {
    const next = rotl<i32>(h0, 5) + ((h1 & h2) | (h3 & (h1 | h2))) + h4 + get(scratch, round) + K2;
    h4 = h3;
    h3 = h2;
    h2 = rotl<i32>(h1, 30);
    h1 = h0;
    h0 = next;
  }
  for (let round = 60; round < 80; round++) {
    const next = rotl<i32>(h0, 5) + (h1 ^ h2 ^ h3) + h4 + get(scratch, round) + K3;
    h4 = h3;
    h3 = h2;
    h2 = rotl<i32>(h1, 30);
    h1 = h0;
    h0 = next;
  }
  return writeText(at, h0 + H0, h1 + H1, h2 + H2, h3 + H3, h4 + H4);
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

/** RFC 4648 4. */
function digit(value: i32): i32 {
  if (value < 26) return 0x41 + value;
  if (value < 52) return 0x61 - 26 + value;
  if (value < 62) return 0x30 - 52 + value;
  return value === 62 ? 0x2b : 0x2f;
}
