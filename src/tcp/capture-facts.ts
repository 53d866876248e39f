// In: every frame, and every segment decoded from one. Out: what findings about the capture's own quality are judged by.

import type { Frame } from '../capture/frame.ts';
import type { FrameRun } from '../capture/frame-run.ts';
import { addressText } from '../flow/address.ts';
import { Checksum, tcpChecksum } from '../wire/checksum.ts';
import { HeaderCut, type Packet } from '../wire/packet.ts';
import type { SegmentRun } from '../wire/segment-run.ts';

/**
 * Checksums are looked at in so many frames from the beginning on, then in one of so many: a sum costs as much as all the rest. Chosen by
 * the number of the frame, which does not depend on who looks at the others.
 */
export const CHECKED_AT_FIRST = 10_000;
export const CHECKED_LATER = 64;
/** Payload of a packet of 1500 bytes without options; more than that in one segment is the work of an offload engine. */
export const ETHERNET_PAYLOAD = 1460;
/** Hosts whose checksums are counted apart; the rest count together. Offload is seen with the first few. */
const HOSTS = 1024;
/** Senders whose counts are found by their number in the trace, without making their text: more than are counted apart, and few. */
const SENDERS = 4 * HOSTS;
/** A day without a single frame: not one recording that was quiet but two that were put into one file. */
const PAUSE_SECONDS = 86_400;
/** Rows keep seconds as int32. */
const MAX_SECONDS = 0x7fffffff;
/** Pauses remembered. */
const PAUSES = 64;
/** The name under which further hosts count. */
const OTHER_HOSTS = 'other hosts';

/** Checksums of the segments that one host sent. */
export interface ChecksumCounts {
  checked: number;
  /** The pseudo header's sum alone; neither that nor right. */
  partial: number;
  wrong: number;
  /** The first frame of each kind, 0 if there is none. */
  partialFrame: number;
  wrongFrame: number;
  /** The first frame looked at. */
  firstFrame: number;
}

/** What was counted, as plain numbers that can be handed from one thread to another. */
export type CaptureCounts = Omit<
  CaptureFacts,
  'see' | 'isSteady' | 'seeRun' | 'segment' | 'looksInto' | 'check' | 'checkRow' | 'join'
>;

export class CaptureFacts {
  frames = 0;
  /** Frames with an earlier time than the one before; the largest step in nanoseconds, and its frame. */
  backwards = 0;
  backwardsMost = 0;
  backwardsFrame = 0;
  /** Frames not captured whole, the first, and the most bytes captured of one. */
  cut = 0;
  cutFrame = 0;
  snapLength = 0;
  segments = 0;
  /** TCP headers cut by the snap length; malformed ones. */
  headersCut = 0;
  headersCutFrame = 0;
  malformed = 0;
  malformedFrame = 0;
  /** By the sender's address, which means the same in every thread. */
  readonly checksums = new Map<string, ChecksumCounts>();
  /** The same by the sender's address id. */
  readonly #bySender = new Map<number, ChecksumCounts>();
  /** Pauses of a day or more in which nothing at all was captured: when they began, in Unix seconds, and the longest. */
  readonly pauses: number[] = [];
  longestPause = 0;
  longestPauseFrame = 0;
  #seconds = 0;
  #nanoseconds = 0;
  readonly #hosts: number;

  /** `hosts`: how many are counted apart. Where only a part of the segments is looked into, which of them will be the first ones is not known yet. */
  constructor(hosts = HOSTS) {
    this.#hosts = hosts;
  }

  see(frame: Frame): void {
    const { seconds, nanoseconds } = frame;
    const before = seconds < this.#seconds || (seconds === this.#seconds && nanoseconds < this.#nanoseconds);
    if (this.frames > 0) {
      if (before) this.#backwards(frame);
      else if (seconds - this.#seconds >= PAUSE_SECONDS) this.#pause(frame);
    }
    this.frames++;
    this.#seconds = seconds;
    this.#nanoseconds = nanoseconds;
    if (frame.capturedLength < frame.originalLength) {
      if (this.cut++ === 0) this.cutFrame = frame.number;
      if (frame.capturedLength > this.snapLength) this.snapLength = frame.capturedLength;
    }
  }

  /** True if of the run nothing but its length is to be said: whole frames, none before another or long after it. */
  isSteady(run: FrameRun): boolean {
    const isFirst = this.frames === 0;
    const seconds = isFirst ? run.seconds[0]! : this.#seconds;
    const nanoseconds = isFirst ? run.nanoseconds[0]! : this.#nanoseconds;
    return (
      seconds >= 0 && run.seconds[run.count - 1]! <= MAX_SECONDS && run.isSteady(seconds, nanoseconds, PAUSE_SECONDS)
    );
  }

  /**
   * As `see`, of frames `from` to `to` (not included) of a steady run, and as `segment`, of a whole header in so many of them; but those that are to be
   * looked into go to `check` then.
   */
  seeRun(run: FrameRun, from: number, to: number, segments: number): void {
    if (from === to) return;
    this.frames += to - from;
    this.segments += segments;
    this.#seconds = run.seconds[to - 1]!;
    this.#nanoseconds = run.nanoseconds[to - 1]!;
  }

  /** True if the checksum of the segment in this frame is looked at. */
  looksInto(frame: number): boolean {
    return frame <= CHECKED_AT_FIRST || frame % CHECKED_LATER === 0;
  }

  /** `of.sender`, asked only where it matters: address id of who sent it, or -1 where too little of its header was captured to say. */
  segment(frame: Frame, packet: Packet, of: { readonly sender: number }): void {
    this.segments++;
    if (packet.cut !== HeaderCut.NONE) {
      if (packet.cut === HeaderCut.SNAPLEN) {
        if (this.headersCut++ === 0) this.headersCutFrame = frame.number;
      } else if (this.malformed++ === 0) this.malformedFrame = frame.number;
      return;
    }
    if (this.looksInto(frame.number)) this.check(frame, packet, of.sender);
  }

  /** Looks at the checksum of a segment that `sender` sent: see `segment`. */
  check(frame: Frame, packet: Packet, sender: number): void {
    if (isJoined(packet.payloadLength)) return;
    const verdict = tcpChecksum(packet);
    if (verdict === Checksum.UNKNOWN) return;
    this.#judge(
      this.#bySender.get(sender) ?? this.#countsOfSender(packet, sender, frame.number),
      frame.number,
      verdict,
    );
  }

