// In: nothing. Out: one small frame per encapsulation, the same segment inside each, with the addresses on the way to it.

import {
  address,
  ascii,
  type Bytes,
  ethernet,
  hex,
  ipv4,
  ipv6,
  join,
  snap,
  tcp,
  tcpPacket,
  u16,
  u16le,
  u32,
  u32le,
  udp,
  vlan,
} from './frame-builder.ts';

export interface Encapsulation {
  name: string;
  linkType: number;
  bytes: Bytes;
  /** Source addresses of all IP headers, outermost first. */
  sources: string[];
}

const V4 = '10.0.0.1';
const V6 = '2001:db8::1';
const OUTER4 = { src: '192.0.2.1', dst: '192.0.2.2' };
const OUTER6 = { src: '2001:db8:ffff::1', dst: '2001:db8:ffff::2' };

/** The segment every frame carries. */
export const SEGMENT = {
  sport: 40000,
  dport: 80,
  seq: 1000,
  ack: 5000,
  flags: 'PA',
  win: 500,
  payload: 'hello',
} as const;

const inner4 = tcpPacket(SEGMENT);
const inner6 = tcpPacket({ ...SEGMENT, src: V6, dst: '2001:db8::2' });
const frame4 = ethernet(inner4);
const frame6 = ethernet(inner6);
/** Addresses of a real vendor: a pseudowire's frame is told from its control word by them. */
const vendorFrame4 = join(hex('000c29112233 000c29445566'), frame4.subarray(12));

const vendorEthernet = (packet: Bytes): Bytes => join(vendorFrame4.subarray(0, 14), packet);
const over = (protocol: number, payload: Bytes): Bytes => ethernet(ipv4({ ...OUTER4, protocol }, payload));
const over6 = (protocol: number, payload: Bytes): Bytes => ethernet(ipv6({ ...OUTER6, protocol }, payload));
const overUdp = (port: number, payload: Bytes): Bytes => over(17, udp(50000 + (port % 9973), port, payload));
const label = (value: number, bottom: boolean): Bytes => u32(value * 4096 + (bottom ? 256 : 0) + 64);
const extension = (next: number, words = 0): Bytes =>
  join(next, words, hex('01 04 00000000'), new Uint8Array(words * 8));

const rows: Encapsulation[] = [];

function add(name: string, linkType: number, bytes: Bytes, sources: string[]): void {
  rows.push({ name, linkType, bytes, sources });
}

