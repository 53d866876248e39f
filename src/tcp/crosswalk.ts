// In: an incarnation's verdict and endpoints. Out: what other tools call it: Zeek's conn_state, conntrack's last state.
//
// Zeek's states were read off its source's decision order, conntrack's off its table (docs/states.md); where a tool
// cannot tell two of our verdicts apart they share a name.

import type { EndpointResult } from './flow-result.ts';
import type { Verdict } from './verdict.ts';

export interface Crosswalk {
  /** Zeek's conn_state, and its history letters (zeek-history.ts). */
  zeek: string;
  history: string;
  /** Linux conntrack's last state before its timeout; null where conntrack calls the segments INVALID and keeps nothing. */
  conntrack: string | null;
}

const TABLE: Readonly<Record<Verdict, Pick<Crosswalk, 'zeek' | 'conntrack'>>> = {
  'syn-unanswered': { zeek: 'S0', conntrack: 'SYN_SENT' },
  unreachable: { zeek: 'S0', conntrack: 'SYN_SENT' },
  refused: { zeek: 'REJ', conntrack: 'CLOSE' },
  'syn-aborted': { zeek: 'RSTOS0', conntrack: 'CLOSE' },
  'syn-fin-no-reply': { zeek: 'SH', conntrack: 'SYN_SENT' },
  'half-open': { zeek: 'S1', conntrack: 'SYN_RECV' },
  'handshake-reset': { zeek: 'RSTO', conntrack: 'CLOSE' },
  'synack-only': { zeek: 'OTH', conntrack: null },
  'synack-reset': { zeek: 'RSTRH', conntrack: null },
  'synack-fin': { zeek: 'SHR', conntrack: null },
  'stray-syn': { zeek: 'S0', conntrack: 'ESTABLISHED' },
  'open-at-end': { zeek: 'S1', conntrack: 'ESTABLISHED' },
  'fin-unanswered': { zeek: 'S2', conntrack: 'FIN_WAIT' },
  'half-closed-by-client': { zeek: 'S2', conntrack: 'CLOSE_WAIT' },
  'half-closed-by-server': { zeek: 'S3', conntrack: 'CLOSE_WAIT' },
  'closed-by-client': { zeek: 'SF', conntrack: 'TIME_WAIT' },
  'closed-by-server': { zeek: 'SF', conntrack: 'TIME_WAIT' },
  'closed-simultaneous': { zeek: 'SF', conntrack: 'TIME_WAIT' },
  'closed-missing-last-ack': { zeek: 'SF', conntrack: 'LAST_ACK' },
  'aborted-by-client': { zeek: 'RSTO', conntrack: 'CLOSE' },
  'aborted-by-server': { zeek: 'RSTR', conntrack: 'CLOSE' },
  'reset-after-fin-by-client': { zeek: 'RSTO', conntrack: 'CLOSE' },
  'reset-after-fin-by-server': { zeek: 'RSTR', conntrack: 'CLOSE' },
  'midstream-open': { zeek: 'OTH', conntrack: 'ESTABLISHED' },
  'midstream-half-closed': { zeek: 'SH', conntrack: 'FIN_WAIT' },
  'midstream-closed': { zeek: 'SF', conntrack: 'TIME_WAIT' },
  'midstream-reset': { zeek: 'OTH', conntrack: 'CLOSE' },
  'control-only': { zeek: 'OTH', conntrack: null },
};

/** What Zeek and conntrack make of the connection. `endpoints[0]` is the originator. */
export function crosswalkOf(
  verdict: Verdict,
  endpoints: readonly [EndpointResult, EndpointResult],
  history: string,
): Crosswalk {
  const { zeek, conntrack } = TABLE[verdict];
  const [originator, responder] = endpoints;
  const sentReset = (endpoint: EndpointResult): boolean => endpoint.states.some((entry) => entry.cause === 'snd RST');
  switch (verdict) {
    case 'handshake-reset':
      return { zeek: sentReset(responder) ? 'RSTR' : 'RSTO', history, conntrack };
    case 'fin-unanswered':
      return { zeek: originator.states.some((entry) => entry.cause === 'snd FIN') ? 'S2' : 'S3', history, conntrack };
    case 'midstream-half-closed':
      // "Partial" counts as inactive in Zeek, so a FIN from mid-connection reads as if no SYN had been answered.
      return { zeek: originator.states.some((entry) => entry.cause === 'snd FIN') ? 'SH' : 'SHR', history, conntrack };
    case 'midstream-reset':
      return { zeek: sentReset(responder) ? 'RSTRH' : 'OTH', history, conntrack };
    default:
      return { zeek, history, conntrack };
  }
}
