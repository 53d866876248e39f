// In: the frames of a capture, singly or in runs. Out: each is decoded, tracked and counted, and told to whoever listens to segments.
//
//   run ─▶ rows of simple segments ─▶ connections by the book        as long as nothing else comes: loops over many
//   frame ─▶ Packet ─▶ whatever it is                                 every other frame

import type { Frame } from './capture/frame.ts';
import { FRAMES_PER_RUN, type FrameRun } from './capture/frame-run.ts';
import type { LinearMemory } from './linear/memory.ts';
import type { CaptureFacts } from './tcp/capture-facts.ts';
import type { CaptureClock } from './tcp/clock.ts';
import type { Connection } from './tcp/connection.ts';
import type { TcpTrace } from './tcp/trace.ts';
import type { Telling } from './telling.ts';
import { Decoder } from './wire/decode.ts';
import { Packet, PacketKind } from './wire/packet.ts';
import type { Part } from './wire/part.ts';
import { SegmentRun } from './wire/segment-run.ts';
import { UNKNOWN_SHARE } from './wire/share.ts';

/** Who listens to segments. Frames, packets and the trace are borrowed: valid during the call only. */
export interface SegmentListener {
  /** Called for every TCP segment, in capture order, after both the sequence analysis and the states have taken it in. */
  segment?(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void;
  /**
   * Asked for every connection as it begins, with its first packet: is `segment` to be called for its segments? (See `Wants`.) What nobody wants
   * segment by segment takes a third of the time. Without it: for all, and also for segments too short to belong to any.
   */
  wantsSegments?(stream: number, packet: Packet, trace: TcpTrace, isByTheBook: boolean): boolean;
  /**
   * For whom the record of a connection is as good as its segments, while it goes by the book: called with the record before it leaves the book, or is told
   * of. In place of `wantsSegments`: `segment` is called from there on, and from the beginning for what does not begin by the book. Borrowed.
   */
  leavesTheBook?(connection: Connection, trace: TcpTrace, clock: CaptureClock): void;
  /**
   * Asked at the first segment, with `leavesTheBook`: the moment, in nanoseconds since the capture's start, after which segments are of no account. All records
   * are given as they are when it has passed, and none later, but for segments of before it that come late.
   */
  lastMoment?(clock: CaptureClock): number;
  /** Of connections from this stream on it is not asked: none is wanted. They take less time than those it says no to. */
  wantsNoneFrom?: number;
}

/** The frames of a capture as those see them who each look into a part of the connections. */
export interface SharedFrames {
  /** As Capture.nextRun. */
  nextRun(): FrameRun | null;
  /** Where all of them lie. */
  readonly memory: LinearMemory;
  /** The rows of the run delivered last, with shares. */
  readonly segments: SegmentRun;
  /** As Capture.fill. */
  fill(): Promise<boolean>;
}

/** A part of the connections: which, and who is told of it. */
export interface Share {
  readonly frames: SharedFrames;
  readonly part: Part;
  /** A connection was opened by the segment. */
  opened(frame: Frame, packet: Packet): void;
  /** Called after each chunk: all frames up to this one have been taken in. A promise is waited for. */
  passed(frame: number): void | Promise<void>;
}

/** Frames without TCP: the layer at which decoding stopped, how many, and the first. */
export interface OtherFrames {
  readonly layer: string;
  frames: number;
  readonly first: number;
}

/** Where more than half of a run was taken in singly, so many after it are, before it is tried again: trying costs a fifth of what that takes. */
const RUNS_PASSED_OVER = 16;

export class Intake {
  tcpSegments = 0;
  /** Bytes the frames had on the wire. */
  bytes = 0;
  /** Number of the last frame. */
  last = 0;
  readonly otherFrames = new Map<string, OtherFrames>();
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #facts: CaptureFacts;
  readonly #telling: Telling;
  readonly #segment: SegmentListener['segment'];
  /** Only segments of some connections are wanted; and those that belong to none, too. */
  readonly #wantsSome: boolean;
  readonly #wantsStrays: boolean;
  readonly #share: Share | null;
  readonly #decoder = new Decoder();
  readonly #packet = new Packet();
  readonly #last: LastMoment | null;
  /** The rows of the run at hand. */
  #segments: SegmentRun;
  /** Frames of it that were taken in singly although it is steady; runs that will not be tried. */
  #singly = 0;
  #passesOver = 0;

  constructor(
    trace: TcpTrace,
    clock: CaptureClock,
    facts: CaptureFacts,
    telling: Telling,
    listener: SegmentListener,
    share: Share | null,
  ) {
    this.#trace = trace;
    this.#clock = clock;
    this.#facts = facts;
    this.#telling = telling;
    this.#segment = listener.segment?.bind(listener);
    this.#wantsSome = listener.wantsSegments !== undefined || listener.leavesTheBook !== undefined;
    this.#wantsStrays = listener.wantsSegments === undefined;
    this.#share = share;
    const { lastMoment, leavesTheBook } = listener;
    const hasLast = lastMoment !== undefined && leavesTheBook !== undefined;
    this.#last = hasLast ? new LastMoment(lastMoment.bind(listener), leavesTheBook.bind(listener), trace, clock) : null;
    this.#segments = new SegmentRun(trace.memory);
  }

