// In: an IEEE 802.2 LLC header. Out: the protocol of its service access point, or of the SNAP header behind it.

import { ethernet } from './ethernet.ts';
import { ipv4 } from './ipv4.ts';
import { byEtherType } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

const SAP_SNAP = 0xaa;
const SAP_IP = 0x06;
const CONTROL_UI = 0x03;

export function llc(walk: Walk): Layer | null {
  if (!walk.has(3)) return walk.stopShort('llc');
  const dsap = walk.u8(0);
  const ssap = walk.u8(1);
  // Novell's raw 802.3: an IPX header stands where LLC should.
  if (dsap === 0xff && ssap === 0xff) return walk.stop('llc', 'raw 802.3 IPX, no TCP');
  // Only unnumbered information carries a datagram.
  if (walk.u8(2) !== CONTROL_UI) return walk.stop('llc', 'not an information frame');
  walk.pos += 3;
  if (dsap === SAP_SNAP && ssap === SAP_SNAP) return walk.has(5) ? snap(walk) : walk.stopShort('snap');
  if (dsap === SAP_IP) return ipv4;
  return walk.stop('llc', 'service access point without TCP');
}

/** The 5 bytes of organization code and protocol (RFC 1042); the caller has checked that they are there. */
export function snap(walk: Walk): Layer | null {
  const organization = (walk.u8(0) << 16) | walk.u16(1);
  const protocol = walk.u16(3);
  walk.pos += 5;
  switch (organization) {
    case 0x000000: // RFC 1042
    case 0x0000f8: // IEEE 802.1H bridge tunnel
      return byEtherType(walk, protocol);
    case 0x0080c2: // IEEE 802.1 bridged frames, RFC 2427 and 2684
      if (protocol === 0x0001 || protocol === 0x0007) return ethernet;
      return walk.stop('snap', 'bridged frame that is not Ethernet');
    default:
      return walk.stop('snap', 'organization code without TCP');
  }
}
