// In: events of an endpoint as they are found, held back, confirmed or disproved. Out: its path through the table.
//
// A history is a list of steps in the order in which they happened *to the endpoint*, which need not be the order of the
// capture. An inferred step can be held (it does not count until proved), put later, or taken out again; then the path is
// walked anew from the start state, so it is a path of the table at every moment and a disproved step leaves no trace.
//
// Most questions are answered no, and most walks would find nothing changed. So each endpoint has a summary of its history in
// one word, `Endpoint.steps`: nothing is looked for that is not there, and nothing is walked that was not touched.

import { layout, Row, RowPool } from '../flow/rows.ts';

import type { Endpoint } from './endpoint.ts';
import type { Event } from './event.ts';
import type { State } from './state.ts';
import { EVENT_COUNT, NEXT_STATE } from './transitions.ts';

/** How a step is known, as in JSON. */
export const EVIDENCE = ['observed', 'inferred', 'timer', 'assumed'] as const;
export const Evidence = { OBSERVED: 0, INFERRED: 1, TIMER: 2, ASSUMED: 3 } as const;
export type Evidence = (typeof Evidence)[keyof typeof Evidence];

// Step.bits: event (5), state after (4), evidence (2), then flags.
const EVENT_MASK = 0x1f;
const TO_SHIFT = 5;
const TO_MASK = 0xf << TO_SHIFT;
const EVIDENCE_SHIFT = 9;
/** It does not count until something proves it. */
const HELD = 1 << 11;
/** The table moved on it. */
const MOVED = 1 << 12;

// Endpoint.steps: a bit for each event of which there may be a step (exact after `walk`), then flags.
/** Something was added, taken out, moved, held or proved since the last walk. */
const UNWALKED = 1 << 30;
/** Something is held or open, as of the last walk. */
const UNSETTLED = 1 << 29;

/** One event in an endpoint's life. */
export class Step extends Row {
  /** Index + 1 of the next step; 0 at the end. */
  declare next: number;
  declare bits: number;
  /** The frame that brought it; 0 where no frame did. */
  declare frame: number;
  /** The later frame that proves an inferred step; 0 as long as there is none. */
  declare confirmedBy: number;
  declare seconds: number;
  declare nanoseconds: number;

  get event(): Event {
    return (this.bits & EVENT_MASK) as Event;
  }
  get to(): State {
    return ((this.bits & TO_MASK) >> TO_SHIFT) as State;
  }
  get evidence(): Evidence {
    return ((this.bits >> EVIDENCE_SHIFT) & 3) as Evidence;
  }
  get held(): boolean {
    return (this.bits & HELD) !== 0;
  }
  get moved(): boolean {
    return (this.bits & MOVED) !== 0;
  }
  /** Inferred, counting, and not proved: what later evidence may still undo. */
  get open(): boolean {
    return (this.bits & HELD) === 0 && this.evidence === Evidence.INFERRED && this.confirmedBy === 0;
  }
}

const STEP_WORDS = layout(Step, ['next', 'bits', 'frame', 'confirmedBy', 'seconds', 'nanoseconds']);

/** The steps of all endpoints, in one pool. Methods that look for a step leave the window `step` on it. */
export class Histories {
  readonly pool = new RowPool(STEP_WORDS);
  /** The step last found or added. */
  readonly step = new Step();
  readonly #other = new Step();

  /** Sets the state that the history starts from. It counts from the next `walk`. */
  startFrom(endpoint: Endpoint, state: State): void {
    endpoint.start = state;
    endpoint.steps |= UNWALKED;
  }

  /** Adds a step at the end. It counts from the next `walk`. */
  append(
    endpoint: Endpoint,
    event: Event,
    evidence: Evidence,
    frame: number,
    seconds: number,
    nanoseconds: number,
    held = false,
  ): void {
    const index = this.pool.take();
    this.#link(endpoint, index);
    const { step } = this;
    step.moveTo(this.pool, index);
    step.bits = event | (evidence << EVIDENCE_SHIFT) | (held ? HELD : 0);
    endpoint.steps |= (1 << event) | UNWALKED;
    step.frame = frame;
    step.seconds = seconds;
    step.nanoseconds = nanoseconds;
  }

