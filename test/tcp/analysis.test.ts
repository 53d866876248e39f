// In: random captures. Out: every segment's analysis, compared with the slow model of test/support/sequence-model.ts.

import { describe, expect, it } from 'vitest';
import { Frame } from '../../src/capture/frame.ts';
import { addressText } from '../../src/flow/address.ts';
import { ANALYSIS_CODES, AnalysisFlag } from '../../src/tcp/analysis-flag.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { HeaderCut, Packet, PacketKind } from '../../src/wire/packet.ts';
import type { FrameToWrite } from '../support/pcap-writer.ts';
import { Random } from '../support/random.ts';
import { randomFrames } from '../support/random-segments.ts';
import { type ModelAnswer, type ModelSegment, SequenceModel } from '../support/sequence-model.ts';

function nanoseconds(seconds: number, rest: number): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest);
}

function modelSegment(frame: Frame, packet: Packet): ModelSegment {
  const end = (offset: 1 | 5, port: number) => `${addressText(packet.ipLayers, packet.ip, offset)}:${port}`;
  const sack: [number, number][] = [];
  for (let block = 0; block < packet.sackCount; block++) {
    sack.push([packet.sackEdges[2 * block]! >>> 0, packet.sackEdges[2 * block + 1]! >>> 0]);
  }
  return {
    frame: frame.number,
    time: nanoseconds(frame.seconds, frame.nanoseconds),
    from: end(1, packet.sourcePort),
    to: end(5, packet.destinationPort),
    flags: packet.flags,
    seq: packet.seq >>> 0,
    ack: packet.ack >>> 0,
    window: packet.window,
    length: packet.payloadLength < 0 ? null : packet.payloadLength,
    isQuoted: packet.kind === PacketKind.QUOTED,
    isBogus: packet.cut === HeaderCut.BOGUS_LENGTH,
    isWhole: packet.cut === HeaderCut.NONE,
    windowScale: packet.windowScale < 0 ? null : packet.windowScale,
    sack,
    mptcpKinds: Array.from({ length: 16 }, (_, kind) => kind).filter((kind) => (packet.mptcpKinds & (1 << kind)) !== 0),
  };
}

function fastAnswer(packet: Packet, trace: TcpTrace): ModelAnswer {
  const { analysis, connection } = trace;
  const isRetransmission = (analysis.flags & AnalysisFlag.RETRANSMISSION) !== 0;
  return {
    stream: connection.stream,
    flags: ANALYSIS_CODES.filter((_, bit) => (analysis.flags & (1 << bit)) !== 0).toSorted(),
    hasBlock: analysis.hasBlock,
    seq: analysis.seq >>> 0,
    ack: analysis.ack >>> 0,
    nextSeq: packet.kind === PacketKind.SEGMENT && packet.payloadLength >= 0 ? analysis.nextSeq >>> 0 : null,
    window: analysis.window,
    scale: analysis.scale,
    completeness: analysis.completeness,
    timeRelative: nanoseconds(analysis.relativeSeconds, analysis.relativeNanoseconds),
    timeDelta: nanoseconds(analysis.deltaSeconds, analysis.deltaNanoseconds),
    duplicateNumber: analysis.duplicateNumber,
    duplicateFrame: analysis.duplicateFrame,
    acksFrame: analysis.acksFrame,
    ackRtt: nanoseconds(analysis.ackRttSeconds, analysis.ackRttNanoseconds),
    rtoFrame: isRetransmission ? analysis.rtoFrame : 0,
    rto: nanoseconds(analysis.rtoSeconds, analysis.rtoNanoseconds),
    bytesInFlight: analysis.bytesInFlight,
    pushBytesSent: analysis.pushBytesSent >>> 0,
    initialRtt: nanoseconds(analysis.irttSeconds, analysis.irttNanoseconds),
  };
}

