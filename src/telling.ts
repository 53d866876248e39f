// In: the connections of a trace. Out: each judged and told of once it is over, or at the end; memory given back at the ceiling.
//
//   over, quiet for 2MSL ─▶ told, still held (a late segment counts, and is told as a revision)
//   too many held ─▶ those that are over go first, then those that have closed, then unanswered SYNs become numbers, then the
//                    longest silent are told early

import type { Judge } from './anomaly/judge.ts';
import { isQuiet } from './anomaly/quiet.ts';
import type { CaptureClock } from './tcp/clock.ts';
import { FlowBuilder } from './tcp/flow-builder.ts';
import type { FlowFactsReader } from './tcp/flow-facts.ts';
import type { CaptureResult, FlowResult } from './tcp/flow-result.ts';
import { Folded } from './tcp/folded.ts';
import { Lifetimes, printOf, printOfLife } from './tcp/lifetimes.ts';
import { flowOf, LifeReader, type Lives, Moment } from './tcp/textbook-life.ts';
import type { TcpTrace } from './tcp/trace.ts';
import type { Verdict } from './tcp/verdict.ts';
import { counted } from './units.ts';

/**
 * Connections told of that stay held for a late segment or a reuse of their ports, in each of the shares of wire/share.ts: with 131,072 in all,
 * all ports of a host pair and more, some 130 MB.
 */
const FINISHED_KEPT_PER_SHARE = 2048;
/** Room made at once when the ceiling is reached, so that looking for whom to let go costs little per connection. */
const ROOM = 0.1;

/** Who has closed goes first where room is needed, once it has been silent for as long as a last acknowledgment sent again takes. */
const CLOSED_SECONDS = 1;

/** Real pauses for the event loop, so that signals are seen, after so many connections told of: some 50 ms. */
const TOLD_PER_TURN = 8192;

/** Who is told. A promise is waited for. */
export interface TellingListener {
  flow?(flow: FlowResult, clock: CaptureClock): void | Promise<void>;
  /** In place of `flow`, of connections of which that is all there is to tell, some at a time. Borrowed. */
  lives?(lives: Lives, clock: CaptureClock): void | Promise<void>;
  /**
   * Called before a connection is judged or told of, with its place in the order of all: they go by `sweep` (a frame number; Infinity: the end of the
   * capture), then by `place`. At the end the place is the stream.
   */
  place?(stream: number, sweep: number, place: number): void;
  /** The connection is forgotten. */
  released?(stream: number): void;
  /** The capture has ended: whatever is told from here on is not told again. */
  ending?(): void;
}

/** Added to the places of those that are let go: they come after all that are told of in the same sweep. */
const AFTER_ALL_FRAMES = 2 ** 32;

export interface TellingOptions {
  /** Connections are told of as they end, else by stream at the end of the capture. */
  asTheyEnd: boolean;
  /** Connections held at a time. */
  maxFlows: number;
  /** Adds what Zeek and conntrack would call each. */
  crosswalk: boolean;
  /** False: nobody is told of any (the trace has not found out what would be told); whoever is let go is only forgotten. */
  tells: boolean;
}

/** Nothing says that these have ended: how long they have been silent is known at the end of the capture. */
const OPEN: ReadonlySet<Verdict> = new Set([
  'open-at-end',
  'fin-unanswered',
  'half-closed-by-client',
  'half-closed-by-server',
  'midstream-open',
  'midstream-half-closed',
  'control-only',
  'syn-unanswered',
  'half-open',
  'synack-only',
  'stray-syn',
]);

/** How a connection is told of. FINAL: the capture has ended. EARLY: over, and still held. LAST: over, and let go. EVICTED: not over, and let go. */
const Manner = { FINAL: 0, EARLY: 1, LAST: 2, EVICTED: 3 } as const;
type Manner = (typeof Manner)[keyof typeof Manner];

export class Telling {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #builder: FlowBuilder;
  readonly #reader: FlowFactsReader;
  /** Null where more is asked for than a life by the book says at once. */
  readonly #lives: LifeReader | null;
  readonly #judge: Judge;
  readonly #listener: TellingListener;
  readonly #lifetimes: Lifetimes;
  readonly #folded = new Folded();
  readonly #options: TellingOptions;
  /** A connection told of by itself. */
  readonly #one = [0];
  /** Connections that could not be forgotten when they were to go, and are in the findings of the capture already. */
  readonly #counted = new Set<number>();
  #evicted = 0;
  /** Connections held at a time; `--max-flows`, or less where memory has run out. */
  #ceiling: number;
  #isRelieved = false;
  /** The frame after which connections are being looked at. */
  #sweep = Number.POSITIVE_INFINITY;

