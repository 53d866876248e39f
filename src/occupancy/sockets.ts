// In: finished connections, in any order, and a moment. Out: the sockets that existed at that moment, as `ss -tan` has them.

import type { Evidence, FlowResult } from '../tcp/flow-result.ts';
import { State, type StateName } from '../tcp/state.ts';
import type { SendQueues } from './send-queues.ts';
import { beganBefore } from './service.ts';
import { NANOSECONDS, type Stay, staysOf, toNanoseconds } from './stay.ts';
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
  /** When the state was entered; for `beganBefore` when it was first seen. */
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
  /**
   * Bytes received that the application has not read. Always null: nothing in a capture tells when an application reads.
   */
  recvQ: number | null;
}

/** States in which `ss` shows queues of 0: what is left of the socket has none (inet_timewait_sock, request_sock). */
const WITHOUT_QUEUES: ReadonlySet<StateName> = new Set(['TIME_WAIT', 'SYN_RCVD']);

interface Candidate {
  flow: FlowResult;
  index: 0 | 1;
  stays: Stay[];
}

interface ListenerFacts {
  addr: string;
  port: number;
  /** Latest moment up to the one asked for at which it accepted a SYN, and at which it refused one; nanoseconds. */
  accepted: number;
  refused: number;
  firstAccepted: number;
  frame: number | null;
}

/**
 * Gathers what may exist at the moment asked for. Bounded by the sockets that do: for a moment within the capture the rest is
 * dropped at once; for its end, what cannot last is dropped each time the list has doubled.
 */
export class SocketsAt {
  readonly #timeWait: TimeWaitLengths;
  /** Nanoseconds since the capture's start; null: its end. */
  readonly #at: number | null;
  #candidates: Candidate[] = [];
  #sweepAt = 4096;
  #now = 0;
  readonly #listeners = new Map<string, ListenerFacts>();

  constructor(at: number | null, timeWait: TimeWaitLengths) {
    this.#at = at;
    this.#timeWait = timeWait;
  }

  add(flow: FlowResult): void {
    this.#now = Math.max(this.#now, toNanoseconds(flow.end));
    const at = this.#at;
    for (const index of [0, 1] as const) {
      this.#listen(flow, index);
      const stays = staysOf(flow, index, this.#timeWait);
      const isPossible =
        at === null ? stays.some((stay) => stay.to > this.#now) : stays.some((stay) => stay.from <= at && at < stay.to);
      if (isPossible) this.#candidates.push({ flow: slim(flow), index, stays });
    }
    if (this.#candidates.length >= this.#sweepAt) {
      if (at === null) {
        this.#candidates = this.#candidates.filter(({ stays }) => stays.some((stay) => stay.to > this.#now));
      }
      this.#sweepAt = Math.max(4096, 2 * this.#candidates.length);
    }
  }

  /**
   * The sockets, by host, state, local port, peer.
   *
   * @param duration seconds from the capture's first frame to its latest: what "end" means.
   * @param queues what was sent up to the moment, where that was followed.
   */
  finish(duration: number, queues: SendQueues | null): { at: number; sockets: Socket[]; listeners: Socket[] } {
    const at = this.#at ?? toNanoseconds(duration);
    const bySocket = new Map<string, Socket>();
    for (const { flow, index, stays } of this.#candidates) {
      const stay = stays.find(({ from, to }) => from <= at && at < to);
      if (stay === undefined) continue;
      const socket = socketOf(flow, index, stay, at, queues);
      const key = `${socket.addr} ${socket.port} ${socket.peerAddr} ${socket.peerPort}`;
      const other = bySocket.get(key);
      if (other === undefined || replaces(socket, other)) bySocket.set(key, socket);
    }
    return {
      at: at / NANOSECONDS,
      sockets: [...bySocket.values()].sort(byPlace),
      listeners: this.#listenersAt(at).sort(byPlace),
    };
  }

  /** Notes what the flow proves about a listener at endpoint `index`, up to the moment asked for. */
  #listen(flow: FlowResult, index: 0 | 1): void {
    const { addr, port, opener, states } = flow.endpoints[index];
    const peer = flow.endpoints[1 - index]!;
    const limit = this.#at ?? Infinity;
    const accepted =
      opener === 'passive' ? states.find(({ state }) => state !== 'LISTEN' && state !== 'CLOSED') : undefined;
    const isRefusal =
      accepted === undefined && opener !== 'active' && peer.states.some(({ cause }) => cause?.includes('RST'));
    const moment = toNanoseconds(accepted?.time ?? flow.start);
    if ((accepted === undefined && !isRefusal) || moment > limit) return;
    const key = `${addr} ${port}`;
    let facts = this.#listeners.get(key);
    if (facts === undefined) {
      facts = { addr, port, accepted: -1, refused: -1, firstAccepted: Infinity, frame: null };
      this.#listeners.set(key, facts);
    }
    if (accepted === undefined) facts.refused = Math.max(facts.refused, moment);
    else {
      facts.accepted = Math.max(facts.accepted, moment);
      if (moment < facts.firstAccepted) {
        facts.firstAccepted = moment;
        facts.frame = accepted.frame;
      }
    }
  }

  #listenersAt(at: number): Socket[] {
    const sockets: Socket[] = [];
    for (const { addr, port, accepted, refused, firstAccepted, frame } of this.#listeners.values()) {
      if (accepted < 0 || refused > accepted) continue;
      sockets.push({
        state: 'LISTEN',
        addr,
        port,
        peerAddr: null,
        peerPort: null,
        stream: null,
        since: firstAccepted / NANOSECONDS,
        timeInState: (at - firstAccepted) / NANOSECONDS,
        timer: null,
        evidence: 'inferred',
        cause: 'snd SYN,ACK',
        frame,
        beganBefore: true,
        sendQ: null,
        recvQ: null,
      });
    }
    return sockets;
  }
}

/** A host has one socket per 4-tuple: of two, one that is known before one that is not, and the newer connection's. */
function replaces(socket: Socket, other: Socket): boolean {
  if ((socket.state === 'UNKNOWN') !== (other.state === 'UNKNOWN')) return other.state === 'UNKNOWN';
  return socket.since >= other.since;
}

/** The flow without what is not asked for, since thousands may be kept. */
function slim(flow: FlowResult): FlowResult {
  return { ...flow, findings: [] };
}

function socketOf(flow: FlowResult, index: 0 | 1, stay: Stay, at: number, queues: SendQueues | null): Socket {
  const { addr, port } = flow.endpoints[index];
  const peer = flow.endpoints[1 - index]!;
  const hasQueues = !WITHOUT_QUEUES.has(stay.state);
  return {
    state: stay.state,
    addr,
    port,
    peerAddr: peer.addr,
    peerPort: peer.port,
    stream: flow.stream,
    since: stay.from / NANOSECONDS,
    timeInState: (at - stay.from) / NANOSECONDS,
    timer: stay.state === 'TIME_WAIT' ? (stay.expires - at) / NANOSECONDS : null,
    evidence: stay.entry.evidence,
    cause: stay.entry.cause,
    frame: stay.entry.frame,
    beganBefore: beganBefore(flow),
    sendQ: hasQueues ? (queues?.of(flow.stream, addr, port)?.unacknowledged ?? null) : 0,
    recvQ: hasQueues ? null : 0,
  };
}

/** By host, then state as in RFC 9293's order of a connection's life, then port and peer. */
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
