// In: the digest of every connection, one after another. Out: bounded tallies per service, source and host, and sums over
// the capture: what findings about many connections are judged by. Memory does not grow with the number of connections.

import type { CaptureFacts } from '../tcp/capture-facts.ts';
import { Moment, type TextbookLife } from '../tcp/textbook-life.ts';
import { Attempt, DigestBit, type FlowDigest, freesClientPort } from './digest.ts';
import type { Scan } from './measures/scans.ts';
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

/** Factors that put ids and ports side by side in one exact number: 65,536 ports, 2^26 addresses. */
const PORTS = 0x1_0000;
const ADDRESSES = 0x400_0000;

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

  attempted(stream: number, frame: number, start: number, client: number): void {
    this.all.add(stream, frame, start);
    this.sources.add(client);
    if (start < this.first) this.first = start;
    if (start > this.last) this.last = start;
  }

  complete(stream: number, frame: number, start: number, handshakeSeconds: number): void {
    this.completed.add(stream, frame, start);
    if (handshakeSeconds < SLOW_SECONDS) return;
    this.slow.add(stream, frame, start);
    if (this.slowSeconds.length < SAMPLES) this.slowSeconds.push(handshakeSeconds);
  }
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

  add(stream: number, frame: number, start: number): void {
    this.all.add(stream, frame, start);
    if (this.weight < PEAK_FROM) return;
    this.#peak ??= new Peak(PAIR_SLOT_SECONDS);
    this.#peak.add(start);
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
  /** Address id of the service, and the same as text. */
  service = -1;
  addr = '';
  port = 0;
  readonly open = new Examples();
  /** Those that have been silent for a while. */
  silent = 0;
  /** Seconds for which the oldest has been there. */
  oldest = 0;
}

export class CaptureView {
  readonly services = new BoundedMap(TALLIES, () => new ServiceTally());
  readonly portScans = new BoundedMap(TALLIES, () => new ScanTally());
  readonly hostScans = new BoundedMap(TALLIES, () => new ScanTally());
  readonly pairs = new BoundedMap(TALLIES, () => new PairTally());
  readonly resetters = new BoundedMap(TALLIES, () => new ResetTally());
  readonly closeWaits = new BoundedMap(TALLIES, () => new CloseWaitTally());
  /** Silences before resets, in seconds, with the connection. */
  readonly idleResets: { idle: number; stream: number; frame: number; time: number }[] = [];
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

  /** Takes a connection in, whose address ids can be asked for as text now. */
  add(flow: FlowDigest): void {
    this.timeWaitSeconds = flow.timeWaitSeconds;
    addFirst(this.flows, flow);
    this.#quality(flow);
    if (flow.opener >= 0 && (flow.bits & DigestBit.GOING_ON) === 0) this.#attempt(flow);
    this.#reset(flow);
    if (flow.closeWaitFrame0 >= 0) this.#closeWait(flow, 0);
    if (flow.closeWaitFrame1 >= 0) this.#closeWait(flow, 1);
  }

  /** As `add`, of a life by the book, whose digest would be made of a few numbers, and of nothing else. */
  addLife(life: TextbookLife): void {
    const [a, b] = life.sides;
    const { stream } = life;
    const frame = life.frames[Moment.SYN]!;
    const start = life.time(Moment.SYN);
    const payloadBytes = a.payloadBytes + b.payloadBytes;
    this.timeWaitSeconds = life.timeWaitSeconds;
    this.flows.add(stream, frame, start);
    this.segments += a.segments + b.segments;
    this.payloadBytes += payloadBytes;
    this.telling++;
    if (payloadBytes > 0) this.fuller++;
    const client = a.address;
    const server = b.address;
    const service = this.#service(server, b.port);
    service.attempted(stream, frame, start, client);
    service.complete(stream, frame, start, life.irtt);
    goOn(this.portScans, client * ADDRESSES + server);
    goOn(this.hostScans, client * PORTS + b.port);
    if (freesClientPort(life)) return;
    this.#pair(client, service).add(stream, frame, start);
  }

