// In: a verdict. Out: what became of the connection, in plain words, and how much it asks for a look.

import type { EndpointResult, FlowResult, StateEntry } from '../tcp/flow-result.ts';

/** What verdicts come down to for whoever reads a list of connections. In the order in which they ask for a look. */
export const OUTCOME_GROUPS = [
  'refused',
  'half-open',
  'reset',
  'unanswered',
  'half-closed',
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

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  'syn-unanswered': { group: 'unanswered', words: 'SYN unanswered' },
  refused: { group: 'refused', words: 'refused' },
  'syn-aborted': { group: 'reset', words: 'given up by client' },
  'half-open': { group: 'half-open', words: 'half open' },
  'handshake-reset': { group: 'reset', words: 'reset in handshake' },
  'open-at-end': { group: 'open', words: 'open at end' },
  'half-closed-by-client': { group: 'half-closed', words: 'half closed by client' },
  'half-closed-by-server': { group: 'half-closed', words: 'half closed by server' },
  'closed-clean': { group: 'closed', words: 'closed' },
  'closed-simultaneous': { group: 'closed', words: 'closed simultaneously' },
  'closed-missing-last-ack': { group: 'closed', words: 'closed, last ACK missing' },
  'aborted-by-client': { group: 'reset', words: 'reset by client' },
  'aborted-by-server': { group: 'reset', words: 'reset by server' },
  'reset-after-fin': { group: 'closed', words: 'closed, then reset' },
};

/** The outcome of a flow; a verdict without words of its own keeps its name. */
export function outcomeOf(flow: FlowResult): Outcome {
  const { verdict } = flow;
  return (
    OUTCOMES[verdict] ?? {
      group: groupByName(verdict),
      words: verdict === '' ? 'unknown' : verdict.replaceAll('-', ' '),
    }
  );
}

function groupByName(verdict: string): OutcomeGroup {
  if (verdict.includes('reset') || verdict.includes('aborted')) return 'reset';
  if (verdict.includes('half-closed')) return 'half-closed';
  if (verdict.includes('closed')) return 'closed';
  return verdict.startsWith('midstream') ? 'mid-stream' : 'open';
}

const GROUP_SCORE: Readonly<Record<OutcomeGroup, number>> = {
  refused: 50,
  'half-open': 50,
  reset: 45,
  unanswered: 40,
  'half-closed': 30,
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

/** "client" or "server" for endpoint 0 or 1 where the opener is known; else "left" and "right" would say nothing: its address does. */
export function roleOf(flow: FlowResult, index: 0 | 1): string | null {
  const { opener } = flow.endpoints[index];
  return opener === 'active' ? 'client' : opener === 'passive' ? 'server' : null;
}

/** Seconds from the first SYN to the end of the three-way handshake; null where the capture does not hold it. */
export function handshakeSeconds(flow: FlowResult): number | null {
  const [client, server] = flow.endpoints;
  const start = client.states.find((entry) => entry.state === 'SYN_SENT');
  const end = server.states.find((entry) => entry.state === 'ESTABLISHED');
  if (start === undefined || end === undefined || start.time === null || end.time === null) return null;
  return end.time >= start.time ? end.time - start.time : null;
}