// -- Link types
add('ethernet', 1, frame4, [V4]);
add('ethernet, ipv6', 1, frame6, [V6]);
add('ethernet, padded', 1, join(ethernet(tcpPacket(SEGMENT)), new Uint8Array(20)), [V4]);
add('802.3, llc, snap', 1, join(hex('020000000002020000000001'), u16(8 + inner4.length), snap(inner4)), [V4]);
add('802.3, llc, ip sap', 1, join(hex('020000000002020000000001'), u16(3 + inner4.length), hex('060603'), inner4), [
  V4,
]);
add('null, little-endian', 0, join(u32le(2), inner4), [V4]);
add('null, big-endian', 0, join(u32(2), inner4), [V4]);
for (const family of [24, 28, 30]) add(`null, ipv6 as ${family}`, 0, join(u32le(family), inner6), [V6]);
add('null, 2 in the first 16 bits', 0, join(hex('0200 0000'), inner4), [V4]);
add('null, 2 in the upper half', 0, join(u32le(0x0002_0005), inner4), [V4]);
add('null, IRIX', 0, join(hex('0002 0000'), inner4), [V4]);
add('null, EtherType', 0, join(u32le(0x0800), inner4), [V4]);
add('null, EtherType in the other order', 0, join(hex('0200 0800'), inner4), [V4]);
add('null, ppp', 0, join(hex('ff03 0021'), inner4), [V4]);
add('loop', 108, join(u32(2), inner4), [V4]);
add('loop, ipv6', 108, join(u32(24), inner6), [V6]);
add('raw', 101, inner4, [V4]);
add('raw, ipv6', 101, inner6, [V6]);
add('raw, 12', 12, inner4, [V4]);
add('raw, 14', 14, inner4, [V4]);
add('ipv4', 228, inner4, [V4]);
add('ipv6', 229, inner6, [V6]);
add('sll', 113, join(hex('0000 0001 0006 020000000001 0000 0800'), inner4), [V4]);
add('sll, vlan', 113, join(hex('0000 0001 0006 020000000001 0000 8100'), vlan(5, inner6)), [V6]);
add('sll, llc', 113, join(hex('0000 0001 0006 020000000001 0000 0004'), snap(inner4)), [V4]);
add('sll2', 276, join(hex('0800 0000 00000002 0001 00 06 020000000001 0000'), inner4), [V4]);
add('sll2, ipv6', 276, join(hex('86dd 0000 00000002 0001 00 06 020000000001 0000'), inner6), [V6]);
add('ppp', 9, join(hex('ff03 0021'), inner4), [V4]);
add('ppp, one byte of protocol', 9, join(hex('ff03 57'), inner6), [V6]);
add('ppp, no address', 9, join(hex('0021'), inner4), [V4]);
add('ppp, mpls', 9, join(hex('ff03 0281'), label(16, true), inner4), [V4]);
add('ppp, bridged ethernet', 9, join(hex('ff03 0031 00 01'), frame4), [V4]);
add('ppp, cisco hdlc', 9, join(hex('0f00 0800'), inner4), [V4]);
add('ppp with direction', 204, join(1, hex('ff03 0021'), inner4), [V4]);
add('pppoe', 1, ethernet(join(hex('1100 0001'), u16(2 + inner4.length), hex('0021'), inner4), 0x8864), [V4]);
add('ppp-ether', 51, join(hex('1100 0001'), u16(2 + inner6.length), hex('0057'), inner6), [V6]);
add('cisco hdlc', 104, join(hex('0f00 0800'), inner4), [V4]);
add('cisco hdlc, mpls', 104, join(hex('0f00 8847'), label(20, true), inner4), [V4]);
add('frame relay, nlpid', 107, join(hex('1841 03 cc'), inner4), [V4]);
add('frame relay, snap', 107, join(hex('1841 03 00 80 000000 0800'), inner4), [V4]);
add('frame relay, cisco', 107, join(hex('1841 0800'), inner4), [V4]);
add('fddi', 10, join(hex('50 020000000002 020000000001'), snap(inner4)), [V4]);
add('token ring', 6, join(hex('10 40 020000000002 020000000001'), snap(inner4)), [V4]);
add('token ring, source routed', 6, join(hex('10 40 020000000002 820000000001 0630 0011 0020'), snap(inner4)), [V4]);
add('arcnet, linux', 129, join(hex('0102 0000 f0'), inner4), [V4]);
add('arcnet, linux, rfc 1201', 129, join(hex('0102 0000 d4 00 0001'), inner4), [V4]);
add('arcnet, bsd', 7, join(hex('0102 f0'), inner4), [V4]);
add('802.11, from ds', 105, join(hex('0802 0000'), new Uint8Array(18), hex('1000'), snap(inner4)), [V4]);
add('802.11, qos', 105, join(hex('8801 0000'), new Uint8Array(18), hex('1000 0000'), snap(inner4)), [V4]);
add('802.11, wds', 105, join(hex('0803 0000'), new Uint8Array(18), hex('1000 020000000001'), snap(inner6)), [V6]);
add(
  '802.11, a-msdu',
  105,
  join(
    hex('8801 0000'),
    new Uint8Array(18),
    hex('1000 8000 020000000002 020000000001'),
    u16(8 + inner4.length),
    snap(inner4),
  ),
  [V4],
);
add('radiotap', 127, join(hex('0000 0800 00000000 0801 0000'), new Uint8Array(18), hex('1000'), snap(inner4)), [V4]);
add(
  'radiotap, fcs, padded header',
  127,
  join(
    hex('0000 0900 02000000 30 8801 0000'),
    new Uint8Array(18),
    hex('1000 0000 0000'),
    snap(inner4),
    hex('01020304'),
  ),
  [V4],
);
add('ppi', 192, join(hex('0000 0800 69000000 0801 0000'), new Uint8Array(18), hex('1000'), snap(inner4)), [V4]);
add(
  'prism',
  119,
  join(hex('00000044 00000090'), new Uint8Array(136), hex('0801 0000'), new Uint8Array(18), hex('1000'), snap(inner4)),
  [V4],
);
add('nflog', 239, join(hex('02 00 0000'), hex('0800 0200 61620000'), u16le(4 + inner4.length), hex('0900'), inner4), [
  V4,
]);
add(
  'nflog, of a bridge: the packet header names the protocol, and stands last',
  239,
  join(
    hex('07 00 0000'),
    u16le(4 + inner6.length),
    hex('0900'),
    inner6,
    new Uint8Array(3),
    hex('0800 0100 86dd 01 00'),
  ),
  [V6],
);
add('ip over infiniband', 242, join(new Uint8Array(40), hex('0800 0000'), inner4), [V4]);
add('atm rfc 1483', 100, snap(inner4), [V4]);
add('atm clip', 106, inner4, [V4]);
add('juniper ether', 178, join(hex('4d4743 80 0006 010118 020114'), frame4), [V4]);
add('juniper ether, no l2', 178, join(hex('4d4743 02 02000000'), inner4), [V4]);

