// In: every connection with its facts, one after another. Out: bounded tallies per service, source and host, and sums over
// the capture: what findings about many connections are judged by. Memory does not grow with the number of connections.

import type { CaptureFacts } from '../tcp/capture-facts.ts';
import { FactBit, OddEvent, TICKS_PER_SECOND } from '../tcp/fact-rows.ts';
import type { FlowFacts, SideFacts } from '../tcp/flow-facts.ts';
import { isOldConnectionGoingOn, isOneSided } from './doubts.ts';
import { decidingReset, IDLE_SECONDS, type ResetKind } from './measures/reset-kind.ts';
import type { Scan } from './measures/scans.ts';
import { silentSeconds, stayIn } from './measures/state-time.ts';
import { ANSWER_SECONDS, secondsToEnd } from './measures/waited.ts';
import { BoundedMap, type Weighted } from './tally/bounded-map.ts';
import { Distinct } from './tally/distinct.ts';
import { Examples } from './tally/examples.ts';
import { Peak } from './tally/peak.ts';

/** Services, hosts and pairs with a tally of their own. What matters comes more often than one in so many. */
const TALLIES = 2048;
/** Times of handshakes and silences kept for medians and clusters: the first ones. */
const SAMPLES = 4096;
/** A pair's connections are spread over time only once there are enough of them to matter. */
const PEAK_FROM = 1000;
/** Seconds per slot in which a pair's connections are counted. */
export const PAIR_SLOT_SECONDS = 10;
/** The first retransmission timer (RFC 6298 2.1): a service that takes longer makes its clients send the SYN again. */
const SLOW_SECONDS = 1;
/** A side that has sat in CLOSE_WAIT for less is just closing. */
const CLOSE_WAIT_SECONDS = 1;

/** Factors that put ids and ports side by side in one exact number: 65,536 ports, 2^26 addresses. */
const PORTS = 0x1_0000;
const ADDRESSES = 0x400_0000;

/** How an attempt to connect came out. */
type Attempt = 'completed' | 'refused' | 'unanswered' | 'half-open' | 'reset' | 'undecided';

/** Attempts to connect to one address and port. */
export class ServiceTally implements Weighted {
  weight = 0;
  /** Number of the tally, the first one having 1. */
  id = 0;
  addr = '';
  port = 0;
  readonly all = new Examples();
  readonly completed = new Examples();
  readonly refused = new Examples();
  readonly unanswered = new Examples();
  /** Neither completed nor refused: unanswered, half open, or given up after the SYN-ACK. */
  readonly incomplete = new Examples();
  /** Those of them that the service answered. */
  answered = 0;
  readonly ignored = new Examples();
  readonly retried = new Examples();
  readonly slow = new Examples();
  /** Seconds that the slow ones took. */
  readonly slowSeconds: number[] = [];
  readonly sources = new Distinct();
  readonly incompletePerSecond = new Peak(1);
  first = Number.POSITIVE_INFINITY;
  last = 0;
}

/** Attempts of one source at one host (their ports), or at one port (its hosts), from the first one in vain on. */
export class ScanTally implements Weighted {
  /** Attempts. */
  weight = 0;
  source = '';
  host = '';
  port = 0;
  readonly failed = new Examples();
  readonly targets = new Distinct();
}

/** Connections from one host to one service that leave their port in use on the client's side. */
export class PairTally implements Weighted {
  weight = 0;
  client = '';
  addr = '';
  port = 0;
  readonly all = new Examples();
  #peak: Peak | null = null;

  add(flow: FlowFacts): void {
    this.all.add(flow, flow.first);
    if (this.weight < PEAK_FROM) return;
    this.#peak ??= new Peak(PAIR_SLOT_SECONDS);
    this.#peak.add(flow.flow.start);
  }

