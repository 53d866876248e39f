// In: nothing. Out: the EtherTypes that frames are told by without being decoded (iana.org/assignments/ieee-802-numbers).

export const EtherType = {
  IPV4: 0x0800,
  IPV6: 0x86dd,
  /** IEEE 802.1Q. */
  VLAN: 0x8100,
  /** IEEE 802.1ad. */
  PROVIDER_VLAN: 0x88a8,
  /** The same before there was a standard. */
  OLD_PROVIDER_VLAN: 0x9100,
} as const;

/** VLAN tags stacked, as providers do: more are left to the decoder. */
export const MOST_TAGS = 2;

export function isTag(etherType: number): boolean {
  return (
    etherType === EtherType.VLAN || etherType === EtherType.PROVIDER_VLAN || etherType === EtherType.OLD_PROVIDER_VLAN
  );
}