// -- Tags and tunnels within Ethernet
add('vlan', 1, ethernet(vlan(7, inner4), 0x8100), [V4]);
add('802.1ad, vlan', 1, ethernet(vlan(7, vlan(8, inner6), 0x8100), 0x88a8), [V6]);
add('qinq 0x9100', 1, ethernet(vlan(7, vlan(8, inner4), 0x8100), 0x9100), [V4]);
add('802.1ah', 1, ethernet(join(hex('00000001'), frame4), 0x88e7), [V4]);
add('802.1br e-tag', 1, ethernet(join(hex('000000000000 0800'), inner4), 0x893f), [V4]);
add('vn-tag', 1, ethernet(join(hex('00000000 0800'), inner4), 0x8926), [V4]);
add('802.1cb r-tag', 1, ethernet(join(hex('0000 0001 0800'), inner4), 0xf1c1), [V4]);
add('hsr', 1, ethernet(join(hex('0050 0001 0800'), inner4), 0x892f), [V4]);
add('cisco metadata', 1, ethernet(join(hex('01 01 0001 0005 0800'), inner4), 0x8909), [V4]);
add('macsec without encryption', 1, ethernet(join(hex('00 00 00000001 0800'), inner4, new Uint8Array(16)), 0x88e5), [
  V4,
]);
add('trill', 1, ethernet(join(hex('0001 0001 0002'), frame4), 0x22f3), [V4]);
add('mpls, one label', 1, ethernet(join(label(16, true), inner4), 0x8847), [V4]);
add(
  'mpls, three labels, ipv6',
  1,
  ethernet(join(label(16, false), label(17, false), label(18, true), inner6), 0x8847),
  [V6],
);
add('mpls, ethernet with control word', 1, ethernet(join(label(16, true), hex('00000000'), vendorFrame4), 0x8847), [
  V4,
]);
add('nsh', 1, ethernet(join(hex('0fc2 02 01 000001ff'), inner4), 0x894f), [V4]);
add('transparent ethernet bridging', 1, ethernet(frame4, 0x6558), [V4]);

