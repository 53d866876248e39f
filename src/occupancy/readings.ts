// In: counts over time and facts about connections. Out: what they mean: the build-ups, the worst first, as numbers.
// Words are put to them in report/; from when on something is a build-up stands in thresholds.ts.

import type { StateName } from '../tcp/state.ts';
import { State } from '../tcp/state.ts';
import type { Peak } from './count-curve.ts';
import type { EndpointFacts, FactTable } from './endpoint-facts.ts';
import { Grouping, type Role } from './names.ts';
import type { Occupancy, OccupancyResult } from './occupancy.ts';
import type { SendQueue } from './send-queues.ts';
import type { OldestStay, Series } from './series.ts';
import { NANOSECONDS } from './stay.ts';
import * as threshold from './thresholds.ts';
import type { TimeWaitLengths } from './time-wait.ts';

export type Severity = 'error' | 'warn' | 'note';
/** Where the count is heading at the end of the capture. */
export type Trend = 'rising' | 'level' | 'falling';

interface Common {
  severity: Severity;
  host: string;
  /** null where it concerns all of a host's services together. */
  service: string | null;
  role: Role | null;
  state: StateName;
  atEnd: number;
  peak: Peak;
  trend: Trend;
  /** Endpoints in it whose connection began before the capture: there may be more of which no frame was captured. */
  beganBefore: number;
}

/** The share of a client's ephemeral ports toward one destination (RFC 6056 2.1; each pair of addresses and port has its own). */
export interface PortUse {
  size: number;
  low: number;
  high: number;
  /** Ports of that destination that are taken at the end of the capture, in whatever state. */
  taken: number;
  /** Where the count settles, as a share of the range; 1 and more: it does not settle. */
  share: number;
  /** Seconds after the end of the capture at which none is left at this rate; null if that does not come to pass. */
  exhaustedIn: number | null;
  /** Local ports seen outside the range: then the client chooses its own, or its range is another. */
  lowestSeen: number;
  highestSeen: number;
}

export interface TimeWaitReading extends Common {
  code: 'time-wait-buildup';
  /** Connections closed a second, over `observed` seconds. */
  rate: number;
  observed: number;
  timeWait: number;
  /** What the count settles at: rate times 2MSL; where the capture is longer than that, or none come any more, the peak. */
  steady: number;
  hasSettled: boolean;
  /** Seconds for which no new one has come, where they have stopped coming; `rate` is then that of the time before. */
  stoppedFor: number | null;
  /** Seconds after the capture's end at which it settles; 0 if it has. */
  settlesIn: number;
  services: number;
  closing: Closing;
  ports: PortUse | null;
  /** Of these TIME_WAIT, taken over by a new connection, and ended by a reset. */
  replaced: number;
  assassinated: number;
  /** New connections on a 4-tuple within its 2MSL, allowed and not. */
  reuseAllowed: number;
  reuseUnsafe: number;
}

/** Who sent the first FIN. */
export interface Closing {
  connections: number;
  here: number;
  there: number;
  together: number;
  reset: number;
  notClosed: number;
}

export interface CloseWaitReading extends Common {
  /** Some never close while others do at once; all close, but late; none has closed, and the capture is too short to tell. */
  code: 'close-wait-leak' | 'close-wait-slow' | 'close-wait-stuck';
  /** Endpoints that have neither closed nor sent anything for so long, seconds. */
  stuck: number;
  stuckAfter: number;
  /** Endpoints that came into CLOSE_WAIT, and of these, that left again, and how long that took them, seconds. */
  arrived: number;
  left: number;
  leftP50: number;
  leftP95: number;
  /** Endpoints in CLOSE_WAIT at the end that have sent payload since the FIN within `stuckAfter`. */
  sending: number;
  /** The one that has sat there longest. */
  oldest: OldestStay | null;
  /** Bytes sent by the stuck ones and not acknowledged; null where the sequence numbers are not known. */
  unacknowledged: number | null;
  /** Peers in FIN_WAIT_2 that pair with these. */
  pairedFinWait2: number;
}

export interface FinWait2Reading extends Common {
  code: 'fin-wait-2-buildup';
  oldest: OldestStay | null;
}

export interface AcceptQueueReading extends Common {
  code: 'accept-queue-overflow';
  halfOpen: number;
  /** Seconds. */
  halfOpenLongest: number;
  /** SYNs that the same service let wait until they were sent again. */
  synIgnored: number;
  connections: number;
}

export interface UnacknowledgedReading extends Common {
  code: 'syn-rcvd-unacknowledged';
  neverAcknowledged: number;
  connections: number;
}

export interface UnansweredReading extends Common {
  code: 'syn-sent-unanswered';
  unanswered: number;
  refused: number;
  /** Attempts in all; and how many, by whomever, were answered by the same service. */
  connections: number;
  answered: number;
  services: number;
}

