// In: every segment, finished connections in any order, and a moment. Out: the sockets of that moment, as `ss -tan` has them.

import type { Frame } from '../capture/frame.ts';
import { type CaptureClock, isoTime } from '../tcp/clock.ts';
import type { Connection } from '../tcp/connection.ts';
import type { Evidence, FlowResult } from '../tcp/flow-result.ts';
import { State, type StateName } from '../tcp/state.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import type { Packet } from '../wire/packet.ts';
import { Listeners } from './listeners.ts';
import { type Moment, sinceStart } from './moment.ts';
import { SendQueues } from './send-queues.ts';
import { beganBefore } from './service.ts';
import { NANOSECONDS, type Stay, StayEnd, staysOf, toNanoseconds } from './stay.ts';
import type { TimeWaitLengths } from './time-wait.ts';

/** One socket at the moment asked for. Times are seconds since the capture's start. */
export interface Socket {
  state: StateName;
  addr: string;
  port: number;
  /** null for a listener, as is `stream`. */
  peerAddr: string | null;
  peerPort: number | null;
  stream: number | null;
  /** When the state was entered; where `evidence` is "assumed", when it was first seen. */
  since: number;
  timeInState: number;
  /** Seconds left of 2MSL; null in other states. */
  timer: number | null;
  evidence: Evidence;
  /** What led into the state, and the frame; null where nothing in the capture did. */
  cause: string | null;
  frame: number | null;
  /** True if the connection was there before the capture. */
  beganBefore: boolean;
  /** Bytes sent and not acknowledged, SYN and FIN counted; null where not known. */
  sendQ: number | null;
  /** Bytes received that the application has not read: null, for nothing in a capture tells when an application reads. */
  recvQ: number | null;
}

/** What existed at a moment. */
export interface SocketsReport {
  /** Seconds since the capture's start. */
  at: number;
  /** The same as ISO 8601; null in a capture without TCP. */
  time: string | null;
  /** Seconds from the capture's first frame to its last. */
  captureEnd: number;
  /** Endpoints left out because they had stopped retransmitting (give-up.ts). */
  presumedGone: number;
  sockets: Socket[];
  /** Listening sockets that connections have proved by then. */
  listeners: Socket[];
}

/** A socket that may exist at the moment; what depends on the moment is still to be filled in. */
interface Candidate {
  socket: Socket;
  stay: Pick<Stay, 'from' | 'to' | 'expires'>;
}

const FIRST_SWEEP = 4096;

/**
 * Gathers what may exist at the moment asked for. Bounded by the sockets that do: for a moment within the capture the rest is
 * dropped at once; for its end, what cannot last is dropped each time the list has doubled.
 */
export class SocketsAt {
  readonly #moment: Moment;
  readonly #timeWait: TimeWaitLengths;
  /** Nanoseconds since the capture's start; null: its end. */
  #at: number | null = null;
  #clock: CaptureClock | null = null;
  readonly #queues = new SendQueues();
  readonly #listeners = new Listeners();
  #candidates: Candidate[] = [];
  #sweepAt = FIRST_SWEEP;
  #now = 0;
  /** When each endpoint that stopped retransmitting is taken to have given up. */
  #givenUp: number[] = [];

  constructor(moment: Moment, timeWait: TimeWaitLengths) {
    this.#moment = moment;
    this.#timeWait = timeWait;
    if (moment.kind === 'relative') this.#at = moment.nanoseconds;
  }

  /** Takes in one segment of a connection; of one by the book its record may come in place of segments. */
  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    this.begin(clock);
    const time = clock.nanosecondsSince(frame);
    if (this.#at === null || time <= this.#at) this.#queues.observe(packet, trace, time);
  }

  /** Takes in what is known of a connection that went by the book up to now. */
  leavesTheBook(connection: Connection, trace: TcpTrace, clock: CaptureClock): void {
    this.#queues.adopt(connection, trace, clock);
  }

  /** Nanoseconds since the capture's start, after which what a connection sends is of no account. */
  lastMoment(clock: CaptureClock): number {
    this.begin(clock);
    return this.#at ?? Number.POSITIVE_INFINITY;
  }

