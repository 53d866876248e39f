// In: the rows of a connection that is over (or cut off by the capture's end). Out: its FlowResult.

import { communityId } from '../flow/community-id.ts';
import type { CaptureClock } from './clock.ts';
import { Connection } from './connection.ts';
import type { EndpointResult, FlowResult } from './flow-result.ts';
import type { TcpTrace } from './trace.ts';

/** Makes plain objects of rows, once per connection. */
export class FlowBuilder {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #connection = new Connection();

  constructor(trace: TcpTrace, clock: CaptureClock) {
    this.#trace = trace;
    this.#clock = clock;
  }

  /** The result for connection `index`. */
  build(index: number): FlowResult {
    const connection = this.#connection;
    const { addresses } = this.#trace;
    this.#trace.connections.move(connection, index);
    const a = this.#endpoint(connection.addressA, connection.portA);
    const b = this.#endpoint(connection.addressB, connection.portB);
    return {
      stream: connection.stream,
      id: communityId(
        addresses.toBytes(connection.addressA),
        connection.portA,
        addresses.toBytes(connection.addressB),
        connection.portB,
      ),
      verdict: '',
      completeness: connection.completeness,
      start: this.#clock.since(connection.startSeconds, connection.startNanoseconds),
      end: this.#clock.since(connection.lastSeconds, connection.lastNanoseconds),
      frames: [connection.firstFrame, connection.lastFrame],
      segments: connection.segments,
      endpoints: [a, b],
      findings: [],
      app: '',
    };
  }

  #endpoint(address: number, port: number): EndpointResult {
    return {
      addr: this.#trace.addresses.toText(address),
      port,
      opener: 'unknown',
      closer: null,
      finalState: 'UNKNOWN',
      states: [],
      segments: 0,
      payloadBytes: 0,
      retransmittedSegments: 0,
    };
  }
}
