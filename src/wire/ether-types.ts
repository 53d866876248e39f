// In: nothing. Out: the EtherTypes that frames are told by without being decoded (iana.org/assignments/ieee-802-numbers).

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;

/** VLAN tags stacked, as providers do: more are left to the decoder. */
export const MOST_TAGS = 2;

/** Is it that of a VLAN tag (IEEE 802.1Q, 802.1ad, and as QinQ began)? */
export function isTag(etherType: number): boolean {
  return etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100;
}
