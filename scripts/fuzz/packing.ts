// In: bytes. Out: the same compressed. zstd by hand (RFC 8878), in blocks that are stored or repeat a byte: Node 20 has no zstd.

import { gzipSync } from 'node:zlib';
import { concat } from '../../test/support/pcap-writer.ts';
import type { Random } from '../../test/support/random.ts';

export function gzipped(bytes: Uint8Array, random: Random): Uint8Array {
  const members = random.chance(0.3) ? 1 + random.int(4) : 1;
  const size = Math.ceil(bytes.length / members);
  const level = random.pick([0, 1, 6, 9]);
  return concat(
    Array.from({ length: members }, (_, i) => gzipSync(bytes.subarray(i * size, (i + 1) * size), { level })),
  );
}

export function zstdStored(bytes: Uint8Array, random: Random): Uint8Array {
  const size = random.pick([64, 1000, 1 << 17]);
  // A window of 128 KiB (exponent 7), no checksum, no content size.
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3)];
  if (random.chance(0.1)) parts.unshift(Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2));
  if (bytes.length === 0) parts.push(Uint8Array.of(1, 0, 0));
  for (let at = 0; at < bytes.length; at += size) {
    const block = bytes.subarray(at, at + size);
    const last = at + size >= bytes.length ? 1 : 0;
    const isRun = block.every((byte) => byte === block[0]);
    const header = (block.length << 3) | (isRun ? 2 : 0) | last;
    parts.push(Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16), isRun ? block.slice(0, 1) : block);
  }
  return concat(parts);
}
