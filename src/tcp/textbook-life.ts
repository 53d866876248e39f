// In: the record of a connection that went by the book from its SYN to the last ACK. Out: all that is told of it, without rows.
//
// Most connections end like this, and nothing of such a life is in question: both ends went through RFC 9293's figures 6 and 12,
// each at moments that the record holds. So its account need not be found out by writing rows, settling them and walking
// histories; the numbers are copied out of the record, and what stands between them is known. flow-builder.ts over the rows is
// what is right, this file is only fast: test/tcp/textbook-life.test.ts compares the two.

import { AddressCache } from '../flow/address-cache.ts';
import { communityId } from '../flow/community-id.ts';
import { layout, Row } from '../flow/rows.ts';
import { APP_PROTOCOLS } from '../wire/app-protocol.ts';
import { type CaptureClock, secondsOf } from './clock.ts';
import type { EndpointResult, Evidence, FlowResult, StateEntry } from './flow-result.ts';
import type { StateName } from './state.ts';
import type { TcpTrace } from './trace.ts';
import type { Verdict } from './verdict.ts';

/** What happened in such a life, in this order. PROOF is a frame only: the first of B after the third segment. */
export const Moment = {
  SYN: 0,
  SYN_ACK: 1,
  ACK: 2,
  FIN: 3,
  FIN_ACK: 4,
  FIN_2: 5,
  LAST_ACK: 6,
  /** TIME_WAIT has run out, if it has. */
  EXPIRY: 7,
  PROOF: 8,
} as const;
export type Moment = (typeof Moment)[keyof typeof Moment];
export const MOMENTS = 9;

/** Up to here, and 104 days, nanoseconds since the capture's start are exact in a double. */
export const MOST_LIFE_SECONDS = 9_000_000;

const BILLION = 1_000_000_000;
const WORD = 0x1_0000_0000;

/** One end's part. */
export class LifeSide extends Row {
  /** Id of its address; and the address itself if it is an IPv4 address. */
  declare address: number;
  declare ipv4: number;
  declare port: number;
  declare segments: number;
  /** Payload bytes, in two words. */
  declare bytesLow: number;
  declare bytesHigh: number;
  /** HandshakeBit word. */
  declare handshake: number;
  /** 1: a segment other than the SYN carried the Timestamps option. */
  declare timestamps: 0 | 1;
  /** Segments larger than the other end's MSS. */
  declare oversized: number;

  get payloadBytes(): number {
    return this.bytesHigh * WORD + (this.bytesLow >>> 0);
  }

  set payloadBytes(bytes: number) {
    this.bytesHigh = Math.floor(bytes / WORD);
    this.bytesLow = bytes | 0;
  }
}

const SIDE_WORDS = layout(LifeSide, [
  'address',
  'ipv4',
  'port',
  'segments',
  'bytesLow',
  'bytesHigh',
  'handshake',
  'timestamps',
  'oversized',
]);

/** One object, whose words are written again for each connection (textbook-life.as.ts). */
export class TextbookLife extends Row {
  declare stream: number;
  declare segments: number;
  declare completeness: number;
  /** Index of APP_PROTOCOLS. */
  declare app: number;
  /** Who sent the first FIN: 0 is A, who opened. */
  declare closer: 0 | 1;
  /** 1: TIME_WAIT has run out. */
  declare expired: 0 | 1;
  /** 1: both ends have IPv4 addresses. */
  declare hasIpv4: 0 | 1;
  /** Longest silence in which nobody waited for an answer, longest wait for one, in ticks (fact-rows.ts); 0 below a second. */
  declare idle: number;
  declare answer: number;
  /** By Moment: the frame, and the time since the capture's start, in whole seconds and nanoseconds. */
  readonly frames: Int32Array;
  readonly seconds: Int32Array;
  readonly nanoseconds: Int32Array;
  /** A and B. */
  readonly sides: readonly [LifeSide, LifeSide];
  timeWaitSeconds = 60;
  /** Texts of the addresses, and the Community ID: what only who prints them needs. See `name`. */
  addressA = '';
  addressB = '';
  id = '';
  /** Who knows the names, as long as they have not been asked for. */
  namer: Namer | null = null;

  /** `words`: LIFE_WORDS of them. */
  constructor(words: Int32Array = new Int32Array(LIFE_WORDS)) {
    super();
    this.words = words;
    this.frames = words.subarray(LifePart.FRAMES, LifePart.FRAMES + MOMENTS);
    this.seconds = words.subarray(LifePart.SECONDS, LifePart.SECONDS + MOMENTS);
    this.nanoseconds = words.subarray(LifePart.NANOSECONDS, LifePart.NANOSECONDS + MOMENTS);
    const sides = [new LifeSide(), new LifeSide()] as const;
    sides[0].words = sides[1].words = words;
    sides[0].at = LifePart.A;
    sides[1].at = LifePart.B;
    this.sides = sides;
  }

  /** To be called before the names are read. */
  name(): void {
    this.namer?.name(this);
    this.namer = null;
  }