/** Runs frames through both and compares after every segment; returns the trace and how many were compared. */
function compare(frames: Iterable<FrameToWrite>, name: string): { trace: TcpTrace; segments: number } {
  const trace = new TcpTrace();
  const model = new SequenceModel();
  const decoder = new Decoder();
  const packet = new Packet();
  const frame = new Frame();
  frame.linkType = 1;
  let segments = 0;
  for (const { seconds, nanoseconds: rest, bytes, originalLength } of frames) {
    frame.number++;
    frame.seconds = seconds;
    frame.nanoseconds = rest;
    frame.bytes = bytes;
    frame.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    frame.capturedLength = bytes.length;
    frame.originalLength = originalLength ?? bytes.length;
    decoder.decode(frame, packet);
    if (packet.kind === PacketKind.NONE) continue;
    trace.observe(frame, packet);
    if (trace.current < 0) continue;
    segments++;
    const slow = model.observe(modelSegment(frame, packet));
    const fast = fastAnswer(packet, trace);
    if (!isEqual(fast, slow)) expect(fast, `${name}, frame ${frame.number}`).toEqual(slow);
  }
  return { trace, segments };
}

/** `toEqual` on every one of a hundred thousand answers would take longer than the answers. */
function isEqual(fast: ModelAnswer, slow: ModelAnswer): boolean {
  for (const key of Object.keys(slow) as (keyof ModelAnswer)[]) {
    if (key === 'flags' ? fast.flags.join() !== slow.flags.join() : fast[key] !== slow[key]) return false;
  }
  return true;
}

describe('the analysis equals the slow model', () => {
  it('on random captures', () => {
    let segments = 0;
    for (let seed = 1; seed <= 120; seed++) {
      segments += compare(randomFrames(seed, { segments: 250, damage: seed % 4 === 0 }), `seed ${seed}`).segments;
    }
    expect(segments).toBeGreaterThan(25_000);
  });

  it('on senders with thousands of unacknowledged segments, some sent again, acknowledged in leaps', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { segments } = compare(floodFrames(seed, 3000), `flood ${seed}`);
      expect(segments).toBe(3000);
    }
  });

  it('when the list of unacknowledged segments is full: SYN and FIN then do not count', () => {
    const { trace } = compare(fullListFrames(), 'full list');
    expect(trace.me.listed + trace.peer.listed).toBeLessThanOrEqual(10_000);
  });
});

describe('what the directions keep count of', () => {
  it('segments, payload and flags add up to what each segment said', () => {
    const trace = new TcpTrace();
    const decoder = new Decoder();
    const packet = new Packet();
    const frame = new Frame();
    frame.linkType = 1;
    const expected = new Map<string, { segments: number; bytes: number; flags: number[]; first: number[] }>();
    for (const { bytes, originalLength, ...time } of randomFrames(7, { segments: 2000 })) {
      Object.assign(frame, time, { bytes, view: new DataView(bytes.buffer), capturedLength: bytes.length });
      frame.originalLength = originalLength ?? bytes.length;
      frame.number++;
      decoder.decode(frame, packet);
      if (packet.kind === PacketKind.NONE) continue;
      trace.observe(frame, packet);
      if (trace.current < 0 || packet.kind === PacketKind.QUOTED) continue;
      const key = `${trace.current}/${trace.direction}`;
      const sum = expected.get(key) ?? { segments: 0, bytes: 0, flags: Array(15).fill(0), first: Array(15).fill(0) };
      expected.set(key, sum);
      sum.segments++;
      sum.bytes += Math.max(0, packet.payloadLength);
      for (let bit = 0; bit < ANALYSIS_CODES.length; bit++) {
        if ((trace.analysis.flags & (1 << bit)) !== 0 && sum.flags[bit]!++ === 0) sum.first[bit] = frame.number;
      }
      const { tallies } = trace.analyzer;
      expect(trace.me.segments).toBe(sum.segments);
      expect(trace.me.bytesHigh * 2 ** 32 + (trace.me.bytesLow >>> 0)).toBe(sum.bytes);
      expect(ANALYSIS_CODES.map((_, bit) => tallies.count(trace.me, bit))).toEqual(sum.flags);
      expect(ANALYSIS_CODES.map((_, bit) => tallies.firstFrame(trace.me, bit))).toEqual(sum.first);
    }
    expect(expected.size).toBeGreaterThan(4);
  });
});

