// The TCP header: lengths, truncation and header errors as reference/wireshark-tcp.md section 3 has them from tshark 4.0.17.

import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/wire/decode.ts';
import { HeaderCut, Packet, PacketKind } from '../../src/wire/packet.ts';
import { headerBytes } from '../../src/wire/segment-bytes.ts';
import {
  type Bytes,
  ethernet,
  type FrameFields,
  frameOf,
  hex,
  ipv4,
  ipv6,
  join,
  tcp,
  tcpFrame,
} from '../support/frame-builder.ts';

function decode(bytes: Bytes, fields: FrameFields = {}): Packet {
  const packet = new Packet();
  new Decoder().decode(frameOf(bytes, fields), packet);
  return packet;
}

const ETHERNET = 14;
const IPV4_TCP = ETHERNET + 20;
const mss = hex('020405b4');

describe('header fields', () => {
  it('are read as sent, numbers as int32', () => {
    const packet = decode(
      tcpFrame({ sport: 65535, dport: 1, seq: 0xfffffffe, ack: 0x80000000, flags: 0xfff, win: 65535, urgent: 40000 }),
    );
    expect(packet).toMatchObject({
      kind: PacketKind.SEGMENT,
      sourcePort: 65535,
      destinationPort: 1,
      seq: -2,
      ack: -2147483648,
      flags: 0xfff,
      window: 65535,
      urgentPointer: 40000,
      headerLength: 20,
    });
  });

  it('come with identification and time to live of the IP header', () => {
    expect(decode(tcpFrame({ id: 0x1234, ttl: 7 }))).toMatchObject({ ipId: 0x1234, ttl: 7 });
    expect(decode(tcpFrame({ src: '2001:db8::1', dst: '2001:db8::2', ttl: 9 }))).toMatchObject({ ipId: -1, ttl: 9 });
  });
});

describe('payload length', () => {
  const segment = tcp({ payload: 'x'.repeat(6), flags: 'PA' });
  it.each<[string, Bytes, FrameFields, number]>([
    ['from the IP length', ethernet(ipv4({}, segment)), {}, 6],
    ['without Ethernet padding', join(ethernet(ipv4({}, segment)), new Uint8Array(14)), {}, 6],
    ['of all that was sent, however little was captured', ethernet(ipv4({}, segment)), { captured: IPV4_TCP + 20 }, 6],
    ['IP length beyond the frame: the frame wins', ethernet(ipv4({ length: 1000 }, segment)), {}, 6],
    ['IP length beyond the frame, frame cut', ethernet(ipv4({ length: 1000 }, segment)), { originalLength: 200 }, 146],
    [
      'IP length 0: the frame, padding included',
      join(ethernet(ipv4({ length: 0 }, segment)), new Uint8Array(14)),
      {},
      20,
    ],
    ['IPv6', ethernet(ipv6({}, segment)), {}, 6],
    ['IPv6 with padding', join(ethernet(ipv6({}, segment)), new Uint8Array(30)), {}, 6],
    [
      'data offset below 5: reckoned with it all the same',
      ethernet(ipv4({}, tcp({ dataOffset: 0, payload: '12345678' }))),
      {},
      28,
    ],
    [
      'header longer than the datagram: unknown',
      ethernet(ipv4({}, tcp({ dataOffset: 15, payload: '12345678' }))),
      {},
      -1,
    ],
  ])('%s', (_, bytes, fields, expected) => {
    expect(decode(bytes, fields).payloadLength).toBe(expected);
  });
});

describe('captured payload', () => {
  it.each([0, 1, 2, 46])('%i bytes of padding are not payload', (padding) => {
    for (const src of ['10.0.0.1', '2001:db8::1']) {
      const dst = src.includes(':') ? '2001:db8::2' : '10.0.0.2';
      const packet = decode(join(tcpFrame({ src, dst, payload: 'abc' }), new Uint8Array(padding)));
      expect(packet.payloadEnd - packet.payloadStart).toBe(3);
    }
  });

  it('nor is a frame check sequence that radiotap announces, where the IP length does not say so', () => {
    const ip = ipv4({ length: 0 }, tcp({ payload: 'abc' }));
    const header = (flags: string): Bytes => hex(`0000 0900 02000000 ${flags} 0801 0000`);
    const rest = join(new Uint8Array(18), hex('1000 aaaa03000000 0800'), ip, hex('01020304'));
    expect(decode(join(header('10'), rest), { linkType: 127 }).payloadLength).toBe(3);
    expect(decode(join(header('00'), rest), { linkType: 127 }).payloadLength).toBe(7);
  });
});