// -- IP
add('ipv4 with options', 1, ethernet(ipv4({ options: hex('01010101') }, tcp(SEGMENT))), [V4]);
add('ip in ip', 1, over(4, inner4), [OUTER4.src, V4]);
add('6in4', 1, over(41, inner6), [OUTER4.src, V6]);
add('4in6', 1, over6(4, inner4), [OUTER6.src, V4]);
add('6in6', 1, over6(41, inner6), [OUTER6.src, V6]);
add('ipv4 ah', 1, over(51, join(6, 4, hex('0000 00000001 00000001'), new Uint8Array(12), tcp(SEGMENT))), [OUTER4.src]);
add('ipv6 ah', 1, over6(51, join(6, 4, hex('0000 00000001 00000001'), new Uint8Array(12), tcp(SEGMENT))), [OUTER6.src]);
add('ipv6 hop-by-hop, destination options', 1, over6(0, join(extension(60), extension(6, 1), tcp(SEGMENT))), [
  OUTER6.src,
]);
add('ipv6 routing', 1, over6(43, join(hex('06 02 00 00 00000000'), address(V6), tcp(SEGMENT))), [OUTER6.src]);
add('ipv6 atomic fragment', 1, over6(44, join(hex('06 00 0000 00000009'), tcp(SEGMENT))), [OUTER6.src]);
add('ipv6 shim6 payload', 1, over6(140, join(hex('06 00 8000 0000 0001'), tcp(SEGMENT))), [OUTER6.src]);
add('etherip', 1, over(97, join(hex('3000'), frame4)), [OUTER4.src, V4]);
add('ethernet in ip', 1, over(143, frame4), [OUTER4.src, V4]);
add('mpls in ip', 1, over(137, join(label(16, true), inner4)), [OUTER4.src, V4]);

// -- GRE
add('gre', 1, over(47, join(hex('0000 0800'), inner4)), [OUTER4.src, V4]);
add('gre, checksum, key, sequence', 1, over(47, join(hex('b000 86dd 0000 0000 00000001 00000002'), inner6)), [
  OUTER4.src,
  V6,
]);
add('gre, ethernet', 1, over(47, join(hex('2000 6558 00000001'), frame4)), [OUTER4.src, V4]);
add(
  'gre 1, ppp',
  1,
  over(47, join(hex('3081 880b'), u16(4 + inner4.length), hex('0001 00000001 00000002 ff03 0021'), inner4)),
  [OUTER4.src, V4],
);
add('gre, wccp', 1, over(47, join(hex('0000 883e 00000000'), inner4)), [OUTER4.src, V4]);
add('gre, mpls', 1, over(47, join(hex('0000 8847'), label(16, true), inner4)), [OUTER4.src, V4]);
add('erspan I', 1, over(47, join(hex('0000 88be'), frame4)), [OUTER4.src, V4]);
add('erspan II', 1, over(47, join(hex('1000 88be 00000001 1001 0000 00000000'), frame4)), [OUTER4.src, V4]);
add('erspan III', 1, over(47, join(hex('1000 22eb 00000001 2001 0000 00000000 0000 0000'), frame4)), [OUTER4.src, V4]);
add(
  'erspan III with platform header',
  1,
  over(47, join(hex('1000 22eb 00000001 2001 0000 00000000 0000 0001 0000000000000000'), frame4)),
  [OUTER4.src, V4],
);

