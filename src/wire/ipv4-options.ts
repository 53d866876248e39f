// In: the option area of an IPv4 header (RFC 791 3.1). Out: the final destination where a source route is still under way.

import type { Walk } from './walk.ts';

const END = 0;
const NOP = 1;
const SECURITY = 130;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
const DESTINATION_WORD = 5;

/**
 * Reads the options of the header at `walk.pos`. While hops of a source route are left, the last of them is the address the
 * datagram is for and stands in for the one in the header, in `ipLayers` at `layer`. False if an option is shorter than what
 * it must hold; tshark gives the datagram up then.
 */
export function readIpv4Options(walk: Walk, layer: number, headerLength: number): boolean {
  for (let at = 20; at < headerLength; ) {
    const kind = walk.u8(at);
    if (kind === END) break;
    if (kind === NOP) {
      at++;
      continue;
    }
    if (at + 1 >= headerLength) break;
    const length = walk.u8(at + 1);
    if (length < 2 || at + length > headerLength) break;
    if (kind === SECURITY && length < 3) return false;
    if ((kind === LOOSE_SOURCE_ROUTE || kind === STRICT_SOURCE_ROUTE) && length >= 7) {
      // RFC 791: the pointer counts from the option's kind byte, so the first address stands at 4.
      const pointer = walk.u8(at + 2);
      if (pointer >= 4 && pointer % 4 === 0 && pointer < length && length % 4 === 3)
        walk.packet.ipLayers[layer + DESTINATION_WORD] = walk.i32(at + length - 4);
    }
    at += length;
  }
  return true;
}
