// In: an IEEE 802.11 frame. Out: the LLC header of a data frame. Protected frames stop.

import { llc } from './llc.ts';
import type { Layer, Walk } from './walk.ts';

const TYPE_DATA = 2;
const SUBTYPE_NO_DATA = 0x4;
const SUBTYPE_QOS = 0x8;
const TO_DS = 0x01;
const FROM_DS = 0x02;
const MORE_FRAGMENTS = 0x04;
const PROTECTED = 0x40;
const ORDER = 0x80;
const QOS_A_MSDU = 0x80;

export function ieee80211(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('802.11');
  return dataFrame(walk, walk.u8(0), walk.u8(1), false);
}

/** The frame control's two bytes in the other order (inside CAPWAP). */
export function ieee80211SwappedControl(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('802.11');
  return dataFrame(walk, walk.u8(1), walk.u8(0), false);
}

/** A radiotap header may say that the MAC header was padded to a multiple of 4 bytes. */
export function ieee80211Padded(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('802.11');
  return dataFrame(walk, walk.u8(0), walk.u8(1), true);
}

function dataFrame(walk: Walk, control: number, flags: number, padded: boolean): Layer | null {
  const subtype = control >> 4;
  if (((control >> 2) & 3) !== TYPE_DATA) return walk.stop('802.11', 'not a data frame');
  if ((subtype & SUBTYPE_NO_DATA) !== 0) return walk.stop('802.11', 'data frame without data');
  let length = 24;
  if ((flags & (TO_DS | FROM_DS)) === (TO_DS | FROM_DS)) length += 6;
  const qosAt = length;
  const qos = (subtype & SUBTYPE_QOS) !== 0;
  if (qos) {
    length += 2;
    if ((flags & ORDER) !== 0) length += 4;
  }
  if (padded) length = (length + 3) & ~3;
  if (!walk.has(length)) return walk.stopShort('802.11');
  if ((flags & PROTECTED) !== 0) return walk.stop('802.11', 'protected frame');
  // A fragment number without this flag and without earlier fragments is read as a whole frame: some controllers send such.
  if ((flags & MORE_FRAGMENTS) !== 0) return walk.stop('802.11', 'fragment');
  const aggregated = qos && (walk.u8(qosAt) & QOS_A_MSDU) !== 0;
  return walk.skip(length, aggregated ? firstOfAggregate : llc);
}

/** A-MSDU: destination, source, length, LLC; only the first of its frames is read. */
function firstOfAggregate(walk: Walk): Layer | null {
  if (!walk.has(14)) return walk.stopShort('802.11');
  const length = walk.u16(12);
  walk.pos += 14;
  walk.trim(length);
  return llc;
}