  /** The most connections opened within `seconds`. */
  mostWithin(seconds: number): number {
    if (this.#peak === null) return this.weight;
    return Math.min(this.weight, PEAK_FROM + this.#peak.most(Math.ceil(seconds / PAIR_SLOT_SECONDS)));
  }
}

/** Established connections that one host reset. */
export class ResetTally implements Weighted {
  weight = 0;
  host = '';
  readonly all = new Examples();
  readonly perSecond = new Peak(1);
}

/** Sides in CLOSE_WAIT at the end, of one host and service. */
export class CloseWaitTally implements Weighted {
  weight = 0;
  host = '';
  addr = '';
  port = 0;
  readonly open = new Examples();
  /** Those that have been silent for a while. */
  silent = 0;
  /** Seconds for which the oldest has been there. */
  oldest = 0;
}

/** Resets that end a connection somebody was using, as opposed to those that are part of opening or closing. */
const BREAKING: ReadonlySet<ResetKind> = new Set([
  'aborted',
  'unanswered',
  'data-lost',
  'late-data',
  'idle',
  'idle-close',
  'injected',
]);

export class CaptureView {
  readonly services = new BoundedMap(TALLIES, () => new ServiceTally());
  readonly portScans = new BoundedMap(TALLIES, () => new ScanTally());
  readonly hostScans = new BoundedMap(TALLIES, () => new ScanTally());
  readonly pairs = new BoundedMap(TALLIES, () => new PairTally());
  readonly resetters = new BoundedMap(TALLIES, () => new ResetTally());
  readonly closeWaits = new BoundedMap(TALLIES, () => new CloseWaitTally());
  /** Silences before resets, in seconds, with the connection. */
  readonly idleResets: { idle: number; stream: number; frame: number; time: number | null }[] = [];
  readonly flows = new Examples();
  segments = 0;
  payloadBytes = 0;
  /** Bytes and connections with bytes acknowledged and never captured, and places. */
  readonly missing = new Examples();
  missingBytes = 0;
  missingPlaces = 0;
  /** Connections that show whether both directions were captured, and those of which one was. */
  telling = 0;
  readonly oneSided = new Examples();
  readonly copied = new Examples();
  copies = 0;
  copiesFlagged = 0;
  /** Connections with data of which only SYN, FIN and RST were captured, and connections with anything else. */
  readonly controlOnly = new Examples();
  fuller = 0;
  timeWaitSeconds = 60;
  #serviceIds = 0;

  /** What was counted frame by frame. */
  readonly facts: CaptureFacts;
  /** The address behind an address id, as text. */
  readonly addressText: (id: number) => string;
  /** Warnings of the readers about cut or damaged files. */
  warnings: readonly string[] = [];
  /** Found by scans.ts; null until asked for. */
  portScanners: readonly Scan[] | null = null;
  hostScanners: readonly Scan[] | null = null;

  constructor(facts: CaptureFacts, addressText: (id: number) => string) {
    this.facts = facts;
    this.addressText = addressText;
  }

  add(flow: FlowFacts): void {
    this.timeWaitSeconds = flow.timeWaitSeconds;
    this.flows.add(flow, flow.first);
    this.#quality(flow);
    // Numbers of two connections in one stream: no attempt of its own.
    const { opener } = flow;
    if (opener !== null && !isOldConnectionGoingOn(flow)) this.#attempt(flow, opener);
    this.#reset(flow);
    for (const side of flow.sides) this.#closeWait(flow, side);
  }

  #quality(flow: FlowFacts): void {
    let missing = 0;
    let copies = 0;
    let data = 0;
    for (const side of flow.sides) {
      const { trouble, odd, analysis } = side;
      this.segments += analysis.segments;
      data += side.payloadBytes;
      missing += trouble.missingBytes;
      this.missingPlaces += trouble.missingPlaces;
      copies += odd.copies;
      this.copiesFlagged += odd.copiesFlagged;
    }
    this.payloadBytes += data;
    this.copies += copies;
    if (copies > 0) this.copied.add(flow, flow.first);
    const [a, b] = flow.sides;
    if (a.has(FactBit.ACKED) || b.has(FactBit.ACKED)) this.telling++;
    if (isOneSided(flow)) this.oneSided.add(flow, flow.first);
    const control =
      a.syns + a.synAcks + a.reset.count + a.odd.finsAgain + b.syns + b.synAcks + b.reset.count + b.odd.finsAgain;
    const fins = (a.has(FactBit.FIN) ? 1 : 0) + (b.has(FactBit.FIN) ? 1 : 0);
    if (data === 0 && missing > 0 && a.analysis.segments + b.analysis.segments <= control + fins) {
      this.controlOnly.add(flow, flow.first);
      return;
    }
    if (data > 0) this.fuller++;
    if (missing > 0 && !isOldConnectionGoingOn(flow)) {
      this.missing.add(flow, flow.first);
      this.missingBytes += missing;
    }
  }

  #attempt(flow: FlowFacts, opener: SideFacts): void {
    const other = flow.other(opener);
    const client = flow.endpoint(opener);
    const server = flow.endpoint(other);
    const outcome = attemptOf(flow, opener, other);
    const service = this.services.count(other.addressId * PORTS + server.port);
    if (service.id === 0) service.id = ++this.#serviceIds;
    const { start } = flow.flow;
    service.addr = server.addr;
    service.port = server.port;
    service.all.add(flow, flow.first);
    service.sources.add(opener.addressId);
    service.first = Math.min(service.first, start);
    service.last = Math.max(service.last, start);
    if (outcome === 'completed') {
      service.completed.add(flow, flow.first);
      const again = opener.odd.synLastTick / TICKS_PER_SECOND;
      const seconds = opener.syns > 1 ? again : flow.irtt;
      if (seconds >= SLOW_SECONDS) {
        service.slow.add(flow, flow.first);
        if (service.slowSeconds.length < SAMPLES) service.slowSeconds.push(seconds);
      }
    } else if (outcome === 'refused') service.refused.add(flow, flow.reset(other));
    else if (outcome !== 'undecided') {
      service.incomplete.add(flow, flow.first);
      service.incompletePerSecond.add(start);
      if (outcome === 'unanswered') service.unanswered.add(flow, flow.first);
      else service.answered++;
    }
    if (opener.syns > 1 && outcome !== 'refused') service.retried.add(flow, flow.odd(opener, OddEvent.SYN_AGAIN));
    if (other.odd.synAckIgnoring > 0) service.ignored.add(flow, flow.odd(other, OddEvent.SYN_ACK_IGNORING));

    this.#scan(this.portScans, opener.addressId * ADDRESSES + other.addressId, flow, opener, server.port, outcome);
    this.#scan(this.hostScans, opener.addressId * PORTS + server.port, flow, opener, other.addressId, outcome);
    // Where the server closes first, or somebody resets, the client's port is free at once.
    if (outcome === 'completed' && client.closer !== 'passive' && client.closer !== 'reset') {
      const pair = this.pairs.count(opener.addressId * ADDRESSES + service.id);
      pair.client = client.addr;
      pair.addr = server.addr;
      pair.port = server.port;
      pair.add(flow);
    }
  }

