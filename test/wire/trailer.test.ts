// What stands behind the datagram, and is missed where it was cut: tshark 4.0.17 says so behind Info, by rules of its own.
// Expected: from its answers for all lengths from 1 to 16, on Ethernet, also inside IP, with a VLAN tag and in cooked captures.

import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet, PacketKind } from '../../src/wire/packet.ts';
import { type Bytes, ethernet, frameOf, hex, ipv4, join, tcpPacket, vlan } from '../support/frame-builder.ts';

const LAYERS: Record<string, { linkType: number; of: (packet: Bytes, trailer: Bytes) => Bytes }> = {
  Ethernet: { linkType: 1, of: (packet, trailer) => join(ethernet(packet), trailer) },
  VLAN: { linkType: 1, of: (packet, trailer) => join(ethernet(vlan(5, packet), 0x8100), trailer) },
  cooked: {
    linkType: 113,
    of: (packet, trailer) => join(hex('0000 0001 0006 000c29bbe8fa0000 0800'), packet, trailer),
  },
  EtherIP: {
    linkType: 1,
    of: (packet, trailer) => ethernet(ipv4({ protocol: 97 }, join(hex('3000'), ethernet(packet), trailer))),
  },
};

/** For which numbers of captured bytes of the trailer tshark misses the rest. */
function missed(layer: string, payload: number, trailer: Bytes): string {
  const { linkType, of } = LAYERS[layer]!;
  const whole = of(tcpPacket({ payload: 'x'.repeat(payload) }), trailer);
  const decoder = new Decoder();
  const packet = new Packet();
  let text = '';
  for (let captured = 0; captured <= trailer.length; captured++) {
    decoder.decode(frameOf(whole, { linkType, captured: whole.length - trailer.length + captured }), packet);
    expect([packet.kind, packet.payloadLength]).toEqual([PacketKind.SEGMENT, payload]);
    text += packet.trailerCut ? 'x' : '.';
  }
  return text;
}

describe('a trailer cut by the snap length', () => {
  it.each([
    ['Ethernet', 0, 5, 0x00, '......'],
    ['Ethernet', 0, 6, 0x00, '.xxxxx.'],
    ['Ethernet', 0, 6, 0xaa, '.......'],
    ['Ethernet', 0, 8, 0x00, '.xxxxx...'],
    ['Ethernet', 0, 8, 0xaa, '.xxxxxxx.'],
    ['Ethernet', 0, 12, 0x00, '.xxxxxxxxxxx.'],
    ['Ethernet', 3, 6, 0x00, '.xx....'],
    ['Ethernet', 3, 7, 0xaa, '.xxxxxx.'],
    ['Ethernet', 30, 3, 0xaa, '....'],
    ['Ethernet', 30, 4, 0xaa, '.xxx.'],
    ['Ethernet', 30, 10, 0x00, '.xxxxxxxxx.'],
    ['VLAN', 0, 6, 0x00, '.x.....'],
    ['VLAN', 0, 12, 0x00, '.x...........'],
    ['VLAN', 0, 12, 0xaa, '.xxxxxxx.....'],
    ['VLAN', 30, 4, 0xaa, '.....'],
    ['VLAN', 30, 8, 0xaa, '.xxxxxxx.'],
    ['VLAN', 30, 10, 0xaa, '...........'],
    ['VLAN', 30, 13, 0xaa, '.xxxxxxx......'],
    ['VLAN', 30, 14, 0xaa, '...............'],
    ['EtherIP', 30, 4, 0xaa, '.....'],
    ['EtherIP', 30, 12, 0xaa, '.xxxxxxx.....'],
    ['cooked', 0, 7, 0x00, '.xxx....'],
    ['cooked', 0, 8, 0xaa, '.xxxxxxx.'],
    ['cooked', 0, 12, 0x00, '.xxxxxxxxxxx.'],
    ['cooked', 3, 12, 0x00, '.............'],
    ['cooked', 30, 9, 0x00, '.xxxxxxx..'],
    ['cooked', 30, 11, 0x00, '............'],
    ['cooked', 30, 16, 0xaa, '.................'],
  ])('%s, %i bytes of payload, %i of trailer, all %i: %s', (layer, payload, length, byte, expected) => {
    expect(missed(layer, payload, new Uint8Array(length).fill(byte))).toBe(expected);
  });

  it('a check sequence that the capture says is there counts in small frames too', () => {
    const whole = join(ethernet(tcpPacket({})), new Uint8Array(5).fill(0xaa));
    const packet = new Packet();
    const decoded = (fcsLength: number) => {
      new Decoder().decode(frameOf(whole, { captured: whole.length - 1, fcsLength }), packet);
      return packet.trailerCut;
    };
    expect([decoded(0), decoded(4)]).toEqual([false, true]);
  });
});

describe('original lengths', () => {
  it.each([0, 14, 40, 58])('of %i bytes, fewer than were captured, count for nothing', (originalLength) => {
    const packet = new Packet();
    new Decoder().decode(frameOf(ethernet(tcpPacket({ payload: 'hello' })), { originalLength }), packet);
    expect([packet.kind, packet.payloadLength, packet.trailerCut]).toEqual([PacketKind.SEGMENT, 5, false]);
  });
});
