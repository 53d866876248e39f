// In: connections, one by one. Out: per service how its connections behaved: verdicts, histories, findings, times.

import { handshakeTime } from '../filter/flow-fields.ts';
import type { FlowResult } from '../tcp/flow-result.ts';
import { pathOf, type ServiceMatch, serviceName } from './behaviour.ts';

/** Times kept per service: every one up to this, then every second, fourth ... so that any capture fits. */
const MOST_TIMES = 4096;

/** A sample of times, in seconds, evenly spread over the connections. */
export class Times {
  /** All of them, kept or not. */
  count = 0;
  readonly #kept: number[] = [];
  #every = 1;

  add(seconds: number): void {
    if (this.count++ % this.#every !== 0) return;
    this.#kept.push(seconds);
    if (this.#kept.length < MOST_TIMES) return;
    const half = this.#kept.filter((_, i) => i % 2 === 0);
    this.#kept.length = 0;
    this.#kept.push(...half);
    this.#every *= 2;
  }

  /** The time that the share `part` of them does not exceed (nearest rank); null of none. */
  quantile(part: number): number | null {
    if (this.#kept.length === 0) return null;
    const sorted = [...this.#kept].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
  }
}

/** How often each of some names occurred. */
export type Counts = Map<string, number>;

export class ServiceProfile {
  readonly service: string;
  flows = 0;
  segments = 0;
  bytes = 0;
  retransmissions = 0;
  readonly verdicts: Counts = new Map();
  /** Both endpoints' states in order. */
  readonly histories: Counts = new Map();
  /** Connections that have a finding of the code. */
  readonly findings: Counts = new Map();
  readonly handshake = new Times();
  readonly duration = new Times();

  constructor(service: string) {
    this.service = service;
  }

  add(flow: FlowResult): void {
    const [client, server] = flow.endpoints;
    this.flows++;
    this.segments += flow.segments;
    this.bytes += client.payloadBytes + server.payloadBytes;
    this.retransmissions += client.retransmittedSegments + server.retransmittedSegments;
    increment(this.verdicts, flow.verdict);
    increment(this.histories, `${pathOf(client)} | ${pathOf(server)}`);
    for (const code of new Set(flow.findings.map((finding) => finding.code))) increment(this.findings, code);
    const handshake = handshakeTime(flow);
    if (handshake !== null) this.handshake.add(handshake);
    this.duration.add(flow.end - flow.start);
  }
}

/** The services of a capture. */
export class CaptureProfile {
  readonly services = new Map<string, ServiceProfile>();
  flows = 0;
  readonly #match: ServiceMatch;

  constructor(match: ServiceMatch) {
    this.#match = match;
  }

  add(flow: FlowResult): void {
    this.flows++;
    const service = serviceName(flow, this.#match);
    let profile = this.services.get(service);
    if (profile === undefined) {
      profile = new ServiceProfile(service);
      this.services.set(service, profile);
    }
    profile.add(flow);
  }
}

function increment(counts: Counts, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
