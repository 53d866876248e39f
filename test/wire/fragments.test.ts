// Fragments: the frame that completes a datagram is the segment's. Every case was run through tshark 4.0.17 with random fragments.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet, PacketKind } from '../../src/wire/packet.ts';
import { type Bytes, ethernet, frameOf, hex, ipv4, ipv6, join, tcp, u16, u32, vlan } from '../support/frame-builder.ts';

const SEGMENT = tcp({ seq: 77, flags: 'PA', payload: 'abcdefghijklmnopqrstuvwxyz0123456789' });

interface Piece {
  from: number;
  to: number;
  id?: number;
  more?: boolean;
  src?: string;
  bytes?: Bytes;
}

function piece4({ from, to, id = 7, more = to < SEGMENT.length, src = '10.0.0.1', bytes = SEGMENT }: Piece): Bytes {
  return ipv4({ id, src, fragmentOffset: from, moreFragments: more }, bytes.subarray(from, to));
}

function piece6({ from, to, id = 7, more = to < SEGMENT.length, bytes = SEGMENT }: Piece): Bytes {
  const header = join(hex('0600'), u16(from | (more ? 1 : 0)), u32(id));
  return ipv6({ protocol: 44 }, join(header, bytes.subarray(from, to)));
}

/** Which of the packets became segments. */
function segments(packets: Bytes[], decoder = new Decoder()): boolean[] {
  const packet = new Packet();
  return packets.map((bytes) => {
    decoder.decode(frameOf(ethernet(bytes)), packet);
    if (packet.kind === PacketKind.NONE) return false;
    expect(packet).toMatchObject({ sourcePort: 40000, seq: 77, payloadLength: 36, reassembled: true });
    return true;
  });
}

function payloadOf(packets: Bytes[]): string {
  const decoder = new Decoder();
  const packet = new Packet();
  for (const bytes of packets) decoder.decode(frameOf(ethernet(bytes)), packet);
  return Buffer.from(packet.bytes.subarray(packet.payloadStart, packet.payloadEnd)).toString();
}

describe.each([
  ['IPv4', piece4],
  ['IPv6', piece6],
] as const)('%s', (_, piece) => {
  const [a, b, c] = [piece({ from: 0, to: 16 }), piece({ from: 16, to: 40 }), piece({ from: 40, to: 56 })];

  it('in order, and in any other', () => {
    expect(segments([a, b, c])).toEqual([false, false, true]);
    expect(segments([c, a, b])).toEqual([false, false, true]);
  });

  it('late copies begin a datagram of their own', () => {
    expect(segments([a, b, c, c])).toEqual([false, false, true, false]);
    expect(segments([a, b, c, a, b, c])).toEqual([false, false, true, false, false, true]);
  });

  it('copies before completion change nothing', () => {
    expect(segments([a, a, c, c, b])).toEqual([false, false, false, false, true]);
  });

  it('another identification is another datagram', () => {
    expect(segments([a, piece({ from: 16, to: 40, id: 8 }), c])).toEqual([false, false, false]);
  });

  it('overlap: the lower offset wins, then the earlier arrival', () => {
    const other = new Uint8Array(SEGMENT.length).fill(0x2a);
    const late = piece({ from: 24, to: 48, more: true, bytes: other });
    expect(payloadOf([a, b, late, c])).toBe('abcdefghijklmnopqrst********23456789');
    const same = piece({ from: 16, to: 40, bytes: other });
    expect(payloadOf([a, b, same, c])).toBe('abcdefghijklmnopqrstuvwxyz0123456789');
    expect(payloadOf([a, same, b, c])).toBe(`${'*'.repeat(20)}uvwxyz0123456789`);
  });
});