describe('a header that is not wholly there', () => {
  const options = join(mss, hex('0101 0402 0101 080a 00000001 00000000'));
  const syn = tcpFrame({ options });
  it.each<[number, PacketKind, HeaderCut, number]>([
    [0, PacketKind.NONE, HeaderCut.NONE, 0],
    [3, PacketKind.NONE, HeaderCut.NONE, 0],
    [4, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 0],
    [15, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 0],
    [16, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 0],
    [19, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 0],
    [20, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 0],
    [22, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 0],
    [24, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 1],
    [28, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 4],
    [39, PacketKind.SEGMENT, HeaderCut.SNAPLEN, 6],
    [40, PacketKind.SEGMENT, HeaderCut.NONE, 7],
  ])('%i bytes captured', (captured, kind, cut, optionCount) => {
    const packet = decode(syn, { captured: IPV4_TCP + captured });
    expect(packet.kind).toBe(kind);
    if (kind === PacketKind.NONE) {
      expect(packet.stopLayer).toBe('tcp');
    } else {
      expect(packet).toMatchObject({ capturedHeader: captured, cut, optionCount });
      // Sixteen bytes are enough to know the data offset and with it the length.
      expect(packet.payloadLength).toBe(captured < 16 ? -1 : 0);
    }
  });

  it.each<[number, HeaderCut]>([
    [4, HeaderCut.MALFORMED],
    [15, HeaderCut.MALFORMED],
    [18, HeaderCut.MALFORMED],
    [20, HeaderCut.MALFORMED],
    [23, HeaderCut.CONTAINED],
    [24, HeaderCut.NONE],
  ])('a datagram of %i bytes', (length, cut) => {
    const packet = decode(ethernet(ipv4({ length: 20 + length }, tcp({ options: mss }))));
    expect(packet).toMatchObject({ kind: PacketKind.SEGMENT, cut, capturedHeader: length });
  });

  it.each([
    ['an option longer than the header', '71717171 71717171'],
    ['padding that is not zero', '00010203 04050607'],
  ])('a header longer than its datagram, with %s', (_, rest) => {
    const packet = decode(ethernet(ipv4({}, tcp({ dataOffset: 15, payload: hex(rest) }))));
    expect(packet).toMatchObject({ cut: HeaderCut.MALFORMED, payloadLength: -1, headerLength: 60 });
  });

  it('padding that is not zero, cut by the snap length', () => {
    const bytes = tcpFrame({ options: hex('00010203 04050607') });
    expect(decode(bytes, { captured: bytes.length - 4 })).toMatchObject({ cut: HeaderCut.SNAPLEN, optionCount: 1 });
    expect(decode(bytes)).toMatchObject({ cut: HeaderCut.NONE, optionCount: 1 });
  });

  it('data offset below 5', () => {
    const packet = decode(ethernet(ipv4({}, tcp({ dataOffset: 4, payload: 'abcd' }))));
    expect(packet).toMatchObject({ cut: HeaderCut.BOGUS_LENGTH, headerLength: 16, payloadLength: 8, optionCount: 0 });
    expect(headerBytes(packet)).toHaveLength(24);
  });
});

