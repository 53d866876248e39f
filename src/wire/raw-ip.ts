// In: an IP datagram without a link header. Out: IPv4 or IPv6 by its version nibble.

import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import type { Layer, Walk } from './walk.ts';

export function rawIp(walk: Walk): Layer | null {
  if (!walk.has(1)) return walk.stopShort('ip');
  switch (walk.u8(0) >> 4) {
    case 4:
      return ipv4;
    case 6:
      return ipv6;
    default:
      return walk.stop('ip', 'version is neither 4 nor 6');
  }
}
