// In: a verdict. Out: what became of the connection, in plain words, and how much it asks for a look.

import type { EndpointResult, FlowResult, StateEntry } from '../tcp/flow-result.ts';
import type { Verdict } from '../tcp/verdict.ts';

/** What verdicts come down to for whoever reads a list of connections. In the order in which they ask for a look. */
export const OUTCOME_GROUPS = [
  'refused',
  'half-open',
  'reset',
  'unanswered',
  'half-closed',
  'reset-after-fin',
  'mid-stream',
  'open',
  'closed',
] as const;
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number];

export interface Outcome {
  group: OutcomeGroup;
  /** As it stands in the list: "refused", "closed by client". */
  words: string;
}

const OUTCOMES: Readonly<Record<Verdict, Outcome>> = {
  'syn-unanswered': { group: 'unanswered', words: 'SYN unanswered' },
  unreachable: { group: 'refused', words: 'unreachable (ICMP)' },
  refused: { group: 'refused', words: 'refused' },
  'syn-aborted': { group: 'reset', words: 'given up by client' },
  'syn-fin-no-reply': { group: 'unanswered', words: 'no reply in capture' },
  'half-open': { group: 'half-open', words: 'half open' },
  'handshake-reset': { group: 'reset', words: 'reset in handshake' },
  'synack-only': { group: 'mid-stream', words: 'only SYN, ACK seen' },
  'synack-reset': { group: 'reset', words: 'reset, no SYN seen' },
  'synack-fin': { group: 'mid-stream', words: 'closed, no SYN seen' },
  'stray-syn': { group: 'mid-stream', words: 'stray SYN' },
  'open-at-end': { group: 'open', words: 'open at end' },
  'fin-unanswered': { group: 'half-closed', words: 'FIN unanswered' },
  'half-closed-by-client': { group: 'half-closed', words: 'half closed by client' },
  'half-closed-by-server': { group: 'half-closed', words: 'half closed by server' },
  'closed-by-client': { group: 'closed', words: 'closed by client' },
  'closed-by-server': { group: 'closed', words: 'closed by server' },
  'closed-simultaneous': { group: 'closed', words: 'closed by both at once' },
  'closed-missing-last-ack': { group: 'closed', words: 'closed, last ACK missing' },
  'aborted-by-client': { group: 'reset', words: 'reset by client' },
  'aborted-by-server': { group: 'reset', words: 'reset by server' },
  'reset-after-fin-by-client': { group: 'reset-after-fin', words: 'reset by client after FIN' },
  'reset-after-fin-by-server': { group: 'reset-after-fin', words: 'reset by server after FIN' },
  'midstream-open': { group: 'mid-stream', words: 'open at end, begun before' },
  'midstream-half-closed': { group: 'mid-stream', words: 'half closed, begun before' },
  'midstream-closed': { group: 'mid-stream', words: 'closed, begun before' },
  'midstream-reset': { group: 'mid-stream', words: 'reset, begun before' },
  'control-only': { group: 'mid-stream', words: 'control segments only' },
};

/** The outcome of a flow. */
export function outcomeOf({ verdict }: Pick<FlowResult, 'verdict'>): Outcome {
  return OUTCOMES[verdict as Verdict] ?? { group: 'mid-stream', words: verdict };
}

const GROUP_SCORE: Readonly<Record<OutcomeGroup, number>> = {
  refused: 50,
  'half-open': 50,
  reset: 45,
  unanswered: 40,
  'half-closed': 30,
  'reset-after-fin': 15,
  'mid-stream': 5,
  open: 10,
  closed: 0,
};
const SEVERITY_SCORE = { error: 40, warn: 20, note: 4, chat: 0 } as const;
const STUCK_SCORE = 55;
/** From here on a connection did not go as it should. */
export const NOTABLE_SCORE = 40;

/** How much a connection asks for a look: higher comes first. */
export function interestOf(flow: FlowResult): number {
  let score = GROUP_SCORE[outcomeOf(flow).group];
  if (closeWaitAtEnd(flow) !== null) score = Math.max(score, STUCK_SCORE);
  let worst = 0;
  for (const { severity } of flow.findings) worst = Math.max(worst, SEVERITY_SCORE[severity]);
  return score + worst;
}

/** The endpoint that sits in CLOSE_WAIT when the capture ends, and since when: its peer has closed, it has not. */
export function closeWaitAtEnd(flow: FlowResult): { endpoint: EndpointResult; entry: StateEntry } | null {
  for (const endpoint of flow.endpoints) {
    const entry = endpoint.states.at(-1);
    if (entry?.state === 'CLOSE_WAIT') return { endpoint, entry };
  }
  return null;
}

/** Seconds from the first SYN to the end of the three-way handshake; null where the capture does not hold it. */
export function handshakeSeconds(flow: FlowResult): number | null {
  const [client, server] = flow.endpoints;
  const start = client.states.find((entry) => entry.state === 'SYN_SENT');
  const end = server.states.find((entry) => entry.state === 'ESTABLISHED');
  if (start === undefined || end === undefined || start.time === null || end.time === null) return null;
  return end.time >= start.time ? end.time - start.time : null;
}
