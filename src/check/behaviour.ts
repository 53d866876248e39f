// In: a connection. Out: what it is known by from one capture to the next: the service, and how it behaved. Neither its
// client's port nor any time is part of that.

import type { EndpointResult, FlowResult } from '../tcp/flow-result.ts';
import { endpointText } from '../units.ts';

/** By which part of its address a service is recognised. Where every run has other addresses (containers), the port. */
export const SERVICE_MATCHES = ['address', 'port'] as const;
export type ServiceMatch = (typeof SERVICE_MATCHES)[number];

/** "10.0.0.2:80", or ":80" by port. */
export function serviceName(flow: FlowResult, match: ServiceMatch): string {
  const server = flow.endpoints[1];
  return match === 'address' ? endpointText(server) : `:${server.port}`;
}

/** "CLOSED > SYN_SENT > ESTABLISHED". */
export function pathOf(endpoint: EndpointResult): string {
  return endpoint.states.map(({ state }) => state).join(' > ');
}

/** Verdict and both endpoints' histories in one line. */
export function behaviourOf(flow: FlowResult): string {
  const [client, server] = flow.endpoints;
  return `${flow.verdict}; ${pathOf(client)}; ${pathOf(server)}`;
}
