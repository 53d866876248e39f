// In: the number by which one layer names the next. Out: that layer's decoder. One more decoder is one more line here.

import { ipnet, juniper, nflog, pktap } from './capture-headers.ts';
import {
  backboneServiceTag,
  ciscoMetaData,
  eTag,
  etherIp,
  ethernet,
  fabricPath,
  hsr,
  macsec,
  redundancyTag,
  trill,
  vlan,
  vnTag,
} from './ethernet.ts';
import { frameRelay, frameRelayWithDirection } from './frame-relay.ts';
import { geneve } from './geneve.ts';
import { gre } from './gre.ts';
import { gtp } from './gtp.ts';
import { icmp, icmpv6 } from './icmp.ts';
import { ieee80211 } from './ieee80211.ts';
import { ipv4 } from './ipv4.ts';
import { authenticationHeader, ipv6, ipv6ExtensionHeader } from './ipv6.ts';
import { LinkType } from './link-types.ts';
import { llc } from './llc.ts';
import {
  arcnet,
  arcnetLinux,
  atmClip,
  fddi,
  ipOverFibreChannel,
  ipOverInfiniBand,
  sunAtm,
  tokenRing,
} from './local-networks.ts';
import { mpls } from './mpls.ts';
import { enc, loop, nullLoopback, pflog } from './null-loopback.ts';
import { ciscoHdlc, ciscoHdlcWithDirection, ppp, pppoe, pppWithDirection } from './ppp.ts';
import { avs, ppi, prism, radiotap } from './radiotap.ts';
import { rawIp } from './raw-ip.ts';
import { sll, sll2 } from './sll.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';
import { ayiya, capwapData, l2tp, lispData, teredo, tzsp } from './udp-tunnels.ts';
import { nsh, vxlan, vxlanGpe } from './vxlan.ts';
import type { Layer, Walk } from './walk.ts';

/** IP protocol numbers that have a name in `wire/` (iana.org/assignments/protocol-numbers). */
export const IpProtocol = {
  HOP_BY_HOP: 0,
  ICMP: 1,
  IPV4: 4,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  ROUTING: 43,
  FRAGMENT: 44,
  GRE: 47,
  AH: 51,
  ICMPV6: 58,
  DESTINATION_OPTIONS: 60,
  ETHERIP: 97,
  MPLS: 137,
  SHIM6: 140,
  ETHERNET: 143,
} as const;

const LINK_LAYERS: readonly (readonly [number, Layer])[] = [
  [LinkType.NULL, nullLoopback],
  [LinkType.ETHERNET, ethernet],
  [LinkType.IEEE802_5, tokenRing],
  [LinkType.ARCNET_BSD, arcnet],
  [LinkType.PPP, ppp],
  [LinkType.FDDI, fddi],
  [LinkType.RAW_DLT, rawIp],
  [LinkType.RAW_DLT_OPENBSD, rawIp],
  [LinkType.PPP_HDLC, ppp],
  [LinkType.PPP_ETHER, pppoe],
  [LinkType.ATM_RFC1483, llc],
  [LinkType.RAW, rawIp],
  [LinkType.C_HDLC, ciscoHdlc],
  [LinkType.IEEE802_11, ieee80211],
  [LinkType.ATM_CLIP, atmClip],
  [LinkType.FRELAY, frameRelay],
  [LinkType.LOOP, loop],
  [LinkType.ENC, enc],
  [LinkType.LINUX_SLL, sll],
  [LinkType.PFLOG, pflog],
  [LinkType.IEEE802_11_PRISM, prism],
  [LinkType.IP_OVER_FC, ipOverFibreChannel],
  [LinkType.SUNATM, sunAtm],
  [LinkType.IEEE802_11_RADIOTAP, radiotap],
  [LinkType.TZSP, tzsp],
  [LinkType.ARCNET_LINUX, arcnetLinux],
  [LinkType.JUNIPER_MLPPP, juniper],
  [LinkType.JUNIPER_MLFR, juniper],
  [LinkType.JUNIPER_ES, juniper],
  [LinkType.JUNIPER_GGSN, juniper],
  [LinkType.JUNIPER_MFR, juniper],
  [LinkType.JUNIPER_ATM2, juniper],
  [LinkType.JUNIPER_SERVICES, juniper],
  [LinkType.JUNIPER_ATM1, juniper],
  [LinkType.IEEE802_11_AVS, avs],
  [LinkType.PPP_PPPD, pppWithDirection],
  [LinkType.JUNIPER_ETHER, juniper],
  [LinkType.JUNIPER_PPP, juniper],
  [LinkType.JUNIPER_FRELAY, juniper],
  [LinkType.JUNIPER_CHDLC, juniper],
  [LinkType.PPI, ppi],
  [LinkType.PPP_WITH_DIR, pppWithDirection],
  [LinkType.C_HDLC_WITH_DIR, ciscoHdlcWithDirection],
  [LinkType.FRELAY_WITH_DIR, frameRelayWithDirection],
  [LinkType.IPNET, ipnet],
  [LinkType.IPV4, ipv4],
  [LinkType.IPV6, ipv6],
  [LinkType.NFLOG, nflog],
  [LinkType.IPOIB, ipOverInfiniBand],
  [LinkType.PKTAP, pktap],
  [LinkType.LINUX_SLL2, sll2],
];

