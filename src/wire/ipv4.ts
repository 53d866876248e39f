// In: an IPv4 datagram (RFC 791). Out: the protocol inside, its length bounded by the datagram's, fragments put together.

import { readIpv4Options } from './ipv4-options.ts';
import { rawIp } from './raw-ip.ts';
import { byIpProtocol, IpProtocol } from './registry.ts';
import { tcp } from './tcp.ts';
import { Trailer } from './trailer.ts';
import type { Layer, Walk } from './walk.ts';

const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

export function ipv4(walk: Walk): Layer | null {
  return ipv4Datagram(walk, -1);
}

/** `protocol` stands in for the header's own where that was overwritten (Van Jacobson), else it is -1. */
export function ipv4Datagram(walk: Walk, protocol: number): Layer | null {
  const { bytes, pos } = walk;
  if (pos >= walk.end) return walk.stopShort('ipv4');
  const first = bytes[pos]!;
  if (first >> 4 !== 4) return first >> 4 === 6 ? rawIp : walk.stop('ipv4', 'version is not 4');
  if (pos + 20 > walk.end) return walk.stopShort('ipv4');
  const headerLength = (first & 15) << 2;
  if (headerLength < 20) return walk.stop('ipv4', 'header length below 20');
  let totalLength = (bytes[pos + 2]! << 8) | bytes[pos + 3]!;
  if (totalLength === 0) {
    // Segmentation offload captured on the sending host: the length is filled in later, so the frame is the datagram.
    totalLength = walk.wireEnd - pos;
  }
  if (totalLength < headerLength) return walk.stop('ipv4', 'total length below header length');
  if (pos + headerLength > walk.end) return walk.stopShort('ipv4');

  const limit = pos + totalLength;
  if (limit < walk.wireEnd) {
    walk.noteTrailer(limit);
    walk.wireEnd = limit;
    if (walk.end > limit) walk.end = limit;
  }
  walk.trailer = Trailer.NONE;

  const at = walk.addIpLayer(4);
  if (at < 0) return walk.stop('ipv4', 'more IP headers than are kept');
  const packet = walk.packet;
  const words = packet.ipLayers;
  const view = walk.view;
  words[at + 1] = view.getInt32(pos + 12);
  words[at + 5] = view.getInt32(pos + 16);
  const identification = (bytes[pos + 4]! << 8) | bytes[pos + 5]!;
  packet.ipId = identification;
  packet.ttl = bytes[pos + 8]!;
  if (protocol < 0) protocol = bytes[pos + 9]!;
  if (headerLength > 20 && !readIpv4Options(walk, at, headerLength))
    return walk.stop('ipv4', 'option shorter than its content');
  walk.pos = pos + headerLength;

  const fragment = (bytes[pos + 6]! << 8) | bytes[pos + 7]!;
  if ((fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) === 0) {
    walk.fragmented = false;
  } else if (totalLength > headerLength && walk.end >= pos + totalLength) {
    const whole = walk.fragments4.add(
      // tshark's key: one word of id, protocol, VLAN and both addresses, beside the addresses themselves.
      protocol ^ identification ^ walk.vlanId,
      words,
      at,
      walk.bytes,
      walk.pos,
      totalLength - headerLength,
      (fragment & FRAGMENT_OFFSET) * 8,
      (fragment & MORE_FRAGMENTS) !== 0,
    );
    if (whole === null) return walk.stop('ipv4', 'fragment of a datagram not complete yet');
    walk.enter(whole);
    walk.fragmented = false;
  } else if ((fragment & FRAGMENT_OFFSET) !== 0) {
    return walk.stop('ipv4', 'later fragment, not wholly captured');
  } else {
    walk.fragmented = true;
  }

  if (protocol === IpProtocol.TCP) return tcp;
  return byIpProtocol(walk, protocol);
}