  /** Says which moment that is: to be called where there is TCP, though `segment` need not be told of it. */
  begin(clock: CaptureClock): void {
    if (this.#clock !== null) return;
    this.#clock = clock;
    this.#at = sinceStart(this.#moment, clock.startSeconds, clock.startNanoseconds);
  }

  /** Takes in one connection; after its segments. */
  flow(flow: FlowResult): void {
    this.#now = Math.max(this.#now, toNanoseconds(flow.end));
    const at = this.#at;
    for (const index of [0, 1] as const) {
      this.#listeners.add(flow, index, at ?? Infinity);
      for (const stay of staysOf(flow, index, this.#timeWait, this.#queues)) {
        if (stay.end === StayEnd.GIVEN_UP && (at === null || stay.to <= at)) this.#givenUp.push(stay.to);
        const isPossible = at === null ? stay.to > this.#now : stay.from <= at && at < stay.to;
        if (!isPossible) continue;
        const { from, to, expires } = stay;
        this.#candidates.push({ socket: this.#socket(flow, index, stay), stay: { from, to, expires } });
      }
    }
    if (at === null && this.#candidates.length >= this.#sweepAt) {
      this.#candidates = this.#candidates.filter(({ stay }) => stay.to > this.#now);
      this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#candidates.length);
    }
  }

  /**
   * The sockets, by host, state, local port, peer.
   *
   * @param duration seconds from the capture's first frame to its latest: what "end" means.
   */
  finish(duration: number): SocketsReport {
    const at = this.#at ?? toNanoseconds(duration);
    const bySocket = new Map<string, Socket>();
    for (const { socket, stay } of this.#candidates) {
      if (stay.to <= at) continue;
      socket.timeInState = (at - stay.from) / NANOSECONDS;
      if (socket.state === 'TIME_WAIT') socket.timer = (stay.expires - at) / NANOSECONDS;
      const key = `${socket.addr} ${socket.port} ${socket.peerAddr} ${socket.peerPort}`;
      const other = bySocket.get(key);
      if (other === undefined || replaces(socket, other)) bySocket.set(key, socket);
    }
    return {
      at: at / NANOSECONDS,
      time: this.#clock === null ? null : timeOf(this.#clock, at),
      captureEnd: duration,
      presumedGone: this.#givenUp.filter((moment) => moment <= at).length,
      sockets: [...bySocket.values()].sort(byPlace),
      listeners: this.#listeners.at(at).sort(byPlace),
    };
  }

  #socket(flow: FlowResult, index: 0 | 1, stay: Stay): Socket {
    const { addr, port, opener } = flow.endpoints[index];
    const peer = flow.endpoints[1 - index]!;
    // What is left of these is smaller than a socket, and `ss` shows queues of 0 (Linux: inet_timewait_sock, request_sock).
    const isMini = stay.state === 'TIME_WAIT' || (stay.state === 'SYN_RCVD' && opener === 'passive');
    return {
      state: stay.state,
      addr,
      port,
      peerAddr: peer.addr,
      peerPort: peer.port,
      stream: flow.stream,
      since: stay.from / NANOSECONDS,
      timeInState: 0,
      timer: null,
      evidence: stay.entry.evidence,
      cause: stay.entry.cause,
      frame: stay.entry.frame,
      beganBefore: beganBefore(flow),
      sendQ: isMini ? 0 : (this.#queues.of(flow.stream, addr, port)?.unacknowledged ?? null),
      recvQ: isMini ? 0 : null,
    };
  }
}

function timeOf(clock: CaptureClock, at: number): string {
  const nanoseconds = clock.startNanoseconds + at;
  const seconds = Math.floor(nanoseconds / NANOSECONDS);
  return isoTime(clock.startSeconds + seconds, nanoseconds - seconds * NANOSECONDS);
}

/** A host has one socket per 4-tuple: of two, one that is known before one that is not, and the newer connection's. */
function replaces(socket: Socket, other: Socket): boolean {
  if ((socket.state === 'UNKNOWN') !== (other.state === 'UNKNOWN')) return other.state === 'UNKNOWN';
  return socket.since >= other.since;
}

/** What a list can be sorted by; each with the order people look for first. */
export const SORT_KEYS = ['host', 'state', 'local', 'peer', 'time', 'timer', 'send-q', 'stream'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Sorts in place: times and queues the largest first, the rest ascending; equal ones by host, state and port. */
export function sortSockets(sockets: Socket[], key: SortKey): Socket[] {
  const order: Record<SortKey, (a: Socket, b: Socket) => number> = {
    host: () => 0,
    state: (a, b) => State[a.state] - State[b.state],
    local: (a, b) => compare(a.addr, b.addr) || a.port - b.port,
    peer: (a, b) => compare(a.peerAddr ?? '', b.peerAddr ?? '') || (a.peerPort ?? 0) - (b.peerPort ?? 0),
    time: (a, b) => b.timeInState - a.timeInState,
    timer: (a, b) => (b.timer ?? -1) - (a.timer ?? -1),
    'send-q': (a, b) => (b.sendQ ?? -1) - (a.sendQ ?? -1),
    stream: (a, b) => (a.stream ?? -1) - (b.stream ?? -1),
  };
  return sockets.sort((a, b) => order[key](a, b) || byPlace(a, b));
}

/** By host, then state in the order of a connection's life, then port and peer. */
function byPlace(a: Socket, b: Socket): number {
  return (
    compare(a.addr, b.addr) ||
    State[a.state] - State[b.state] ||
    a.port - b.port ||
    compare(a.peerAddr ?? '', b.peerAddr ?? '') ||
    (a.peerPort ?? 0) - (b.peerPort ?? 0)
  );
}

/** 10.0.0.9 before 10.0.0.10. */
const { compare } = new Intl.Collator('en', { numeric: true });
