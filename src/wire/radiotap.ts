// In: the headers that wireless captures put before the 802.11 frame: radiotap, PPI, Prism, AVS. Out: that frame.

import { ieee80211, ieee80211Padded } from './ieee80211.ts';
import { byLinkType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

const PRESENT_TSFT = 0x1;
const PRESENT_FLAGS = 0x2;
const PRESENT_MORE = 0x80000000 | 0;
const FLAG_FCS_AT_END = 0x10;
const FLAG_DATA_PAD = 0x20;
const FCS_LENGTH = 4;

/** radiotap.org: version, length, a chain of "present" words, then the fields; only the flags matter here. */
export function radiotap(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('radiotap');
  const length = walk.u16le(2);
  if (length < 8 || !walk.has(length)) return walk.stopShort('radiotap');
  const start = walk.pos;
  const present = walk.view.getInt32(start + 4, true);
  let at = 8;
  for (let word = present; (word & PRESENT_MORE) !== 0; at += 4) {
    if (at + 4 > length) return walk.stop('radiotap', 'presence words run past its length');
    word = walk.view.getInt32(start + at, true);
  }
  let flags = 0;
  if ((present & PRESENT_FLAGS) !== 0) {
    // Fields are aligned to their size, counted from the header's start.
    if ((present & PRESENT_TSFT) !== 0) at = ((at + 7) & ~7) + 8;
    if (at < length) flags = walk.u8(at);
  }
  walk.pos += length;
  if ((flags & FLAG_FCS_AT_END) !== 0 && walk.wireEnd - walk.pos > FCS_LENGTH) {
    walk.trim(walk.wireEnd - walk.pos - FCS_LENGTH);
  }
  return (flags & FLAG_DATA_PAD) !== 0 ? ieee80211Padded : ieee80211;
}

/** LINKTYPE_PPI: version, flags, length, link type of what follows. */
export function ppi(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('ppi');
  const length = walk.u16le(2);
  const linkType = walk.u16le(4);
  if (length < 8 || !walk.has(length)) return walk.stopShort('ppi');
  walk.pos += length;
  return byLinkType(walk, linkType);
}

/** LINKTYPE_IEEE802_11_PRISM: message code and its length, 144 bytes; some drivers write AVS under this link type. */
export function prism(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('prism');
  if (walk.u16(0) === 0x8021) return avs;
  const length = 144;
  if (!walk.has(length)) return walk.stopShort('prism');
  return walk.skip(length, ieee80211);
}

/** LINKTYPE_IEEE802_11_AVS: magic, length, both big-endian. */
export function avs(walk: Walk): Layer | null {
  if (!walk.has(8)) return walk.stopShort('avs');
  const length = walk.i32(4) >>> 0;
  if (length < 8 || !walk.has(length)) return walk.stopShort('avs');
  return walk.skip(length, ieee80211);
}
