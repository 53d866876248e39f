// In: the connections held, and the time. Out: which of them are over, which have been told of, which may go first.

import { SHARES, shareOfAddresses } from '../wire/share.ts';
import type { CaptureClock } from './clock.ts';
import { Connection } from './connection.ts';
import type { FlowResult } from './flow-result.ts';
import type { StateName } from './state.ts';
import { Moment, pathOf, startOf, type TextbookLife } from './textbook-life.ts';
import type { TcpTrace } from './trace.ts';

/** A connection that is closed counts as over after 2MSL of silence, but not before so many seconds, however short 2MSL is set. */
const LEAST_QUIET_SECONDS = 60;
/** Capture time from one sweep to the next. Frame times alone say when a sweep is due: it comes at the same frame whoever else is held. */
const SWEEP_SECONDS = 1;
/** Seconds ahead for which looks at connections are noted; where it is longer until one, it is looked at in between. */
const AHEAD_SECONDS = 512;

export class Lifetimes {
  readonly #trace: TcpTrace;
  readonly #clock: CaptureClock;
  readonly #connection = new Connection();
  /** By index: the last frame of the connection when it was told of; 0: it has not been; -1: it waits for the end. */
  #told = new Int32Array(1024);
  /** Any connection has been told of, whether it is still held or not. */
  knowsAny = false;
  /** By index: a print of the state histories told. */
  #prints = new Int32Array(1024);
  /** By index, of those told of: the share of the connections it belongs to (wire/share.ts). */
  #shares = new Uint8Array(1024);
  /** Connections held that have been told of, by share. */
  readonly #toldAndHeld = new Int32Array(SHARES);
  /** When `passes` answers true next. */
  sweepSeconds = Number.NEGATIVE_INFINITY;
  /**
   * When to look at a connection again: one list for each second ahead, by that second modulo AHEAD_SECONDS. The first of each list and,
   * by index, the next in its list, as index + 1; 0: none. So a sweep costs what is due, not what is held.
   */
  readonly #due = new Int32Array(AHEAD_SECONDS);
  #next = new Int32Array(1024);
  /** By index: 1 if it is in one of the lists. */
  #isListed = new Uint8Array(1024);
  /** The second up to which the lists have been gone through. */
  #lookedSeconds = 0;

  constructor(trace: TcpTrace, clock: CaptureClock) {
    this.#trace = trace;
    this.#clock = clock;
  }

  /** To be asked after every frame: is it time to look for connections that are over? */
  passes(): boolean {
    const { endSeconds } = this.#clock;
    if (endSeconds < this.sweepSeconds) return false;
    const isFirst = this.sweepSeconds === Number.NEGATIVE_INFINITY;
    if (isFirst) this.#lookedSeconds = endSeconds;
    this.sweepSeconds = endSeconds + SWEEP_SECONDS;
    return !isFirst;
  }

