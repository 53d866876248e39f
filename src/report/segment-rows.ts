// In: segments as they pass, and which of them a view wants. Out: a row per wanted segment, kept until the view is printed.
//
// States are not kept here: a row finds them in the histories by its frame number when it is printed, so that what hindsight
// corrected shows corrected.

import type { SentSegment } from '../tcp/arrivals.ts';
import type { FlowResult } from '../tcp/flow-result.ts';

/** One segment as a row of a connection's packet table. */
export interface SegmentRow {
  /** Its place among the connection's segments, from 0. */
  index: number;
  frame: number;
  /** When, as the capture has it: Unix seconds and nanoseconds. */
  seconds: number;
  nanoseconds: number;
  /** True if the sender of the connection's first segment sent this one too. */
  isFromFirst: boolean;
  /** The text of Wireshark's Info column. */
  info: string;
  /** What the payload looks like, or "". */
  app: string;
  /** What a ladder is drawn from; only there where one will be. */
  parts?: SegmentParts;
}

/** A segment in parts: what `info` says in one text. */
export interface SegmentParts extends Pick<SentSegment, 'flags' | 'analysis' | 'seq' | 'ack' | 'length' | 'sack'> {
  /** "PSH, ACK". */
  names: string;
  /** What Wireshark's analysis found, in its words. */
  marks: readonly string[];
}

/** The rows of one connection. */
export interface SegmentRows {
  /** The sender of the connection's first segment: a FlowResult may have its endpoints the other way round. */
  readonly firstAddr: string;
  readonly firstPort: number;
  readonly rows: SegmentRow[];
  /** Segments that have passed, kept or not. */
  passed: number;
}

/** Which segments of a connection are wanted. */
export interface RowChoice {
  /** The first so many, */
  head: number;
  /** those from this one on (counted from 0), */
  tailFrom: number;
  /** and those in these frames. */
  frames: ReadonlySet<number>;
}

/** Most frames chosen for what happens in them; beyond it a history is better read as JSON. */
const MOST_KEY_FRAMES = 200;

/**
 * At most about `limit` segments of a connection: all of a short one; of a long one its beginning, its end, and every segment
 * that moved a state or caused a finding.
 */
export function chooseRows(flow: FlowResult, limit: number): RowChoice {
  if (flow.segments <= limit) return { head: flow.segments, tailFrom: flow.segments, frames: new Set() };
  const frames = new Set<number>();
  for (const endpoint of flow.endpoints) {
    for (const entry of endpoint.states) {
      if (entry.frame !== null && frames.size < MOST_KEY_FRAMES) frames.add(entry.frame);
    }
  }
  for (const finding of flow.findings) {
    if (finding.frame !== null && frames.size < MOST_KEY_FRAMES) frames.add(finding.frame);
  }
  const head = Math.ceil(limit / 2);
  const tail = Math.floor(limit / 4);
  return { head, tailFrom: Math.max(head, flow.segments - tail), frames };
}

/** True if the choice holds the connection's segment number `index` (from 0), in frame `frame`. */
export function isChosen(choice: RowChoice, index: number, frame: number): boolean {
  return index < choice.head || index >= choice.tailFrom || choice.frames.has(frame);
}

/** Keeps rows of the connections asked for. */
export class RowKeeper {
  readonly #byStream = new Map<number, SegmentRows>();
  readonly #choiceOf: (stream: number) => RowChoice | null;
  #left: number;

  /** `choiceOf` says what is wanted of a connection (null: nothing); `budget` is the most rows kept in all. */
  constructor(choiceOf: (stream: number) => RowChoice | null, budget: number) {
    this.#choiceOf = choiceOf;
    this.#left = budget;
  }

  /** True if something of the connection is wanted, and the budget is not used up. */
  wants(stream: number): boolean {
    return this.#left > 0 && this.#choiceOf(stream) !== null;
  }

  /**
   * Called for every segment, before its row is made (which costs more than asking): the connection's rows if it is wanted, to
   * which the caller then adds it, else null. `firstSender` is called for a connection not met before.
   */
  claim(stream: number, frame: number, firstSender: () => [addr: string, port: number]): SegmentRows | null {
    if (this.#left <= 0) return null;
    const choice = this.#choiceOf(stream);
    if (choice === null) return null;
    let kept = this.#byStream.get(stream);
    if (kept === undefined) {
      const [firstAddr, firstPort] = firstSender();
      kept = { firstAddr, firstPort, rows: [], passed: 0 };
      this.#byStream.set(stream, kept);
    }
    if (!isChosen(choice, kept.passed++, frame)) return null;
    this.#left--;
    return kept;
  }

  /** The rows of a connection; null if none were kept. */
  of(stream: number): SegmentRows | null {
    return this.#byStream.get(stream) ?? null;
  }
}
