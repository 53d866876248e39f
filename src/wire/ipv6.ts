// In: an IPv6 packet (RFC 8200). Out: the protocol behind its extension headers, fragments put together.

import { IP_LAYER_WORDS } from './packet.ts';
import { byIpProtocol, IpProtocol } from './registry.ts';
import { tcp } from './tcp.ts';
import { Trailer } from './trailer.ts';
import type { Layer, Walk } from './walk.ts';

const HEADER = 40;
const OPTION_PAD1 = 0;
const OPTION_JUMBO_PAYLOAD = 0xc2;
const OPTION_HOME_ADDRESS = 0xc9;

export function ipv6(walk: Walk): Layer | null {
  const { bytes, pos } = walk;
  if (pos >= walk.end) return walk.stopShort('ipv6');
  if (bytes[pos]! >> 4 !== 6) return walk.stop('ipv6', 'version is not 6');
  if (pos + HEADER > walk.end) return walk.stopShort('ipv6');
  const at = walk.addIpLayer(6);
  if (at < 0) return walk.stop('ipv6', 'more IP headers than are kept');
  const packet = walk.packet;
  const words = packet.ipLayers;
  const view = walk.view;
  for (let word = 0; word < 8; word++) words[at + 1 + word] = view.getInt32(pos + 8 + 4 * word);
  packet.ipId = -1;
  packet.ttl = bytes[pos + 7]!;
  walk.fragmented = false;

  const nextHeader = bytes[pos + 6]!;
  let payloadLength = (bytes[pos + 4]! << 8) | bytes[pos + 5]!;
  walk.pos = pos + HEADER;
  if (payloadLength === 0 && nextHeader === IpProtocol.HOP_BY_HOP) payloadLength = jumboLength(walk);
  walk.trim(payloadLength);
  walk.trailer = Trailer.NONE;
  if (nextHeader === IpProtocol.TCP) return tcp;
  return extensionHeaders(walk, nextHeader);
}

/** Payload length of a jumbogram (RFC 2675 3: above 65,535), whose option leads the hop-by-hop header; 0 if this is none. */
function jumboLength(walk: Walk): number {
  if (!walk.has(8)) return 0;
  if (walk.u8(2) !== OPTION_JUMBO_PAYLOAD || walk.u8(3) !== 4) return 0;
  const length = walk.i32(4) >>> 0;
  return length > 0xffff ? length : 0;
}

/** Steps over extension headers, from `nextHeader` at `walk.pos` on. */
function extensionHeaders(walk: Walk, nextHeader: number): Layer | null {
  for (;;) {
    let length: number;
    switch (nextHeader) {
      case IpProtocol.HOP_BY_HOP:
      case IpProtocol.ROUTING:
      case IpProtocol.DESTINATION_OPTIONS:
        if (!walk.has(8)) return walk.stopShort('ipv6');
        length = (walk.u8(1) + 1) * 8;
        break;
      case IpProtocol.SHIM6:
        if (!walk.has(8)) return walk.stopShort('ipv6');
        // RFC 5533 5.1: without the P bit it is a control message, and the last header.
        if ((walk.u8(2) & 0x80) === 0) return walk.stop('ipv6', 'shim6 control message');
        length = 8;
        break;
      case IpProtocol.FRAGMENT: {
        if (!walk.has(8)) return walk.stopShort('ipv6');
        nextHeader = walk.u8(0);
        if (!fragmentHeader(walk)) return null;
        continue;
      }
      default:
        if (nextHeader === IpProtocol.TCP) return tcp;
        return byIpProtocol(walk, nextHeader);
    }
    if (!walk.has(length)) return walk.stopShort('ipv6');
    if (nextHeader === IpProtocol.ROUTING) finalDestination(walk, length);
    else if (nextHeader === IpProtocol.DESTINATION_OPTIONS) homeAddress(walk, length);
    nextHeader = walk.u8(0);
    walk.pos += length;
  }
}

/** Reads a fragment header; false if the walk ends here because the datagram is not complete. */
function fragmentHeader(walk: Walk): boolean {
  const packet = walk.packet;
  const field = walk.u16(2);
  const offset = field & 0xfff8;
  const more = (field & 1) !== 0;
  const identification = walk.i32(4);
  packet.ipId = identification >>> 0;
  walk.pos += 8;
  // RFC 6946: an atomic fragment is a whole datagram.
  if (offset === 0 && !more) return true;
  const length = walk.wireEnd - walk.pos;
  if (length > 0 && walk.end === walk.wireEnd) {
    const whole = walk.fragments6.add(
      identification,
      packet.ipLayers,
      packet.ip,
      walk.bytes,
      walk.pos,
      length,
      offset,
      more,
    );
    if (whole !== null) {
      walk.enter(whole);
      return true;
    }
    walk.stop('ipv6', 'fragment of a datagram not complete yet');
    return false;
  }
  walk.stop('ipv6', 'fragment that is not wholly captured');
  return false;
}

/**
 * While segments are left in a routing header, the address the segment is for is the last one in it, not the one in the
 * IPv6 header (RFC 8200 4.4; RFC 8754 4.3 for segment routing, where the list is kept in reverse). Connections are named by
 * it, while `ipv6.dst` shows the header's own.
 */
function finalDestination(walk: Walk, length: number): void {
  const type = walk.u8(2);
  if (walk.u8(3) === 0) return;
  let last: number;
  if (type === 0 || type === 2) last = length - 16;
  else if (type === 4) last = 8;
  else return;
  if (last < 8 || last + 16 > length) return;
  nameBy(walk, 5, last);
}

/**
 * The home address option of a mobile node's packet: who it is from, wherever it was sent from (RFC 6275 6.3). Connections are
 * named by it.
 */
function homeAddress(walk: Walk, length: number): void {
  for (let at = 2; at + 2 <= length; ) {
    const type = walk.u8(at);
    if (type === OPTION_PAD1) {
      at++;
      continue;
    }
    const size = walk.u8(at + 1);
    if (type === OPTION_HOME_ADDRESS && size === 16 && at + 18 <= length) nameBy(walk, 1, at + 2);
    at += 2 + size;
  }
}

/** Puts the address at `offset` from `walk.pos` in place of the source (1) or destination (5) in what names the connection. */
function nameBy(walk: Walk, which: 1 | 5, offset: number): void {
  const packet = walk.packet;
  const words = packet.ipLayers;
  const copy = packet.ipLayerCount * IP_LAYER_WORDS;
  words.copyWithin(copy, packet.ip, packet.ip + IP_LAYER_WORDS);
  for (let word = 0; word < 4; word++) words[copy + which + word] = walk.i32(offset + 4 * word);
  packet.ip = copy;
}

/** A hop-by-hop header where an IPv4 header or a tunnel names one. */
export function ipv6ExtensionHeader(walk: Walk): Layer | null {
  return extensionHeaders(walk, IpProtocol.HOP_BY_HOP);
}

/** Authentication header (RFC 4302), the same under IPv4 and IPv6: its length field counts 4-byte words beyond two. */
export function authenticationHeader(walk: Walk): Layer | null {
  if (!walk.has(12)) return walk.stopShort('ah');
  // A length below the fixed part of 12 is followed all the same, as tshark does.
  const length = (walk.u8(1) + 2) * 4;
  if (!walk.has(length)) return walk.stopShort('ah');
  const nextHeader = walk.u8(0);
  walk.pos += length;
  return extensionHeaders(walk, nextHeader);
}
