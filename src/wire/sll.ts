// In: Linux "cooked" capture, versions 1 and 2 (`-i any`). Out: the protocol it names.

import { ethernet } from './ethernet.ts';
import { frameRelay } from './frame-relay.ts';
import { greProtocol } from './gre.ts';
import { ipv4 } from './ipv4.ts';
import { llc } from './llc.ts';
import { ppp } from './ppp.ts';
import { radiotap } from './radiotap.ts';
import { byEtherType } from './registry.ts';
import { Trailer } from './trailer.ts';
import type { Layer, Walk } from './walk.ts';

const ARPHRD_FRAD = 770;
const ARPHRD_IPGRE = 778;
const ARPHRD_IEEE80211_RADIOTAP = 803;

/** LINKTYPE_LINUX_SLL: packet type, ARPHRD, address length, address (8), protocol. */
export function sll(walk: Walk): Layer | null {
  if (!walk.has(16)) return walk.stopShort('sll');
  const hardware = walk.u16(2);
  const protocol = walk.u16(14);
  walk.pos += 16;
  return cooked(walk, hardware, protocol);
}

/** LINKTYPE_LINUX_SLL2: protocol, reserved, interface index, ARPHRD, packet type, address length, address (8). */
export function sll2(walk: Walk): Layer | null {
  if (!walk.has(20)) return walk.stopShort('sll2');
  const protocol = walk.u16(0);
  const hardware = walk.u16(8);
  walk.pos += 20;
  return cooked(walk, hardware, protocol);
}

function cooked(walk: Walk, hardware: number, protocol: number): Layer | null {
  walk.trailer = Trailer.PLAIN;
  if (protocol === 0x0800) return ipv4;
  if (hardware === ARPHRD_IPGRE) return greProtocol(walk, protocol);
  if (hardware === ARPHRD_IEEE80211_RADIOTAP) return radiotap;
  if (hardware === ARPHRD_FRAD) return frameRelay;
  // Below 0x600 the field is a LINUX_SLL_P_ value.
  switch (protocol) {
    case 0x0003:
      return ethernet;
    case 0x0004:
      return llc;
    case 0x0007:
      return ppp;
  }
  if (protocol < 0x600) return walk.stop('sll', 'protocol without TCP');
  return byEtherType(walk, protocol);
}