  /** As `check`, of frame number `frame` and row `i` of a run. */
  checkRow(frame: number, segments: SegmentRun, i: number, sender: number): void {
    if (isJoined(segments.payloadLength(i))) return;
    const counts = this.#bySender.get(sender) ?? this.#countsOfSender(segments.packet(i), sender, frame);
    this.#judge(counts, frame, segments.checksum(i));
  }

  #judge(counts: ChecksumCounts, frame: number, verdict: Checksum): void {
    counts.checked++;
    if (verdict === Checksum.PARTIAL) {
      if (counts.partial++ === 0) counts.partialFrame = frame;
    } else if (verdict === Checksum.WRONG && counts.wrong++ === 0) counts.wrongFrame = frame;
  }

  #backwards(frame: Frame): void {
    const step = (this.#seconds - frame.seconds) * 1e9 + this.#nanoseconds - frame.nanoseconds;
    this.backwards++;
    if (step <= this.backwardsMost) return;
    this.backwardsMost = step;
    this.backwardsFrame = frame.number;
  }

  #pause(frame: Frame): void {
    if (this.pauses.length < PAUSES) this.pauses.push(this.#seconds);
    const pause = frame.seconds - this.#seconds;
    if (pause <= this.longestPause) return;
    this.longestPause = pause;
    this.longestPauseFrame = frame.number;
  }

  #countsOfSender(packet: Packet, sender: number, frame: number): ChecksumCounts {
    const counts = this.#countsOf(sender < 0 ? OTHER_HOSTS : addressText(packet.ipLayers, packet.ip, 1), frame);
    if (this.#bySender.size < SENDERS) this.#bySender.set(sender, counts);
    return counts;
  }

  #countsOf(host: string, frame: number): ChecksumCounts {
    const key = this.checksums.size >= this.#hosts && !this.checksums.has(host) ? OTHER_HOSTS : host;
    let counts = this.checksums.get(key);
    if (counts === undefined) {
      counts = { checked: 0, partial: 0, wrong: 0, partialFrame: 0, wrongFrame: 0, firstFrame: frame };
      this.checksums.set(key, counts);
    }
    return counts;
  }

  /**
   * Takes over what others have counted, each of whom has seen all frames and looked into the segments of a part of the connections, with
   * no limit of hosts.
   */
  join(parts: readonly CaptureCounts[]): void {
    const { checksums: _, pauses, ...seen } = parts[0]!;
    Object.assign(this, seen, { segments: 0, headersCut: 0, headersCutFrame: 0, malformed: 0, malformedFrame: 0 });
    this.pauses.push(...pauses);
    for (const { segments, headersCut, headersCutFrame, malformed, malformedFrame } of parts) {
      this.segments += segments;
      this.headersCut += headersCut;
      this.headersCutFrame = earlier(this.headersCutFrame, headersCutFrame);
      this.malformed += malformed;
      this.malformedFrame = earlier(this.malformedFrame, malformedFrame);
    }
    const hosts = parts.flatMap(({ checksums }) => [...checksums]).sort(([, a], [, b]) => a.firstFrame - b.firstFrame);
    for (const [host, counted] of hosts) {
      const counts = this.#countsOf(host, counted.firstFrame);
      counts.checked += counted.checked;
      counts.partial += counted.partial;
      counts.partialFrame = earlier(counts.partialFrame, counted.partialFrame);
      counts.wrong += counted.wrong;
      counts.wrongFrame = earlier(counts.wrongFrame, counted.wrongFrame);
    }
  }
}

/** Of two frames, either of which may be missing (0). */
function earlier(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b);
}

/** What an offload engine joined bears the checksum of one of its parts. */
function isJoined(payloadLength: number): boolean {
  return payloadLength > ETHERNET_PAYLOAD;
}
