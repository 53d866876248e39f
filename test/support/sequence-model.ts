// In: segments. Out: what tshark 4.0.17 says of each, the slow and obvious way: the oracle of the fast analysis in src/tcp.
//
// Written from the rules alone (docs/wireshark-exactness.md and the reference behind it): objects, BigInt nanoseconds, unsigned
// sequence numbers, whole-list walks. It shares no code with src/.

const FIN = 1;
const SYN = 2;
const RST = 4;
const PSH = 8;
const ACK = 16;

/** What the model is told of a segment. */
export interface ModelSegment {
  frame: number;
  time: bigint;
  /** Any text that names an end, address and port. */
  from: string;
  to: string;
  flags: number;
  /** Unsigned. */
  seq: number;
  ack: number;
  window: number;
  /** Payload bytes; null where it cannot be known. */
  length: number | null;
  /** Quoted in an ICMP error. */
  isQuoted: boolean;
  /** Data offset below 5. */
  isBogus: boolean;
  /** Header read to its end. */
  isWhole: boolean;
  /** Shift of the last Window Scale option, or null. */
  windowScale: number | null;
  /** Blocks of the last SACK option, unsigned. */
  sack: [left: number, right: number][];
  /** MPTCP subtypes carried. */
  mptcpKinds: number[];
}

/** What the model says of a segment. */
export interface ModelAnswer {
  stream: number;
  flags: string[];
  hasBlock: boolean;
  seq: number;
  ack: number;
  nextSeq: number | null;
  window: number;
  scale: number;
  completeness: number;
  timeRelative: bigint;
  timeDelta: bigint;
  duplicateNumber: number;
  duplicateFrame: number;
  acksFrame: number;
  ackRtt: bigint;
  rtoFrame: number;
  rto: bigint;
  bytesInFlight: number;
  pushBytesSent: number;
  initialRtt: bigint;
}

interface Unacked {
  seq: number;
  end: number;
  time: bigint;
  frame: number;
}

class Side {
  base: number | null = null;
  scale = -1;
  win = 0xffff_ffff;
  next = 0;
  nextFrame = 0;
  nextTime = 0n;
  contig = 0;
  lastAck = 0;
  lastAckTime = 0n;
  dup: number | 'unseen' = 0;
  ackFrame = 0;
  lastFlags = new Set<string>();
  /** Newest first. */
  list: Unacked[] = [];
  isFlightShown = true;
  push = 0;
  pushLast = false;
  sack: [number, number][] = [];
  isFirstAckDue = false;
  mptcpOps = 0;
}

class Flow {
  readonly stream: number;
  readonly a: string;
  readonly sides: [Side, Side] = [new Side(), new Side()];
  readonly start: bigint;
  last: bigint;
  synTime = 0n;
  initialRtt = 0n;
  completeness = 0;
  mptcpOps = 0;

  constructor(stream: number, a: string, start: bigint) {
    this.stream = stream;
    this.a = a;
    this.start = start;
    this.last = start;
  }
}

const LIST_LIMIT = 10_000;

export class SequenceModel {
  readonly #flows = new Map<string, Flow>();
  #streams = 0;

  observe(s: ModelSegment): ModelAnswer {
    const key = [s.from, s.to].sort().join(' ');
    const F = new Set<string>();
    let flow = this.#flows.get(key);
    let isNew = false;
    let hasBlock = false;
    if (flow === undefined) {
      isNew = true;
      flow = this.#open(key, s);
    }
    let [me, peer] = sidesOf(flow, s);
    if (has(s, SYN) && me.base !== null) {
      if (!has(s, ACK) && s.seq !== me.base) {
        flow = this.#open(key, s);
        [me, peer] = sidesOf(flow, s);
        flow.completeness = 1;
        F.add('reused_ports');
      } else if (!has(s, ACK)) {
        me.next = me.contig;
        hasBlock = true;
      } else if (s.seq !== me.base) {
        me.base = s.seq;
        F.add('reused_ports');
      }
    }
    const answer: ModelAnswer = {
      stream: flow.stream,
      flags: [],
      hasBlock: false,
      seq: s.seq,
      ack: s.ack,
      nextSeq: null,
      window: s.window,
      scale: me.scale,
      completeness: flow.completeness,
      timeRelative: s.time - flow.start,
      timeDelta: s.time - flow.last,
      duplicateNumber: 0,
      duplicateFrame: 0,
      acksFrame: 0,
      ackRtt: 0n,
      rtoFrame: 0,
      rto: 0n,
      bytesInFlight: 0,
      pushBytesSent: 0,
      initialRtt: 0n,
    };
    flow.last = s.time;
    me.sack = [];
    if (!s.isQuoted && s.length !== null) {
      if (me.base === null) me.base = has(s, SYN) ? s.seq : u32(s.seq - 1);
      if (peer.base === null && has(s, ACK)) peer.base = u32(s.ack - 1);
      hasBlock = analyse(s, s.length, flow, me, peer, F, answer) || hasBlock;
      answer.seq = u32(s.seq - me.base);
      if (has(s, ACK)) answer.ack = u32(s.ack - peer.base!);
      answer.nextSeq = u32(answer.seq + s.length + (has(s, SYN) || has(s, FIN) ? 1 : 0));
      if (!has(s, SYN) && me.scale >= 0) answer.window = s.window * 2 ** me.scale;
    }
    if (!s.isBogus) afterAnalysis(s, flow, me, peer, isNew);
    answer.flags = [...F].sort();
    answer.hasBlock = hasBlock || F.size > 0;
    answer.initialRtt = flow.initialRtt;
    return answer;
  }