export interface FinUnacknowledgedReading extends Common {
  code: 'fin-unacknowledged';
  oldest: OldestStay | null;
}

export type Reading =
  | TimeWaitReading
  | CloseWaitReading
  | FinWait2Reading
  | AcceptQueueReading
  | UnacknowledgedReading
  | UnansweredReading
  | FinUnacknowledgedReading;

export interface ReadingOptions {
  timeWait: TimeWaitLengths;
  /** First and last ephemeral port. */
  ephemeral: readonly [low: number, high: number];
}

/** How an endpoint that lasts at the end has been sending; null where it was not followed. */
export type QueueOf = (stream: number, endpoint: 0 | 1) => SendQueue | null;

const SEVERITY_RANK: Readonly<Record<Severity, number>> = { error: 0, warn: 1, note: 2 };

/** Everything worth saying, the worst first; empty where nothing builds up. */
export function readingsOf(
  result: OccupancyResult,
  occupancy: Occupancy,
  facts: FactTable,
  queueOf: QueueOf,
  options: ReadingOptions,
): Reading[] {
  const reader = new Reader(result, occupancy, facts, queueOf, options);
  return reader
    .all()
    .sort(
      (a, b) =>
        SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
        Math.max(b.atEnd, b.peak.count) - Math.max(a.atEnd, a.peak.count) ||
        State[a.state] - State[b.state],
    );
}

class Reader {
  readonly #result: OccupancyResult;
  readonly #occupancy: Occupancy;
  readonly #facts: FactTable;
  readonly #queueOf: QueueOf;
  readonly #options: ReadingOptions;

  constructor(
    result: OccupancyResult,
    occupancy: Occupancy,
    facts: FactTable,
    queueOf: QueueOf,
    options: ReadingOptions,
  ) {
    this.#result = result;
    this.#occupancy = occupancy;
    this.#facts = facts;
    this.#queueOf = queueOf;
    this.#options = options;
  }

  all(): Reading[] {
    const readings: Reading[] = [];
    const pairs = this.#result.byGrouping[Grouping.PAIR].series;
    const hosts = this.#result.byGrouping[Grouping.HOST].series;
    for (const series of pairs) {
      const facts = this.#factsOf(series);
      if (facts === undefined) continue;
      const reading = this.#read(series, facts);
      if (reading !== null) readings.push(reading);
    }
    // What is spread over many services may be much at the host, and too little at each of them.
    for (const series of hosts) {
      if (readings.some((other) => other.host === series.name.host && other.state === series.state)) continue;
      const reading = this.#readHost(series);
      if (reading !== null) readings.push(reading);
    }
    return readings;
  }

