// In: a segment with payload. Out: 32 bits that tell payloads apart, from a few bytes at their beginning and end.

import type { Packet } from './packet.ts';

/** Bytes looked at from either end. */
const LOOK = 8;

/**
 * A print of the captured payload, or 0 where less than eight bytes of it or not all were captured. Payloads with the same
 * bytes have the same print; different ones nearly always differ at the beginning (headers, records) or the end.
 */
export function payloadPrint(packet: Packet): number {
  const { view, payloadStart: start, payloadLength: length } = packet;
  if (length < LOOK || packet.payloadEnd < start + length) return 0;
  const end = start + length;
  let h = Math.imul(view.getInt32(start) ^ length, 0x9e3779b1);
  h = Math.imul((h ^ (h >>> 15)) + view.getInt32(start + 4), 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 13)) + view.getInt32(end - 8), 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 16)) + view.getInt32(end - 4), 0x27d4eb2f);
  h ^= h >>> 15;
  return h === 0 ? 1 : h;
}
