// In: a 4-tuple. Out: its Community ID, the flow hash that Zeek, Suricata and Arkime print too.

import { createHash } from 'node:crypto';

const TCP = 6;
const SEED = 0;

/**
 * Community ID version 1 of a TCP connection (github.com/corelight/community-id-spec): SHA-1 over seed, the two addresses and
 * ports in a fixed order, and the protocol; the same for both directions.
 */
export function communityId(addressA: Uint8Array, portA: number, addressB: Uint8Array, portB: number): string {
  const order = Buffer.compare(addressA, addressB) || portA - portB;
  const [first, firstPort, second, secondPort] =
    order <= 0 ? [addressA, portA, addressB, portB] : [addressB, portB, addressA, portA];
  const n = first.length;
  const bytes = Buffer.alloc(2 + 2 * n + 2 + 4);
  bytes.writeUInt16BE(SEED, 0);
  bytes.set(first, 2);
  bytes.set(second, 2 + n);
  bytes[2 + 2 * n] = TCP;
  bytes.writeUInt16BE(firstPort, 4 + 2 * n);
  bytes.writeUInt16BE(secondPort, 6 + 2 * n);
  return `1:${createHash('sha1').update(bytes).digest('base64')}`;
}
