// In: one block of 64 bytes. Out: SHA-1 of a message that fits it (FIPS 180-4 6.1).
//
// node:crypto makes an object for every digest, which takes several times what the 80 rounds do.

const ROUNDS = 80;
/** Bytes of a block, of which a message leaves nine for its end mark and its length. */
const BLOCK_BYTES = 64;
const LONGEST_BYTES = BLOCK_BYTES - 9;
const END_MARK = 0x80;

/** H(0) of FIPS 180-4 5.3.3, and K of 4.2.1, as int32. */
const [H0, H1, H2, H3, H4] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0] as const;
const [K0, K1, K2, K3] = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc | 0, 0xca62c1d6 | 0] as const;

export class Sha1 {
  /** The message is written here, from the beginning. */
  readonly message = new Uint8Array(LONGEST_BYTES);
  /** The digest made last, as five int32. */
  readonly digest = new Int32Array(5);
  readonly #schedule = new Int32Array(ROUNDS);

  /** Fills `digest` from the first `length` bytes of `message`. */
  compute(length: number): void {
    const { message, digest } = this;
    const w = this.#schedule;
    w.fill(0, 0, 16);
    for (let i = 0; i < length; i++) w[i >>> 2]! |= message[i]! << (24 - 8 * (i & 3));
    w[length >>> 2]! |= END_MARK << (24 - 8 * (length & 3));
    w[15] = 8 * length;
    for (let i = 16; i < ROUNDS; i++) {
      const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
      w[i] = (x << 1) | (x >>> 31);
    }
    let a: number = H0;
    let b: number = H1;
    let c: number = H2;
    let d: number = H3;
    let e: number = H4;
    for (let i = 0; i < 20; i++) {
      const next = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + w[i]! + K0) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 20; i < 40; i++) {
      const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! + K1) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 40; i < 60; i++) {
      const next = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + w[i]! + K2) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let i = 60; i < ROUNDS; i++) {
      const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! + K3) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    digest[0] = a + H0;
    digest[1] = b + H1;
    digest[2] = c + H2;
    digest[3] = d + H3;
    digest[4] = e + H4;
  }
}
