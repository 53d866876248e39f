// In: the rows of one endpoint, finished. Out: its path through the states as plain objects, and what it says of opening and closing.

import type { CaptureClock } from './clock.ts';
import { type Endpoint, EndpointBit } from './endpoint.ts';
import { EVENTS, Event } from './event.ts';
import type { StateEntry } from './flow-result.ts';
import { EVIDENCE, Evidence, type Histories, Step } from './history.ts';
import { STATES, State } from './state.ts';

export type Opener = 'active' | 'passive' | 'simultaneous' | 'unknown';
export type Closer = 'active' | 'passive' | 'simultaneous' | 'reset' | null;

/** One endpoint's path. All that is asked of a finished connection is gathered in one walk over the endpoint's history. */
export class Path {
  /** The states in order, the start state first. Times never go back, though what was inferred may be dated so. */
  entries: StateEntry[] = [];
  /** EndpointBit set. */
  bits = 0;
  /** Bits by State: those entered. */
  #visited = 0;
  /** Bits by Event: there is a step; the latest such step moved the endpoint; it is held. */
  #events = 0;
  #moved = 0;
  #held = 0;
  readonly #step = new Step();

  /** `entries` are new objects, the rest is overwritten. */
  read(histories: Histories, endpoint: Endpoint, clock: CaptureClock): void {
    const step = this.#step;
    const entries: StateEntry[] = [
      { state: STATES[endpoint.start]!, time: null, frame: null, cause: null, evidence: 'assumed' },
    ];
    let visited = 0;
    let events = 0;
    let moved = 0;
    let held = 0;
    let latest = Number.NEGATIVE_INFINITY;
    for (let at = endpoint.first; at !== 0; at = step.next) {
      step.moveTo(histories.pool, at - 1);
      const event = 1 << step.event;
      events |= event;
      held = step.held ? held | event : held & ~event;
      if (!step.moved) {
        moved &= ~event;
        continue;
      }
      moved |= event;
      visited |= 1 << step.to;
      const time = clock.since(step.seconds, step.nanoseconds);
      if (time > latest) latest = time;
      entries.push(entryOf(step, latest));
    }
    this.entries = entries;
    this.bits = endpoint.bits;
    this.#visited = visited;
    this.#events = events;
    this.#moved = moved;
    this.#held = held;
  }

  has(bit: number): boolean {
    return (this.bits & bit) !== 0;
  }

  /** Did the endpoint enter this state? */
  visited(state: State): boolean {
    return (this.#visited & (1 << state)) !== 0;
  }

  /** Is there a step for this event, held or not? */
  met(event: Event): boolean {
    return (this.#events & (1 << event)) !== 0;
  }

  /** Is there one, and is the latest not held? */
  took(event: Event): boolean {
    return (this.#events & ~this.#held & (1 << event)) !== 0;
  }

  /** Did the latest step for this event move the endpoint? */
  movedBy(event: Event): boolean {
    return (this.#moved & (1 << event)) !== 0;
  }
}

function entryOf(step: Step, time: number): StateEntry {
  const state = STATES[step.to]!;
  const frame = step.frame === 0 ? null : step.frame;
  const cause = EVENTS[step.event]!;
  const evidence = EVIDENCE[step.evidence]!;
  const { confirmedBy } = step;
  if (confirmedBy === 0 || step.evidence !== Evidence.INFERRED) return { state, time, frame, cause, evidence };
  return { state, time, frame, cause, evidence, confirmedBy };
}

/** How the endpoint took part in opening. */
export function openerOf(path: Path, peer: Path): Opener {
  if (path.has(EndpointBit.ACTIVE)) return peer.has(EndpointBit.ACTIVE) ? 'simultaneous' : 'active';
  return path.has(EndpointBit.PASSIVE) ? 'passive' : 'unknown';
}

/** How the endpoint took part in closing: its part in the FINs, or that its RST ended the connection. */
export function closerOf(path: Path, peer: Path): Closer {
  if (path.movedBy(Event.SND_RST)) return 'reset';
  if (path.visited(State.FIN_WAIT_1)) return peer.visited(State.FIN_WAIT_1) ? 'simultaneous' : 'active';
  return path.visited(State.LAST_ACK) ? 'passive' : null;
}