const ETHER_TYPES: readonly (readonly [number, Layer])[] = [
  [0x0800, ipv4],
  [0x22f3, trill],
  [0x6558, ethernet],
  [0x8100, vlan],
  [0x86dd, ipv6],
  [0x8847, mpls],
  [0x8848, mpls],
  [0x8864, pppoe],
  [0x8870, llc],
  [0x88a8, vlan],
  [0x88e5, macsec],
  [0x88e7, backboneServiceTag],
  [0x8903, fabricPath],
  [0x8909, ciscoMetaData],
  [0x890d, ieee80211],
  [0x8926, vnTag],
  [0x892f, hsr],
  [0x893f, eTag],
  [0x894f, nsh],
  [0x9100, vlan],
  [0xf1c1, redundancyTag],
];

const IP_PROTOCOLS: readonly (readonly [number, Layer])[] = [
  [IpProtocol.HOP_BY_HOP, ipv6ExtensionHeader],
  [IpProtocol.ICMP, icmp],
  [IpProtocol.IPV4, ipv4],
  [IpProtocol.TCP, tcp],
  [IpProtocol.UDP, udp],
  [IpProtocol.IPV6, ipv6],
  [IpProtocol.GRE, gre],
  [IpProtocol.AH, authenticationHeader],
  [IpProtocol.ICMPV6, icmpv6],
  [IpProtocol.ETHERIP, etherIp],
  [IpProtocol.MPLS, mpls],
  [IpProtocol.ETHERNET, ethernet],
];

/** UDP ports as tshark 4.0.17 has them (`tshark -G decodes`). */
const UDP_PORTS: readonly (readonly [number, Layer])[] = [
  [1701, l2tp],
  [2123, gtp],
  [2152, gtp],
  [3386, gtp],
  [3544, teredo],
  [4341, lispData],
  [4754, gre],
  [4789, vxlan],
  [4790, vxlanGpe],
  [5072, ayiya],
  [5247, capwapData],
  [6081, geneve],
  [6635, mpls],
  [37008, tzsp],
];

const linkLayers: (Layer | undefined)[] = [];
const etherTypes = new Map<number, Layer>();
const ipProtocols: (Layer | undefined)[] = [];
const udpPorts = new Map<number, Layer>();

for (const [number, layer] of LINK_LAYERS) linkLayers[number] = layer;
for (const [number, layer] of ETHER_TYPES) etherTypes.set(number, layer);
for (const [number, layer] of IP_PROTOCOLS) ipProtocols[number] = layer;
for (const [number, layer] of UDP_PORTS) udpPorts.set(number, layer);

/** The first layer of a frame of this link type. */
export function byLinkType(walk: Walk, linkType: number): Layer | null {
  return linkLayers[linkType] ?? walk.stop('link', 'link type without a decoder');
}

export function byEtherType(walk: Walk, type: number): Layer | null {
  return etherTypes.get(type) ?? walk.stop('ethertype', 'protocol without TCP');
}

export function byIpProtocol(walk: Walk, protocol: number): Layer | null {
  return ipProtocols[protocol] ?? walk.stop('ip', 'protocol without TCP');
}

/** The tunnel one of the two ports stands for, the lower port asked first, as tshark does. */
export function byUdpPorts(walk: Walk, source: number, destination: number): Layer | null {
  const low = Math.min(source, destination);
  const high = Math.max(source, destination);
  return udpPorts.get(low) ?? udpPorts.get(high) ?? walk.stop('udp', 'no tunnel known by its ports');
}
