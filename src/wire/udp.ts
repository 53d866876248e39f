// In: a UDP datagram (RFC 768). Out: the tunnel that one of its ports stands for.

import { byUdpPorts } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

export function udp(walk: Walk): Layer | null {
  // A quotation or a lone first fragment still shows the tunnel if enough of it is there; tshark looks into it too.
  if (!walk.has(8)) return walk.stopShort('udp');
  const source = walk.u16(0);
  const destination = walk.u16(2);
  const length = walk.u16(4);
  // 0 in IPv6: a jumbogram (RFC 2675 4), as long as its datagram.
  const { ipLayers, ip } = walk.packet;
  if (length > 0 || ipLayers[ip] === 4) {
    if (length < 8) return walk.stop('udp', 'length below 8');
    walk.trim(length);
  }
  walk.pos += 8;
  return byUdpPorts(walk, source, destination);
}