  /** Connection `index` is new. */
  enter(index: number): void {
    this.#makeRoom(index);
    // The one that had the index before may be listed still; a look comes early then, never late.
    if (this.#isListed[index] === 0) this.#lookIn(index, this.#quietSeconds);
  }

  /** Those that are over and have not been told of, in the order in which they ended. Each is found once, and then to be noted as told or waiting. */
  over(): number[] {
    const { endSeconds } = this.#clock;
    const due: number[] = [];
    const from = Math.max(this.#lookedSeconds + 1, endSeconds - AHEAD_SECONDS + 1);
    for (let second = from; second <= endSeconds; second++) {
      const slot = slotOf(second);
      for (let entry = this.#due[slot]!; entry !== 0; entry = this.#next[entry - 1]!) due.push(entry - 1);
      this.#due[slot] = 0;
    }
    this.#lookedSeconds = endSeconds;
    return this.#byLastFrame(due.filter((index) => this.#look(index)));
  }

  /** True if the connection is over; where it is not yet, notes when to look again. */
  #look(index: number): boolean {
    this.#isListed[index] = 0;
    this.#connection.moveTo(this.#trace.connections, index);
    const { firstFrame, lastSeconds } = this.#connection;
    if (firstFrame === 0 || this.#toldFrame(index) !== 0) return false;
    if (this.isOver(index)) return true;
    // Where silence alone did not end it, it takes another segment, and silence after that.
    const silent = (this.#clock.endSeconds - lastSeconds) | 0;
    // One more, since seconds are whole here, and the silence began within one.
    this.#lookIn(index, silent <= this.#quietSeconds ? this.#quietSeconds - silent + 1 : this.#quietSeconds);
    return false;
  }

  #lookIn(index: number, seconds: number): void {
    const slot = slotOf(this.#clock.endSeconds + Math.max(1, Math.min(seconds, AHEAD_SECONDS - 1)));
    this.#next[index] = this.#due[slot]!;
    this.#due[slot] = index + 1;
    this.#isListed[index] = 1;
  }

  get #quietSeconds(): number {
    return Math.ceil(Math.max(this.#trace.timeWaitSeconds, LEAST_QUIET_SECONDS));
  }

  /**
   * Of those told of and held: where a share holds more than `most`, all of it but the `kept` that ended last, in the order in which they
   * ended. Counted by share, so that it is the same whether all shares are held here or some elsewhere.
   */
  crowded(most: number, kept: number): number[] {
    if (this.#toldAndHeld.every((count) => count <= most)) return [];
    const excess = this.#toldAndHeld.map((count) => (count > most ? count - kept : 0));
    const known: number[] = [];
    for (let index = 0; index < this.#told.length; index++) {
      if (this.#told[index]! > 0 && excess[this.#shares[index]!]! > 0) known.push(index);
    }
    return this.#byLastFrame(known).filter((index) => excess[this.#shares[index]!]!-- > 0);
  }

  /** Closed, and quiet for so long that nothing of it is to come any more. */
  isOver(index: number): boolean {
    return this.hasClosed(index, Math.max(this.#trace.timeWaitSeconds, LEAST_QUIET_SECONDS));
  }

  /** Closed, and quiet for so many seconds. */
  hasClosed(index: number, quietSeconds: number): boolean {
    const { endSeconds, endNanoseconds } = this.#clock;
    return this.#trace.isOver(index, endSeconds, endNanoseconds, quietSeconds);
  }

  /** Nothing but SYNs of one end has been seen, no other connection of the 4-tuple is held, and nobody was told of it. */
  isFoldable(index: number): boolean {
    return !this.isKnown(index) && !this.isOlder(index) && this.#trace.isUnanswered(index);
  }

  /** All connections held, the one that has been silent longest first. */
  byLastFrame(): number[] {
    const { connections } = this.#trace;
    const row = this.#connection;
    const held: number[] = [];
    for (let index = 0; index < connections.capacity; index++) {
      row.moveTo(connections, index);
      if (row.firstFrame !== 0) held.push(index);
    }
    return this.#byLastFrame(held);
  }

  #byLastFrame(indices: readonly number[]): number[] {
    if (indices.length < 2) return [...indices];
    const { connections } = this.#trace;
    const { capacity } = connections;
    // One number for both: the frame orders, the index tells which.
    const keys = new Float64Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      this.#connection.moveTo(connections, indices[i]!);
      keys[i] = (this.#connection.lastFrame >>> 0) * capacity + indices[i]!;
    }
    keys.sort();
    const sorted = new Array<number>(keys.length);
    for (let i = 0; i < keys.length; i++) sorted[i] = keys[i]! % capacity;
    return sorted;
  }

  streamOf(index: number): number {
    this.#connection.moveTo(this.#trace.connections, index);
    return this.#connection.stream;
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

  /** True if the histories with this print are those told of. */
  isSame(index: number, print: number): boolean {
    return this.#prints[index] === print;
  }

  noteTold(index: number, print: number): void {
    this.#makeRoom(index);
    this.#connection.moveTo(this.#trace.connections, index);
    if (this.#told[index]! <= 0) {
      const { addressA, portA, addressB, portB } = this.#connection;
      const { addresses } = this.#trace;
      const share = shareOfAddresses(addresses.toBytes(addressA), portA, addresses.toBytes(addressB), portB);
      this.#shares[index] = share;
      this.#toldAndHeld[share]!++;
    }
    this.#told[index] = this.#connection.lastFrame;
    this.#prints[index] = print;
    this.knowsAny = true;
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
    const size = this.#told.length;
    if (index < size) return;
    const grown = Math.max(index + 1, size * 2);
    this.#told = copied(this.#told, new Int32Array(grown));
    this.#prints = copied(this.#prints, new Int32Array(grown));
    this.#next = copied(this.#next, new Int32Array(grown));
    this.#shares = copied(this.#shares, new Uint8Array(grown));
    this.#isListed = copied(this.#isListed, new Uint8Array(grown));
  }

  /** Forgets the connection altogether. False where that is not possible yet (see TcpTrace.release). */
  release(index: number): boolean {
    if (!this.#trace.release(index)) return false;
    if (this.#toldFrame(index) > 0) this.#toldAndHeld[this.#shares[index]!]!--;
    if (this.#toldFrame(index) !== 0) this.#told[index] = 0;
    return true;
  }
}

/** The list of a second; times before 1970 count backwards. */
function slotOf(second: number): number {
  return ((second % AHEAD_SECONDS) + AHEAD_SECONDS) % AHEAD_SECONDS;
}

const MICROSECONDS = 1e6;

/** Tells state histories apart. */
export function printOf(flow: FlowResult): number {
  let print = 0;
  for (const { states } of flow.endpoints) {
    for (const { state, frame, time } of states) print = withStep(print, state, frame, time);
    print = Math.imul(print, 17) | 0;
  }
  return print;
}

/** The same of a life by the book: its account may be made from rows the next time. */
export function printOfLife(life: TextbookLife): number {
  let print = 0;
  for (const side of [0, 1] as const) {
    print = withStep(print, startOf(side), null, null);
    for (const { state, at } of pathOf(life, side)) {
      print =
        at === Moment.EXPIRY
          ? withStep(print, state, null, life.time(at))
          : withStep(print, state, life.frames[at]!, null);
    }
    print = Math.imul(print, 17) | 0;
  }
  return print;
}

function withStep(print: number, state: StateName, frame: number | null, time: number | null): number {
  // What a timer did has no frame; its time moves with what comes before it.
  const when = frame ?? ((time ?? 0) * MICROSECONDS) | 0;
  return (Math.imul(print, 31) + state.length + when) | 0;
}

function copied<Words extends Int32Array | Uint8Array>(from: Words, to: Words): Words {
  to.set(from);
  return to;
}