describe('a header quoted in an ICMP error', () => {
  const quote = ipv4(
    { src: '10.9.9.9', dst: '10.0.0.2' },
    tcp({ sport: 555, seq: 7, ack: 9, flags: 'A', options: mss }),
  );
  const quote6 = ipv6({ src: '2001:db8::9' }, tcp({ sport: 555, seq: 7 }));
  const error = (type: number, body: Bytes): Bytes => join(type, 1, hex('0000 00000000'), body);
  const lastSource = (packet: Packet): number => packet.ipLayers[packet.ip + 1]!;

  it.each([3, 4, 5, 11, 12])('ICMP type %i', (type) => {
    const packet = decode(ethernet(ipv4({ src: '10.0.0.9', dst: '10.0.0.1', protocol: 1 }, error(type, quote))));
    expect(packet).toMatchObject({
      kind: PacketKind.QUOTED,
      sourcePort: 555,
      seq: 7,
      ack: 9,
      mss: 1460,
      payloadLength: -1,
      ipLayerCount: 2,
    });
    expect(lastSource(packet)).toBe(0x0a090909);
  });

  it('with its first 8 bytes only', () => {
    const body = quote.subarray(0, 28);
    const packet = decode(ethernet(ipv4({ protocol: 1 }, error(3, body))));
    expect(packet).toMatchObject({ kind: PacketKind.QUOTED, capturedHeader: 8, sourcePort: 555, seq: 7 });
  });

  it.each([1, 2, 3, 4])('ICMPv6 type %i', (type) => {
    const packet = decode(ethernet(ipv6({ protocol: 58 }, error(type, quote6))));
    expect(packet).toMatchObject({ kind: PacketKind.QUOTED, sourcePort: 555, seq: 7 });
  });

  it('echo quotes nothing', () => {
    expect(decode(ethernet(ipv4({ protocol: 1 }, error(8, quote)))).kind).toBe(PacketKind.NONE);
    expect(decode(ethernet(ipv6({ protocol: 58 }, error(128, quote6)))).kind).toBe(PacketKind.NONE);
  });
});

describe('addresses that replace those of the header', () => {
  const word = (packet: Packet, offset: number): number => packet.ipLayers[offset]!;

  it.each<[string, string, number]>([
    ['loose, under way', '83 0b 08 01010101 02020202 00', 0x02020202],
    ['loose, at its end', '83 0b 0c 01010101 02020202 00', 0x0a000002],
    ['loose, pointer between addresses', '83 0b 07 01010101 02020202 00', 0x0a000002],
    ['strict, first hop', '89 07 04 09090909 00', 0x09090909],
  ])('IPv4 source route: %s', (_, options, destination) => {
    const packet = decode(ethernet(ipv4({ options: hex(options) }, tcp())));
    expect(word(packet, packet.ip + 5)).toBe(destination);
  });

  it.each([0, 2, 4])('IPv6 routing header of type %i names the connection, the header keeps its own', (type) => {
    const routing = join(6, 2, type, 1, new Uint8Array(4), hex('20010db8 00000000 00000000 00000077'));
    const packet = decode(ethernet(ipv6({ protocol: 43 }, join(routing, tcp()))));
    expect(packet.ipLayerCount).toBe(1);
    expect(word(packet, packet.ip + 8)).toBe(0x77);
    expect(word(packet, packet.ip + 1)).toBe(0x20010db8);
    expect(word(packet, 8)).toBe(2);
  });

  it('IPv6 routing header with no segments left changes nothing', () => {
    const routing = join(6, 2, 0, 0, new Uint8Array(4), hex('20010db8 00000000 00000000 00000077'));
    const packet = decode(ethernet(ipv6({ protocol: 43 }, join(routing, tcp()))));
    expect([packet.ip, word(packet, 8)]).toEqual([0, 2]);
  });
});

describe('nesting', () => {
  it('more IP headers than are kept stops decoding and says so', () => {
    let bytes = ipv4({}, tcp());
    for (let depth = 0; depth < 16; depth++) bytes = ipv4({ protocol: 4 }, bytes);
    const packet = decode(ethernet(bytes));
    expect(packet).toMatchObject({
      kind: PacketKind.NONE,
      stopLayer: 'ipv4',
      stopReason: 'more IP headers than are kept',
    });
    expect(packet.ipLayerCount).toBe(16);
  });

  it('tags without end stop decoding', () => {
    const packet = decode(join(hex('020000000002020000000001 8100'), ...new Array(300).fill(hex('0001 8100'))));
    expect(packet).toMatchObject({ kind: PacketKind.NONE, stopLayer: 'frame' });
  });
});
