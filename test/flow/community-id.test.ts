import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { communityId } from '../../src/flow/community-id.ts';

// TCP over IPv4 from the specification's own baseline (github.com/corelight/community-id-spec, README), over IPv6 from the tests of
// its reference implementation (corelight/pycommunityid).
const a = Uint8Array.of(128, 232, 110, 120);
const b = Uint8Array.of(66, 35, 250, 204);
// What Zeek expects in a test of its community_id_v1.
const a0 = Uint8Array.of(1, 2, 3, 4);
const b0 = Uint8Array.of(5, 6, 7, 8);
const a6 = Uint8Array.of(
  0x20,
  0x01,
  0x04,
  0x70,
  0xe5,
  0xbf,
  0xde,
  0xad,
  0x49,
  0x57,
  0x21,
  0x74,
  0xe8,
  0x2c,
  0x48,
  0x87,
);
const b6 = Uint8Array.of(0x26, 0x07, 0xf8, 0xb0, 0x40, 0x0c, 0x0c, 0x03, 0, 0, 0, 0, 0, 0, 0, 0x1a);

/** As the specification describes it, with the SHA-1 of Node. */
function plainCommunityId(a: Uint8Array, portA: number, b: Uint8Array, portB: number): string {
  const order = Buffer.compare(a, b) || portA - portB;
  const ends = order <= 0 ? [a, portA, b, portB] : [b, portB, a, portA];
  const [first, firstPort, second, secondPort] = ends as [Uint8Array, number, Uint8Array, number];
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(firstPort, 0);
  ports.writeUInt16BE(secondPort, 2);
  const hash = createHash('sha1');
  for (const part of [[0, 0], first, second, [6, 0], ports]) hash.update(Uint8Array.from(part));
  return `1:${hash.digest('base64')}`;
}

describe('Community ID', () => {
  it('equals the specification', () => {
    expect(communityId(a, 34855, b, 80)).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
    expect(communityId(a0, 1122, b0, 3344)).toBe('1:wCb3OG7yAFWelaUydu0D+125CLM=');
    expect(communityId(a6, 63943, b6, 25)).toBe('1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=');
  });
  it('is the same from the other side', () => {
    expect(communityId(b, 80, a, 34855)).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
    expect(communityId(b6, 25, a6, 63943)).toBe('1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=');
  });
  it('orders equal addresses by port', () => {
    expect(communityId(a, 1, a, 2)).toBe(communityId(a, 2, a, 1));
  });

  it.each([4, 16])('is what SHA-1 of node:crypto makes of addresses of %i bytes', (length) => {
    const address = fc.oneof(
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.constantFrom(0x00, 0x7f, 0x80, 0xff).map((byte) => new Uint8Array(length).fill(byte)),
    );
    const port = fc.nat(65535);
    fc.assert(
      fc.property(address, port, address, port, (a, portA, b, portB) => {
        expect(communityId(a, portA, b, portB)).toBe(plainCommunityId(a, portA, b, portB));
        expect(communityId(a, portA, a, portB)).toBe(plainCommunityId(a, portA, a, portB));
      }),
      { numRuns: 1000 },
    );
  });
});
