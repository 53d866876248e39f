// In: a random source. Out: connections frame by frame, by the book or leaving it somewhere.

import type { Frame } from '../../src/capture/frame.ts';
import { frameOf, hex, join, tcpFrame, u16, u32 } from './frame-builder.ts';
import type { Random } from './random.ts';

interface End {
  src: string;
  sport: number;
  seq: number;
  acked: number;
  id: number;
  win: number;
  ttl: number;
  scaled: boolean;
  timestamps: boolean;
}

interface Oddness {
  seq: number;
  ack: number;
  win: number;
  ttl: number;
  id: number;
  ts: number;
  checksum: number;
  options: Uint8Array;
  flags: number;
}

const PAYLOADS = [0, 1, 9, 100, 1460, 1460, 2920, 5000];

/** Also longer than a second, and than TIME_WAIT lasts. */
const PAUSES_NS = [0, 1000, 30_000, 200_000, 5_000_000, 400_000_000, 1_500_000_000, 61_000_000_000];

const [FIN, SYN, RST, PSH, ACK, URG, ECE] = [1, 2, 4, 8, 16, 32, 64];

export interface ConversationOptions {
  /** Departures from the book per segment. */
  departures: number;
  /** The second FIN acknowledges the first. */
  shortClose: boolean;
  /** Without pauses. */
  hurried?: boolean;
  /** Its pauses, of which each segment has one. */
  pausesNs?: readonly number[];
  /** Its payloads, of which each segment has one. */
  payloads?: readonly number[];
  /** Data segments and acknowledgments: fewer than so many. */
  segments?: number;
  mss?: number;
  /** The server does not take up window scaling, and one of the two is alone with its timestamps. */
  declines?: boolean;
  clientPort?: number;
  /** The other way round: who is the server otherwise opens. */
  turned?: boolean;
  /** In IPv6; default: now and then. */
  v6?: boolean;
}

