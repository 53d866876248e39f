// In: a seed. Out: frames of a few interleaved TCP connections in which nearly everything goes wrong.
//
// Biased to reach every rule of the sequence analysis: losses, repeats, reordering, wraps, windows opening and closing,
// keep-alives, odd flags, ports used again, clocks that step back, options of all kinds, headers cut and damaged, quoted.

import type { FrameToWrite } from './pcap-writer.ts';
import { Random } from './random.ts';

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;

const MS = 1_000_000;

export interface RandomOptions {
  readonly segments?: number;
  /** Damaged headers, truncation, quotations and exotic options too; otherwise clean Ethernet frames. Default true. */
  readonly damage?: boolean;
}

interface Segment {
  flags: number;
  seq: number;
  ack: number;
  window: number;
  length: number;
  options: number[];
  urgent: number;
}

/** One end of a connection, as its own TCP would know it, more or less. */
interface End {
  address: readonly number[];
  port: number;
  isn: number;
  /** Next sequence number. */
  seq: number;
  /** Acknowledgment number sent last. */
  ack: number;
  window: number;
  sent: { seq: number; length: number; flags: number }[];
}

interface Talk {
  ends: [End, End];
  /** Handshake segments sent so far, 0 to 3. */
  shaken: number;
  mptcp: boolean;
  timestamps: boolean;
}

/** Frames for a nanosecond pcap of link type Ethernet. */
export function randomFrames(seed: number, options: RandomOptions = {}): FrameToWrite[] {
  return new Generator(seed, options).frames();
}

class Generator {
  readonly #random: Random;
  readonly #count: number;
  readonly #damage: boolean;
  readonly #talks: Talk[];
  readonly #snap: number;
  #seconds = 1_700_000_000;
  #nanoseconds: number;
  #earlier: Uint8Array[] = [];

  constructor(seed: number, options: RandomOptions) {
    this.#random = new Random(seed);
    this.#count = options.segments ?? 300;
    this.#damage = options.damage ?? true;
    this.#nanoseconds = this.#random.int(1e9);
    this.#snap = this.#damage ? this.#random.pick([64, 90, 100, 120, 65535]) : 100;
    if (this.#damage && this.#random.chance(0.03)) this.#seconds = 0;
    this.#talks = Array.from({ length: 1 + this.#random.int(5) }, () => this.#talk());
  }

  frames(): FrameToWrite[] {
    const frames: FrameToWrite[] = [];
    while (frames.length < this.#count) {
      const talk = this.#random.pick(this.#talks);
      const from = this.#random.int(2) as 0 | 1;
      const [sender, receiver] = this.#roles(talk, from);
      const segment = this.#segment(talk, sender, receiver);
      frames.push(this.#frame(sender, receiver, segment));
      // The network repeats and reorders.
      if (this.#random.chance(0.02)) frames.push(this.#timed(frames[frames.length - 1]!));
      if (this.#random.chance(0.03) && frames.length > 3) swapBytes(frames, frames.length - 1, this.#random.int(3) + 1);
    }
    return frames;
  }

  #talk(): Talk {
    const random = this.#random;
    const v6 = random.chance(0.15);
    const address = () =>
      v6
        ? [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 + random.int(4)]
        : [10, 0, random.int(2), 1 + random.int(4)];
    const end = (): End => {
      const isn = random.pick([random.word(), 0xffff_fff0, 0xffff_ffff, 0, 5, 0x7fff_fff0, 1000]);
      return {
        address: address(),
        port: random.pick([80, 443, 40000, 40001, 1 + random.int(65535)]),
        isn,
        seq: isn,
        ack: 0,
        window: random.pick([0, 1, 100, 512, 8192, 65535]),
        sent: [],
      };
    };
    const ends: [End, End] = [end(), end()];
    const isSelf = random.chance(0.03);
    if (isSelf) ends[1] = { ...ends[1], address: ends[0].address, port: ends[0].port };
    return {
      ends,
      shaken: random.chance(0.2) ? 3 : 0,
      // Two MP_CAPABLE in one direction run into an assertion in tshark 4.0.17 (packet-tcp.c:5551).
      mptcp: this.#damage && !isSelf && random.chance(0.15),
      timestamps: random.chance(0.2),
    };
  }

  #roles(talk: Talk, from: 0 | 1): [End, End] {
    const side = talk.shaken === 3 || this.#random.chance(0.25) ? from : talk.shaken === 1 ? 1 : 0;
    return [talk.ends[side], talk.ends[1 - side]!];
  }

  #segment(talk: Talk, me: End, peer: End): Segment {
    const random = this.#random;
    const s: Segment = { flags: ACK, seq: me.seq, ack: peer.seq, window: me.window, length: 0, options: [], urgent: 0 };
    if (talk.shaken < 3 && random.chance(0.75)) this.#shake(talk, me, peer, s);
    else this.#behave(me, peer, s);
    if (random.chance(0.004)) s.seq = (s.seq + 0x8000_0000 + random.int(3) - 1) >>> 0;
    if (random.chance(0.004)) s.ack = (s.ack + 0x8000_0000 + random.int(3) - 1) >>> 0;
    this.#addOptions(talk, peer, s);
    if (random.chance(0.01)) s.flags |= random.pick([32, 64, 128, 256, 512, 1024, 2048, 0xc0, 0x1c0]);
    if ((s.flags & 32) !== 0) s.urgent = random.int(100);
    me.ack = s.ack;
    if (s.length > 0 || (s.flags & (SYN | FIN)) !== 0) me.sent.push({ seq: s.seq, length: s.length, flags: s.flags });
    return s;
  }

  #shake(talk: Talk, me: End, peer: End, s: Segment): void {
    const random = this.#random;
    if (talk.shaken < 2) {
      s.flags = talk.shaken === 0 ? SYN : SYN | ACK;
      s.seq = me.isn;
      s.ack = talk.shaken === 0 ? 0 : peer.seq;
      me.seq = (me.isn + 1) >>> 0;
      if (random.chance(0.7)) s.options.push(3, 3, random.pick([0, 2, 7, 14, 15]));
      if (random.chance(0.5)) s.options.push(2, 4, 5, 180, 4, 2);
      if (talk.mptcp) s.options.push(30, 12, 0, 0x81, ...random.bytes(8));
      if (random.chance(0.1)) s.options.push(34, 10, ...random.bytes(8));
      if (random.chance(0.03)) s.options.push(34, 2);
      if (random.chance(0.08)) s.flags |= talk.shaken === 0 ? 0x1c0 : random.pick([0x80, 0x100, 0x40, 0x140]);
      if (random.chance(0.08)) s.length = random.pick([1, 5, 100]);
    }
    talk.shaken++;
  }

