// In: frames of the usual kind, and others that differ from it in one place. Out: the same packet as layer by layer.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/capture/frame.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet } from '../../src/wire/packet.ts';
import { readUsual } from '../../src/wire/usual.ts';
import { frameOf, hex, join, tcpFrame, u32 } from '../support/frame-builder.ts';
import { ETHERNET_HEADER, LINK_HEADERS, LINK_HEADERS_V6 } from '../support/link-headers.ts';

/** All that a packet says; what lies behind the counts is left over from earlier frames. */
function said(packet: Packet): object {
  const { ipLayers, ipLayerCount, optionKind, optionLength, optionOffset, optionCount, sackEdges, view, ...rest } =
    packet;
  const { tsVal, tsEcr, bytes, ...plain } = rest;
  return {
    ...plain,
    ipLayerCount,
    layers: ipLayers[0] === 6 ? [...ipLayers.subarray(0, 9)] : [ipLayers[0], ipLayers[1], ipLayers[5]],
    options: [optionKind, optionLength, optionOffset].map((column) => [...column.subarray(0, optionCount)]),
    sackEdges: [...sackEdges.subarray(0, 2 * packet.sackCount)],
    timestamps: packet.hasTimestamps ? [tsVal, tsEcr] : [],
    sameBytes: view.buffer === bytes.buffer,
  };
}

function compare(frame: Frame): boolean {
  const straight = new Packet();
  const byLayers = new Packet();
  // Something an earlier frame left behind.
  for (const packet of [straight, byLayers]) {
    packet.stopLayer = 'earlier';
    packet.stopReason = 'earlier';
    packet.trailerCut = packet.reassembled = packet.fragmented = packet.hasTimestamps = packet.hasMptcp = true;
    packet.mss = packet.windowScale = packet.sackCount = 3;
  }
  new Decoder().decodeLayers(frame, byLayers);
  const isUsual = readUsual(frame, straight);
  if (isUsual) expect(said(straight)).toEqual(said(byLayers));
  new Decoder().decode(frame, straight);
  expect(said(straight)).toEqual(said(byLayers));
  return isUsual;
}

const timestamps = join(hex('0101 080a'), u32(4_000_000_000), u32(7));
const syn = join(hex('0204 05b4 0402'), timestamps.subarray(2), hex('01 0303 07'));
const sack = join(hex('0101 050a'), u32(1000), u32(2000));
/** Any bytes at all, in words. */
const anyOptions = fc.array(fc.nat(0xffff_ffff), { maxLength: 10 }).map((words) => join(...words.map(u32)));
/** Kinds and lengths that may be, one behind the other. */
const likelyOptions = fc
  .array(fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 10, 30, 34, 69, 172, 254), { maxLength: 40 })
  .map((bytes) => Uint8Array.from(bytes.slice(0, bytes.length & ~3)));
const usual = fc.record({
  seq: fc.nat(0xffff_ffff),
  ack: fc.nat(0xffff_ffff),
  flags: fc.nat(0xfff),
  win: fc.nat(0xffff),
  urgent: fc.nat(0xffff),
  id: fc.nat(0xffff),
  ttl: fc.nat(255),
  sport: fc.nat(0xffff),
  options: fc.oneof(fc.constantFrom(hex(''), timestamps, syn, sack), anyOptions, likelyOptions),
  payload: fc.uint8Array({ maxLength: 40 }),
});

const V6 = { src: '2001:db8::9:1', dst: 'fe80::1' };

/** A frame with one of the usual link headers. */
const linked = fc
  .tuple(
    usual,
    fc.oneof(
      fc.constantFrom(...LINK_HEADERS).map((link) => ({ ...link, addresses: {} })),
      fc.constantFrom(...LINK_HEADERS_V6).map((link) => ({ ...link, addresses: V6 })),
    ),
  )
  .map(([fields, { linkType, header, addresses }]) => ({
    linkType,
    bytes: join(header, tcpFrame({ ...fields, ...addresses }).subarray(ETHERNET_HEADER)),
  }));

describe.each([
  { version: 'IPv4', links: LINK_HEADERS, addresses: { src: '203.0.113.9', dst: '198.51.100.1' } },
  { version: 'IPv6', links: LINK_HEADERS_V6, addresses: V6 },
])('usual frames, $version', ({ links, addresses }) => {
  test.each(links)('$name', ({ linkType, header }) => {
    fc.assert(
      fc.property(usual, (fields) => {
        const datagram = tcpFrame({ ...fields, ...addresses }).subarray(ETHERNET_HEADER);
        expect(compare(frameOf(join(header, datagram), { linkType }))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

test('padded frames, and frames cut by the snap length', () => {
  let straight = 0;
  fc.assert(
    fc.property(linked, fc.nat(20), fc.nat(120), fc.nat(3), ({ linkType, bytes: whole }, padding, captured, more) => {
      const bytes = join(whole, new Uint8Array(padding));
      if (compare(frameOf(bytes, { linkType, captured, originalLength: bytes.length + more }))) straight++;
    }),
    { numRuns: 500 },
  );
  expect(straight).toBeGreaterThan(20);
});

test('one byte other than usual', () => {
  fc.assert(
    fc.property(linked, fc.nat(95), fc.nat(255), ({ linkType, bytes }, at, value) => {
      if (at < bytes.length) bytes[at] = value;
      compare(frameOf(bytes, { linkType }));
      compare(frameOf(bytes, { linkType: 101 }));
    }),
    { numRuns: 3000 },
  );
});

test('a cooked capture of hardware that reads the type in its own way is left to the layers', () => {
  const datagram = tcpFrame(V6).subarray(ETHERNET_HEADER);
  expect(compare(frameOf(join(hex('0000 0323 0006 0200000000010000 86dd'), datagram), { linkType: 113 }))).toBe(false);
  expect(
    compare(frameOf(join(hex('86dd 0000 00000002 0323 00 06 0200000000010000'), datagram), { linkType: 276 })),
  ).toBe(false);
});
