// In: a connection. Out: which of its two ends is the service.

import type { FlowResult } from '../tcp/flow-result.ts';

/**
 * Index of the endpoint that was connected to. Where the opening was not captured or both sides opened, it is the one with the
 * lower port: services sit below the ephemeral ports (RFC 6335 6; Linux takes 32768 and up), with equal ports endpoint 1.
 */
export function serviceSide(flow: FlowResult): 0 | 1 {
  const [a, b] = flow.endpoints;
  if (a.opener === 'active' || b.opener === 'passive') return 1;
  if (b.opener === 'active' || a.opener === 'passive') return 0;
  return a.port < b.port ? 0 : 1;
}

/** True if the connection was there before the capture: neither end was seen CLOSED or listening. */
export function beganBefore(flow: FlowResult): boolean {
  return flow.endpoints.every(({ states }) => {
    const first = states[0]?.state;
    return first !== 'CLOSED' && first !== 'LISTEN';
  });
}
