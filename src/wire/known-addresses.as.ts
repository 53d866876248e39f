// In: an IPv6 address in a frame. Out: its id, if it is among those known: see known-addresses.ts.

import { get, int32 } from '../linear/words.as.ts';
import { KNOWN_ENTRY_WORDS, KNOWN_PLACE_BITS, KNOWN_WORDS } from '../numbers.as.ts';

const ENTRY_BYTES = KNOWN_ENTRY_WORDS * 4;
const ID = 4;

/** The id of the address at `at`, whose words make `folded` (wire/share.ts); -1 if it is not known. */
export function knownId(known: i32, at: i32, folded: i32): i32 {
  const place = known + ((folded * 0x9e3779b1) >>> (32 - KNOWN_PLACE_BITS)) * KNOWN_WORDS * 4;
  for (let entry = place; entry < place + KNOWN_WORDS * 4; entry += ENTRY_BYTES) {
    const isSame =
      get(entry, 0) === int32(at) &&
      get(entry, 1) === int32(at + 4) &&
      get(entry, 2) === int32(at + 8) &&
      get(entry, 3) === int32(at + 12);
    // One that was forgotten has 0 there; if it is known again, that comes first.
    if (isSame) return get(entry, ID) - 1;
  }
  return -1;
}
