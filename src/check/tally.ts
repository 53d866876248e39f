// In: segments that two filters may select. Out: per connection, how often each pair of answers was given, and where first.
//
// What the filters say of a segment may hang on its connection, which is known only later (filter/logic.ts). Until then the
// segment is nothing but its answers, so a connection costs as much as it has different answers.

import type { Frame } from '../capture/frame.ts';
import type { Filter } from '../filter/filter.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import type { Packet } from '../wire/packet.ts';

export interface Tally {
  readonly first: number;
  readonly second: number;
  count: number;
  /** The first such segment. */
  readonly frame: number;
  readonly time: number;
  readonly evidence: string;
}

export class SegmentTallies {
  readonly #first: Filter | null;
  readonly #second: Filter | null;
  readonly #evidenceOf: (frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock) => string;
  /** True for a pair that needs no tally: it is settled, and nothing against the rule. */
  readonly #isSettled: (first: boolean | null, second: boolean | null) => boolean;
  readonly #byStream = new Map<number, Tally[]>();

  constructor(
    first: Filter | null,
    second: Filter | null,
    isSettled: (first: boolean | null, second: boolean | null) => boolean,
    evidenceOf: (frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock) => string,
  ) {
    this.#first = first;
    this.#second = second;
    this.#isSettled = isSettled;
    this.#evidenceOf = evidenceOf;
  }

  add(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    let first = 0;
    let second = 0;
    let early: boolean | null = true;
    if (this.#first !== null) {
      if (this.#first.asksSegments) first = this.#first.answers(frame, packet, trace, clock);
      early = this.#first.selectsEarly(first);
    }
    let late: boolean | null = true;
    if (this.#second !== null && early !== false) {
      if (this.#second.asksSegments) second = this.#second.answers(frame, packet, trace, clock);
      late = this.#second.selectsEarly(second);
    }
    if (this.#isSettled(early, late)) return;
    const { stream } = trace.connection;
    let tallies = this.#byStream.get(stream);
    if (tallies === undefined) {
      tallies = [];
      this.#byStream.set(stream, tallies);
    }
    for (let i = 0; i < tallies.length; i++) {
      const tally = tallies[i]!;
      if (tally.first === first && tally.second === second) {
        tally.count++;
        return;
      }
    }
    tallies.push({
      first,
      second,
      count: 1,
      frame: frame.number,
      time: clock.since(frame.seconds, frame.nanoseconds),
      evidence: this.#evidenceOf(frame, packet, trace, clock),
    });
  }

  /** The tallies of a connection that is over; they are forgotten. */
  take(stream: number): readonly Tally[] {
    const tallies = this.#byStream.get(stream);
    if (tallies === undefined) return [];
    this.#byStream.delete(stream);
    return tallies;
  }
}