  /** As `append`, but before all others. */
  prepend(
    endpoint: Endpoint,
    event: Event,
    evidence: Evidence,
    frame: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    const first = endpoint.first;
    if (first === 0) {
      this.append(endpoint, event, evidence, frame, seconds, nanoseconds);
      return;
    }
    const index = this.pool.take();
    const { step } = this;
    step.moveTo(this.pool, index);
    step.next = first;
    step.bits = event | (evidence << EVIDENCE_SHIFT);
    endpoint.steps |= (1 << event) | UNWALKED;
    step.frame = frame;
    step.seconds = seconds;
    step.nanoseconds = nanoseconds;
    endpoint.first = index + 1;
  }

  /** Moves `step` to the endpoint's latest step for the event, held or not. False if there is none. */
  find(endpoint: Endpoint, event: Event): boolean {
    if ((endpoint.steps & (1 << event)) === 0) return false;
    const { step } = this;
    let found = -1;
    for (let at = endpoint.first; at !== 0; at = step.next) {
      step.moveTo(this.pool, at - 1);
      if ((step.bits & EVENT_MASK) === event) found = at - 1;
    }
    if (found < 0) return false;
    step.moveTo(this.pool, found);
    return true;
  }

  /** As `find`, for the earliest such step. */
  findFirst(endpoint: Endpoint, event: Event): boolean {
    if ((endpoint.steps & (1 << event)) === 0) return false;
    const { step } = this;
    for (let at = endpoint.first; at !== 0; at = step.next) {
      step.moveTo(this.pool, at - 1);
      if ((step.bits & EVENT_MASK) === event) return true;
    }
    return false;
  }

  /** As `find`, for a step that is open. */
  findOpen(endpoint: Endpoint, event: Event): boolean {
    return this.find(endpoint, event) && this.step.open;
  }

  /** Moves `step` to the latest step that moved the endpoint. False if none did. */
  findLastMove(endpoint: Endpoint): boolean {
    const { step } = this;
    let found = -1;
    for (let at = endpoint.first; at !== 0; at = step.next) {
      step.moveTo(this.pool, at - 1);
      if (step.moved) found = at - 1;
    }
    if (found < 0) return false;
    step.moveTo(this.pool, found);
    return true;
  }

  /** True if something of the history, as last walked, is held or open: later segments may change it. */
  isOpen(endpoint: Endpoint): boolean {
    return (endpoint.steps & UNSETTLED) !== 0;
  }

  /** Takes `step` out of the endpoint's history and forgets it. */
  remove(endpoint: Endpoint): void {
    const index = this.step.index;
    this.#unlink(endpoint, index);
    endpoint.steps |= UNWALKED;
    this.pool.release(index);
  }

  /** Puts `step` last: whatever the list holds now happened before it. */
  moveToEnd(endpoint: Endpoint): void {
    const index = this.step.index;
    if (endpoint.last === index + 1) return;
    this.#unlink(endpoint, index);
    this.#link(endpoint, index);
    endpoint.steps |= UNWALKED;
    this.step.moveTo(this.pool, index);
  }

  /** As `moveToEnd`, for every step of the events (a bit each), in their order. */
  moveAllToEnd(endpoint: Endpoint, events: number): void {
    const { step } = this;
    let next = endpoint.first;
    let moved = 0;
    let movedLast = 0;
    endpoint.first = 0;
    endpoint.last = 0;
    endpoint.steps |= UNWALKED;
    while (next !== 0) {
      const at = next;
      step.moveTo(this.pool, at - 1);
      next = step.next;
      if (((events >> (step.bits & EVENT_MASK)) & 1) === 0) this.#link(endpoint, at - 1);
      else {
        step.next = 0;
        if (moved === 0) moved = at;
        else {
          step.moveTo(this.pool, movedLast - 1);
          step.next = at;
        }
        movedLast = at;
      }
    }
    while (moved !== 0) {
      step.moveTo(this.pool, moved - 1);
      const following = step.next;
      this.#link(endpoint, moved - 1);
      moved = following;
    }
  }

  /** `step`, one of the endpoint's, does not count until `confirm`. */
  hold(endpoint: Endpoint): void {
    this.step.bits |= HELD;
    endpoint.steps |= UNWALKED;
  }