  constructor(
    trace: TcpTrace,
    clock: CaptureClock,
    reader: FlowFactsReader,
    judge: Judge,
    listener: TellingListener,
    options: TellingOptions,
  ) {
    this.#trace = trace;
    this.#clock = clock;
    this.#builder = new FlowBuilder(trace, clock, { crosswalk: options.crosswalk });
    this.#reader = reader;
    this.#lives = options.crosswalk ? null : new LifeReader(trace, clock);
    this.#judge = judge;
    this.#listener = listener;
    this.#lifetimes = new Lifetimes(trace, clock);
    this.#options = options;
    this.#ceiling = options.maxFlows;
  }

  /** Connection `index` is new. */
  opened(index: number): void {
    if (this.#options.asTheyEnd) this.#lifetimes.enter(index);
  }

  /** To be asked after every frame: is there something to do? */
  isDue(): boolean {
    if (this.#trace.live >= this.#ceiling) return true;
    return this.#options.asTheyEnd && this.#lifetimes.passes();
  }

  /** The second of capture time before which `isDue` stays false if no connections are opened but those there is `room` for. */
  get dueSeconds(): number {
    if (this.#trace.live >= this.#ceiling) return Number.NEGATIVE_INFINITY;
    return this.#options.asTheyEnd ? this.#lifetimes.sweepSeconds : Number.POSITIVE_INFINITY;
  }

  /** So many connections may be opened while `isDue` stays false before `dueSeconds`. */
  get room(): number {
    return Math.max(0, this.#ceiling - 1 - this.#trace.live);
  }

  /** Memory runs out: from here on fewer connections are held than are now, whatever they have sent. To be followed by `catchUp`. */
  relieve(): void {
    this.#ceiling = Math.max(1, Math.floor(this.#trace.live * (1 - ROOM)));
    this.#isRelieved = true;
  }

  /** Tells of what is over after `frame`, and makes room where there is none. */
  async catchUp(frame: number): Promise<void> {
    this.#sweep = frame;
    if (this.#trace.live >= this.#ceiling) await this.#makeRoom();
    if (!this.#options.asTheyEnd) return;
    for (const index of this.#lifetimes.over()) {
      const ready = this.#tell(index, Manner.EARLY);
      if (ready !== undefined) await ready;
    }
    const kept = Math.floor(FINISHED_KEPT_PER_SHARE * (1 - ROOM));
    for (const index of this.#lifetimes.crowded(FINISHED_KEPT_PER_SHARE, kept)) await this.#letGo(index);
  }

  /** Tells of all that has not been told of. */
  async finish(): Promise<void> {
    this.#sweep = Number.POSITIVE_INFINITY;
    this.#listener.ending?.();
    const held = this.#trace.held();
    let turnAt = TOLD_PER_TURN;
    let touchedTo = 0;
    for (let at = 0; at < held.length; ) {
      const hasRows = this.#trace.hasRows(held[at]!);
      if (hasRows && at >= touchedTo) touchedTo = at + this.#trace.touchRows(held, at);
      const lives = this.#options.tells && !hasRows ? this.#lives?.read(held, at) : undefined;
      if (lives === undefined || lives.to === 0) {
        const ready = this.#tellRowsOf(held[at++]!, Manner.FINAL);
        if (ready !== undefined) await ready;
      } else {
        at += lives.to;
        await this.#tellAll(lives);
      }
      if (at < turnAt) continue;
      turnAt = at + TOLD_PER_TURN;
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  /** Tells, at the end of the capture, of connections that have gone by the book. */
  async #tellAll(lives: Lives): Promise<void> {
    const read = lives.to;
    for (let at = 0; at < read; ) {
      const end = this.#endOfPlain(lives, at, read);
      if (end === at) {
        const ready = this.#tellRowsOf(lives.connections[at++]!, Manner.FINAL);
        if (ready !== undefined) await ready;
      } else {
        lives.from = at;
        lives.to = end;
        const ready = this.#tellLives(lives, Manner.FINAL);
        if (ready !== undefined) await ready;
        at = end;
      }
    }
  }

  /** Puts into `capture` what was not told of connection by connection. */
  report(capture: CaptureResult): void {
    const { flows } = this.#folded;
    if (flows === 0 && this.#evicted === 0) return;
    const { tells } = this.#options;
    if (flows > 0) capture.folded = this.#folded.toResult();
    if (this.#evicted > 0) capture.evicted = this.#evicted;
    const parts = [
      flows > 0 ? `${counted(flows, 'connection')} without any answer only counted` : '',
      this.#evicted > 0
        ? `${counted(this.#evicted, 'connection')} ${tells ? 'told of' : 'forgotten'} before the end`
        : '',
    ];
    // Who tells of none has no option for it either.
    const option = tells && !this.#isRelieved ? ' (--max-flows)' : '';
    const limit = `${counted(this.#ceiling, 'connection')} at once${option}`;
    const cause = this.#isRelieved ? `4 GB hold what is known of ${limit}, not more` : `more than ${limit}`;
    capture.warnings.push(`${cause}: ${parts.filter((part) => part !== '').join(', ')}`);
  }

  async #makeRoom(): Promise<void> {
    const lifetimes = this.#lifetimes;
    const trace = this.#trace;
    const target = Math.min(this.#ceiling - 1, Math.ceil(this.#ceiling * (1 - ROOM)));
    const held = lifetimes.byLastFrame();
    const left: number[] = [];
    for (const index of held) {
      if (trace.live <= target) return;
      if (lifetimes.isOver(index)) await this.#letGo(index);
      else left.push(index);
    }
    // A SYN without an answer may still get one, and who is silent may go on: of those that have closed nearly all is known.
    const open: number[] = [];
    for (const index of left) {
      if (trace.live <= target) return;
      if (lifetimes.hasClosed(index, CLOSED_SECONDS)) await this.#evict(index);
      else open.push(index);
    }
    const answered: number[] = [];
    for (const index of open) {
      if (trace.live <= target) return;
      if (!this.#fold(index)) answered.push(index);
    }
    for (const index of answered) {
      if (trace.live <= target) return;
      await this.#evict(index);
    }
    // Older connections of a 4-tuple can go only after the newer ones.
    for (const index of answered) {
      if (trace.live <= target) return;
      this.#release(index);
    }
  }

  /** Tells of a connection that is over if that has not been done, and forgets it. */
  async #letGo(index: number): Promise<void> {
    await this.#tell(index, Manner.LAST);
    this.#release(index);
  }

  /** Tells of a connection that is not over, and forgets it. */
  async #evict(index: number): Promise<void> {
    await this.#tell(index, Manner.EVICTED);
    this.#release(index);
  }

  #release(index: number): void {
    const stream = this.#lifetimes.streamOf(index);
    if (!this.#lifetimes.release(index)) return;
    this.#counted.delete(index);
    this.#listener.released?.(stream);
  }

  /** Counts the connection instead of telling of it. False if it is of another kind after all, or cannot be forgotten yet. */
  #fold(index: number): boolean {
    if (!this.#options.tells || !this.#lifetimes.isFoldable(index)) return false;
    const syn = this.#trace.loneSyn(index);
    if (syn !== null) {
      const { addresses } = this.#trace;
      this.#judge.countLoneSyn(
        syn,
        this.#clock.since(syn.startSeconds, syn.startNanoseconds),
        this.#trace.timeWaitSeconds,
      );
      this.#folded.add(addresses.toText(syn.addressA), addresses.toText(syn.addressB), syn.portB, syn.segments);
    } else {
      const flow = this.#builder.build(index);
      const [client, server] = flow.endpoints;
      this.#judge.countUnanswered(this.#reader.read(index, flow));
      this.#folded.add(client.addr, server.addr, server.port, flow.segments);
    }
    return this.#lifetimes.release(index);
  }

  /** A promise only where there is something to wait for: one for every connection takes longer than much of what it is told of. */
  #tell(index: number, manner: Manner): Promise<void> | undefined {
    if (this.#options.tells && this.#lives !== null && manner !== Manner.EVICTED) {
      this.#one[0] = index;
      const lives = this.#lives.read(this.#one);
      if (lives.to === 1 && this.#endOfPlain(lives, 0, 1) === 1) return this.#tellLives(lives, manner);
    }
    return this.#tellRowsOf(index, manner);
  }

  #tellRowsOf(index: number, manner: Manner): Promise<void> | undefined {
    if (this.#options.tells) return this.#tellRows(index, manner);
    if (manner === Manner.EVICTED) this.#evicted++;
    return undefined;
  }

  /**
   * Where those of the lives from `from` to `end` stop that can be told of together, and of which there is no more to say than that they went by the book.
   */
  #endOfPlain(lives: Lives, from: number, end: number): number {
    const lifetimes = this.#lifetimes;
    const asks = lifetimes.knowsAny || this.#listener.place !== undefined;
    for (let i = from; i < end; i++) {
      const life = lives.all[i]!;
      if (!isQuiet(life)) return i;
      if (!asks) continue;
      const index = lives.connections[i]!;
      const isKnown = lifetimes.isKnown(index);
      if (isKnown && !(lifetimes.isTold(index) && lifetimes.isSame(index, printOfLife(life)))) return i;
      // Nothing is told of it again; and who asks for places is told of one at a time.
      if (isKnown || this.#listener.place !== undefined) return Math.max(i, from + 1);
    }
    return end;
  }

  /** As `#tellRows`, of lives by the book of which nothing is found. */
  #tellLives(lives: Lives, manner: Manner): Promise<void> | undefined {
    const listener = this.#listener;
    const lifetimes = this.#lifetimes;
    const isKnown = lifetimes.isKnown(lives.connections[lives.from]!);
    for (let i = lives.from; i < lives.to; i++) {
      const index = lives.connections[i]!;
      const life = lives.all[i]!;
      listener.place?.(life.stream, this.#sweep, placeOf(life.stream, life.frames[Moment.LAST_ACK]!, manner));
      if (this.#isToBeCounted(index, manner)) this.#judge.countLife(life);
      if (manner !== Manner.FINAL && !isKnown) lifetimes.noteTold(index, printOfLife(life));
    }
    if (isKnown || (listener.lives === undefined && listener.flow === undefined)) return undefined;
    this.#lives!.lend(lives);
    return (listener.lives ? listener.lives(lives, this.#clock) : this.#tellAccounts(lives)) || undefined;
  }

  async #tellAccounts(lives: Lives): Promise<void> {
    for (const life of lives) await this.#listener.flow?.(flowOf(life), this.#clock);
  }

  #tellRows(index: number, manner: Manner): Promise<void> | undefined {
    const isFolded = this.#trace.unfold(index);
    const flow = this.#account(index, manner, isFolded || manner === Manner.FINAL);
    if (isFolded) this.#trace.fold(index);
    return (flow !== null && this.#listener.flow?.(flow, this.#clock)) || undefined;
  }

  /** What is held may still get segments: it counts for the capture's findings when it goes, once. */
  #isToBeCounted(index: number, manner: Manner): boolean {
    if (manner === Manner.EARLY || this.#counted.has(index)) return false;
    if (manner !== Manner.FINAL) this.#counted.add(index);
    return true;
  }

  /** What is to be told of a connection that has rows, or null. `mayChange`: the rows are for this account only. */
  #account(index: number, manner: Manner, mayChange: boolean): FlowResult | null {
    const { states } = this.#trace;
    const lifetimes = this.#lifetimes;
    const isAgain = lifetimes.isKnown(index);
    if (!mayChange) states.lend(index);
    const flow = this.#builder.build(index);
    const further = this.#builder.buildFurther(index);
    if (further.length > 0) {
      flow.furtherLives = further.map(({ verdict, endpoints, crosswalk }) => ({
        verdict,
        ...(crosswalk && { crosswalk }),
        endpoints,
      }));
    }
    if (!mayChange) states.unlend(index);
    if (manner === Manner.EARLY && OPEN.has(flow.verdict as Verdict)) {
      lifetimes.noteWaiting(index);
      return null;
    }
    const facts = this.#reader.read(index, flow);
    this.#listener.place?.(flow.stream, this.#sweep, placeOf(flow.stream, flow.frames[1], manner));
    if (this.#isToBeCounted(index, manner)) this.#judge.count(facts);
    const print = printOf(flow);
    if (lifetimes.isTold(index) && lifetimes.isSame(index, print)) return null;
    this.#judge.find(facts);
    // After the last account there is nobody to be told again.
    if (manner !== Manner.FINAL) lifetimes.noteTold(index, print);
    if (manner === Manner.EVICTED) this.#evicted++;
    if (isAgain) flow.revised = true;
    if (manner === Manner.EVICTED) flow.evicted = true;
    return flow;
  }
}

function placeOf(stream: number, lastFrame: number, manner: Manner): number {
  if (manner === Manner.FINAL) return stream;
  return manner === Manner.EARLY ? lastFrame : AFTER_ALL_FRAMES + lastFrame;
}