  /** When it happened, seconds since the capture's start. */
  time(moment: Moment): number {
    return secondsOf(this.seconds[moment]!, this.nanoseconds[moment]!);
  }

  setMoment(moment: Moment, frame: number, seconds: number, nanoseconds: number): void {
    this.frames[moment] = frame;
    this.seconds[moment] = seconds;
    this.nanoseconds[moment] = nanoseconds;
  }

  /** Initial round trip time in seconds, as FlowFacts.irtt. */
  get irtt(): number {
    const since = this.nanoseconds[Moment.ACK]! - this.nanoseconds[Moment.SYN]!;
    const borrow = since < 0 ? 1 : 0;
    return this.seconds[Moment.ACK]! - this.seconds[Moment.SYN]! - borrow + (since + borrow * BILLION) / BILLION;
  }
}

const MOMENTS_AT = layout(TextbookLife, [
  'stream',
  'segments',
  'completeness',
  'app',
  'closer',
  'expired',
  'hasIpv4',
  'idle',
  'answer',
]);
const SIDES_AT = MOMENTS_AT + 3 * MOMENTS;

/** Where the rest lies behind the fields: moments, a column each, and the sides. */
export const LifePart = {
  FRAMES: MOMENTS_AT,
  SECONDS: MOMENTS_AT + MOMENTS,
  NANOSECONDS: MOMENTS_AT + 2 * MOMENTS,
  A: SIDES_AT,
  B: SIDES_AT + SIDE_WORDS,
} as const;
export const LIFE_WORDS = SIDES_AT + 2 * SIDE_WORDS;

/** Lives that are told of at once, at most. */
export const MOST_LIVES = 32;

/** Some lives side by side, of which those from `from` to `to` (not included) are meant. Borrowed. */
export class Lives {
  /** LIFE_WORDS of each. */
  readonly words: Int32Array;
  readonly all: readonly TextbookLife[];
  /** The connection of the trace that each is of. */
  readonly connections = new Int32Array(MOST_LIVES);
  from = 0;
  to = 0;

  constructor(words: Int32Array = new Int32Array(MOST_LIVES * LIFE_WORDS)) {
    this.words = words;
    this.all = Array.from(
      { length: MOST_LIVES },
      (_, i) => new TextbookLife(words.subarray(i * LIFE_WORDS, (i + 1) * LIFE_WORDS)),
    );
  }

  *[Symbol.iterator](): Generator<TextbookLife> {
    for (let i = this.from; i < this.to; i++) yield this.all[i]!;
  }
}

/** Gives lives their names. */
export interface Namer {
  name(life: TextbookLife): void;
}

/** Reads the lives of the connections of a trace. */
export class LifeReader {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #addresses: AddressCache;
  /** Addresses of the connections to be read. */
  readonly #list: Int32Array;
  readonly #lives: Lives;
  readonly #timeWaitWhole: number;
  readonly #timeWaitNanoseconds: number;

