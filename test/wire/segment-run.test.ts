// In: frames of many kinds, in a run and singly. Out: proof that a row says what the packet says, and that no frame is called simple that is not.

import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frame } from '../../src/capture/frame.ts';
import { openCapture } from '../../src/capture/open.ts';
import { AddressTable } from '../../src/flow/address.ts';
import { LinearMemory } from '../../src/linear/memory.ts';
import { tcpChecksum } from '../../src/wire/checksum.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { handshakeWord } from '../../src/wire/handshake.ts';
import { HeaderCut, Packet, PacketKind } from '../../src/wire/packet.ts';
import { payloadPrint } from '../../src/wire/payload-print.ts';
import { IN_IPV6, SEGMENT_WORDS, Segment, SegmentRun, SegmentWord } from '../../src/wire/segment-run.ts';
import { shareOfFrame, shareOfPacket, tupleHash, UNKNOWN_SHARE } from '../../src/wire/share.ts';
import { frameOf, hex, join, tcpFrame, u32 } from '../support/frame-builder.ts';
import { ETHERNET_HEADER, LINK_HEADERS, LINK_HEADERS_V6 } from '../support/link-headers.ts';
import { runOf } from '../support/run-of.ts';

const [FIN, SYN, PSH, ACK] = [1, 2, 8, 16];

/** What a row has to say of the packet, in the order of the words; null where there is to be none. */
function expected(packet: Packet, frame: Frame, ends: readonly number[]): number[] | null {
  const { kind, flags, window, payloadLength, cut } = packet;
  if (kind !== PacketKind.SEGMENT || cut !== HeaderCut.NONE || payloadLength < 0 || window === 0) return null;
  const isSyn = flags === SYN || flags === (SYN | ACK);
  if (isSyn ? payloadLength > 0 : (flags & ACK) === 0 || (flags & ~(ACK | PSH | FIN)) !== 0) return null;
  const reaches =
    (packet.windowScale >= 0 && !isSyn) || packet.hasMptcp || packet.hasAccEcn || packet.fastOpenCookieLength >= 0;
  if (reaches || packet.sackCount > 0 || packet.emptySackOption >= 0 || packet.optionCut) return null;
  const { sourcePort, destinationPort, seq, ack, tsVal, ttl, ipId, checksum } = packet;
  const version = packet.ipLayers[packet.ip] === 6 ? IN_IPV6 : 0;
  return [
    isSyn ? Segment.SYN : packet.hasTimestamps ? Segment.WITH_TIMESTAMPS : Segment.WITHOUT_TIMESTAMPS,
    ...[flags, ...ends, (sourcePort << 16) | destinationPort, tupleHash(packet), seq, ack],
    ...[window, payloadLength, isSyn ? handshakeWord(packet) : payloadLength > 0 ? payloadPrint(packet) : 0],
    ...[packet.hasTimestamps ? tsVal : 0, version | (ttl << 16) | (packet.tcpStart - frame.start)],
    ...[(ipId << 16) | checksum, frame.seconds, frame.nanoseconds],
  ];
}

/** How the row is to name source and destination, whose IPv6 addresses are known from now on. */
function endsOf(frame: Frame, addresses: AddressTable): number[] {
  const packet = new Packet();
  new Decoder().decode(frame, packet);
  const { kind, ipLayers, ip } = packet;
  if (kind === PacketKind.NONE) return [];
  if (ipLayers[ip] === 4) return [ipLayers[ip + 1]!, ipLayers[ip + 5]!];
  return [addresses.internV6From(packet, 1), addresses.internV6From(packet, 5)];
}

/** Rows of the run. */
function compare(frames: readonly Frame[]): number {
  const memory = new LinearMemory();
  const run = runOf(frames, memory);
  const segments = new SegmentRun(memory);
  segments.words.fill(-1);
  const addresses = new AddressTable(memory);
  const ends = frames.map((frame) => endsOf(frame, addresses));
  segments.read(run, addresses.known);
  segments.readShares();
  let rows = 0;
  for (const [i, frame] of frames.entries()) {
    const packet = new Packet();
    new Decoder().decode(frame, packet);
    const share = segments.share(i);
    expect(share).toBe(shareOfFrame(frame));
    if (share !== UNKNOWN_SHARE && packet.kind !== PacketKind.NONE) expect(share).toBe(shareOfPacket(packet));
    const row = [...segments.words.subarray(i * SEGMENT_WORDS, (i + 1) * SEGMENT_WORDS)];
    const single = new SegmentRun(memory);
    const isSimple = single.readPacket(frame, packet);
    const said = expected(packet, frame, ends[i]!);
    expect(isSimple).toBe(said !== null);
    if (row[SegmentWord.KIND] === Segment.NONE) continue;
    rows++;
    expect(row).toEqual(said);
    // Of one packet the addresses are not needed, nor where it lies; its identification stands there.
    expect(single.words[SegmentWord.IP_ID]).toBe(packet.ipId);
    const here = [...single.words.subarray(0, SEGMENT_WORDS)].toSpliced(SegmentWord.SOURCE, 2);
    said![SegmentWord.TTL_AND_START]! &= 0xff_0000;
    expect(here).toEqual(said!.toSpliced(SegmentWord.SOURCE, 2));
    expect(single.packet(0)).toBe(packet);
    expect(segments.checksum(i)).toBe(tcpChecksum(packet));
    // Before and after the packet itself is asked for.
    const { payloadStart: from, payloadEnd: to } = segments.payload(i);
    expect([from - run.start[i]!, to - from]).toEqual([
      packet.payloadStart - frame.start,
      packet.payloadEnd - packet.payloadStart,
    ]);
    const { sourcePort, seq, payloadLength, payloadStart } = segments.packet(i);
    expect([sourcePort, seq, payloadLength]).toEqual([packet.sourcePort, packet.seq, packet.payloadLength]);
    expect(payloadStart - run.start[i]!).toBe(packet.payloadStart - frame.start);
    const payload = segments.payload(i);
    expect([payload.view, payload.payloadStart]).toEqual([run.view, payloadStart]);
    expect(payload.payloadEnd - payload.payloadStart).toBe(packet.payloadEnd - packet.payloadStart);
    expect(single.payload(0)).toBe(packet);
  }
  return rows;
}

