// In: an Ethernet frame, or a tag or trailer format that stands in an EtherType chain. Out: the layer its EtherType names.

import { ipv4 } from './ipv4.ts';
import { llc } from './llc.ts';
import { byEtherType } from './registry.ts';
import { Trailer } from './trailer.ts';
import type { Layer, Walk } from './walk.ts';

/** IEEE 802.3 3.2.6: up to here the field is a length, from 0x600 on a type. */
const MAX_LENGTH_FIELD = 1500;

export function ethernet(walk: Walk): Layer | null {
  if (walk.pos + 14 > walk.end) return walk.stopShort('ethernet');
  const bytes = walk.bytes;
  const at = walk.pos;
  const type = (bytes[at + 12]! << 8) | bytes[at + 13]!;
  walk.trailer = walk.isAtStart ? Trailer.CHECKED : Trailer.PLAIN;
  walk.pos = at + 14;
  if (type === 0x0800) return ipv4;
  return afterTypeField(walk, type);
}

/** Goes on after a type/length field: LLC within `type` bytes, or the protocol of that EtherType. */
export function afterTypeField(walk: Walk, type: number): Layer | null {
  if (type <= MAX_LENGTH_FIELD) {
    walk.trim(type);
    return llc;
  }
  return byEtherType(walk, type);
}

/** A tag of `size` bytes after its EtherType, whose last two bytes are the next type field. */
function tag(walk: Walk, name: string, size: number): Layer | null {
  if (!walk.has(size)) return walk.stopShort(name);
  const type = walk.u16(size - 2);
  walk.pos += size;
  walk.trailer = Trailer.PLAIN;
  return afterTypeField(walk, type);
}

/** IEEE 802.1Q and 802.1ad tag (0x8100, 0x88a8, 0x9100). */
export function vlan(walk: Walk): Layer | null {
  if (walk.has(2)) walk.vlanId = walk.u16(0) & 0xfff;
  return tag(walk, 'vlan', 4);
}

/** IEEE 802.1ah I-TAG (0x88e7): 4 bytes of service tag, then the customer's Ethernet header. */
export function backboneServiceTag(walk: Walk): Layer | null {
  if (!walk.has(4)) return walk.stopShort('802.1ah');
  return walk.skip(4, ethernet);
}

/** Cisco FabricPath (0x8903): tag and time to live, then an Ethernet frame; its own check sequence ends the frame. */
export function fabricPath(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('fabricpath');
  walk.pos += 2;
  walk.trim(Math.max(0, walk.wireEnd - walk.pos - 4));
  return ethernet;
}

/** Cisco VN-Tag (0x8926). */
export function vnTag(walk: Walk): Layer | null {
  return tag(walk, 'vntag', 6);
}

/** IEEE 802.1BR E-Tag (0x893f). */
export function eTag(walk: Walk): Layer | null {
  return tag(walk, 'etag', 8);
}

/** IEEE 802.1CB R-Tag (0xf1c1). */
export function redundancyTag(walk: Walk): Layer | null {
  return tag(walk, '802.1cb', 6);
}

/** HSR tag (0x892f, IEC 62439-3). */
export function hsr(walk: Walk): Layer | null {
  return tag(walk, 'hsr', 6);
}

/** Cisco MetaData (0x8909): version, length, option, security group tag, EtherType. */
export function ciscoMetaData(walk: Walk): Layer | null {
  return tag(walk, 'cmd', 8);
}

/**
 * MACsec (0x88e5, IEEE 802.1AE): readable only where integrity without confidentiality is used (E and C bits 0);
 * the last 16 bytes are then the check value.
 */
export function macsec(walk: Walk): Layer | null {
  if (!walk.has(6)) return walk.stopShort('macsec');
  const control = walk.u8(0);
  if ((control & 0x0c) !== 0) return walk.stop('macsec', 'encrypted');
  const header = (control & 0x20) !== 0 ? 14 : 6;
  if (!walk.has(header + 2)) return walk.stopShort('macsec');
  walk.pos += header;
  walk.trim(Math.max(0, walk.wireEnd - walk.pos - 16));
  return tag(walk, 'macsec', 2);
}

/** TRILL (0x22f3, RFC 6325): 6 bytes and options, then an Ethernet frame. */
export function trill(walk: Walk): Layer | null {
  if (!walk.has(6)) return walk.stopShort('trill');
  const optionWords = ((walk.u16(0) >> 6) & 0x1f) * 4;
  if (!walk.has(6 + optionWords)) return walk.stopShort('trill');
  return walk.skip(6 + optionWords, ethernet);
}

/** EtherIP (IP protocol 97, RFC 3378). */
export function etherIp(walk: Walk): Layer | null {
  if (!walk.has(2)) return walk.stopShort('etherip');
  return walk.skip(2, ethernet);
}
