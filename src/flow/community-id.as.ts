// In: up to four IPv4 4-tuples. Out: their Community IDs, written in place: see community-id.ts.

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
const VECTOR = 16;

/** Tuples whose hashes are worked out together, one in each lane of a vector. */
export const LANES = 4;

/** Puts the message of a 4-tuple into lane `lane` of `scratch`: 80 vectors, of no account before and after. */
export function putTuple(scratch: i32, lane: i32, a: i32, portA: i32, b: i32, portB: i32): void {
  const isTurned = a === b ? portA > portB : <u32>a > <u32>b;
  const first = isTurned ? b : a;
  const second = isTurned ? a : b;
  put(scratch, lane, first >>> 16);
  put(scratch, LANES + lane, (first << 16) | (second >>> 16));
  put(scratch, 2 * LANES + lane, (second << 16) | (PROTOCOL_TCP << 8));
  put(scratch, 3 * LANES + lane, isTurned ? (portB << 16) | portA : (portA << 16) | portB);
}

/** Works out the hashes of all lanes: five vectors at the beginning of `scratch`. */
export function hashTuples(scratch: i32): void {
  schedule(scratch);
  let a = i32x4.splat(H0);
  let b = i32x4.splat(H1);
  let c = i32x4.splat(H2);
  let d = i32x4.splat(H3);
  let e = i32x4.splat(H4);
  // FIPS 180-4 6.1.2. Five rounds at a time bring each variable back to its own name.
  let from = scratch;
  for (let five = 0; five < 16; five++, from += 5 * VECTOR) {
    const part = five >> 2;
    const k = i32x4.splat(part === 0 ? K0 : part === 1 ? K1 : part === 2 ? K2 : K3);
    e = i32x4.add(e, sum(a, mixed(part, b, c, d), k, v128.load(from)));
    b = rotated(b, 30);
    d = i32x4.add(d, sum(e, mixed(part, a, b, c), k, v128.load(from, VECTOR)));
    a = rotated(a, 30);
    c = i32x4.add(c, sum(d, mixed(part, e, a, b), k, v128.load(from, 2 * VECTOR)));
    e = rotated(e, 30);
    b = i32x4.add(b, sum(c, mixed(part, d, e, a), k, v128.load(from, 3 * VECTOR)));
    d = rotated(d, 30);
    a = i32x4.add(a, sum(b, mixed(part, c, d, e), k, v128.load(from, 4 * VECTOR)));
    c = rotated(c, 30);
  }
  v128.store(scratch, i32x4.add(a, i32x4.splat(H0)));
  v128.store(scratch, i32x4.add(b, i32x4.splat(H1)), VECTOR);
  v128.store(scratch, i32x4.add(c, i32x4.splat(H2)), 2 * VECTOR);
  v128.store(scratch, i32x4.add(d, i32x4.splat(H3)), 3 * VECTOR);
  v128.store(scratch, i32x4.add(e, i32x4.splat(H4)), 4 * VECTOR);
}

/** What a round adds, `x` being the variable before the one it is added to. */
function sum(x: v128, mixed: v128, k: v128, word: v128): v128 {
  return i32x4.add(i32x4.add(rotated(x, 5), mixed), i32x4.add(k, word));
}

/** Rotated to the left. */
function rotated(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

/** The function of each part of twenty rounds: choose, parity, majority, parity (4.1.1). */
function mixed(part: i32, x: v128, y: v128, z: v128): v128 {
  if (part === 0) return v128.bitselect(y, z, x);
  const parity = v128.xor(v128.xor(x, y), z);
  return part === 2 ? v128.bitselect(y, x, v128.xor(x, z)) : parity;
}

/** The 80 words of the message schedule, of which the first four are there. */
function schedule(scratch: i32): void {
  v128.store(scratch, i32x4.splat(END_MARK), 4 * VECTOR);
  for (let word = 5; word < 15; word++) v128.store(scratch + word * VECTOR, i32x4.splat(0));
  v128.store(scratch, i32x4.splat(8 * MESSAGE_BYTES), 15 * VECTOR);
  for (let word = 16; word < 80; word++) {
    const at = scratch + word * VECTOR;
    const near = v128.xor(v128.load(at - 3 * VECTOR), v128.load(at - 8 * VECTOR));
    const far = v128.xor(v128.load(at - 14 * VECTOR), v128.load(at - 16 * VECTOR));
    v128.store(at, rotated(v128.xor(near, far), 1));
  }
}

/** Writes the Community ID of lane `lane`, once the hashes are there. Returns where it ends. */
export function writeCommunityId(at: i32, scratch: i32, lane: i32): i32 {
  return writeText(
    at,
    get(scratch, lane),
    get(scratch, LANES + lane),
    get(scratch, 2 * LANES + lane),
    get(scratch, 3 * LANES + lane),
    get(scratch, 4 * LANES + lane),
  );
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
