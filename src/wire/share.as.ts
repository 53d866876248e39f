// In: the ends of a connection. Out: 32 bits of them, and its share, for the program in linear memory: see share.ts.

import { int32 } from '../linear/words.as.ts';
import { Share } from '../numbers.as.ts';

export function hashOfEnds(source: i32, sourcePort: i32, destination: i32, destinationPort: i32): i32 {
  return (endOf(source, sourcePort) + endOf(destination, destinationPort)) * 0x9e3779b1;
}

/** See folded of share.ts; the address lies at `at`. */
export function foldedAt(at: i32): i32 {
  return int32(at) ^ (int32(at + 4) * 0x9e3779b1) ^ (int32(at + 8) * 0x85ebca6b) ^ (int32(at + 12) * 0xc2b2ae35);
}

function endOf(address: i32, port: i32): i32 {
  let h = (address ^ (address >>> 16)) * 0x85ebca6b + port;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

export function shareOf(tupleHash: i32): i32 {
  return tupleHash >>> (32 - Share.BITS);
}
