// In: finished connections. Out: per host, role and service: who closes first, what became of handshakes, what was reused.

import type { EndpointResult, FlowResult } from '../tcp/flow-result.ts';
import { addressAndPort, type Role } from './names.ts';
import { serviceSide } from './service.ts';
import { NANOSECONDS, type Stay, toNanoseconds } from './stay.ts';
import { RETRANSMITTED_SECONDS } from './thresholds.ts';

/** What happened to the connections of one host, as client or server of one service. */
export class EndpointFacts {
  readonly host: string;
  readonly role: Role;
  readonly service: string;
  connections = 0;
  /** Connections in which this host said anything at all. */
  answered = 0;
  /** Whose FIN came first: this host's, the other's, or both at once; resets and what is still open are counted apart. */
  closedFirstHere = 0;
  closedFirstThere = 0;
  closedTogether = 0;
  reset = 0;
  notClosed = 0;
  /** Local ports used: the ephemeral ones of a client. */
  lowestPort = 65536;
  highestPort = -1;
  /** Peers' FIN_WAIT_2 that pair with a CLOSE_WAIT of this host, both lasting at the end. */
  pairedFinWait2 = 0;
  /** SYN_RCVD that stayed although the peer was ESTABLISHED and had said so: the server did not take the connection. */
  halfOpen = 0;
  halfOpenLongest = 0;
  /** SYNs that had to be sent again to a host that did answer in the end. */
  synIgnored = 0;
  /** SYN_RCVD that waited for a third segment that never came. */
  neverAcknowledged = 0;
  /** SYN_SENT that waited, and no segment of the peer's was ever seen; attempts that were refused. */
  unanswered = 0;
  refused = 0;
  /** TIME_WAIT of this host that a new connection took over, and that a reset ended (RFC 1337). */
  replaced = 0;
  assassinated = 0;
  /** Connections that took over a 4-tuple within its 2MSL: as the rules allow (RFC 1122 4.2.2.13, RFC 6191), and against them. */
  reuseAllowed = 0;
  reuseUnsafe = 0;

  constructor(host: string, role: Role, service: string) {
    this.host = host;
    this.role = role;
    this.service = service;
  }
}

/** Host, role and service told apart; beyond, the quarter with the fewest connections is given up. */
const MOST_PAIRS = 1 << 16;

export class FactTable {
  #byPair = new Map<string, EndpointFacts>();

  /** `stays` are those of both endpoints. */
  add(flow: FlowResult, stays: readonly [Stay[], Stay[]]): void {
    const serverIndex = serviceSide(flow);
    const server = flow.endpoints[serverIndex];
    const service = addressAndPort(server.addr, server.port);
    for (const index of [0, 1] as const) {
      const facts = this.#of(flow.endpoints[index].addr, index === serverIndex ? 'server' : 'client', service);
      const other = (1 - index) as 0 | 1;
      for (const { code } of flow.findings) {
        if (code === 'time_wait_reuse') facts.reuseAllowed++;
        else if (code === 'time_wait_reuse_unsafe') facts.reuseUnsafe++;
      }
      noteClosing(facts, flow.endpoints[index], flow.endpoints[other]);
      noteStays(facts, flow, index, stays[index], stays[other]);
    }
  }

  get(host: string, role: Role, service: string): EndpointFacts | undefined {
    return this.#byPair.get(keyOf(host, role, service));
  }

  values(): Iterable<EndpointFacts> {
    return this.#byPair.values();
  }

  #of(host: string, role: Role, service: string): EndpointFacts {
    const key = keyOf(host, role, service);
    let facts = this.#byPair.get(key);
    if (facts === undefined) {
      if (this.#byPair.size >= MOST_PAIRS) this.#giveUpSmall();
      facts = new EndpointFacts(host, role, service);
      this.#byPair.set(key, facts);
    }
    return facts;
  }

  #giveUpSmall(): void {
    const all = [...this.#byPair].sort(([, a], [, b]) => b.connections - a.connections);
    this.#byPair = new Map(all.slice(0, (MOST_PAIRS * 3) / 4));
  }
}

function keyOf(host: string, role: Role, service: string): string {
  return `${host} ${role} ${service}`;
}

function noteClosing(facts: EndpointFacts, mine: EndpointResult, theirs: EndpointResult): void {
  facts.connections++;
  if (mine.segments > 0) facts.answered++;
  facts.lowestPort = Math.min(facts.lowestPort, mine.port);
  facts.highestPort = Math.max(facts.highestPort, mine.port);
  if (mine.closer === 'active') facts.closedFirstHere++;
  else if (theirs.closer === 'active') facts.closedFirstThere++;
  else if (mine.closer === 'simultaneous' || theirs.closer === 'simultaneous') facts.closedTogether++;
  else if (mine.closer === 'reset' || theirs.closer === 'reset') facts.reset++;
  else facts.notClosed++;
}

function noteStays(
  facts: EndpointFacts,
  flow: FlowResult,
  index: 0 | 1,
  mine: readonly Stay[],
  theirs: readonly Stay[],
): void {
  const me = flow.endpoints[index];
  const peer = flow.endpoints[1 - index]!;
  // What a later segment of the connection shows to have lasted; silence alone is no waiting.
  const heard = toNanoseconds(flow.end);
  if (facts.role === 'server' && me.segments > 0) {
    // The client waited although the server is there: its SYN was dropped, by the path or by a full queue.
    const waited = theirs.find(({ state }) => state === 'SYN_SENT');
    if (waited !== undefined && (Math.min(waited.to, heard) - waited.from) / NANOSECONDS >= RETRANSMITTED_SECONDS) {
      facts.synIgnored++;
    }
  }
  for (const stay of mine) {
    const seconds = (Math.min(stay.to, heard) - stay.from) / NANOSECONDS;
    switch (stay.state) {
      case 'CLOSE_WAIT':
        if (stay.to === Infinity && theirs.at(-1)?.state === 'FIN_WAIT_2') facts.pairedFinWait2++;
        break;
      case 'SYN_RCVD': {
        const together = togetherWith('ESTABLISHED', stay, theirs, heard);
        if (together >= RETRANSMITTED_SECONDS) {
          facts.halfOpen++;
          facts.halfOpenLongest = Math.max(facts.halfOpenLongest, together);
        } else if (seconds >= RETRANSMITTED_SECONDS && !me.states.some(({ state }) => state === 'ESTABLISHED')) {
          facts.neverAcknowledged++;
        }
        break;
      }
      case 'SYN_SENT':
        if (seconds >= RETRANSMITTED_SECONDS && peer.segments === 0) facts.unanswered++;
        break;
      case 'TIME_WAIT':
        if (stay.ended?.cause === 'new connection') facts.replaced++;
        else if (stay.ended?.cause === 'rcv RST') facts.assassinated++;
        break;
    }
  }
  const last = me.states.at(-1);
  const before = me.states.at(-2);
  if (last?.state === 'CLOSED' && before?.state === 'SYN_SENT' && last.cause === 'rcv RST') facts.refused++;
}

/** Seconds for which the peer was in `state` during `stay`, as far as `heard`. */
function togetherWith(state: Stay['state'], stay: Stay, theirs: readonly Stay[], heard: number): number {
  let nanoseconds = 0;
  for (const other of theirs) {
    if (other.state !== state) continue;
    nanoseconds += Math.max(0, Math.min(stay.to, other.to, heard) - Math.max(stay.from, other.from));
  }
  return nanoseconds / NANOSECONDS;
}
