// In: a payload. Out: 32 bits that tell payloads apart, for the program in linear memory: see payload-print.ts.

import { int32 } from '../linear/words.as.ts';

/** Bytes looked at from either end. */
const LOOK = 8;

export function printOfPayload(start: i32, length: i32): i32 {
  if (length < LOOK) return 0;
  const end = start + length;
  let h = (int32(start) ^ length) * 0x9e3779b1;
  h = ((h ^ (h >>> 15)) + int32(start + 4)) * 0x85ebca6b;
  h = ((h ^ (h >>> 13)) + int32(end - 8)) * 0xc2b2ae35;
  h = ((h ^ (h >>> 16)) + int32(end - 4)) * 0x27d4eb2f;
  h ^= h >>> 15;
  return h === 0 ? 1 : h;
}
