import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sha1 } from '../../src/flow/sha1.ts';

const sha1 = new Sha1();

function digestOf(message: Uint8Array): string {
  sha1.message.set(message);
  sha1.compute(message.length);
  const bytes = Buffer.alloc(20);
  sha1.digest.forEach((word, i) => {
    bytes.writeInt32BE(word, 4 * i);
  });
  return bytes.toString('hex');
}

describe('SHA-1 of one block', () => {
  it.each([
    // FIPS 180 (Secure Hash Standard), appendix A.1; RFC 3174 7.3, TEST1; the empty message.
    ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ])('of "%s"', (text, digest) => {
    expect(digestOf(new TextEncoder().encode(text))).toBe(digest);
  });

  it('is that of node:crypto for every length that fits, whatever was computed before', () => {
    for (let length = 0; length <= sha1.message.length; length++) {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: length, maxLength: length }), (message) => {
          expect(digestOf(message)).toBe(createHash('sha1').update(message).digest('hex'));
        }),
        { numRuns: 50 },
      );
    }
  });
});