/** A frame of one connection between 10.0.0.1:40000 (from 0) and 10.0.0.2:80. */
function frameOf(time: bigint, from: 0 | 1, flags: number, seq: number, ack: number, length: number): FrameToWrite {
  const bytes = new Uint8Array(14 + 40);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, 40 + length);
  view.setUint8(23, 6);
  view.setUint32(26, 0x0a00_0001 + from);
  view.setUint32(30, 0x0a00_0002 - from);
  view.setUint16(34, from === 0 ? 40_000 : 80);
  view.setUint16(36, from === 0 ? 80 : 40_000);
  view.setUint32(38, seq);
  view.setUint32(42, ack);
  view.setUint16(46, 0x5000 | flags);
  view.setUint16(48, 1000);
  return {
    seconds: Number(time / 1_000_000_000n),
    nanoseconds: Number(time % 1_000_000_000n),
    bytes,
    originalLength: bytes.length + length,
  };
}

/** One side sends without waiting, loses, repeats and now and then jumps far; the other acknowledges rarely and in leaps. */
function* floodFrames(seed: number, count: number): Generator<FrameToWrite> {
  const random = new Random(seed);
  let time = 1_700_000_000_000_000_000n;
  let next = random.pick([1, 0xffff_0000, 0x7fff_0000]);
  let acked = next;
  const jumps = seed % 3 === 0;
  for (let i = 0; i < count; i++) {
    time += BigInt(random.int(2_000_000));
    const length = 1 + random.int(1460);
    const act = random.int(1000);
    if (act < 940) {
      yield frameOf(time, 0, 24, next >>> 0, 1, length);
      next = (next + length) >>> 0;
    } else if (act < 970) {
      const back = random.int(Math.max(1, Math.min(1_000_000, (next - acked) >>> 0)));
      yield frameOf(time, 0, 24, (next - back) >>> 0, 1, length);
    } else if (act < 975 && jumps) {
      yield frameOf(time, 0, 24, (next + random.pick([0x2000_0000, 0x4000_0000, 0x6000_0000])) >>> 0, 1, length);
    } else {
      const ahead = (next - acked) >>> 0;
      acked = (acked + random.pick([0, 1, random.int(2000), random.int(ahead + 1), ahead])) >>> 0;
      if (random.chance(0.1)) acked = (acked - random.int(3000)) >>> 0;
      if (random.chance(0.02) && jumps) yield frameOf(time, 1, 16, 1, (acked + 0x5000_0000) >>> 0, 0);
      else yield frameOf(time, 1, random.chance(0.9) ? 16 : 0, 1, acked, 0);
    }
  }
}

function* fullListFrames(): Generator<FrameToWrite> {
  let time = 1_700_000_000_000_000_000n;
  let seq = 1000;
  const step = () => {
    time += 1_000_000n;
    return time;
  };
  yield frameOf(step(), 0, 2, seq++, 0, 0);
  yield frameOf(step(), 1, 18, 5000, seq, 0);
  yield frameOf(step(), 0, 16, seq, 5001, 0);
  for (let i = 0; i < 10_005; i++, seq += 10) yield frameOf(step(), 0, 16, seq, 5001, 10);
  yield frameOf(step(), 0, 17, seq, 5001, 0);
  yield frameOf(step(), 0, 16, seq + 1, 5001, 0);
  yield frameOf(step(), 1, 16, 5001, 51_001, 0);
  yield frameOf(step(), 0, 17, seq, 5001, 0);
  yield frameOf(step(), 1, 16, 5001, seq + 1, 0);
}
