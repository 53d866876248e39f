// In: a segment, wholly captured. Out: what its TCP checksum (RFC 9293 3.1, RFC 1071) is worth, as tcpChecksum of checksum.ts says.

import { int32, uint16 } from '../linear/words.as.ts';
import { Checksum } from '../numbers.as.ts';

const PROTOCOL_TCP = 6;
/** Where the checksum stands in the header. */
const CHECKSUM_AT = 16;

/** Checksum.CORRECT, PARTIAL or WRONG: of header and payload, `length` bytes from `start` on, between addresses whose words have the sum `addresses`. */
export function verdictOf(start: i32, length: i32, addresses: i32): i32 {
  const pseudo = PROTOCOL_TCP + length + addresses;
  if (fold(<u64>pseudo + swapped(sumOf(start, length))) === 0xffff) return Checksum.CORRECT;
  return uint16(start + CHECKSUM_AT) === fold(pseudo) ? Checksum.PARTIAL : Checksum.WRONG;
}

/** The folded sum with its bytes in the machine's order, in which they have been added (RFC 1071 2(B)). */
function sumOf(start: i32, length: i32): u64 {
  let at = start;
  let left = length;
  let sum: u64 = 0;
  for (; left >= 16; left -= 16, at += 16) {
    const a = load<u64>(at);
    const b = load<u64>(at + 8);
    sum += (a & 0xffffffff) + (a >> 32) + (b & 0xffffffff) + (b >> 32);
  }
  for (; left >= 2; left -= 2, at += 2) sum += load<u16>(at);
  if (left > 0) sum += load<u8>(at);
  return sum;
}

/** Of a sum of words in the other order, the same sum. */
function swapped(sum: u64): u64 {
  return <u64>bswap<u16>(<u16>fold(sum));
}

/** The sum of the two numbers of 16 bits in a word. */
export function halves(word: i32): i32 {
  return (word >>> 16) + (word & 0xffff);
}

/** The same of several words. */
export function sumOfWords(start: i32, length: i32): i32 {
  let sum = 0;
  for (let at = start; at < start + length; at += 4) sum += halves(int32(at));
  return sum;
}

/** Ones' complement addition of the carries. */
function fold(sum: u64): i32 {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return <i32>sum;
}
