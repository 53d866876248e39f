// In: the paths of the two endpoints of one incarnation, finished. Out: one name for how the connection opened, and how and by whom it ended.
//
// The list is closed; terms.ts explains each, crosswalk.ts says what Zeek and conntrack call it. "Client" is the active opener
// (after a simultaneous open, the one seen first).

import { EndpointBit } from './endpoint.ts';
import { Event } from './event.ts';
import { IncarnationBit } from './incarnation.ts';
import type { Path } from './path.ts';
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

/** The verdict on one incarnation with these IncarnationBits. `a` and `b` are its endpoints in the order of its row. */
export function verdictOf(incarnationBits: number, a: Path, b: Path): Verdict {
  if ((incarnationBits & IncarnationBit.STILLBORN) !== 0) return 'stray-syn';
  const turned = b.has(EndpointBit.ACTIVE) && !a.has(EndpointBit.ACTIVE);
  const client = turned ? b : a;
  const server = turned ? a : b;
  if (!client.has(EndpointBit.ACTIVE) && !server.has(EndpointBit.ACTIVE)) {
    if (a.has(EndpointBit.PASSIVE)) return withoutClient(a, b);
    return b.has(EndpointBit.PASSIVE) ? withoutClient(b, a) : midStream(a, b);
  }
  if (!client.has(EndpointBit.SEEN)) return withoutClient(server, client);
  const opened = client.visited(State.ESTABLISHED) && server.visited(State.ESTABLISHED);
  return opened ? afterOpening(client, server) : notOpened(client, server);
}

function notOpened(client: Path, server: Path): Verdict {
  if (client.movedBy(Event.RCV_ICMP_ERROR)) return 'unreachable';
  const clientReset = client.took(Event.SND_RST);
  if (server.met(Event.SND_SYN_ACK)) {
    return clientReset || server.took(Event.SND_RST) ? 'handshake-reset' : 'half-open';
  }
  if (client.took(Event.RCV_RST)) return 'refused';
  if (clientReset) return 'syn-aborted';
  return hasFin(client) ? 'syn-fin-no-reply' : 'syn-unanswered';
}

/** The capture holds an answer to a SYN, and nothing of who sent the SYN. */
function withoutClient(server: Path, client: Path): Verdict {
  if (server.met(Event.SND_RST)) return server.met(Event.SND_SYN_ACK) ? 'synack-reset' : 'refused';
  if (hasFin(server) && !hasFin(client)) return 'synack-fin';
  const opened = server.visited(State.ESTABLISHED) && client.visited(State.ESTABLISHED);
  return opened ? afterOpening(client, server) : 'synack-only';
}

function afterOpening(client: Path, server: Path): Verdict {
  const finished = hasFin(client) || hasFin(server);
  const byClient = isResetBy(client, server);
  if (byClient || isResetBy(server, client)) {
    const by = byClient ? 'client' : 'server';
    return `${finished ? 'reset-after-fin' : 'aborted'}-by-${by}`;
  }
  if (hasFin(client) && hasFin(server)) {
    if (!finAcknowledged(client) || !finAcknowledged(server)) return 'closed-missing-last-ack';
    const clientFirst = client.visited(State.FIN_WAIT_1);
    if (clientFirst && server.visited(State.FIN_WAIT_1)) return 'closed-simultaneous';
    return clientFirst ? 'closed-by-client' : 'closed-by-server';
  }
  if (!finished) return 'open-at-end';
  const closer = hasFin(client) ? client : server;
  const peer = closer === client ? server : client;
  // Sent again and again, or taken by nobody: the FIN has had no effect that the capture shows.
  if (!finAcknowledged(closer) && !peer.visited(State.CLOSE_WAIT)) return 'fin-unanswered';
  return closer === client ? 'half-closed-by-client' : 'half-closed-by-server';
}

function midStream(a: Path, b: Path): Verdict {
  const met = a.visited(State.ESTABLISHED) || b.visited(State.ESTABLISHED);
  if (!met) return 'control-only';
  if (isResetBy(a, b) || isResetBy(b, a)) return 'midstream-reset';
  if (hasFin(a) && hasFin(b)) return 'midstream-closed';
  return hasFin(a) || hasFin(b) ? 'midstream-half-closed' : 'midstream-open';
}

/** Did `sender` end the connection with a RST? One that finds only a TIME_WAIT ends nothing any more. */
function isResetBy(sender: Path, receiver: Path): boolean {
  if (sender.movedBy(Event.SND_RST) && !sender.visited(State.TIME_WAIT)) return true;
  const received = receiver.movedBy(Event.RCV_RST) && !receiver.visited(State.TIME_WAIT);
  return received && !receiver.movedBy(Event.SND_RST);
}

function hasFin(endpoint: Path): boolean {
  return endpoint.has(EndpointBit.FIN_KNOWN);
}

function finAcknowledged(endpoint: Path): boolean {
  return endpoint.took(Event.RCV_ACK_OF_FIN);
}
