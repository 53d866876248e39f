// In: the two endpoints of one incarnation, finished. Out: one name for how the connection opened, and how and by whom it ended.
//
// The list is closed; terms.ts explains each, crosswalk.ts says what Zeek and conntrack call it. "Client" is the active opener
// (after a simultaneous open, the one seen first).

import { type Endpoint, EndpointBit } from './endpoint.ts';
import { Event } from './event.ts';
import type { Histories } from './history.ts';
import { type Incarnation, IncarnationBit } from './incarnation.ts';
import { movedBy, visited } from './outcome.ts';
import { State } from './state.ts';

export const VERDICTS = [
  // Never opened
  'syn-unanswered',
  'unreachable',
  'refused',
  'syn-aborted',
  'syn-fin-no-reply',
  'half-open',
  'handshake-reset',
  'synack-only',
  'synack-reset',
  'synack-fin',
  'stray-syn',
  // Opened
  'open-at-end',
  'fin-unanswered',
  'half-closed-by-client',
  'half-closed-by-server',
  'closed-by-client',
  'closed-by-server',
  'closed-simultaneous',
  'closed-missing-last-ack',
  'aborted-by-client',
  'aborted-by-server',
  'reset-after-fin-by-client',
  'reset-after-fin-by-server',
  // Met on the way
  'midstream-open',
  'midstream-half-closed',
  'midstream-closed',
  'midstream-reset',
  'control-only',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdict on one incarnation. `a` and `b` are its endpoints in the order of its row. */
export function verdictOf(histories: Histories, incarnation: Incarnation, a: Endpoint, b: Endpoint): Verdict {
  if ((incarnation.bits & IncarnationBit.STILLBORN) !== 0) return 'stray-syn';
  const turned = (b.bits & EndpointBit.ACTIVE) !== 0 && (a.bits & EndpointBit.ACTIVE) === 0;
  const client = turned ? b : a;
  const server = turned ? a : b;
  if (((client.bits | server.bits) & EndpointBit.ACTIVE) === 0) {
    if (isPassive(a)) return withoutClient(histories, a, b);
    return isPassive(b) ? withoutClient(histories, b, a) : midStream(histories, a, b);
  }
  if ((client.bits & EndpointBit.SEEN) === 0) return withoutClient(histories, server, client);
  const opened = visited(histories, client, State.ESTABLISHED) && visited(histories, server, State.ESTABLISHED);
  return opened ? afterOpening(histories, client, server) : notOpened(histories, client, server);
}

function isPassive(endpoint: Endpoint): boolean {
  return (endpoint.bits & EndpointBit.PASSIVE) !== 0;
}

function notOpened(histories: Histories, client: Endpoint, server: Endpoint): Verdict {
  if (movedBy(histories, client, Event.RCV_ICMP_ERROR)) return 'unreachable';
  const answered = histories.find(server, Event.SND_SYN_ACK);
  const clientReset = histories.find(client, Event.SND_RST) && !histories.step.held;
  if (answered) {
    const serverReset = histories.find(server, Event.SND_RST) && !histories.step.held;
    return clientReset || serverReset ? 'handshake-reset' : 'half-open';
  }
  if (histories.find(client, Event.RCV_RST) && !histories.step.held) return 'refused';
  if (clientReset) return 'syn-aborted';
  return hasFin(client) ? 'syn-fin-no-reply' : 'syn-unanswered';
}

/** The capture holds an answer to a SYN, and nothing of who sent the SYN. */
function withoutClient(histories: Histories, server: Endpoint, client: Endpoint): Verdict {
  if (histories.find(server, Event.SND_RST)) {
    return histories.find(server, Event.SND_SYN_ACK) ? 'synack-reset' : 'refused';
  }
  if (hasFin(server) && !hasFin(client)) return 'synack-fin';
  const opened = visited(histories, server, State.ESTABLISHED) && visited(histories, client, State.ESTABLISHED);
  return opened ? afterOpening(histories, client, server) : 'synack-only';
}

function afterOpening(histories: Histories, client: Endpoint, server: Endpoint): Verdict {
  const resetter = resetBy(histories, client, server);
  const finished = hasFin(client) || hasFin(server);
  if (resetter !== null) {
    const by = resetter === client ? 'client' : 'server';
    return `${finished ? 'reset-after-fin' : 'aborted'}-by-${by}`;
  }
  if (hasFin(client) && hasFin(server)) {
    if (!finAcknowledged(histories, client) || !finAcknowledged(histories, server)) return 'closed-missing-last-ack';
    const clientFirst = visited(histories, client, State.FIN_WAIT_1);
    const serverFirst = visited(histories, server, State.FIN_WAIT_1);
    if (clientFirst && serverFirst) return 'closed-simultaneous';
    return clientFirst ? 'closed-by-client' : 'closed-by-server';
  }
  if (!finished) return 'open-at-end';
  const closer = hasFin(client) ? client : server;
  const peer = closer === client ? server : client;
  // Sent again and again, or taken by nobody: the FIN has had no effect that the capture shows.
  if (!finAcknowledged(histories, closer) && !visited(histories, peer, State.CLOSE_WAIT)) return 'fin-unanswered';
  return closer === client ? 'half-closed-by-client' : 'half-closed-by-server';
}

function midStream(histories: Histories, a: Endpoint, b: Endpoint): Verdict {
  const met = visited(histories, a, State.ESTABLISHED) || visited(histories, b, State.ESTABLISHED);
  if (!met) return 'control-only';
  if (resetBy(histories, a, b) !== null) return 'midstream-reset';
  if (hasFin(a) && hasFin(b)) return 'midstream-closed';
  return hasFin(a) || hasFin(b) ? 'midstream-half-closed' : 'midstream-open';
}

/** Who ended the connection with a RST; null if nobody did. A RST that finds only a TIME_WAIT ends nothing any more. */
function resetBy(histories: Histories, a: Endpoint, b: Endpoint): Endpoint | null {
  for (const [sender, receiver] of [
    [a, b],
    [b, a],
  ] as const) {
    const sent = movedBy(histories, sender, Event.SND_RST) && !wasOver(histories, sender);
    const received = movedBy(histories, receiver, Event.RCV_RST) && !wasOver(histories, receiver);
    if (sent || (received && !movedBy(histories, receiver, Event.SND_RST))) return sender;
  }
  return null;
}

/** Had the endpoint reached TIME_WAIT: was its connection closed before? */
function wasOver(histories: Histories, endpoint: Endpoint): boolean {
  return visited(histories, endpoint, State.TIME_WAIT);
}

function hasFin(endpoint: Endpoint): boolean {
  return (endpoint.bits & EndpointBit.FIN_KNOWN) !== 0;
}

function finAcknowledged(histories: Histories, endpoint: Endpoint): boolean {
  return histories.find(endpoint, Event.RCV_ACK_OF_FIN) && !histories.step.held;
}
