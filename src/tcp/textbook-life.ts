// In: the record of a connection that went by the book from its SYN to the last ACK. Out: all that is told of it, without rows.
//
// Most connections end like this, and nothing of such a life is in question: both ends went through RFC 9293's figures 6 and 12,
// each at moments that the record holds. So its account need not be found out by writing rows, settling them and walking
// histories; the numbers are copied out of the record, and what stands between them is known. flow-builder.ts over the rows is
// what is right, this file is only fast: test/tcp/textbook-life.test.ts compares the two.

import { AddressCache } from '../flow/address-cache.ts';
import { communityId } from '../flow/community-id.ts';
import { APP_PROTOCOLS } from '../wire/app-protocol.ts';
import { type CaptureClock, secondsOf } from './clock.ts';
import { Connection } from './connection.ts';
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

const BILLION = 1_000_000_000;
/** Up to here, and 104 days, nanoseconds since the capture's start are exact in a double. */
const MOST_SECONDS = 9_000_000;

/** One end's part. */
export interface LifeSide {
  /** Id of its address; and the address itself if it is an IPv4 address. */
  address: number;
  ipv4: number;
  port: number;
  segments: number;
  payloadBytes: number;
  /** HandshakeBit word. */
  handshake: number;
  /** A segment other than the SYN carried the Timestamps option. */
  usesTimestamps: boolean;
  /** Segments larger than the other end's MSS. */
  oversized: number;
}

const newSide = (): LifeSide => ({
  address: 0,
  ipv4: 0,
  port: 0,
  segments: 0,
  payloadBytes: 0,
  handshake: 0,
  usesTimestamps: false,
  oversized: 0,
});

/** One object, filled again for each connection. */
export class TextbookLife {
  stream = 0;
  segments = 0;
  completeness = 0;
  /** Index of APP_PROTOCOLS. */
  app = 0;
  timeWaitSeconds = 60;
  /** Who sent the first FIN: 0 is A, who opened. */
  closer: 0 | 1 = 0;
  isExpired = false;
  /** By Moment: the frame, and the time since the capture's start, in whole seconds and nanoseconds. */
  readonly frames = new Int32Array(MOMENTS);
  readonly seconds = new Int32Array(MOMENTS);
  readonly nanoseconds = new Int32Array(MOMENTS);
  /** A and B. */
  readonly sides: readonly [LifeSide, LifeSide] = [newSide(), newSide()];
  /** Longest silence in which nobody waited for an answer, longest wait for one, in ticks (fact-rows.ts); 0 below a second. */
  idle = 0;
  answer = 0;
  /** Both ends have IPv4 addresses. */
  isIpv4 = false;
  /** Texts of the addresses, and the Community ID: what only who prints them needs. See `name`. */
  addressA = '';
  addressB = '';
  id = '';
  /** Who knows the names, as long as they have not been asked for. */
  namer: Namer | null = null;

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

/** Gives lives their names. */
export interface Namer {
  name(life: TextbookLife): void;
}

/** Reads the lives of the connections of a trace. */
export class LifeReader {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #addresses: AddressCache;
  readonly #connection = new Connection();
  readonly #life = new TextbookLife();

  constructor(trace: TcpTrace, clock: CaptureClock) {
    this.#trace = trace;
    this.#clock = clock;
    this.#addresses = new AddressCache(trace.addresses);
  }

  /**
   * The life of connection `index`, given that the capture goes on until the clock's end; null if it has left the book, or is not at
   * its end, or has times that do not go on evenly. Borrowed: valid until the next call.
   */
  read(index: number): TextbookLife | null {
    const connection = this.#connection;
    const life = this.#life;
    connection.moveTo(this.#trace.connections, index);
    if (!this.#trace.readLife(connection, life)) return null;
    if (!this.#count(life) || !this.#expire(life)) return null;
    life.stream = connection.stream;
    life.segments = connection.segments;
    life.completeness = connection.completeness;
    life.app = Math.max(0, connection.app);
    const { addressA, portA, addressB, portB } = connection;
    const [a, b] = life.sides;
    a.address = addressA;
    a.port = portA;
    b.address = addressB;
    b.port = portB;
    life.isIpv4 = this.#trace.addresses.version(addressA) === 4;
    a.ipv4 = connection.keyA;
    b.ipv4 = connection.keyB;
    return life;
  }

  /** To be called once for each life that somebody is told of: it gets its names when they are asked for. */
  lend(life: TextbookLife): void {
    life.namer = this;
  }

  name(life: TextbookLife): void {
    const addresses = this.#addresses;
    const [a, b] = life.sides;
    life.addressA = addresses.text(a.address);
    life.addressB = addresses.text(b.address);
    life.id = communityId(addresses.bytes(a.address), a.port, addresses.bytes(b.address), b.port);
  }

  /** Makes times since the capture's start of Unix times. False where they go back, or are far from the start. */
  #count({ seconds, nanoseconds }: TextbookLife): boolean {
    const { startSeconds, startNanoseconds } = this.#clock;
    let before = 0;
    let beforeNanoseconds = 0;
    for (let moment = 0; moment <= Moment.LAST_ACK; moment++) {
      let whole = (seconds[moment]! - startSeconds) | 0;
      let rest = nanoseconds[moment]! - startNanoseconds;
      if (rest < 0) {
        whole--;
        rest += BILLION;
      }
      const isBack = whole < before || (whole === before && rest < beforeNanoseconds);
      if (isBack || whole > MOST_SECONDS || rest >= BILLION) return false;
      seconds[moment] = before = whole;
      nanoseconds[moment] = beforeNanoseconds = rest;
    }
    return true;
  }

  /** Lets TIME_WAIT run out, 2MSL after the last ACK: see StateTracker.finish. */
  #expire(life: TextbookLife): boolean {
    const { timeWaitSeconds } = this.#trace;
    if (timeWaitSeconds > MOST_SECONDS) return false;
    const { startSeconds, startNanoseconds, endSeconds, endNanoseconds } = this.#clock;
    const whole = Math.floor(timeWaitSeconds);
    let until = life.seconds[Moment.LAST_ACK]! + whole;
    let rest = life.nanoseconds[Moment.LAST_ACK]! + Math.round((timeWaitSeconds - whole) * BILLION);
    if (rest >= BILLION) {
      rest -= BILLION;
      until++;
    }
    const secondsLeft = until - (endSeconds - startSeconds);
    const left = secondsLeft * BILLION + rest - (endNanoseconds - startNanoseconds);
    life.timeWaitSeconds = timeWaitSeconds;
    life.isExpired = left <= 0;
    life.setMoment(Moment.EXPIRY, 0, until, rest);
    return until <= MOST_SECONDS;
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
  return life.closer !== side ? follower : life.isExpired ? expired : closer;
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