  /** `shareOf`: the frame's, where it was asked for (wire/share.ts). */
  take(frame: Frame, shareOf = UNKNOWN_SHARE): void {
    const trace = this.#trace;
    const packet = this.#packet;
    const share = this.#share;
    this.#clock.see(frame);
    this.#facts.see(frame);
    this.bytes += frame.originalLength;
    this.last = frame.number;
    if (share !== null && !share.part.mayHave(shareOf)) return;
    this.#decoder.decode(frame, packet);
    if (share !== null && !share.part.has(shareOf, packet)) return;
    if (packet.kind === PacketKind.NONE) {
      this.#countOther(packet.stopLayer, frame.number);
      return;
    }
    const { streams } = trace;
    this.#last?.look(frame);
    trace.observe(frame, packet);
    this.#last?.afterObserved();
    if (trace.streams !== streams) {
      this.#telling.opened(trace.current);
      share?.opened(frame, packet);
    }
    if (packet.kind !== PacketKind.SEGMENT) return;
    this.tcpSegments++;
    this.#facts.segment(frame, packet, trace);
    const isWanted = !this.#wantsSome || (trace.current < 0 ? this.#wantsStrays : trace.isWanted);
    if (this.#segment !== undefined && isWanted) {
      this.#segment(frame, packet, trace, this.#clock);
    }
  }

  /** Looks at a run before any of it is taken in. False: each of its frames is to be taken singly. */
  begin(run: FrameRun): boolean {
    const share = this.#share;
    if (share !== null) this.#segments = share.frames.segments;
    if (2 * this.#singly > FRAMES_PER_RUN) this.#passesOver = RUNS_PASSED_OVER;
    this.#singly = 0;
    if (this.#passesOver > 0) {
      this.#passesOver--;
      return false;
    }
    if (!this.#facts.isSteady(run)) return false;
    if (share === null) this.#segments.read(run, this.#trace.addresses.known);
    this.#trace.beginRun(this.#segments, run.count, share?.part);
    return true;
  }

  /** As `take`, of frame `i` of the run. */
  takeFrom(run: FrameRun, i: number): void {
    this.take(run.frame(i), this.#share === null ? UNKNOWN_SHARE : this.#segments.share(i));
  }

  /**
   * Takes in the frames of the run from `from` on until one comes of which there is more to say. Returns that one, which is to be taken singly,
   * or the number of frames in the run.
   */
  takeRun(run: FrameRun, from: number): number {
    const telling = this.#telling;
    const trace = this.#trace;
    // Where there are parts, what is not simple may be another's, and is passed over below.
    if (this.#share === null && !this.#segments.isSimple(from)) {
      this.#singly++;
      return from;
    }
    const until = Math.min(telling.dueSeconds, this.#last?.singlyFrom ?? Number.POSITIVE_INFINITY);
    const to = trace.observeRun(run, this.#segments, from, until, telling.room);
    if (to < run.count) this.#singly++;
    if (to === from) return to;
    const { taken } = trace;
    this.#clock.seeRun(run, from, to);
    this.#facts.seeRun(run, from, to, taken.segments);
    this.tcpSegments += taken.segments;
    this.bytes += taken.bytes;
    this.last = run.number[to - 1]!;
    for (let n = 0; n < taken.openedCount; n++) {
      const i = taken.opened[n]!;
      telling.opened(trace.openedBy(i));
      this.#share?.opened(run.frame(i), this.#segments.packet(i));
    }
    for (let n = 0; n < taken.checkedCount; n++) this.#check(run, taken.checked[n]!);
    return to;
  }

  #check(run: FrameRun, i: number): void {
    const source = this.#segments.source(i);
    const sender = this.#segments.isInIpv6(i) ? source : this.#trace.addresses.intern(4, source, 0, 0, 0);
    this.#facts.checkRow(run.number[i]!, this.#segments, i, sender);
  }

  #countOther(layer: string, frame: number): void {
    const other = this.otherFrames.get(layer);
    if (other === undefined) this.otherFrames.set(layer, { layer, frames: 1, first: frame });
    else other.frames++;
  }
}

/** See SegmentListener.lastMoment. */
class LastMoment {
  /** Frames from this second on are to be looked at one by one. */
  singlyFrom = Number.NEGATIVE_INFINITY;
  readonly #lastMoment: NonNullable<SegmentListener['lastMoment']>;
  readonly #leavesTheBook: NonNullable<SegmentListener['leavesTheBook']>;
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  /** NaN: not known yet. */
  #moment = Number.NaN;
  #hasPassed = false;
  /** The frame looked at is of before the moment, and comes after it. */
  #isLate = false;

  constructor(
    lastMoment: NonNullable<SegmentListener['lastMoment']>,
    leavesTheBook: NonNullable<SegmentListener['leavesTheBook']>,
    trace: TcpTrace,
    clock: CaptureClock,
  ) {
    this.#lastMoment = lastMoment;
    this.#leavesTheBook = leavesTheBook;
    this.#trace = trace;
    this.#clock = clock;
  }

  /** To be called before the frame is observed. */
  look(frame: Frame): void {
    const clock = this.#clock;
    if (Number.isNaN(this.#moment)) {
      this.#moment = this.#lastMoment(clock);
      this.singlyFrom = clock.startSeconds + Math.floor((clock.startNanoseconds + this.#moment) / 1e9);
    }
    const isBefore = clock.nanosecondsSince(frame) <= this.#moment;
    this.#isLate = isBefore && this.#hasPassed;
    // Where times go back, each frame has to be asked.
    if (this.#isLate) this.singlyFrom = Number.NEGATIVE_INFINITY;
    if (isBefore || this.#hasPassed) return;
    this.#hasPassed = true;
    this.singlyFrom = Number.POSITIVE_INFINITY;
    this.#trace.closeBook();
  }

  /** To be called after it has been observed. */
  afterObserved(): void {
    const { connection, current } = this.#trace;
    // By the book times do not go back: all that the record knows of is of before the moment.
    if (this.#isLate && current >= 0 && connection.phase !== 0)
      this.#leavesTheBook(connection, this.#trace, this.#clock);
  }
}
