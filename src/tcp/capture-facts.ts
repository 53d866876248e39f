// In: every frame, and every segment decoded from one. Out: what findings about the capture's own quality are judged by.

import type { Frame } from '../capture/frame.ts';
import { Checksum, tcpChecksum } from '../wire/checksum.ts';
import { HeaderCut, type Packet } from '../wire/packet.ts';

/** So many checksums are looked at from the beginning on, then one in so many: a sum costs as much as all the rest. */
const CHECKED_AT_FIRST = 10_000;
const CHECKED_LATER = 64;
/** Payload of a packet of 1500 bytes without options; more than that in one segment is the work of an offload engine. */
export const ETHERNET_PAYLOAD = 1460;
/** Hosts whose checksums are counted apart; the rest count together. Offload is seen with the first few. */
const HOSTS = 1024;
/** A day without a single frame: not one recording that was quiet but two that were put into one file. */
const PAUSE_SECONDS = 86_400;
/** Pauses remembered. */
const PAUSES = 64;
/** The key under which further hosts count. */
export const OTHER_HOSTS = -1;

/** Checksums of the segments that one host sent. */
export interface ChecksumCounts {
  checked: number;
  /** The pseudo header's sum alone; neither that nor right. */
  partial: number;
  wrong: number;
  /** The first frame of each kind, 0 if there is none. */
  partialFrame: number;
  wrongFrame: number;
}

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
  /** By address id of the sender. */
  readonly checksums = new Map<number, ChecksumCounts>();
  /** Pauses of a day or more in which nothing at all was captured: when they began, in Unix seconds, and the longest. */
  readonly pauses: number[] = [];
  longestPause = 0;
  longestPauseFrame = 0;
  #seconds = 0;
  #nanoseconds = 0;

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

  /** `source`: address id of the sender. */
  segment(frame: Frame, packet: Packet, source: number): void {
    const n = this.segments++;
    if (packet.cut !== HeaderCut.NONE) {
      if (packet.cut === HeaderCut.SNAPLEN) {
        if (this.headersCut++ === 0) this.headersCutFrame = frame.number;
      } else if (this.malformed++ === 0) this.malformedFrame = frame.number;
      return;
    }
    if (n < CHECKED_AT_FIRST || n % CHECKED_LATER === 0) this.#check(frame, packet, source);
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

  #check(frame: Frame, packet: Packet, source: number): void {
    // What an offload engine joined bears the checksum of one of its parts.
    if (packet.payloadLength > ETHERNET_PAYLOAD) return;
    const verdict = tcpChecksum(packet);
    if (verdict === Checksum.UNKNOWN) return;
    const counts = this.#countsOf(source);
    counts.checked++;
    if (verdict === Checksum.PARTIAL) {
      if (counts.partial++ === 0) counts.partialFrame = frame.number;
    } else if (verdict === Checksum.WRONG && counts.wrong++ === 0) counts.wrongFrame = frame.number;
  }

  #countsOf(source: number): ChecksumCounts {
    const key = this.checksums.size >= HOSTS && !this.checksums.has(source) ? OTHER_HOSTS : source;
    let counts = this.checksums.get(key);
    if (counts === undefined) {
      counts = { checked: 0, partial: 0, wrong: 0, partialFrame: 0, wrongFrame: 0 };
      this.checksums.set(key, counts);
    }
    return counts;
  }
}
