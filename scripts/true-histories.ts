// In: truth.json of a kernel-truth recording. Out: who was in which state from when until when, as the kernels had it.

import { readFileSync } from 'node:fs';
import type { FlowResult, StateEntry } from '../src/tcp/flow-result.ts';
import type { StateName } from '../src/tcp/state.ts';

export interface TrueState {
  state: StateName;
  /** Seconds since `Truth.start`. */
  t: number;
  /** The change may have been this much earlier, seconds. */
  uncertainty: number;
  /** No segment goes with the change at the endpoint's own vantage. */
  silent: boolean;
  /** One segment led into it and out again. */
  transient: boolean;
}

export interface TrueEndpoint {
  role: 'A' | 'B';
  addr: string;
  port: number;
  peerAddr: string;
  peerPort: number;
  states: TrueState[];
  /** Frames of its 4-tuple in the capture at its own host. */
  frames: number;
}

export interface Truth {
  /** Unix time of the capture's switching on, nanoseconds. */
  start: bigint;
  /** Seconds for which the capture was on. */
  duration: number;
  endpoints: TrueEndpoint[];
}

/** The parts of truth.json that are asked for; README.md of the recordings describes it. */
interface TruthFile {
  capture: { start_ns: string; duration: number };
  endpoints: {
    role: 'A' | 'B';
    addr: string;
    port: number;
    peer_addr: string;
    peer_port: number;
    frames: Record<string, number>;
    states: { state: StateName; t_ns: string; uncertainty_ns?: number; silent?: boolean; transient?: boolean }[];
  }[];
}

export function readTruth(path: string): Truth {
  const truth = JSON.parse(readFileSync(path, 'utf8')) as TruthFile;
  return {
    start: BigInt(truth.capture.start_ns),
    duration: truth.capture.duration,
    endpoints: truth.endpoints.map((e) => ({
      role: e.role,
      addr: e.addr,
      port: e.port,
      peerAddr: e.peer_addr,
      peerPort: e.peer_port,
      frames: e.frames[e.role === 'A' ? 'at-a' : 'at-b'] ?? 0,
      states: e.states.map((s) => ({
        state: s.state,
        t: Number(BigInt(s.t_ns) - BigInt(truth.capture.start_ns)) / 1e9,
        uncertainty: (s.uncertainty_ns ?? 0) / 1e9,
        silent: s.silent === true,
        transient: s.transient === true,
      })),
    })),
  };
}

/** The endpoint as a connection of its own whose history is perfect; the other end has none. */
export function perfectFlow(endpoint: TrueEndpoint, stream: number): FlowResult {
  const isPassive = endpoint.states[0]?.state === 'LISTEN';
  const states: StateEntry[] = endpoint.states
    .filter(({ transient }) => !transient)
    .map(({ state, t, silent }, i) => ({
      state,
      time: i === 0 && state === 'LISTEN' ? null : t,
      frame: null,
      cause: null,
      evidence: silent ? 'timer' : 'observed',
    }));
  if (!isPassive) states.unshift({ state: 'CLOSED', time: null, frame: null, cause: null, evidence: 'assumed' });
  const numbers = { segments: 0, payloadBytes: 0, retransmittedSegments: 0, closer: null };
  return {
    stream,
    id: '',
    verdict: '',
    completeness: 0,
    start: endpoint.states.find(({ state }) => state !== 'LISTEN')?.t ?? 0,
    end: endpoint.states.at(-1)?.t ?? 0,
    frames: [0, 0],
    segments: 0,
    endpoints: [
      {
        addr: endpoint.addr,
        port: endpoint.port,
        opener: 'unknown',
        finalState: states.at(-1)!.state,
        states,
        ...numbers,
      },
      {
        addr: endpoint.peerAddr,
        port: endpoint.peerPort,
        opener: 'unknown',
        finalState: 'CLOSED',
        states: [],
        ...numbers,
      },
    ],
    findings: [],
    app: '',
  } as FlowResult;
}
