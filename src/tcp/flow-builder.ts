// In: the rows of a connection that is over (or cut off by the capture's end). Out: its FlowResult.

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
import { closerOf, openerOf, type Since, stateEntries } from './outcome.ts';
import { likelyRole } from './roles.ts';
import { STATES } from './state.ts';
import type { TcpTrace } from './trace.ts';
import { verdictOf } from './verdict.ts';
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
  readonly #since: Since;
  readonly #withCrosswalk: boolean;

  constructor(trace: TcpTrace, clock: CaptureClock, options: { crosswalk?: boolean } = {}) {
    this.#withCrosswalk = options.crosswalk ?? false;
    this.#trace = trace;
    this.#clock = clock;
    this.#since = (seconds, nanoseconds) => clock.since(seconds, nanoseconds);
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
    const { addresses } = this.#trace;
    connection.moveTo(this.#trace.connections, index);
    const a = this.#endpoint(0, connection.addressA, connection.portA);
    const b = this.#endpoint(1, connection.addressB, connection.portB);
    if (a.opener === 'unknown' && b.opener === 'unknown') {
      guessRole(a, b);
      guessRole(b, a);
    }
    const verdict = verdictOf(this.#trace.states.histories, this.#incarnation, this.#a, this.#b);
    const turned = a.opener !== 'active' && b.opener === 'active';
    const endpoints: [EndpointResult, EndpointResult] = turned ? [b, a] : [a, b];
    return {
      stream: connection.stream,
      id: communityId(
        addresses.toBytes(connection.addressA),
        connection.portA,
        addresses.toBytes(connection.addressB),
        connection.portB,
      ),
      verdict,
      ...(this.#withCrosswalk && {
        crosswalk: crosswalkOf(verdict, endpoints, zeekHistory(this.#incarnation, turned)),
      }),
      completeness: connection.completeness,
      start: this.#clock.since(connection.startSeconds, connection.startNanoseconds),
      end: this.#clock.since(connection.lastSeconds, connection.lastNanoseconds),
      frames: [connection.firstFrame, connection.lastFrame],
      segments: connection.segments,
      endpoints,
      findings: [],
      app: APP_PROTOCOLS[Math.max(0, connection.app)]!,
    };
  }

  #endpoint(side: 0 | 1, address: number, port: number): EndpointResult {
    const { directions, analyzer } = this.#trace;
    const direction = this.#direction;
    direction.moveTo(directions, this.#connection.rows - 1);
    direction.at += side * DIRECTION_WORDS;
    const { histories } = this.#trace.states;
    const endpoint = side === 0 ? this.#a : this.#b;
    const peer = side === 0 ? this.#b : this.#a;
    return {
      addr: this.#trace.addresses.toText(address),
      port,
      opener: openerOf(endpoint, peer),
      closer: closerOf(histories, endpoint, peer),
      finalState: STATES[endpoint.state]!,
      states: stateEntries(histories, endpoint, this.#since),
      segments: direction.segments,
      payloadBytes: payloadBytes(direction),
      retransmittedSegments: RETRANSMISSIONS.reduce((sum, bit) => sum + analyzer.tallies.count(direction, bit), 0),
    };
  }
}

function guessRole(endpoint: EndpointResult, peer: EndpointResult): void {
  const likely = likelyRole(endpoint.port, peer.port);
  if (likely !== null) endpoint.likelyRole = likely;
}
