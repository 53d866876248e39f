// In: what a test cares about. Out: a FlowResult with it: by default a handshake of 10.0.0.1:40000 with 10.0.0.2:80.

import type { EndpointResult, FindingResult, FlowResult, StateEntry } from '../../src/tcp/flow-result.ts';
import type { StateName } from '../../src/tcp/state.ts';

/** "ESTABLISHED ~ 0.001 #2 rcv SYN,ACK" with more behind it: ~ inferred, no number: a timer or a start state. */
export function history(...lines: string[]): StateEntry[] {
  return lines.map((line) => {
    const match = /^(\w+)( ~)?(?: ([\d.]+)(?: #(\d+))? (.+))?$/.exec(line)!;
    const [, state, inferred, time, frame, cause] = match;
    const isStart = time === undefined;
    return {
      state: state as StateName,
      time: isStart ? null : Number(time),
      frame: frame === undefined ? null : Number(frame),
      cause: cause ?? null,
      evidence: isStart ? 'assumed' : frame === undefined ? 'timer' : inferred === undefined ? 'observed' : 'inferred',
    };
  });
}

export function endpoint(fields: Partial<EndpointResult> & { states: StateEntry[] }): EndpointResult {
  return {
    addr: '10.0.0.1',
    port: 40000,
    opener: 'active',
    closer: null,
    finalState: fields.states.at(-1)!.state,
    segments: 2,
    payloadBytes: 0,
    retransmittedSegments: 0,
    ...fields,
  };
}

export function client(fields: Partial<EndpointResult> = {}): EndpointResult {
  return endpoint({
    states: history('CLOSED', 'SYN_SENT 0 #1 snd SYN', 'ESTABLISHED ~ 0.001 #2 rcv SYN,ACK'),
    ...fields,
  });
}

export function server(fields: Partial<EndpointResult> = {}): EndpointResult {
  return endpoint({
    addr: '10.0.0.2',
    port: 80,
    opener: 'passive',
    states: history('LISTEN', 'SYN_RCVD 0.001 #2 snd SYN,ACK', 'ESTABLISHED ~ 0.002 #3 rcv ACK of SYN'),
    ...fields,
  });
}

export function finding(fields: Partial<FindingResult> & { code: string }): FindingResult {
  return {
    severity: 'warn',
    frame: 3,
    time: 0.002,
    endpoint: 1,
    message: `${fields.code} happened`,
    count: 1,
    share: null,
    worstFrame: null,
    confidence: 'high',
    ...fields,
  };
}

export function flow(fields: Partial<FlowResult> = {}): FlowResult {
  return {
    stream: 0,
    id: '1:',
    verdict: '',
    completeness: 7,
    start: 0,
    end: 0.002,
    frames: [1, 3],
    segments: 3,
    endpoints: [client(), server()],
    findings: [],
    app: '',
    ...fields,
  };
}
