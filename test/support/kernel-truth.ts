// In: a kernel-truth recording (scripts/record-kernel.py). Out: its truth, our histories for its captures, and whether they agree.
//
// How sequences are compared: states in a row count once; LISTEN, CLOSED and UNKNOWN at the start are left out; CLOSED may
// follow TIME_WAIT; after SYN_RCVD a server back in LISTEN may be called CLOSED; transient states may be missing, and so may
// states over before the capture. `lenient` also lets silent states be missing: no segment goes with them.

import { openCapture } from '../../src/capture/open.ts';
import { CaptureClock } from '../../src/tcp/clock.ts';
import { FlowBuilder } from '../../src/tcp/flow-builder.ts';
import type { EndpointResult, FlowResult } from '../../src/tcp/flow-result.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet, PacketKind } from '../../src/wire/packet.ts';

export const VANTAGES = ['at-a', 'middle', 'at-b'] as const;
export type Vantage = (typeof VANTAGES)[number];

export interface TrueState {
  state: string;
  t: number;
  t_ns: string;
  evidence: string;
  silent?: boolean;
  transient?: boolean;
  note?: string;
}

export interface TrueEndpoint {
  role: 'A' | 'B';
  addr: string;
  port: number;
  peer_addr: string;
  peer_port: number;
  connection: number;
  states: TrueState[];
  frames: Record<string, number>;
}

export interface Truth {
  capture: { from_the_start: boolean; one_way_delay_ms: number };
  endpoints: TrueEndpoint[];
}

/** The states as they are compared. */
export function tidy(states: string[]): string[] {
  const once = states.filter((state, i) => i === 0 || state !== states[i - 1]);
  while (once.length > 0 && ['LISTEN', 'CLOSED', 'UNKNOWN'].includes(once[0]!)) once.shift();
  return once;
}

/** The acceptable sequences, as a regular expression over "STATE STATE ". */
export function pattern(endpoint: TrueEndpoint, fromTheStart: boolean, lenient: boolean): RegExp {
  const entries = [...endpoint.states];
  while (entries.length > 0 && ['LISTEN', 'CLOSED'].includes(entries[0]!.state)) entries.shift();
  let text = '';
  for (const [i, entry] of entries.entries()) {
    const afterSynRcvd = i > 0 && entries[i - 1]!.state === 'SYN_RCVD';
    let names =
      ['LISTEN', 'CLOSED'].includes(entry.state) && afterSynRcvd ? '(?:LISTEN |CLOSED )' : `(?:${entry.state} )`;
    const next = entries[i + 1];
    const before = !fromTheStart && next !== undefined && next.t <= 0;
    if (before || entry.transient || (lenient && entry.silent)) names += '?';
    text += names;
  }
  if (entries.at(-1)?.state === 'TIME_WAIT') text += '(?:CLOSED )?';
  return new RegExp(`^${text}$`);
}

export function agrees(endpoint: TrueEndpoint, fromTheStart: boolean, states: string[], lenient: boolean): boolean {
  const text = tidy(states).map((state) => `${state} `);
  return pattern(endpoint, fromTheStart, lenient).test(text.join(''));
}

export const placeOf = (addr: string, port: number, peerAddr: string, peerPort: number): string =>
  `${addr} ${port} ${peerAddr} ${peerPort}`;

/** Our endpoints for one capture, by place and turn in flow order; and the capture's start, ns since 1970. */
export async function endpointsOf(file: string): Promise<{ found: Map<string, EndpointResult>; startNs: bigint }> {
  const turns = new Map<string, number>();
  const found = new Map<string, EndpointResult>();
  const { flows, clock } = await flowsOf(file);
  for (const { endpoints } of flows) {
    for (const [mine, peer] of [endpoints, [...endpoints].reverse()] as [EndpointResult, EndpointResult][]) {
      const place = placeOf(mine.addr, mine.port, peer.addr, peer.port);
      const turn = (turns.get(place) ?? 0) + 1;
      turns.set(place, turn);
      found.set(`${place} ${turn}`, mine);
    }
  }
  return { found, startNs: BigInt(clock.startSeconds) * 1_000_000_000n + BigInt(clock.startNanoseconds) };
}

/** The pipeline as far as the histories: no findings, no output. */
export async function flowsOf(file: string): Promise<{ flows: FlowResult[]; clock: CaptureClock }> {
  const capture = await openCapture([file], {});
  const decoder = new Decoder();
  const packet = new Packet();
  const trace = new TcpTrace();
  const clock = new CaptureClock();
  do {
    for (let frame = capture.next(); frame !== null; frame = capture.next()) {
      clock.see(frame);
      decoder.decode(frame, packet);
      if (packet.kind !== PacketKind.NONE) trace.observe(frame, packet);
    }
  } while (await capture.fill());
  await capture.close();
  const builder = new FlowBuilder(trace, clock);
  const flows: FlowResult[] = [];
  for (let stream = 0; stream < trace.streams; stream++)
    flows.push(builder.build(stream), ...builder.buildFurther(stream));
  return { flows, clock };
}