  #open(key: string, s: ModelSegment): Flow {
    const flow = new Flow(this.#streams++, s.from, s.time);
    this.#flows.set(key, flow);
    return flow;
  }
}

function sidesOf(flow: Flow, s: ModelSegment): [Side, Side] {
  const [a, b] = flow.sides;
  return s.from === flow.a ? [a, b] : [b, a];
}

function analyse(
  s: ModelSegment,
  len: number,
  flow: Flow,
  me: Side,
  peer: Side,
  F: Set<string>,
  answer: ModelAnswer,
): boolean {
  let hasBlock = false;
  const { seq, ack, time } = s;
  const win = s.window;
  const occupies = len > 0 || has(s, SYN) || has(s, FIN);
  if (has(s, ACK)) peer.isFlightShown = true;

  firstGroup(s, len, flow, me, peer, F, answer);

  if (ack !== me.lastAck) {
    me.ackFrame = s.frame;
    me.dup = 0;
  }
  if (has(s, ACK) && peer.contig !== 0 && gt(ack, peer.contig)) {
    hasBlock = true;
    if (lt(peer.contig, peer.next)) {
      peer.contig = peer.next;
      F.add('ack_lost_segment');
    } else {
      if (peer.dup === 0) F.add('ack_lost_segment');
      peer.dup = 'unseen';
    }
  }

  if (occupies && !F.has('keep_alive')) resent(s, len, flow, me, peer, F, answer);

  let end = u32(seq + len);
  if (occupies && me.list.length < LIST_LIMIT) {
    if (has(s, SYN) || has(s, FIN)) end = u32(end + 1);
    me.list.unshift({ seq, end, time, frame: s.frame });
  }
  if ((me.next === 0 || gt(end, me.next)) && !F.has('zero_window_probe')) {
    me.next = end;
    me.nextFrame = s.frame;
    me.nextTime = time;
  }
  if ((me.contig === 0 || seq === me.contig) && !F.has('zero_window_probe')) me.contig = me.next;
  me.win = win;
  me.lastAck = ack;
  me.lastAckTime = time;
  me.lastFlags = new Set(F);
  me.mptcpOps = flow.mptcpOps;

  peer.list = peer.list.filter((entry) => {
    if (ack === entry.end) {
      answer.acksFrame = entry.frame;
      answer.ackRtt = time - entry.time;
      hasBlock = true;
      return false;
    }
    if (gt(ack, entry.seq) && le(ack, entry.end)) {
      entry.seq = ack;
      return true;
    }
    return gt(entry.end, ack);
  });

  if (len > 0 && me.list.length > 0 && me.isFlightShown) {
    hasBlock = true;
    const low = me.list.reduce((least, entry) => Math.min(least, u32(entry.seq - me.base!)), 0xffff_ffff);
    const high = me.list.reduce((most, entry) => Math.max(most, u32(entry.end - me.base!)), 0);
    const sacked = peer.sack.slice(0, 3).reduce((sum, [left, right]) => sum + u32(right - left), 0);
    const flight = u32(high - low - sacked);
    if (flight > 0 && flight < 2_000_000_000) answer.bytesInFlight = flight - (has(s, SYN) || has(s, FIN) ? 1 : 0);
    me.push = me.pushLast ? len : me.push + len;
    me.pushLast = has(s, PSH);
    if (answer.bytesInFlight !== 0) answer.pushBytesSent = me.push;
  }
  return hasBlock;
}

