// In: PPP's uncompressed Van Jacobson packet (RFC 1144 3.2.2): IPv4 with the connection number where "TCP" stood. Out: TCP.

import { ipv4Datagram } from './ipv4.ts';
import { IpProtocol } from './registry.ts';
import type { Layer, Walk } from './walk.ts';

export function vjUncompressed(walk: Walk): Layer | null {
  return ipv4Datagram(walk, IpProtocol.TCP);
}