  #scan(
    scans: BoundedMap<ScanTally>,
    key: number,
    flow: FlowFacts,
    opener: SideFacts,
    target: number,
    outcome: Attempt,
  ): void {
    const failed = outcome !== 'completed' && outcome !== 'undecided';
    if (!failed) {
      const scan = scans.get(key);
      if (scan !== undefined) scan.weight++;
      return;
    }
    const scan = scans.count(key);
    const server = flow.endpoint(flow.other(opener));
    scan.source = flow.endpoint(opener).addr;
    scan.host = server.addr;
    scan.port = server.port;
    scan.failed.add(flow, flow.first);
    scan.targets.add(target);
  }

  #reset(flow: FlowFacts): void {
    const reset = decidingReset(flow);
    if (reset === null || !BREAKING.has(reset.kind)) return;
    const at = flow.reset(reset.side);
    const { addr } = flow.endpoint(reset.side);
    const tally = this.resetters.count(reset.side.addressId);
    tally.host = addr;
    tally.all.add(flow, at);
    tally.perSecond.add(at.time ?? flow.flow.end);
    // A client that ends its own idle connections has a pool that works; anybody else has a timeout the client does not know.
    const isOwn = reset.kind === 'idle-close' && flow.opener === reset.side;
    if (reset.idle >= IDLE_SECONDS && !isOwn && this.idleResets.length < SAMPLES) {
      this.idleResets.push({ idle: reset.idle, stream: flow.flow.stream, frame: at.frame, time: at.time });
    }
  }

  #closeWait(flow: FlowFacts, side: SideFacts): void {
    const endpoint = flow.endpoint(side);
    if (endpoint.finalState !== 'CLOSE_WAIT') return;
    const stay = stayIn(flow, side, 'CLOSE_WAIT');
    if (stay === null) return;
    // A server leaks at its own port; a client leaks toward the service it uses.
    const isClient = flow.opener === side;
    const service = isClient ? flow.endpoint(flow.other(side)) : endpoint;
    const tally = this.closeWaits.count((side.addressId * PORTS + service.port) * 2 + (isClient ? 1 : 0));
    tally.host = endpoint.addr;
    tally.addr = service.addr;
    tally.port = service.port;
    tally.oldest = Math.max(tally.oldest, flow.captureEnd - stay.entry.time);
    if (silentSeconds(flow, side, stay) >= CLOSE_WAIT_SECONDS) tally.silent++;
    tally.open.add(flow, stay.entry);
  }
}

function attemptOf(flow: FlowFacts, opener: SideFacts, other: SideFacts): Attempt {
  if (opener.has(FactBit.ACKED) && other.has(FactBit.ACKED) && other.sentSynAck) return 'completed';
  if (other.reset.count > 0 && !other.sentSynAck) return 'refused';
  const waited = opener.syns > 1 || other.synAcks > 1 || secondsToEnd(flow, flow.facts.tick) >= ANSWER_SECONDS;
  if (other.analysis.segments === 0) {
    // Whoever goes on after its SYN got an answer that was not captured.
    if (opener.analysis.segments > opener.syns + opener.odd.copies + opener.reset.count) return 'undecided';
    return opener.reset.count > 0 ? 'reset' : waited ? 'unanswered' : 'undecided';
  }
  if (!other.sentSynAck) return 'undecided';
  if (opener.reset.count > 0 || other.reset.count > 0) return 'reset';
  return waited ? 'half-open' : 'undecided';
}