function firstGroup(
  s: ModelSegment,
  len: number,
  flow: Flow,
  me: Side,
  peer: Side,
  F: Set<string>,
  answer: ModelAnswer,
): void {
  const { seq, ack } = s;
  const win = s.window;
  const plain = isPlain(s);
  const same = len === 0 && plain && seq === me.next && ack === me.lastAck;
  if (len === 1 && seq === me.next && peer.win === 0) {
    F.add('zero_window_probe');
    return;
  }
  if (win === 0 && plain) F.add('zero_window');
  if (me.next !== 0 && gt(seq, me.next) && !has(s, RST)) {
    F.add('lost_segment');
    me.isFlightShown = false;
  }
  if (len <= 1 && plain && seq === u32(me.next - 1)) F.add('keep_alive');
  if (same && win !== 0 && win !== me.win) F.add('window_update');
  if (len > 0 && plain && peer.scale !== -1) {
    const shift = peer.isFirstAckDue || peer.scale === -2 ? 0 : peer.scale;
    if (u32(seq + len) === Number((BigInt(peer.lastAck) + BigInt(peer.win) * 2n ** BigInt(shift)) % 2n ** 32n)) {
      F.add('window_full');
    }
  }
  if (same && win !== 0 && win === me.win && peer.lastFlags.has('keep_alive')) {
    F.add('keep_alive_ack');
    return;
  }
  if (same && win === 0 && me.win === 0 && peer.lastFlags.has('zero_window_probe')) {
    F.add('zero_window_probe_ack');
    return;
  }
  if (same && win !== 0 && win === me.win && me.mptcpOps === flow.mptcpOps) {
    me.dup = me.dup === 'unseen' ? 1 : me.dup + 1;
    F.add('duplicate_ack');
    answer.duplicateNumber = me.dup;
    answer.duplicateFrame = me.ackFrame;
  }
}

function resent(
  s: ModelSegment,
  len: number,
  flow: Flow,
  me: Side,
  peer: Side,
  F: Set<string>,
  answer: ModelAnswer,
): void {
  const { seq, time } = s;
  const isOld = me.next !== 0 && lt(seq, me.next) && !(len > 1 && seq === u32(me.next - 1));
  const end = u32(seq + len + (has(s, SYN) || has(s, FIN) ? 1 : 0));
  const threshold = flow.initialRtt === 0n ? 3_000_000n : flow.initialRtt;
  if (len > 0 && peer.lastAck !== 0 && le(u32(seq + len), peer.lastAck)) {
    F.add('spurious_retransmission');
  } else if (
    isOld &&
    (peer.dup === 'unseen' || peer.dup >= 2) &&
    peer.lastAck === seq &&
    u64(time - peer.lastAckTime) < 20_000_000n
  ) {
    F.add('fast_retransmission');
  } else if (isOld && u64(time - me.nextTime) < u64(threshold) && me.next !== end) {
    F.add('out_of_order');
  } else if (isOld) {
    F.add('retransmission');
    const oldest = me.list[me.list.length - 1];
    answer.rtoFrame = oldest?.frame ?? me.nextFrame;
    answer.rto = time - (oldest?.time ?? me.nextTime);
  }
}

/** Completeness, SYN time, initial RTT, options, verification of the window scale. */
function afterAnalysis(s: ModelSegment, flow: Flow, me: Side, peer: Side, isNew: boolean): void {
  const hasData = s.length !== null && s.length > 0;
  if (isNew) {
    if (has(s, SYN) && !has(s, ACK)) flow.completeness |= hasData ? 9 : 1;
  } else {
    if (has(s, SYN) && has(s, ACK)) flow.completeness |= 2;
    if (has(s, ACK) && !has(s, SYN)) flow.completeness |= hasData ? 8 : 4;
    if (has(s, FIN) && has(s, ACK)) flow.completeness |= 16;
    if (has(s, RST)) flow.completeness |= 32;
  }
  if (has(s, SYN)) {
    me.isFirstAckDue = true;
    if (!has(s, ACK)) flow.synTime = s.time;
  } else if (has(s, ACK)) {
    me.isFirstAckDue = false;
    if (flow.initialRtt === 0n && flow.synTime !== 0n) flow.initialRtt = s.time - flow.synTime;
  }
  if (s.windowScale !== null) me.scale = Math.min(s.windowScale, 14);
  me.sack = s.sack;
  if (!s.isWhole) return;
  for (const kind of s.mptcpKinds) if (kind < 8) flow.mptcpOps |= 1 << kind;
  if (!has(s, SYN)) return;
  if (me.scale === -1) {
    me.scale = -2;
    peer.scale = -2;
  } else if (has(s, ACK) && peer.scale === -2) {
    me.scale = -2;
  }
}

function has(s: ModelSegment, flag: number): boolean {
  return (s.flags & flag) !== 0;
}

function isPlain(s: ModelSegment): boolean {
  return !has(s, SYN) && !has(s, FIN) && !has(s, RST);
}

function u32(value: number): number {
  return ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** tshark's order of sequence numbers; a distance of exactly 2^31 counts as less both ways. */
function gt(x: number, y: number): boolean {
  return u32(y - x) >= 2 ** 31;
}

function lt(x: number, y: number): boolean {
  return u32(x - y) >= 2 ** 31;
}

function le(x: number, y: number): boolean {
  return x === y || lt(x, y);
}