describe('IPv4 keys', () => {
  it('addresses and VLAN are part of the key', () => {
    const a = piece4({ from: 0, to: 16 });
    const rest = piece4({ from: 16, to: 56 });
    expect(segments([a, piece4({ from: 16, to: 56, src: '10.0.0.3' }), rest])).toEqual([false, false, true]);
    const packet = new Packet();
    const decoder = new Decoder();
    const kinds = [vlan(5, a), vlan(6, rest), vlan(5, rest)].map((bytes) => {
      decoder.decode(frameOf(ethernet(bytes, 0x8100)), packet);
      return packet.kind;
    });
    expect(kinds).toEqual([PacketKind.NONE, PacketKind.NONE, PacketKind.SEGMENT]);
  });
});

describe('fragments cut by the snap length', () => {
  it('IPv4: the first one is a segment of unknown length, later ones are not', () => {
    const packet = new Packet();
    const decoder = new Decoder();
    decoder.decode(frameOf(ethernet(piece4({ from: 0, to: 48 })), { captured: 14 + 20 + 30 }), packet);
    expect(packet).toMatchObject({ kind: PacketKind.SEGMENT, fragmented: true, payloadLength: -1, seq: 77 });
    decoder.decode(frameOf(ethernet(piece4({ from: 48, to: 56 })), { captured: 14 + 20 + 4 }), packet);
    expect(packet.kind).toBe(PacketKind.NONE);
  });

  it('IPv6: none of them is', () => {
    const packet = new Packet();
    new Decoder().decode(frameOf(ethernet(piece6({ from: 0, to: 48 })), { captured: 14 + 48 + 30 }), packet);
    expect(packet.kind).toBe(PacketKind.NONE);
  });
});

describe('bounds', () => {
  it('the oldest datagram is given up when too many wait, and counted', () => {
    const decoder = new Decoder({ datagrams: 2 });
    const rest = (id: number): Bytes => piece4({ from: 16, to: 56, id });
    const starts = [1, 2, 3].map((id) => piece4({ from: 0, to: 16, id }));
    expect(segments([...starts, rest(3), rest(2)], decoder)).toEqual([false, false, false, true, true]);
    expect(decoder.droppedDatagrams).toBe(1);
    expect(segments([rest(1)], decoder)).toEqual([false]);
  });

  it('or when they hold too many bytes', () => {
    const decoder = new Decoder({ bytes: 100 });
    const packets = [1, 2, 3, 4].map((id) => piece4({ from: 0, to: 32, id }));
    segments(packets, decoder);
    expect(decoder.droppedDatagrams).toBe(1);
  });
});

it('property: any cutting in any order gives the segment once, with its last piece', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 5 }),
      fc.infiniteStream(fc.nat()),
      (cuts, order) => {
        const edges = [0, ...cuts.sort((x, y) => x - y).map((cut) => cut * 8), SEGMENT.length];
        const pieces = edges.slice(1).map((to, i) => piece4({ from: edges[i]!, to }));
        if (pieces.length === 1) return;
        const shuffled = pieces
          .map((bytes) => [order.next().value, bytes] as const)
          .sort((x, y) => x[0] - y[0])
          .map(([, bytes]) => bytes);
        expect(segments(shuffled)).toEqual(shuffled.map((_, i) => i === shuffled.length - 1));
      },
    ),
  );
});

it('the same fragment again and again is kept once, so that it drives out nothing', () => {
  // Without that, 1000 copies of 16 bytes would exceed the 400 that may wait, and the datagram would be dropped.
  const decoder = new Decoder({ datagrams: 4, bytes: 400 });
  const copies = new Array<Bytes>(1000).fill(piece4({ from: 16, to: 32 }));
  const packets = [piece4({ from: 32, to: SEGMENT.length }), ...copies, piece4({ from: 0, to: 16 })];
  expect(segments(packets, decoder).indexOf(true)).toBe(packets.length - 1);
});

it('a longer fragment at the place of a shorter one brings what was missing', () => {
  const pieces = [piece4({ from: 0, to: 8 }), piece4({ from: 0, to: 24 }), piece4({ from: 24, to: SEGMENT.length })];
  expect(segments(pieces)).toEqual([false, false, true]);
});