const timestamps = join(hex('0101 080a'), u32(4_000_000_000), u32(7));
/** Options as SYNs have them, whole or odd, padded with NOPs or with zeros. */
const synOptions = fc
  .tuple(
    fc.array(
      fc.oneof(
        fc.nat(0xffff).map((mss) => join(hex('0204'), u32(mss).subarray(2))),
        fc.nat(255).map((shift) => Uint8Array.of(3, 3, shift)),
        fc.constantFrom(
          hex('0402'),
          hex('01'),
          hex('080a 0000 0001 0000 0000'),
          hex('00'),
          hex('0304 0000'),
          hex('05'),
        ),
      ),
      { maxLength: 5 },
    ),
    fc.constantFrom(0, 1),
  )
  .map(([options, padding]) => {
    const bytes = join(...options).subarray(0, 40);
    return join(bytes, new Uint8Array(-bytes.length & 3).fill(padding));
  });
/** The last one reaches beyond the header. */
const cutOptions = fc.constantFrom(
  hex('0101 0204'),
  hex('0102 0405'),
  hex('0101 0103'),
  hex('0101 0a08'),
  hex('0101 080a'),
);
const fields = fc.record({
  seq: fc.nat(0xffff_ffff),
  ack: fc.nat(0xffff_ffff),
  flags: fc.oneof(fc.constantFrom(ACK, ACK | PSH, ACK | FIN, ACK | PSH | FIN, SYN, SYN | ACK), fc.nat(0xfff)),
  win: fc.oneof(fc.nat(0xffff), fc.constant(0)),
  id: fc.nat(0xffff),
  ttl: fc.nat(255),
  sport: fc.nat(0xffff),
  options: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(hex(''), timestamps, timestamps, hex('0101 0101')) },
    { weight: 3, arbitrary: synOptions },
    { weight: 1, arbitrary: cutOptions },
  ),
  payload: fc.oneof(fc.constant(hex('')), fc.uint8Array({ maxLength: 40 })),
});

test('random segments behind any link header, whole or not, padded, or with one byte changed', () => {
  let rows = 0;
  const frame = fc.tuple(
    fields,
    fc.nat(8),
    fc.nat(120),
    fc.nat(8),
    fc.nat(75),
    fc.nat(255),
    fc.oneof(
      fc.constantFrom(...LINK_HEADERS.map((link) => ({ ...link, ends: { src: '203.0.113.9' } }))),
      fc.constantFrom(
        ...LINK_HEADERS_V6.map((link) => ({ ...link, ends: { src: '2001:db8::9', dst: '2001:db8::8:7:6' } })),
      ),
    ),
  );
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 20 }), (all) => {
      const frames = all.map(([one, padding, captured, how, at, value, { linkType, header, ends }], i) => {
        const datagram = tcpFrame({ ...one, ...ends }).subarray(ETHERNET_HEADER);
        const bytes = join(header, datagram, new Uint8Array(how === 0 ? padding : 0));
        if (how === 1 && at < bytes.length) bytes[at] = value;
        // The datagram says it is longer than the frame.
        if (how === 3) bytes[header.length + ('dst' in ends ? 5 : 3)]! += 1 + (at % 20);
        const cut = how === 2 ? { captured: Math.min(captured, bytes.length), originalLength: bytes.length } : {};
        const timeNs = 1_700_000_000_999_999_999n + 999_999_999n * BigInt(i);
        return frameOf(bytes, { ...cut, linkType, number: i + 1, timeNs });
      });
      rows += compare(frames);
    }),
    { numRuns: 300 },
  );
  expect(rows).toBeGreaterThan(60);
});

const ENDS_V6 = { src: '2001:db8::1', dst: '2001:db8::2' };