  /** Frame `frame` proves `step`, one of the endpoint's; the first proof is kept. */
  confirm(endpoint: Endpoint, frame: number): void {
    this.accept(endpoint);
    const { step } = this;
    if (step.evidence === Evidence.INFERRED && step.confirmedBy === 0) step.confirmedBy = frame;
  }

  /** `step`, one of the endpoint's, counts, though nothing proves it. */
  accept(endpoint: Endpoint): void {
    this.step.bits &= ~HELD;
    endpoint.steps |= UNWALKED;
  }

  /** Sets when and by which frame `step` happened. */
  date(frame: number, seconds: number, nanoseconds: number): void {
    const { step } = this;
    step.frame = frame;
    step.seconds = seconds;
    step.nanoseconds = nanoseconds;
  }

  /** Walks the path anew, if something of it has changed, and sets `endpoint.state`. */
  walk(endpoint: Endpoint): void {
    if ((endpoint.steps & UNWALKED) === 0) return;
    const { step } = this;
    let state = endpoint.start;
    let steps = 0;
    for (let at = endpoint.first; at !== 0; at = step.next) {
      step.moveTo(this.pool, at - 1);
      const { bits } = step;
      const event = bits & EVENT_MASK;
      const to = (bits & HELD) !== 0 ? state : NEXT_STATE[state * EVENT_COUNT + event]!;
      step.bits = (bits & ~(TO_MASK | MOVED)) | (to << TO_SHIFT) | (to !== state ? MOVED : 0);
      steps |= 1 << event;
      if (step.held || step.open) steps |= UNSETTLED;
      state = to;
    }
    endpoint.state = state;
    endpoint.steps = steps;
  }

  /** Gives `to` the same steps as `from` has, in rows of their own. What `to` had is not looked at. */
  copy(from: Endpoint, to: Endpoint): void {
    const { step } = this;
    let at = from.first;
    to.first = 0;
    to.last = 0;
    to.steps = from.steps;
    while (at !== 0) {
      step.moveTo(this.pool, at - 1);
      const { next, bits, frame, confirmedBy, seconds, nanoseconds } = step;
      const index = this.pool.take();
      this.#link(to, index);
      step.moveTo(this.pool, index);
      step.bits = bits;
      step.frame = frame;
      step.confirmedBy = confirmedBy;
      step.seconds = seconds;
      step.nanoseconds = nanoseconds;
      at = next;
    }
  }

  /** Forgets the whole history. */
  clear(endpoint: Endpoint): void {
    const { step } = this;
    for (let at = endpoint.first; at !== 0; ) {
      step.moveTo(this.pool, at - 1);
      const next = step.next;
      this.pool.release(at - 1);
      at = next;
    }
    endpoint.first = 0;
    endpoint.last = 0;
    endpoint.steps |= UNWALKED;
  }

  #link(endpoint: Endpoint, index: number): void {
    const other = this.#other;
    if (endpoint.last === 0) endpoint.first = index + 1;
    else {
      other.moveTo(this.pool, endpoint.last - 1);
      other.next = index + 1;
    }
    other.moveTo(this.pool, index);
    other.next = 0;
    endpoint.last = index + 1;
  }

  #unlink(endpoint: Endpoint, index: number): void {
    const other = this.#other;
    other.moveTo(this.pool, index);
    const next = other.next;
    if (endpoint.first === index + 1) {
      endpoint.first = next;
      if (next === 0) endpoint.last = 0;
      return;
    }
    for (let at = endpoint.first; at !== 0; at = other.next) {
      other.moveTo(this.pool, at - 1);
      if (other.next === index + 1) {
        other.next = next;
        if (next === 0) endpoint.last = at;
        return;
      }
    }
  }
}

/** Microseconds from one time to a later one (negative if it is earlier). Seconds may be int32: differences wrap. */
export function microsecondsBetween(
  fromSeconds: number,
  fromNanoseconds: number,
  toSeconds: number,
  toNanoseconds: number,
): number {
  return ((toSeconds - fromSeconds) | 0) * 1e6 + (toNanoseconds - fromNanoseconds) / 1000;
}
