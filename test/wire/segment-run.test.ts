// In: frames of many kinds, in a run and singly. Out: proof that a row says what the packet says, and that no frame is called simple that is not.

import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frame } from '../../src/capture/frame.ts';
import { openCapture } from '../../src/capture/open.ts';
import { LinearMemory } from '../../src/linear/memory.ts';
import { tcpChecksum } from '../../src/wire/checksum.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { handshakeWord } from '../../src/wire/handshake.ts';
import { HeaderCut, Packet, PacketKind } from '../../src/wire/packet.ts';
import { payloadPrint } from '../../src/wire/payload-print.ts';
import { SEGMENT_WORDS, Segment, SegmentRun, SegmentWord } from '../../src/wire/segment-run.ts';
import { shareOfFrame, shareOfPacket, tupleHash, UNKNOWN_SHARE } from '../../src/wire/share.ts';
import { frameOf, hex, join, tcpFrame, u32 } from '../support/frame-builder.ts';
import { ETHERNET_HEADER, LINK_HEADERS } from '../support/link-headers.ts';
import { runOf } from '../support/run-of.ts';

const [FIN, SYN, PSH, ACK] = [1, 2, 8, 16];

/** What a row has to say of the packet, in the order of the words; null where there is to be none. */
function expected(packet: Packet, frame: Frame): number[] | null {
  const { kind, flags, window, payloadLength, cut } = packet;
  if (kind !== PacketKind.SEGMENT || cut !== HeaderCut.NONE || payloadLength < 0 || window === 0) return null;
  const isSyn = flags === SYN || flags === (SYN | ACK);
  if (isSyn ? payloadLength > 0 : (flags & ACK) === 0 || (flags & ~(ACK | PSH | FIN)) !== 0) return null;
  const reaches =
    (packet.windowScale >= 0 && !isSyn) || packet.hasMptcp || packet.hasAccEcn || packet.fastOpenCookieLength >= 0;
  if (reaches || packet.sackCount > 0 || packet.emptySackOption >= 0 || packet.optionCut) return null;
  const { ipLayers, ip, sourcePort, destinationPort, seq, ack, tsVal, ttl, ipId, checksum } = packet;
  return [
    isSyn ? Segment.SYN : packet.hasTimestamps ? Segment.WITH_TIMESTAMPS : Segment.WITHOUT_TIMESTAMPS,
    ...[flags, ipLayers[ip + 1]!, ipLayers[ip + 5]!, (sourcePort << 16) | destinationPort, tupleHash(packet), seq, ack],
    ...[window, payloadLength, isSyn ? handshakeWord(packet) : payloadLength > 0 ? payloadPrint(packet) : 0],
    ...[packet.hasTimestamps ? tsVal : 0, (ttl << 16) | (packet.tcpStart - frame.start)],
    ...[(ipId << 16) | checksum, frame.seconds, frame.nanoseconds],
  ];
}

/** Rows of the run. */
function compare(frames: readonly Frame[]): number {
  const memory = new LinearMemory();
  const run = runOf(frames, memory);
  const segments = new SegmentRun(memory);
  segments.words.fill(-1);
  segments.read(run);
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
    const said = expected(packet, frame);
    expect(isSimple).toBe(said !== null);
    if (row[SegmentWord.KIND] === Segment.NONE) continue;
    rows++;
    expect(row).toEqual(said);
    // Of one packet the addresses are not needed, nor where it lies; its identification stands there.
    expect(single.words[SegmentWord.IP_ID]).toBe(packet.ipId);
    const here = [...single.words.subarray(0, SEGMENT_WORDS)].toSpliced(SegmentWord.SOURCE, 2);
    said![SegmentWord.TTL_AND_START]! &= ~0xffff;
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
    fc.constantFrom(...LINK_HEADERS),
  );
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 20 }), (all) => {
      const frames = all.map(([one, padding, captured, how, at, value, { linkType, header }], i) => {
        const datagram = tcpFrame({ ...one, src: '203.0.113.9' }).subarray(ETHERNET_HEADER);
        const bytes = join(header, datagram, new Uint8Array(how === 0 ? padding : 0));
        if (how === 1 && at < bytes.length) bytes[at] = value;
        // The datagram says it is longer than the frame.
        if (how === 3) bytes[header.length + 3]! += 1 + (at % 20);
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

test.each(LINK_HEADERS)('a segment behind the header of $name has a row', ({ linkType, header }) => {
  const datagram = tcpFrame({ flags: ACK, seq: 1, ack: 1, payload: 'hello' }).subarray(ETHERNET_HEADER);
  expect(compare([frameOf(join(header, datagram), { linkType })])).toBe(1);
  expect(compare([frameOf(join(header, datagram), { linkType: 147 })])).toBe(0);
});

test('other networks than IPv4 have no rows in a run, nor have three VLAN tags', () => {
  const others = [
    tcpFrame({ src: '2001:db8::1', dst: '2001:db8::2', flags: ACK, seq: 1, ack: 1 }),
    join(hex('020000000002 020000000001 8100 0001 8100 0002 8100 0003'), tcpFrame({ flags: ACK, ack: 1 }).subarray(12)),
  ];
  expect(compare(others.map((bytes) => frameOf(bytes)))).toBe(0);
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