  #service(server: number, port: number): ServiceTally {
    const service = this.services.count(server * PORTS + port);
    if (service.id === 0) {
      service.id = ++this.#serviceIds;
      service.addr = this.addressText(server);
      service.port = port;
    }
    return service;
  }

  #pair(client: number, service: ServiceTally): PairTally {
    const pair = this.pairs.count(client * ADDRESSES + service.id);
    if (pair.weight === 1) {
      pair.client = this.addressText(client);
      pair.addr = service.addr;
      pair.port = service.port;
    }
    return pair;
  }

  #quality(flow: FlowDigest): void {
    const { bits, missingBytes, payloadBytes, copies } = flow;
    this.segments += flow.segments;
    this.missingPlaces += flow.missingPlaces;
    this.copiesFlagged += flow.copiesFlagged;
    this.payloadBytes += payloadBytes;
    this.copies += copies;
    if (copies > 0) addFirst(this.copied, flow);
    if ((bits & DigestBit.TELLING) !== 0) this.telling++;
    if ((bits & DigestBit.ONE_SIDED) !== 0) addFirst(this.oneSided, flow);
    if ((bits & DigestBit.CONTROL_ONLY) !== 0) {
      addFirst(this.controlOnly, flow);
      return;
    }
    if (payloadBytes > 0) this.fuller++;
    if (missingBytes > 0 && (bits & DigestBit.GOING_ON) === 0) {
      addFirst(this.missing, flow);
      this.missingBytes += missingBytes;
    }
  }

  #attempt(flow: FlowDigest): void {
    const { bits, attempt, start } = flow;
    const isFirst = flow.opener === 0;
    const client = isFirst ? flow.address0 : flow.address1;
    const server = isFirst ? flow.address1 : flow.address0;
    const port = isFirst ? flow.port1 : flow.port0;
    const service = this.#service(server, port);
    service.attempted(flow.stream, flow.firstFrame, start, client);
    if (attempt === Attempt.COMPLETED) {
      service.complete(flow.stream, flow.firstFrame, start, flow.handshakeSeconds);
    } else if (attempt === Attempt.REFUSED) service.refused.add(flow.stream, flow.refusedFrame, flow.refusedTime);
    else if (attempt !== Attempt.UNDECIDED) {
      addFirst(service.incomplete, flow);
      service.incompletePerSecond.add(start);
      if (attempt === Attempt.UNANSWERED) addFirst(service.unanswered, flow);
      else service.answered++;
    }
    if ((bits & DigestBit.RETRIED) !== 0 && attempt !== Attempt.REFUSED) {
      service.retried.add(flow.stream, flow.retriedFrame, flow.retriedTime);
    }
    if ((bits & DigestBit.IGNORED) !== 0) service.ignored.add(flow.stream, flow.ignoredFrame, flow.ignoredTime);

    this.#scan(this.portScans, client * ADDRESSES + server, flow, port);
    this.#scan(this.hostScans, client * PORTS + port, flow, server);
    if ((bits & DigestBit.HOLDS_PORT) !== 0) this.#pair(client, service).add(flow.stream, flow.firstFrame, start);
  }

  #scan(scans: BoundedMap<ScanTally>, key: number, flow: FlowDigest, target: number): void {
    const { attempt } = flow;
    if (attempt === Attempt.COMPLETED || attempt === Attempt.UNDECIDED) {
      goOn(scans, key);
      return;
    }
    const scan = scans.count(key);
    if (scan.weight === 1) {
      // What is not part of the key is that of the first attempt.
      const isFirst = flow.opener === 0;
      scan.source = this.addressText(isFirst ? flow.address0 : flow.address1);
      scan.host = this.addressText(isFirst ? flow.address1 : flow.address0);
      scan.port = isFirst ? flow.port1 : flow.port0;
    }
    addFirst(scan.failed, flow);
    scan.targets.add(target);
  }

  #reset(flow: FlowDigest): void {
    const { resetSide, resetFrame, resetTime, resetIdle } = flow;
    if (resetSide < 0) return;
    const host = resetSide === 0 ? flow.address0 : flow.address1;
    const tally = this.resetters.count(host);
    if (tally.weight === 1) tally.host = this.addressText(host);
    tally.all.add(flow.stream, resetFrame, resetTime);
    tally.perSecond.add(Number.isNaN(resetTime) ? flow.end : resetTime);
    if ((flow.bits & DigestBit.IDLE_RESET) !== 0 && this.idleResets.length < SAMPLES) {
      this.idleResets.push({ idle: resetIdle, stream: flow.stream, frame: resetFrame, time: resetTime });
    }
  }

  #closeWait(flow: FlowDigest, side: 0 | 1): void {
    const isFirst = side === 0;
    const host = isFirst ? flow.address0 : flow.address1;
    // A server leaks at its own port; a client leaks toward the service it uses.
    const isClient = flow.opener === side;
    const isServiceFirst = isFirst !== isClient;
    const port = isServiceFirst ? flow.port0 : flow.port1;
    const tally = this.closeWaits.count((host * PORTS + port) * 2 + (isClient ? 1 : 0));
    const service = isServiceFirst ? flow.address0 : flow.address1;
    if (tally.weight === 1) {
      tally.host = this.addressText(host);
      tally.port = port;
    }
    if (tally.service !== service) {
      // Of several services at one port the last is named.
      tally.service = service;
      tally.addr = this.addressText(service);
    }
    tally.oldest = Math.max(tally.oldest, isFirst ? flow.closeWaitAge0 : flow.closeWaitAge1);
    if ((flow.bits & (isFirst ? DigestBit.SILENT_0 : DigestBit.SILENT_1)) !== 0) tally.silent++;
    if (isFirst) tally.open.add(flow.stream, flow.closeWaitFrame0, flow.closeWaitTime0);
    else tally.open.add(flow.stream, flow.closeWaitFrame1, flow.closeWaitTime1);
  }
}

/** One more attempt, not in vain. */
function goOn(scans: BoundedMap<ScanTally>, key: number): void {
  const scan = scans.get(key);
  if (scan !== undefined) scan.weight++;
}

/** The connection as an example, at its first frame. */
function addFirst(examples: Examples, flow: FlowDigest): void {
  examples.add(flow.stream, flow.firstFrame, flow.start);
}
