// In: the connections held, and the time. Out: which of them are over, which have been told of, which may go first.

import type { CaptureClock } from './clock.ts';
import { Connection } from './connection.ts';
import type { FlowResult } from './flow-result.ts';
import type { TcpTrace } from './trace.ts';

/** A connection that is closed counts as over after 2MSL of silence, but not before so many seconds, however short 2MSL is set. */
const LEAST_QUIET_SECONDS = 60;
/** Capture time from one sweep to the next; and as many segments as there are connections: so a segment pays for one look. */
const SWEEP_SECONDS = 1;

export class Lifetimes {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #connection = new Connection();
  /** By index: the last frame of the connection when it was told of; 0: it has not been; -1: it waits for the end. */
  #told = new Int32Array(1024);
  /** By index: a print of the state histories told. */
  #prints = new Int32Array(1024);
  /** Connections held that have been told of. */
  toldAndHeld = 0;
  #sweepSegments = 0;
  #sweepSeconds = Number.NEGATIVE_INFINITY;

  constructor(trace: TcpTrace, clock: CaptureClock) {
    this.#trace = trace;
    this.#clock = clock;
  }

  /** Counts a segment; true if it is time to look for connections that are over. */
  passes(): boolean {
    if (--this.#sweepSegments > 0 || this.#clock.endSeconds < this.#sweepSeconds) return false;
    const isFirst = this.#sweepSeconds === Number.NEGATIVE_INFINITY;
    this.#sweepSegments = this.#trace.connections.live;
    this.#sweepSeconds = this.#clock.endSeconds + SWEEP_SECONDS;
    return !isFirst;
  }

  /** Those that are over and have not been told of, in the order in which they ended. */
  over(): number[] {
    const found: number[] = [];
    for (const index of this.byLastFrame()) if (this.#toldFrame(index) === 0 && this.isOver(index)) found.push(index);
    return found;
  }

  /** Those that have been told of, the earliest to end first. */
  told(): number[] {
    return this.byLastFrame().filter((index) => this.isKnown(index));
  }

  isOver(index: number): boolean {
    const { endSeconds, endNanoseconds } = this.#clock;
    return this.#trace.isOver(index, endSeconds, endNanoseconds, LEAST_QUIET_SECONDS);
  }

  /** Nothing but SYNs of one end has been seen, no other connection of the 4-tuple is held, and nobody was told of it. */
  isFoldable(index: number): boolean {
    return !this.isKnown(index) && !this.isOlder(index) && this.#trace.isUnanswered(index);
  }

  /** All connections held, the one that has been silent longest first. */
  byLastFrame(): number[] {
    const { connections } = this.#trace;
    const row = this.#connection;
    const { capacity } = connections;
    // One number for both: the frame orders, the index tells which.
    const keys = new Float64Array(connections.live);
    let count = 0;
    for (let index = 0; index < capacity; index++) {
      row.moveTo(connections, index);
      if (row.firstFrame !== 0) keys[count++] = (row.lastFrame >>> 0) * capacity + index;
    }
    keys.sort();
    return Array.from(keys, (key) => key % capacity);
  }

  /** True if connection `index` has been told of, whatever has come since. */
  isKnown(index: number): boolean {
    return this.#toldFrame(index) > 0;
  }

  /**
   * True if connection `index` has been told of and no segment has come since. A newer connection on the same ports may still
   * have shown more of its end: see {@link isOlder} and {@link isSame}.
   */
  isTold(index: number): boolean {
    const told = this.#toldFrame(index);
    if (told <= 0) return false;
    this.#connection.moveTo(this.#trace.connections, index);
    return this.#connection.lastFrame === told;
  }

  /** True if a newer connection on the same ports is held. */
  isOlder(index: number): boolean {
    return this.#trace.isOlder(index);
  }

  /** True if the histories of `flow` are those told of. */
  isSame(index: number, flow: FlowResult): boolean {
    return this.#prints[index] === printOf(flow);
  }

  noteTold(index: number, flow: FlowResult): void {
    this.#makeRoom(index);
    if (this.#told[index]! <= 0) this.toldAndHeld++;
    this.#connection.moveTo(this.#trace.connections, index);
    this.#told[index] = this.#connection.lastFrame;
    this.#prints[index] = printOf(flow);
  }

  /** Connection `index` is not to be told of before the end. */
  noteWaiting(index: number): void {
    this.#makeRoom(index);
    this.#told[index] = -1;
  }

  #toldFrame(index: number): number {
    return this.#told[index] ?? 0;
  }

  #makeRoom(index: number): void {
    while (index >= this.#told.length) {
      this.#told = grown(this.#told);
      this.#prints = grown(this.#prints);
    }
  }

  /** Forgets the connection altogether. False where that is not possible yet (see TcpTrace.release). */
  release(index: number): boolean {
    if (!this.#trace.release(index)) return false;
    if (this.#toldFrame(index) > 0) this.toldAndHeld--;
    if (this.#toldFrame(index) !== 0) this.#told[index] = 0;
    return true;
  }
}

/** Tells state histories apart. */
function printOf(flow: FlowResult): number {
  let print = 0;
  for (const { states } of flow.endpoints) {
    for (const { state, frame } of states) print = (Math.imul(print, 31) + state.length + (frame ?? 0)) | 0;
    print = Math.imul(print, 17) | 0;
  }
  return print;
}

function grown(words: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(words.length * 2);
  more.set(words);
  return more;
}