test.each([
  ...LINK_HEADERS.map((link) => ({ ...link, version: 4, ends: {} })),
  ...LINK_HEADERS_V6.map((link) => ({ ...link, version: 6, ends: ENDS_V6 })),
])('a segment in IPv$version behind the header of $name has a row', ({ linkType, header, ends }) => {
  const datagram = tcpFrame({ ...ends, flags: ACK, seq: 1, ack: 1, payload: 'hello' }).subarray(ETHERNET_HEADER);
  expect(compare([frameOf(join(header, datagram), { linkType })])).toBe(1);
  expect(compare([frameOf(join(header, datagram), { linkType: 147 })])).toBe(0);
});

test('unknown IPv6 addresses have no rows in a run; nor have other networks, and three VLAN tags', () => {
  const v6 = { src: '2001:db8::1', dst: '2001:db8::2', flags: ACK, seq: 1, ack: 1 };
  const tags = hex('020000000002 020000000001 8100 0001 8100 0002 8100 0003');
  expect(compare([frameOf(join(tags, tcpFrame({ flags: ACK, ack: 1 }).subarray(12)))])).toBe(0);
  expect(compare([frameOf(tcpFrame(v6))])).toBe(1);
  const memory = new LinearMemory();
  const segments = new SegmentRun(memory);
  const run = runOf([frameOf(tcpFrame(v6))], memory);
  const addresses = new AddressTable(memory);
  // One of the two, and others.
  for (const ends of [{ src: '2001:db8::3' }, { dst: '2001:db8::3' }]) {
    const others = new AddressTable(memory);
    endsOf(frameOf(tcpFrame({ ...v6, ...ends })), others);
    segments.read(run, others.known);
    expect(segments.isSimple(0)).toBe(false);
  }
  endsOf(run.frame(0), addresses);
  segments.read(run);
  expect(segments.isSimple(0)).toBe(false);
  segments.read(run, addresses.known);
  expect(segments.isSimple(0)).toBe(true);
});

test('in a cooked capture of hardware that may give the type another meaning IPv6 has no row', () => {
  const datagram = tcpFrame({ ...ENDS_V6, flags: ACK, seq: 1, ack: 1 }).subarray(ETHERNET_HEADER);
  for (const { linkType, header } of LINK_HEADERS_V6.filter(({ name }) => name.startsWith('Linux cooked'))) {
    const other = header.slice();
    other[linkType === 113 ? 2 : 8] = 3;
    expect(compare([frameOf(join(other, datagram), { linkType })])).toBe(0);
  }
});

test('of many IPv6 addresses those that came last are known', () => {
  const memory = new LinearMemory();
  const addresses = new AddressTable(memory);
  const frames = Array.from({ length: 20_000 }, (_, i) => {
    const src = `2001:db8::${(i >> 8).toString(16)}:${(i & 255).toString(16)}`;
    return frameOf(tcpFrame({ src, dst: '2001:db8:1::1', flags: ACK, seq: 1, ack: 1 }));
  });
  const ids = frames.map((frame) => endsOf(frame, addresses));
  const segments = new SegmentRun(memory);
  let known = 0;
  for (let at = 0; at < frames.length; at += 200) {
    segments.read(runOf(frames.slice(at, at + 200), memory), addresses.known);
    for (let i = 0; i < 200; i++) {
      if (!segments.isSimple(i)) continue;
      known++;
      expect(segments.words.subarray(i * SEGMENT_WORDS + SegmentWord.SOURCE).subarray(0, 2)).toEqual(
        Int32Array.from(ids[at + i]!),
      );
    }
  }
  // Two for each of 4,096 places, nearly all of which are taken.
  expect(known).toBeGreaterThan(7000);
  expect(known).toBeLessThanOrEqual(8192);
});

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url);

test('the frames of the bundled captures', async () => {
  let rows = 0;
  for (const name of readdirSync(CAPTURES).filter((file) => file.endsWith('.pcap'))) {
    const capture = await openCapture([new URL(name, CAPTURES).pathname]);
    do {
      for (let frame = capture.next(); frame !== null; frame = capture.next()) {
        const { start, capturedLength } = frame;
        const bytes = frame.bytes.slice(start, start + capturedLength);
        rows += compare([Object.assign(new Frame(), frame, { bytes, view: new DataView(bytes.buffer), start: 0 })]);
      }
    } while (await capture.fill());
    await capture.close();
  }
  expect(rows).toBeGreaterThan(100);
});

test('a packet is that of the run read last, whatever was asked of the one before', () => {
  const memory = new LinearMemory();
  const segments = new SegmentRun(memory);
  for (const seq of [5, 6]) {
    segments.read(runOf([frameOf(tcpFrame({ flags: ACK, seq, ack: 1 }))], memory));
    expect(segments.packet(0).seq).toBe(seq);
  }
});

test('frames in another memory are refused', () => {
  const segments = new SegmentRun(new LinearMemory());
  expect(() => segments.read(runOf([frameOf(tcpFrame({ flags: ACK, seq: 1, ack: 1 }))]))).toThrow('another memory');
});
