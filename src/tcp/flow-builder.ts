// In: the rows of a connection that is over (or cut off by the capture's end). Out: its FlowResult.

import { AddressCache } from '../flow/address-cache.ts';
import { communityId } from '../flow/community-id.ts';
import { APP_PROTOCOLS } from '../wire/app-protocol.ts';
import { AnalysisFlag } from './analysis-flag.ts';
import type { CaptureClock } from './clock.ts';
import { Connection } from './connection.ts';
import { crosswalkOf } from './crosswalk.ts';
import { DIRECTION_WORDS, Direction, payloadBytes } from './direction.ts';
import { Endpoint } from './endpoint.ts';
import type { EndpointResult, FlowResult } from './flow-result.ts';
import { Incarnation } from './incarnation.ts';
import { closerOf, openerOf, Path } from './path.ts';
import { likelyRole } from './roles.ts';
import { STATES } from './state.ts';
import type { TcpTrace } from './trace.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { zeekHistory } from './zeek-history.ts';

/** Bit numbers of the flags that say "sent before": tshark's plain, fast and spurious retransmission. */
const RETRANSMISSIONS = [
  AnalysisFlag.RETRANSMISSION,
  AnalysisFlag.FAST_RETRANSMISSION,
  AnalysisFlag.SPURIOUS_RETRANSMISSION,
].map((flag) => 31 - Math.clz32(flag));

/** Makes plain objects of rows, once per connection. */
export class FlowBuilder {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #connection = new Connection();
  readonly #direction = new Direction();
  readonly #incarnation = new Incarnation();
  readonly #a = new Endpoint();
  readonly #b = new Endpoint();
  readonly #pathA = new Path();
  readonly #pathB = new Path();
  readonly #addresses: AddressCache;
  readonly #withCrosswalk: boolean;

  constructor(trace: TcpTrace, clock: CaptureClock, options: { crosswalk?: boolean } = {}) {
    this.#withCrosswalk = options.crosswalk ?? false;
    this.#trace = trace;
    this.#clock = clock;
    this.#addresses = new AddressCache(trace.addresses);
  }

  /** The result for connection `index`, given that the capture goes on until the clock's end. Called once. */
  build(index: number): FlowResult {
    const { states } = this.#trace;
    states.finish(index, this.#clock.endSeconds, this.#clock.endNanoseconds);
    states.first(index, this.#incarnation, this.#a, this.#b);
    return this.#flow(index);
  }

  /**
   * The results for further lives that began inside the same Wireshark stream (an old duplicate SYN at a listener), after
   * `build`. Their counters are the stream's; what is their own is the verdict and the endpoints' states.
   */
  buildFurther(index: number): FlowResult[] {
    const flows: FlowResult[] = [];
    this.#trace.states.first(index, this.#incarnation, this.#a, this.#b);
    while (this.#trace.states.next(this.#incarnation, this.#a, this.#b)) flows.push(this.#flow(index));
    return flows;
  }

  #flow(index: number): FlowResult {
    const connection = this.#connection;
    const clock = this.#clock;
    const addresses = this.#addresses;
    const pathA = this.#pathA;
    const pathB = this.#pathB;
    const { histories } = this.#trace.states;
    connection.moveTo(this.#trace.connections, index);
    const { addressA, portA, addressB, portB } = connection;
    pathA.read(histories, this.#a, clock);
    pathB.read(histories, this.#b, clock);
    const a = this.#endpoint(0, addressA, portA, pathA, pathB);
    const b = this.#endpoint(1, addressB, portB, pathB, pathA);
    if (a.opener === 'unknown' && b.opener === 'unknown') {
      guessRole(a, b);
      guessRole(b, a);
    }
    const turned = a.opener !== 'active' && b.opener === 'active';
    const flow: FlowResult = {
      stream: connection.stream,
      id: communityId(addresses.bytes(addressA), portA, addresses.bytes(addressB), portB),
      verdict: verdictOf(this.#incarnation.bits, pathA, pathB),
      completeness: connection.completeness,
      start: clock.since(connection.startSeconds, connection.startNanoseconds),
      end: clock.since(connection.lastSeconds, connection.lastNanoseconds),
      frames: [connection.firstFrame, connection.lastFrame],
      segments: connection.segments,
      endpoints: turned ? [b, a] : [a, b],
      findings: [],
      app: APP_PROTOCOLS[Math.max(0, connection.app)]!,
    };
    return this.#withCrosswalk ? withCrosswalk(flow, zeekHistory(this.#incarnation, turned)) : flow;
  }

  #endpoint(side: 0 | 1, address: number, port: number, path: Path, peer: Path): EndpointResult {
    const direction = this.#direction;
    direction.moveTo(this.#trace.directions, this.#connection.rows - 1);
    direction.at += side * DIRECTION_WORDS;
    return {
      addr: this.#addresses.text(address),
      port,
      opener: openerOf(path, peer),
      closer: closerOf(path, peer),
      finalState: STATES[(side === 0 ? this.#a : this.#b).state]!,
      states: path.entries,
      segments: direction.segments,
      payloadBytes: payloadBytes(direction),
      retransmittedSegments: direction.tally === 0 ? 0 : this.#retransmitted(direction),
    };
  }

  #retransmitted(direction: Direction): number {
    const { tallies } = this.#trace.analyzer;
    return RETRANSMISSIONS.reduce((sum, bit) => sum + tallies.count(direction, bit), 0);
  }
}

/** The same with the names that others use, in its place among the members: behind the verdict. */
function withCrosswalk({ stream, id, verdict, ...rest }: FlowResult, history: string): FlowResult {
  return { stream, id, verdict, crosswalk: crosswalkOf(verdict as Verdict, rest.endpoints, history), ...rest };
}

function guessRole(endpoint: EndpointResult, peer: EndpointResult): void {
  const likely = likelyRole(endpoint.port, peer.port);
  if (likely !== null) endpoint.likelyRole = likely;
}