  constructor(trace: TcpTrace, clock: CaptureClock) {
    const { memory, timeWaitSeconds } = trace;
    this.#trace = trace;
    this.#clock = clock;
    this.#addresses = new AddressCache(trace.addresses);
    const ints = (words: number): Int32Array => memory.int32(memory.allocate(words * 4), words);
    this.#list = ints(MOST_LIVES);
    this.#lives = new Lives(ints(MOST_LIVES * LIFE_WORDS));
    for (const life of this.#lives.all) life.timeWaitSeconds = timeWaitSeconds;
    this.#timeWaitWhole = Math.floor(timeWaitSeconds);
    this.#timeWaitNanoseconds = Math.round((timeWaitSeconds - this.#timeWaitWhole) * BILLION);
  }

  /**
   * The lives of the connections `indices` from place `at` on, given that the capture goes on until the clock's end: up to MOST_LIVES, ended before one that has
   * left the book, or is not at its end, or began before the capture by its clock, or long after. Borrowed: valid until the next call.
   */
  read(indices: readonly number[], at = 0): Lives {
    const lives = this.#lives;
    lives.from = lives.to = 0;
    if (this.#timeWaitWhole > MOST_LIFE_SECONDS) return lives;
    const { memory, connections } = this.#trace;
    const { startSeconds, startNanoseconds, endSeconds, endNanoseconds } = this.#clock;
    const count = Math.min(indices.length - at, MOST_LIVES);
    for (let i = 0; i < count; i++) {
      const index = indices[at + i]!;
      lives.connections[i] = index;
      this.#list[i] = connections.addressOf(index);
    }
    lives.to = memory.program.readLives(
      this.#list.byteOffset,
      count,
      lives.words.byteOffset,
      startSeconds,
      startNanoseconds,
      endSeconds,
      endNanoseconds,
      this.#timeWaitWhole,
      this.#timeWaitNanoseconds,
    );
    return lives;
  }

  /** To be called once for all that somebody is told of: they get their names when they are asked for. */
  lend({ all, from, to }: Lives): void {
    for (let i = from; i < to; i++) all[i]!.namer = this;
  }

  name(life: TextbookLife): void {
    const addresses = this.#addresses;
    const [a, b] = life.sides;
    life.addressA = addresses.text(a.address);
    life.addressB = addresses.text(b.address);
    life.id = communityId(addresses.bytes(a.address), a.port, addresses.bytes(b.address), b.port);
  }
}

/** One step of a path: the state entered, why, at what moment, and the frame that proves it. */
export interface Step {
  readonly state: StateName;
  readonly cause: string;
  readonly evidence: Evidence;
  readonly at: Moment;
  readonly confirmedBy?: Moment;
}

// biome-ignore format: a line per step
const OPENER: readonly Step[] = [
  { state: 'SYN_SENT', cause: 'snd SYN', evidence: 'observed', at: Moment.SYN },
  { state: 'ESTABLISHED', cause: 'rcv SYN,ACK', evidence: 'inferred', at: Moment.SYN_ACK, confirmedBy: Moment.ACK },
];
// biome-ignore format: a line per step
const ANSWERER: readonly Step[] = [
  { state: 'SYN_RCVD', cause: 'snd SYN,ACK', evidence: 'observed', at: Moment.SYN_ACK },
  { state: 'ESTABLISHED', cause: 'rcv ACK of SYN', evidence: 'inferred', at: Moment.ACK, confirmedBy: Moment.PROOF },
];
// biome-ignore format: a line per step
const CLOSER: readonly Step[] = [
  { state: 'FIN_WAIT_1', cause: 'snd FIN', evidence: 'observed', at: Moment.FIN },
  { state: 'FIN_WAIT_2', cause: 'rcv ACK of FIN', evidence: 'inferred', at: Moment.FIN_ACK, confirmedBy: Moment.LAST_ACK },
  { state: 'TIME_WAIT', cause: 'rcv FIN', evidence: 'inferred', at: Moment.FIN_2, confirmedBy: Moment.LAST_ACK },
];
const EXPIRED: Step = { state: 'CLOSED', cause: '2MSL', evidence: 'timer', at: Moment.EXPIRY };
// biome-ignore format: a line per step
const FOLLOWER: readonly Step[] = [
  { state: 'CLOSE_WAIT', cause: 'rcv FIN', evidence: 'inferred', at: Moment.FIN, confirmedBy: Moment.FIN_ACK },
  { state: 'LAST_ACK', cause: 'snd FIN', evidence: 'observed', at: Moment.FIN_2 },
  { state: 'CLOSED', cause: 'rcv ACK of FIN', evidence: 'inferred', at: Moment.LAST_ACK },
];

/** By side, whether it closed first, whether its TIME_WAIT ran out. */
const PATHS = [OPENER, ANSWERER].map((opening) => ({
  follower: [...opening, ...FOLLOWER],
  closer: [...opening, ...CLOSER],
  expired: [...opening, ...CLOSER, EXPIRED],
}));

/** Where A's, or B's, path begins. */
export function startOf(side: 0 | 1): StateName {
  return side === 0 ? 'CLOSED' : 'LISTEN';
}

/** The steps of A, or of B, from there on. */
export function pathOf(life: TextbookLife, side: 0 | 1): readonly Step[] {
  const { closer, expired, follower } = PATHS[side]!;
  return life.closer !== side ? follower : life.expired === 1 ? expired : closer;
}

export function verdictOf({ closer }: TextbookLife): Verdict {
  return closer === 0 ? 'closed-by-client' : 'closed-by-server';
}

/** The account of a life, as FlowBuilder gives it. */
export function flowOf(life: TextbookLife): FlowResult {
  life.name();
  const { frames } = life;
  return {
    stream: life.stream,
    id: life.id,
    verdict: verdictOf(life),
    completeness: life.completeness,
    start: life.time(Moment.SYN),
    end: life.time(Moment.LAST_ACK),
    frames: [frames[Moment.SYN]!, frames[Moment.LAST_ACK]!],
    segments: life.segments,
    endpoints: [endpointOf(life, 0), endpointOf(life, 1)],
    findings: [],
    app: APP_PROTOCOLS[life.app]!,
  };
}

function endpointOf(life: TextbookLife, side: 0 | 1): EndpointResult {
  const isCloser = life.closer === side;
  const { port, segments, payloadBytes } = life.sides[side];
  const path = pathOf(life, side);
  const states: StateEntry[] = [{ state: startOf(side), time: null, frame: null, cause: null, evidence: 'assumed' }];
  for (let i = 0; i < path.length; i++) states.push(entryOf(life, path[i]!));
  return {
    addr: side === 0 ? life.addressA : life.addressB,
    port,
    opener: side === 0 ? 'active' : 'passive',
    closer: isCloser ? 'active' : 'passive',
    finalState: path.at(-1)!.state,
    states,
    segments,
    payloadBytes,
    retransmittedSegments: 0,
  };
}

function entryOf(life: TextbookLife, { state, cause, evidence, at, confirmedBy }: Step): StateEntry {
  const time = life.time(at);
  const frame = at === Moment.EXPIRY ? null : life.frames[at]!;
  if (confirmedBy === undefined) return { state, time, frame, cause, evidence };
  return { state, time, frame, cause, evidence, confirmedBy: life.frames[confirmedBy]! };
}