/** A connection as two hosts would have it. */
export function* conversation(random: Random, options: ConversationOptions): Generator<Frame> {
  const { departures, shortClose, hurried = false, payloads = PAYLOADS, declines = false } = options;
  const { pausesNs = PAUSES_NS, segments = 25, mss = 1460, clientPort = 40_000 } = options;
  const v6 = options.v6 ?? random.chance(0.2);
  const end = (n: number): End => ({
    src: v6 ? `2001:db8::${n}` : `10.0.0.${n}`,
    sport: n === 1 ? clientPort : 80,
    // Near the wrap now and then, and where the signed numbers turn.
    seq: random.pick([random.word(), 0xffff_ffff - random.int(4000), 0x7fff_ffff - random.int(4000), 1]),
    acked: 0,
    id: random.pick([0, random.int(60_000)]),
    win: 500 + random.int(60_000),
    ttl: 64,
    scaled: random.chance(0.8),
    timestamps: random.chance(0.8),
  });
  const [a, b] = options.turned ? [end(2), end(1)] : [end(1), end(2)];
  if (!a.timestamps || !b.timestamps) a.timestamps = b.timestamps = false;
  /** Who offers timestamps alone, and whether it uses them all the same. */
  const alone = declines ? random.pick([a, b]) : null;
  const isStubborn = random.chance(0.5);
  if (declines) b.scaled = false;
  const steadyId = random.chance(0.2);
  let timeNs = random.chance(0.05) ? 0n : 1_700_000_000_123_456_789n;
  let number = 0;
  let sent: Frame | null = null;

  const segment = (from: End, to: End, flags: number, payload: number): Frame => {
    timeNs += hurried ? 30_000n : BigInt(random.pick(pausesNs));
    if (random.chance(0.5)) timeNs += BigInt(random.int(1_000_000));
    if (!steadyId && from.id !== 0) from.id = (from.id + 1) & 0xffff;
    const is = (probability = departures) => random.chance(probability);
    if (is(0.02)) from.win = Math.max(1, from.win + random.int(3000));
    const odd: Oddness = {
      seq: is() ? random.pick([-1, 1, -100, 1000]) : 0,
      ack: is() ? random.pick([-1, 1, 500, 1 << 29]) : 0,
      win: is() ? random.pick([0, 1, from.win - 100]) : from.win,
      ttl: is() ? random.pick([63, 65, 0]) : from.ttl,
      id: is() ? random.int(4) : from.id,
      ts: is() ? random.pick([-5, 5]) : 0,
      checksum: is() ? random.int(2) : -1,
      options: is()
        ? random.pick([hex('0101050a00000001 00000002'), hex('0303 0701'), hex('1e03 20 01'), hex('02 04 05b4')])
        : hex(''),
      flags: is() ? random.pick([FIN!, RST!, URG!, ECE!, ECE! | 128, SYN!]) : 0,
    };
    if (is()) timeNs -= 2_000_000n;
    const isSyn = (flags & SYN!) !== 0;
    const usesTimestamps = alone === null ? from.timestamps : from === alone && (isSyn || isStubborn);
    const ticks = Number(timeNs / 1_000_000n) + odd.ts;
    const options = join(
      isSyn ? join(hex('02 04'), u16(mss)) : hex(''),
      isSyn && from.scaled ? hex('01 03 03 07') : hex(''),
      isSyn ? hex('01 01 04 02') : hex(''),
      usesTimestamps ? join(hex('01 01 08 0a'), u32(ticks >>> 0), u32(isSyn ? 0 : (ticks - 1) >>> 0)) : hex(''),
      odd.options,
    );
    const frame = frameOf(
      tcpFrame({
        src: from.src,
        dst: to.src,
        sport: from.sport,
        dport: to.sport,
        seq: (from.seq + odd.seq) >>> 0,
        ack: (flags & ACK!) !== 0 ? (from.acked + odd.ack) >>> 0 : 0,
        flags: flags | odd.flags,
        win: odd.win,
        id: odd.id,
        ttl: odd.ttl,
        options: options.length > 40 ? options.subarray(0, 40) : options,
        payload: new Uint8Array(payload).fill(random.int(256)),
        ...(odd.checksum >= 0 && { checksum: odd.checksum }),
      }),
      { number: ++number, timeNs },
    );
    from.seq = (from.seq + payload + ((flags & (SYN! | FIN!)) !== 0 ? 1 : 0)) >>> 0;
    sent = frame;
    return frame;
  };
  /** The frame again, now, as a capture on two interfaces would show it; or an ICMP error that quotes it. */
  const again = (frame: Frame): Frame => {
    const bytes = frame.bytes.slice(frame.start, frame.start + frame.capturedLength);
    if (random.chance(0.3) && !v6) {
      const quoted = bytes.subarray(14, 14 + 28);
      const icmp = join(hex('03 01 0000 00000000'), quoted);
      const header = join(0x45, 0, u16(20 + icmp.length), u32(0), 64, 1, u16(0), hex('0a000002 0a000001'));
      return frameOf(join(hex('02 00 00 00 00 02 02 00 00 00 00 01 0800'), header, icmp), { number: ++number, timeNs });
    }
    return frameOf(bytes, { number: ++number, timeNs });
  };
  const departs = () => sent !== null && random.chance(departures);

  yield segment(a, b, SYN!, 0);
  if (departs()) yield again(sent!);
  b.acked = a.seq;
  yield segment(b, a, SYN! | ACK!, 0);
  if (departs()) yield again(sent!);
  a.acked = b.seq;
  if (!random.chance(departures)) yield segment(a, b, ACK!, 0);
  for (let n = random.int(segments); n > 0; n--) {
    const [from, to] = random.chance(0.5) ? [a, b] : [b, a];
    const payload = random.pick(payloads);
    const says = random.chance(0.6) ? to.seq : from.acked;
    // An ACK that says nothing new is a duplicate; ends do that rarely.
    if (payload === 0 && says === from.acked && !random.chance(departures)) continue;
    from.acked = says;
    yield segment(from, to, ACK! | (payload > 0 && random.chance(0.5) ? PSH! : 0), payload);
    if (departs()) yield again(sent!);
  }
  const [closer, other] = random.chance(0.5) ? [a, b] : [b, a];
  if (random.chance(0.7)) closer.acked = other.seq;
  yield segment(closer, other, FIN! | ACK!, random.chance(departures) ? 20 : 0);
  if (departs()) yield again(sent!);
  other.acked = closer.seq;
  if (!shortClose) yield segment(other, closer, ACK!, 0);
  if (departs()) yield segment(other, closer, ACK! | PSH!, 100);
  yield segment(other, closer, FIN! | ACK!, 0);
  if (departs()) yield again(sent!);
  closer.acked = other.seq;
  yield segment(closer, other, ACK!, 0);
  if (departs()) yield again(sent!);
  if (random.chance(departures * 3)) {
    a.seq = random.word();
    yield segment(a, b, SYN!, 0);
  }
}