  #read(series: Series, facts: EndpointFacts): Reading | null {
    switch (series.state) {
      case 'TIME_WAIT':
        return this.#timeWait(series, [facts]);
      case 'CLOSE_WAIT':
        return this.#closeWait(series, facts);
      case 'FIN_WAIT_2':
        return this.#finWait2(series, facts);
      case 'SYN_RCVD':
        return this.#synRcvd(series, facts);
      case 'SYN_SENT':
        return this.#synSent(series, [facts]);
      case 'FIN_WAIT_1':
      case 'CLOSING':
      case 'LAST_ACK':
        return this.#finUnacknowledged(series);
      default:
        return null;
    }
  }

  #readHost(series: Series): Reading | null {
    if (series.state !== 'TIME_WAIT' && series.state !== 'SYN_SENT') return null;
    const facts = [...this.#facts.values()].filter(({ host }) => host === series.name.host);
    if (facts.length < 2) return null;
    return series.state === 'TIME_WAIT' ? this.#timeWait(series, facts) : this.#synSent(series, facts);
  }

  #factsOf(series: Series): EndpointFacts | undefined {
    const { host, role, service } = series.name;
    return host === null || role === null || service === null ? undefined : this.#facts.get(host, role, service);
  }

  #common(series: Series, severity: Severity): Common {
    return {
      severity,
      host: series.name.host!,
      service: series.name.service,
      role: series.name.role,
      state: series.state,
      atEnd: series.atEnd,
      peak: series.curve.peak(),
      trend: this.#trend(series),
      beganBefore: series.beganBefore,
    };
  }

  /** The count at the end against that at three quarters of the time since the first arrival: a tenth more is rising. */
  #trend(series: Series): Trend {
    const { step, instants, duration } = this.#result;
    const from = Math.min(series.firstArrival, duration);
    const at = Math.min(instants - 1, Math.floor((from + 0.75 * (duration - from)) / step));
    const before = series.curve.samples(at + 1)[at] ?? 0;
    const margin = Math.max(1, before / 10);
    if (series.atEnd > before + margin) return 'rising';
    return series.atEnd < before - margin ? 'falling' : 'level';
  }

  #timeWait(series: Series, facts: readonly EndpointFacts[]): TimeWaitReading | null {
    const host = series.name.host!;
    const timeWait = this.#options.timeWait.at(host);
    const observed = (this.#result.duration - series.firstArrival) / NANOSECONDS;
    if (series.arrivals < threshold.LEAST_ARRIVALS || observed <= 0) return null;
    const silent = (this.#result.duration - series.lastArrival) / NANOSECONDS;
    const busy = observed - silent;
    const hasStopped =
      busy > 0 &&
      silent > threshold.STOPPED_SHARE * observed &&
      silent > (threshold.STOPPED_ARRIVALS * busy) / series.arrivals;
    const rate = series.arrivals / (hasStopped ? busy : observed);
    const hasSettled = !hasStopped && observed >= timeWait;
    const peak = series.curve.peak();
    const steady = hasStopped || hasSettled ? peak.count : Math.max(peak.count, Math.round(rate * timeWait));
    if (steady < threshold.TIME_WAIT_STEADY) return null;
    const isClient = facts.length === 1 && facts[0]!.role === 'client';
    const ports = isClient ? this.#portUse(facts[0]!, steady, rate, timeWait - observed) : null;
    const severity: Severity =
      ports === null || ports.share < threshold.PORTS_WARN
        ? 'note'
        : ports.share < threshold.PORTS_ERROR
          ? 'warn'
          : 'error';
    return {
      code: 'time-wait-buildup',
      ...this.#common(series, severity),
      rate,
      observed,
      timeWait,
      steady,
      hasSettled,
      stoppedFor: hasStopped ? silent : null,
      settlesIn: Math.max(0, timeWait - observed),
      services: facts.length,
      closing: closingOf(facts),
      ports,
      replaced: sum(facts, ({ replaced }) => replaced),
      assassinated: sum(facts, ({ assassinated }) => assassinated),
      reuseAllowed: sum(facts, ({ reuseAllowed }) => reuseAllowed),
      reuseUnsafe: sum(facts, ({ reuseUnsafe }) => reuseUnsafe),
    };
  }

  #portUse(facts: EndpointFacts, steady: number, rate: number, settlesIn: number): PortUse {
    const [low, high] = this.#options.ephemeral;
    const size = high - low + 1;
    const taken = sum(
      this.#result.byGrouping[Grouping.PAIR].series.filter(
        ({ name }) => name.host === facts.host && name.role === facts.role && name.service === facts.service,
      ),
      ({ atEnd }) => atEnd,
    );
    const share = steady / size;
    // Until the first TIME_WAIT ends the count only grows; then it stays.
    const exhaustedIn = Math.max(0, (size - taken) / rate);
    return {
      size,
      low,
      high,
      taken,
      share,
      exhaustedIn: taken >= size ? 0 : share >= 1 && exhaustedIn <= Math.max(0, settlesIn) ? exhaustedIn : null,
      lowestSeen: facts.lowestPort,
      highestSeen: facts.highestPort,
    };
  }

  #closeWait(series: Series, facts: EndpointFacts): CloseWaitReading | null {
    const left = series.departures;
    const ended = series.endedDwell ?? series.dwell;
    const leftP95 = ended.percentile(0.95) / NANOSECONDS;
    const stuckAfter =
      left >= threshold.STUCK_COMPARED
        ? Math.min(threshold.STUCK_SECONDS, Math.max(threshold.STUCK_LEAST_SECONDS, threshold.STUCK_FACTOR * leftP95))
        : threshold.STUCK_SECONDS;
    const now = this.#result.duration / NANOSECONDS;
    let stuck = 0;
    let sending = 0;
    let unacknowledged: number | null = 0;
    let oldest: OldestStay | null = null;
    for (const stay of this.#occupancy.lasting(State.CLOSE_WAIT)) {
      const { name } = stay;
      if (name.host !== series.name.host || name.role !== series.name.role || name.service !== series.name.service)
        continue;
      const queue = this.#queueOf(stay.stream, stay.endpoint);
      const since = stay.from / NANOSECONDS;
      const lastSent = Math.max(since, (queue?.lastPayload ?? 0) / NANOSECONDS);
      if (now - lastSent < stuckAfter) {
        if (lastSent > since) sending++;
        continue;
      }
      stuck++;
      unacknowledged =
        unacknowledged === null || queue === null || queue.unacknowledged === null
          ? null
          : unacknowledged + queue.unacknowledged;
      if (oldest === null || stay.from < oldest.from) {
        oldest = { stream: stay.stream, frame: stay.frame, from: stay.from };
      }
    }
    const leftP50 = ended.percentile(0.5) / NANOSECONDS;
    const numbers = {
      stuck,
      stuckAfter,
      arrived: series.arrivals,
      left,
      leftP50,
      leftP95,
      sending,
      oldest,
      unacknowledged,
      pairedFinWait2: facts.pairedFinWait2,
    };
    if (stuck >= threshold.CLOSE_WAIT_STUCK) {
      const age = now - oldest!.from / NANOSECONDS;
      const isLeak = left > 0 ? age >= threshold.STUCK_FACTOR * leftP95 : age >= threshold.CLOSE_WAIT_LEAK_SECONDS;
      return { code: isLeak ? 'close-wait-leak' : 'close-wait-stuck', ...this.#common(series, 'warn'), ...numbers };
    }
    const isSlow = leftP50 >= threshold.CLOSE_WAIT_SLOW_SECONDS && series.curve.peak().count >= threshold.LEAST_AT_ONCE;
    return isSlow ? { code: 'close-wait-slow', ...this.#common(series, 'note'), ...numbers } : null;
  }

  #finWait2(series: Series, facts: EndpointFacts): FinWait2Reading | null {
    const { oldest } = series;
    if (series.atEnd < threshold.LEAST_AT_ONCE || oldest === null) return null;
    if ((this.#result.duration - oldest.from) / NANOSECONDS < threshold.STUCK_SECONDS) return null;
    // Where the other ends sit in CLOSE_WAIT, that is the story, and it is told there.
    const isPaired = this.#result.byGrouping[Grouping.PAIR].series.some(
      ({ state, name, atEnd }) =>
        state === 'CLOSE_WAIT' &&
        name.service === facts.service &&
        name.role !== facts.role &&
        atEnd >= threshold.CLOSE_WAIT_STUCK,
    );
    return isPaired ? null : { code: 'fin-wait-2-buildup', ...this.#common(series, 'note'), oldest };
  }

  #synRcvd(series: Series, facts: EndpointFacts): AcceptQueueReading | UnacknowledgedReading | null {
    const { halfOpen, halfOpenLongest, synIgnored, neverAcknowledged, connections } = facts;
    const signs = halfOpen + synIgnored;
    if (halfOpen > 0 && signs >= Math.max(threshold.OVERFLOW_SIGNS, threshold.OVERFLOW_SHARE * connections)) {
      return {
        code: 'accept-queue-overflow',
        ...this.#common(series, 'warn'),
        halfOpen,
        halfOpenLongest,
        synIgnored,
        connections,
      };
    }
    if (neverAcknowledged < threshold.LEAST_AT_ONCE) return null;
    return { code: 'syn-rcvd-unacknowledged', ...this.#common(series, 'warn'), neverAcknowledged, connections };
  }

  #synSent(series: Series, facts: readonly EndpointFacts[]): UnansweredReading | null {
    const unanswered = sum(facts, (each) => each.unanswered);
    const least = facts.length === 1 ? threshold.UNANSWERED : threshold.LEAST_AT_ONCE;
    if (unanswered < least) return null;
    const clients = facts.filter(({ role }) => role === 'client');
    const answered = sum(clients, ({ service }) => this.#serverOf(service)?.answered ?? 0);
    return {
      code: 'syn-sent-unanswered',
      ...this.#common(series, 'warn'),
      unanswered,
      refused: sum(clients, ({ refused }) => refused),
      connections: sum(clients, ({ connections }) => connections),
      answered,
      services: clients.filter((each) => each.unanswered > 0).length,
    };
  }

  #finUnacknowledged(series: Series): FinUnacknowledgedReading | null {
    const { oldest } = series;
    if (series.atEnd < threshold.LEAST_AT_ONCE || oldest === null) return null;
    if ((this.#result.duration - oldest.from) / NANOSECONDS < threshold.RETRANSMITTED_SECONDS) return null;
    return { code: 'fin-unacknowledged', ...this.#common(series, 'warn'), oldest };
  }

  #serverOf(service: string): EndpointFacts | undefined {
    const host = service.slice(0, service.lastIndexOf(':')).replace(/^\[|\]$/g, '');
    return this.#facts.get(host, 'server', service);
  }
}

function closingOf(facts: readonly EndpointFacts[]): Closing {
  return {
    connections: sum(facts, ({ connections }) => connections),
    here: sum(facts, ({ closedFirstHere }) => closedFirstHere),
    there: sum(facts, ({ closedFirstThere }) => closedFirstThere),
    together: sum(facts, ({ closedTogether }) => closedTogether),
    reset: sum(facts, ({ reset }) => reset),
    notClosed: sum(facts, ({ notClosed }) => notClosed),
  };
}

function sum<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + numberOf(item), 0);
}
