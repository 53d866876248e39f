// In: nothing. Out: what stands before a datagram in the frames that are read at once, and their link types.

import { type Bytes, hex } from './frame-builder.ts';

export const LINK_HEADERS: readonly { name: string; linkType: number; header: Bytes }[] = [
  { name: 'Ethernet', linkType: 1, header: hex('020000000002 020000000001 0800') },
  { name: 'VLAN', linkType: 1, header: hex('020000000002 020000000001 8100 0005 0800') },
  { name: 'two VLAN tags', linkType: 1, header: hex('020000000002 020000000001 88a8 0005 8100 0006 0800') },
  { name: 'Linux cooked', linkType: 113, header: hex('0000 0001 0006 0200000000010000 0800') },
  { name: 'Linux cooked, version 2', linkType: 276, header: hex('0800 0000 00000002 0001 00 06 0200000000010000') },
  { name: 'BSD loopback', linkType: 0, header: hex('02000000') },
  { name: 'BSD loopback, big-endian', linkType: 0, header: hex('00000002') },
  { name: 'OpenBSD loopback', linkType: 108, header: hex('00000002') },
  { name: 'raw', linkType: 101, header: hex('') },
  { name: 'raw, as BSD numbers it', linkType: 12, header: hex('') },
  { name: 'raw, as OpenBSD numbers it', linkType: 14, header: hex('') },
  { name: 'IPv4', linkType: 228, header: hex('') },
];

/** The same before an IPv6 datagram. */
export const LINK_HEADERS_V6: typeof LINK_HEADERS = [
  { name: 'Ethernet', linkType: 1, header: hex('020000000002 020000000001 86dd') },
  { name: 'two VLAN tags', linkType: 1, header: hex('020000000002 020000000001 9100 0005 8100 0006 86dd') },
  { name: 'Linux cooked', linkType: 113, header: hex('0000 0001 0006 0200000000010000 86dd') },
  { name: 'Linux cooked, version 2', linkType: 276, header: hex('86dd 0000 00000002 0001 00 06 0200000000010000') },
  { name: 'raw', linkType: 101, header: hex('') },
  { name: 'IPv6', linkType: 229, header: hex('') },
];

/** Bytes of the Ethernet header that `tcpFrame` makes. */
export const ETHERNET_HEADER = 14;