// -- UDP
add('vxlan', 1, overUdp(4789, join(hex('08000000 00000100'), frame4)), [OUTER4.src, V4]);
add('vxlan-gpe, ipv4', 1, overUdp(4790, join(hex('0c000001 00000100'), inner4)), [OUTER4.src, V4]);
add('vxlan-gpe, nsh, ethernet', 1, overUdp(4790, join(hex('0c000004 00000100 0fc2 02 03 000001ff'), frame4)), [
  OUTER4.src,
  V4,
]);
add('geneve, ethernet', 1, overUdp(6081, join(hex('0000 6558 00000100'), frame4)), [OUTER4.src, V4]);
add('geneve, options, ipv6', 1, overUdp(6081, join(hex('0200 86dd 00000100 0102800100000000'), inner6)), [
  OUTER4.src,
  V6,
]);
add('gtp-u', 1, overUdp(2152, join(hex('30ff'), u16(inner4.length), hex('00000001'), inner4)), [OUTER4.src, V4]);
add(
  'gtp-u, sequence, extension',
  1,
  overUdp(2152, join(hex('36ff'), u16(8 + inner6.length), hex('00000001 0001 00 85 01 1001 00'), inner6)),
  [OUTER4.src, V6],
);
add('gtp-u, version 0', 1, overUdp(3386, join(hex('1eff'), u16(inner4.length), new Uint8Array(16), inner4)), [
  OUTER4.src,
  V4,
]);
add(
  'gtp-u, udp length 0 in IPv6',
  1,
  over6(17, join(u16(1), u16(2152), u16(0), u16(0), hex('30ff'), u16(inner4.length), u32(1), inner4)),
  [OUTER6.src, V4],
);
add('teredo', 1, overUdp(3544, inner6), [OUTER4.src, V6]);
add(
  'teredo, authentication, origin',
  1,
  overUdp(3544, join(hex('0001 00 00 0000000000000000 00 0000 3039 0a000001'), inner6)),
  [OUTER4.src, V6],
);
add('l2tp', 1, overUdp(1701, join(hex('4002'), u16(12 + inner4.length), hex('0001 0001 ff03 0021'), inner4)), [
  OUTER4.src,
  V4,
]);
add('lisp', 1, overUdp(4341, join(hex('08000000 00000100'), inner4)), [OUTER4.src, V4]);
add('mpls in udp', 1, overUdp(6635, join(label(16, true), inner4)), [OUTER4.src, V4]);
add('gre in udp', 1, overUdp(4754, join(hex('0000 0800'), inner4)), [OUTER4.src, V4]);
add('ayiya', 1, overUdp(5072, join(hex('41 52 11 29 00000001'), new Uint8Array(16 + 20), inner6)), [OUTER4.src, V6]);
add('tzsp', 1, overUdp(37008, join(hex('01 00 0001 01'), frame4)), [OUTER4.src, V4]);
add('udp from the tunnel port', 1, over(17, udp(4789, 60000, join(hex('08000000 00000100'), frame4))), [
  OUTER4.src,
  V4,
]);

// -- All at once
add(
  'vlan, mpls, pseudowire, ip, gre, ipv6, vxlan',
  1,
  ethernet(
    vlan(
      9,
      join(
        label(16, true),
        u32(0),
        vendorEthernet(
          ipv4(
            { ...OUTER4, protocol: 47 },
            join(
              hex('0000 86dd'),
              ipv6({ ...OUTER6, protocol: 17 }, udp(1000, 4789, join(hex('08000000 00000100'), frame4))),
            ),
          ),
        ),
      ),
      0x8847,
    ),
    0x8100,
  ),
  [OUTER4.src, OUTER6.src, V4],
);

export const ENCAPSULATIONS: readonly Encapsulation[] = rows;

