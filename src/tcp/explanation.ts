// In: a frame's number, asked of the tracker before the capture is read. Out: what that frame did, and why: the variables of
// both ends before and after, the steps it added, proved, put off or took back, the rows of the table that fired, and what the
// rules had to say against other readings.

import { type Endpoint, EndpointBit } from './endpoint.ts';
import { EVENT_KEYS, EVENTS, type EventName } from './event.ts';
import type { Evidence } from './flow-result.ts';
import { EVIDENCE, type Histories, Step } from './history.ts';
import { STATES, type StateName } from './state.ts';
import type { StateTracker } from './states.ts';
import { rowFor } from './transitions.ts';

/** What an observer knows of an endpoint. Sequence numbers are raw, unsigned; null where nothing has shown them. */
export interface Variables {
  state: StateName;
  iss: number | null;
  sndUna: number | null;
  sndNxt: number | null;
  /** The window its peer has offered it. */
  sndWnd: number;
  rcvNxt: number | null;
  /** The window it has offered. */
  rcvWnd: number;
}

/** How a step of a history stands after the frame. */
export type Change = 'added' | 'held' | 'confirmed' | 'accepted' | 'dated' | 'taken back';

export interface StepChange {
  change: Change;
  event: EventName;
  from: StateName;
  to: StateName;
  evidence: Evidence;
  /** The frame of the step: this one, or the earlier one whose arrival it decided. */
  frame: number;
  /** The row of the table: its section and its reason. */
  rfc: string;
  why: string;
}

export interface SideExplanation {
  before: Variables;
  after: Variables;
  steps: StepChange[];
}

export interface FrameExplanation {
  frame: number;
  sender: SideExplanation;
  receiver: SideExplanation;
  /** What the rules said, in order, the alternatives that lost among it. */
  notes: string[];
}

interface Snapshot {
  variables: Variables;
  steps: Map<number, StepState>;
}

interface StepState {
  key: (typeof EVENT_KEYS)[number];
  event: EventName;
  from: StateName;
  to: StateName;
  evidence: Evidence;
  frame: number;
  held: boolean;
  confirmedBy: number;
}

/** Asks `tracker` for frame `frame`. The explanation is there once that frame has been observed. */
export class FrameExplainer {
  /** Null until the frame has been seen as a segment of a connection. */
  explanation: FrameExplanation | null = null;

  constructor(tracker: StateTracker, frame: number) {
    let before: [Snapshot, Snapshot] | null = null;
    tracker.explainedFrame = frame;
    tracker.explaining = (sender, receiver, notes) => {
      const now: [Snapshot, Snapshot] = [
        snapshot(tracker.histories, sender, receiver),
        snapshot(tracker.histories, receiver, sender),
      ];
      if (notes === null || before === null) before = now;
      else {
        this.explanation = {
          frame,
          sender: compare(before[0], now[0]),
          receiver: compare(before[1], now[1]),
          notes: [...notes],
        };
      }
    };
  }
}

function snapshot(histories: Histories, endpoint: Endpoint, peer: Endpoint): Snapshot {
  const steps = new Map<number, StepState>();
  const step = new Step();
  let from = STATES[endpoint.start]!;
  for (let at = endpoint.first; at !== 0; at = step.next) {
    step.moveTo(histories.pool, at - 1);
    const to = STATES[step.to]!;
    steps.set(at - 1, {
      key: EVENT_KEYS[step.event]!,
      event: EVENTS[step.event],
      from,
      to: step.held ? from : to,
      evidence: EVIDENCE[step.evidence],
      frame: step.frame,
      held: step.held,
      confirmedBy: step.confirmedBy,
    });
    if (!step.held) from = to;
  }
  return { variables: variablesOf(endpoint, peer), steps };
}

function variablesOf(endpoint: Endpoint, peer: Endpoint): Variables {
  const known = (e: Endpoint, bit: number, value: number): number | null => ((e.bits & bit) === 0 ? null : value >>> 0);
  return {
    state: STATES[endpoint.state]!,
    iss: known(endpoint, EndpointBit.ISS_KNOWN, endpoint.iss),
    sndUna: known(peer, EndpointBit.RCV_KNOWN, peer.rcvNxt),
    sndNxt: known(endpoint, EndpointBit.NXT_KNOWN, endpoint.sndNxt),
    sndWnd: peer.window,
    rcvNxt: known(endpoint, EndpointBit.RCV_KNOWN, endpoint.rcvNxt),
    rcvWnd: endpoint.window,
  };
}

function compare(before: Snapshot, after: Snapshot): SideExplanation {
  const steps: StepChange[] = [];
  for (const [index, step] of after.steps) {
    const change = changeOf(before.steps.get(index), step);
    if (change !== null) steps.push(described(change, step));
  }
  for (const [index, step] of before.steps) {
    if (!after.steps.has(index)) steps.push(described('taken back', step));
  }
  return { before: before.variables, after: after.variables, steps };
}

function changeOf(was: StepState | undefined, is: StepState): Change | null {
  if (was === undefined || was.key !== is.key) return is.held ? 'held' : 'added';
  if (was.confirmedBy === 0 && is.confirmedBy !== 0) return 'confirmed';
  if (was.held !== is.held) return is.held ? 'held' : 'accepted';
  return was.frame === is.frame ? null : 'dated';
}

function described(change: Change, step: StepState): StepChange {
  const row = rowFor(step.from, step.key);
  const { event, from, to, evidence, frame } = step;
  return { change, event, from, to, evidence, frame, rfc: row?.rfc ?? '', why: row?.why ?? '' };
}