  #behave(me: End, peer: End, s: Segment): void {
    const random = this.#random;
    const last = me.sent.length > 0 ? random.pick(me.sent.slice(-4)) : null;
    const act = random.int(100);
    if (act < 24) {
      s.length = random.pick([1, 1, 10, 100, 536, 1460]);
      if (random.chance(0.4)) s.flags |= PSH;
      s.ack = random.pick([me.ack, peer.seq]);
      if (random.chance(0.2)) s.length = Math.min(1400, Math.max(1, peer.window));
      me.seq = (s.seq + s.length) >>> 0;
    } else if (act < 44) {
      s.ack = random.pick([peer.seq, me.ack, me.ack, me.ack]);
    } else if (act < 54 && last !== null) {
      s.seq = last.seq;
      s.length = last.length;
      s.flags = last.flags;
      s.ack = random.pick([peer.seq, me.ack]);
    } else if (act < 60 && last !== null) {
      s.seq = random.chance(0.6) ? peer.ack : last.seq;
      s.length = random.pick([last.length, 10, 1]);
      s.ack = me.ack;
    } else if (act < 66) {
      s.seq = (me.seq + random.pick([1, 10, 100, 1460])) >>> 0;
      s.length = random.pick([0, 1, 10, 100]);
      me.seq = (s.seq + s.length) >>> 0;
    } else if (act < 72) {
      s.seq = (me.seq - 1) >>> 0;
      s.length = random.pick([0, 1, 1, 2]);
      s.ack = me.ack;
    } else if (act < 78) {
      me.window = random.pick([0, 0, 1, 100, 512, 8192]);
      s.window = me.window;
      s.ack = me.ack;
    } else if (act < 82) {
      s.length = 1;
      s.ack = me.ack;
      if (random.chance(0.5)) me.seq = (s.seq + 1) >>> 0;
    } else if (act < 85) {
      s.flags = random.chance(0.1) ? FIN : FIN | ACK;
      s.length = random.pick([0, 0, 20]);
      me.seq = (s.seq + s.length + 1) >>> 0;
    } else if (act < 87) {
      s.flags = random.pick([RST, RST | ACK]);
      s.ack = random.pick([0, peer.seq, me.ack]);
      if (random.chance(0.1)) s.length = 5;
    } else if (act < 90) {
      s.flags = random.chance(0.95) ? SYN : SYN | random.pick([FIN, RST, PSH]);
      s.ack = random.pick([0, 0, 0, 77]);
      s.seq = random.pick([me.isn, me.isn, (me.isn + 1 + random.int(10000)) >>> 0]);
      me.isn = s.seq;
      me.seq = (s.seq + 1) >>> 0;
      if (random.chance(0.6)) s.options.push(3, 3, random.pick([1, 7, 14]));
      if (random.chance(0.15)) s.options.push(34, 6, ...random.bytes(4));
      if (random.chance(0.1)) s.length = 10;
    } else if (act < 92) {
      s.flags = SYN | ACK;
      s.seq = random.pick([me.isn, me.isn, (me.isn + 1 + random.int(10000)) >>> 0]);
      me.isn = s.seq;
      me.seq = (s.seq + 1) >>> 0;
      if (random.chance(0.6)) s.options.push(3, 3, random.pick([1, 7, 14]));
    } else if (act < 95) {
      s.ack = (peer.seq + random.pick([1, 10, 1460])) >>> 0;
      if (random.chance(0.3)) peer.seq = s.ack;
    } else if (act < 97) {
      s.ack = (peer.seq - random.pick([1, 10, 1000])) >>> 0;
    } else if (act < 98) {
      s.flags = random.pick([0, 8, 32, 41, 0x3f, 0xfff]);
      s.length = random.pick([0, 3]);
    } else {
      s.seq = (me.seq - 10) >>> 0;
      s.length = 10;
      s.ack = me.ack;
    }
  }

  #addOptions(talk: Talk, peer: End, s: Segment): void {
    const random = this.#random;
    if ((s.flags & SYN) === 0 && (s.flags & ACK) !== 0 && random.chance(0.15)) {
      const blocks = random.pick([1, 1, 2, 3, 4]);
      s.options.push(1, 1, 5, 2 + 8 * blocks);
      for (let block = 0; block < blocks; block++) {
        s.options.push(...word(peer.seq + 10 + 30 * block), ...word(peer.seq + 20 + 30 * block));
      }
    }
    if (talk.timestamps && s.options.length <= 28) s.options.push(1, 1, 8, 10, ...random.bytes(8));
    if (talk.mptcp && talk.shaken === 3 && (s.flags & SYN) === 0 && s.options.length <= 28 && random.chance(0.5)) {
      const kind = random.pick([2, 2, 2, 3, 4, 5, 6, 8]);
      if (kind === 2) s.options.push(30, 8, 0x20, 1, ...word(s.ack));
      else if (kind === 4) s.options.push(30, 4, 0x40, 1);
      else if (kind === 5) s.options.push(30, 4, 0x50, 1);
      else if (kind === 6) s.options.push(30, 12, 0x60, 0, ...random.bytes(8));
      else if (kind === 3) s.options.push(30, 8, 0x34, 1, ...random.bytes(4));
      else s.options.push(30, 4, 0x80, 1);
    }
    if (!this.#damage) return;
    if (random.chance(0.02)) s.options.push(3, 3, random.int(16));
    if (random.chance(0.02)) s.options.push(172, 2 + 3 * random.int(4));
    if (random.chance(0.01))
      s.options.push(
        ...random.pick([
          [2, 3, 5],
          [5, 6, 0, 0, 3, 242],
          [5, 2],
          [8, 9],
          [76, 10, 1, 1],
          [78, 16],
        ]),
      );
    if (random.chance(0.01)) s.options.push(...random.bytes(random.int(20)));
    if (random.chance(0.01)) s.options.push(0, ...random.bytes(random.int(4)));
  }

  #frame(from: End, to: End, s: Segment): FrameToWrite {
    const random = this.#random;
    const options = s.options.slice(0, 40);
    while (options.length % 4 !== 0) options.push(this.#damage && random.chance(0.02) ? 7 : 1);
    let offset = 5 + options.length / 4;
    if (this.#damage && random.chance(0.006)) offset = random.int(16);
    const tcp = [
      ...half(from.port),
      ...half(to.port),
      ...word(s.seq),
      ...word(s.ack),
      ...half((offset << 12) | s.flags),
      ...half(s.window),
      0,
      0,
      ...half(s.urgent),
      ...options,
    ];
    for (let i = 0; i < s.length; i++) tcp.push(0xee);
    let wire = tcp.length;
    // A datagram that ends early, in a frame that is wholly captured.
    const isShort = this.#damage && random.chance(0.004);
    if (isShort) wire = Math.max(0, wire - random.int(wire));
    const datagram =
      from.address.length === 4
        ? ipv4(from.address, to.address, 6, tcp, wire)
        : ipv6(from.address, to.address, 6, tcp, wire);
    let bytes = ethernet(datagram, from.address.length === 4 ? 0x0800 : 0x86dd);
    if (this.#damage) {
      if (random.chance(0.01)) bytes = this.#quoted(datagram, to.address, from.address);
      this.#earlier.push(Uint8Array.from(datagram));
      if (random.chance(0.3)) while (bytes.length < 60) bytes.push(0);
    }
    const originalLength = bytes.length;
    let captured = isShort ? bytes.length : Math.min(bytes.length, this.#snap);
    if (this.#damage && !isShort && random.chance(0.01)) captured = Math.min(captured, 14 + random.int(60));
    return this.#timed({
      seconds: 0,
      nanoseconds: 0,
      bytes: Uint8Array.from(bytes.slice(0, captured)),
      originalLength,
    });
  }

  /** An ICMP error about this datagram or an earlier one. */
  #quoted(datagram: number[], from: readonly number[], to: readonly number[]): number[] {
    const random = this.#random;
    const quote = random.chance(0.5) && this.#earlier.length > 0 ? [...random.pick(this.#earlier)] : datagram;
    const cut = quote.slice(0, random.pick([28, 40, 44, 60, 548]));
    if (from.length === 4) return ethernet(ipv4(from, to, 1, [3, 1, 0, 0, 0, 0, 0, 0, ...cut]), 0x0800);
    return ethernet(ipv6(from, to, 58, [1, 4, 0, 0, 0, 0, 0, 0, ...cut]), 0x86dd);
  }

  /** The frame at the next moment. */
  #timed(frame: FrameToWrite): FrameToWrite {
    const random = this.#random;
    let step = random.pick([
      0,
      1000,
      100_000,
      MS,
      2.9 * MS,
      3.1 * MS,
      10 * MS,
      19 * MS,
      20 * MS,
      21 * MS,
      250 * MS,
      2000 * MS,
      random.int(100 * MS),
    ]);
    if (random.chance(0.006)) step -= random.int(8 * MS);
    this.#nanoseconds += step;
    this.#seconds += Math.floor(this.#nanoseconds / 1e9);
    this.#nanoseconds -= Math.floor(this.#nanoseconds / 1e9) * 1e9;
    if (this.#seconds < 0) this.#seconds = 0;
    return { ...frame, seconds: this.#seconds, nanoseconds: this.#nanoseconds };
  }
}

/** Two frames change places, but not their times. */
function swapBytes(frames: FrameToWrite[], a: number, back: number): void {
  const b = a - back;
  const one = frames[a]!;
  const other = frames[b]!;
  frames[a] = { ...other, seconds: one.seconds, nanoseconds: one.nanoseconds };
  frames[b] = { ...one, seconds: other.seconds, nanoseconds: other.nanoseconds };
}

function half(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

function word(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function ethernet(payload: readonly number[], type: number): number[] {
  return [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, ...half(type), ...payload];
}

function ipv4(
  from: readonly number[],
  to: readonly number[],
  protocol: number,
  payload: readonly number[],
  length = payload.length,
): number[] {
  return [0x45, 0, ...half(20 + length), 0, 0, 0, 0, 64, protocol, 0, 0, ...from, ...to, ...payload];
}

function ipv6(
  from: readonly number[],
  to: readonly number[],
  next: number,
  payload: readonly number[],
  length = payload.length,
): number[] {
  return [0x60, 0, 0, 0, ...half(length), next, 64, ...from, ...to, ...payload];
}