/** Frames that hold no segment, and the layer at which decoding says so. */
export const NO_SEGMENT: readonly { name: string; linkType: number; bytes: Bytes; stopLayer: string }[] = [
  { name: 'arp', linkType: 1, bytes: ethernet(new Uint8Array(28), 0x0806), stopLayer: 'ethertype' },
  { name: 'udp without a tunnel', linkType: 1, bytes: over(17, udp(5353, 5353, ascii('hello'))), stopLayer: 'udp' },
  {
    name: 'udp length below 8',
    linkType: 1,
    bytes: over(17, join(u16(1), u16(4789), u16(7), u16(0))),
    stopLayer: 'udp',
  },
  {
    name: 'udp length 0 in IPv4',
    linkType: 1,
    bytes: over(17, join(u16(1), u16(2152), u16(0), u16(0), hex('30ff'), u16(inner4.length), u32(1), inner4)),
    stopLayer: 'udp',
  },
  { name: 'esp', linkType: 1, bytes: over(50, new Uint8Array(40)), stopLayer: 'ip' },
  { name: 'icmp echo', linkType: 1, bytes: over(1, hex('0800 0000 0001 0001')), stopLayer: 'icmp' },
  { name: 'icmpv6 neighbor', linkType: 1, bytes: over6(58, hex('8700 0000 00000000')), stopLayer: 'icmpv6' },
  {
    name: 'encrypted macsec',
    linkType: 1,
    bytes: ethernet(new Uint8Array(40).fill(0x0c), 0x88e5),
    stopLayer: 'macsec',
  },
  {
    name: 'protected 802.11',
    linkType: 105,
    bytes: join(hex('0841 0000'), new Uint8Array(20), snap(inner4)),
    stopLayer: '802.11',
  },
  { name: 'beacon', linkType: 105, bytes: new Uint8Array(40).fill(0x80, 0, 1), stopLayer: '802.11' },
  { name: 'ip version 5', linkType: 101, bytes: join(0x55, new Uint8Array(39)), stopLayer: 'ip' },
  { name: 'ipv4 header length 16', linkType: 228, bytes: join(0x44, inner4.subarray(1)), stopLayer: 'ipv4' },
  { name: 'ipv4 total length 19', linkType: 228, bytes: ipv4({ length: 19 }, tcp(SEGMENT)), stopLayer: 'ipv4' },
  { name: 'ipv6 payload length 0', linkType: 229, bytes: ipv6({ length: 0 }, tcp(SEGMENT)), stopLayer: 'tcp' },
  { name: 'null, unknown family', linkType: 0, bytes: join(u32le(3), inner4), stopLayer: 'null' },
  {
    name: 'null, family in the third byte',
    linkType: 0,
    bytes: join(hex('0002 0001'), inner4),
    stopLayer: 'ethertype',
  },
  { name: 'loop, EtherType', linkType: 108, bytes: join(u32(0x0800), inner4), stopLayer: 'null' },
  { name: 'nflog, no payload', linkType: 239, bytes: hex('02 00 0000 0800 0100 0800 01 00'), stopLayer: 'nflog' },
  {
    name: 'nflog, of a bridge, without a packet header',
    linkType: 239,
    bytes: join(hex('07 00 0000'), u16le(4 + inner4.length), hex('0900'), inner4),
    stopLayer: 'nflog',
  },
  {
    name: 'nflog, an attribute that is not all there',
    linkType: 239,
    bytes: join(
      hex('02 00 0000'),
      u16le(4 + inner4.length),
      hex('0900'),
      inner4,
      new Uint8Array(3),
      hex('1000 0100 0800 01 00'),
    ),
    stopLayer: 'nflog',
  },
  {
    name: "gtp'",
    linkType: 1,
    bytes: overUdp(2152, join(hex('20ff'), u16(inner4.length), u32(1), inner4)),
    stopLayer: 'gtp',
  },
  {
    name: 'gtp-u, version 0, of length 0',
    linkType: 1,
    bytes: overUdp(2152, join(hex('1eff 0000'), new Uint8Array(16), inner4)),
    stopLayer: 'gtp',
  },
  {
    name: "gtp', version 0, with the short header",
    linkType: 1,
    bytes: overUdp(3386, join(hex('0fff'), u16(inner4.length), new Uint8Array(16), inner4)),
    stopLayer: 'gtp',
  },
  {
    name: 'gtp-u of length 0',
    linkType: 1,
    bytes: overUdp(2152, join(hex('30ff 0000'), u32(1), inner4)),
    stopLayer: 'gtp',
  },
  { name: 'unknown link type', linkType: 147, bytes: inner4, stopLayer: 'link' },
  { name: 'empty frame', linkType: 1, bytes: new Uint8Array(0), stopLayer: 'ethernet' },
];
