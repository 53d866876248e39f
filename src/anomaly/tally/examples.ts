// In: connections, or frames, to which something happened. Out: how many, and a few to look at.

import type { FlowFacts, Moment } from '../../tcp/flow-facts.ts';

const KEPT = 5;

export class Examples {
  count: number;
  /** The first few. */
  readonly streams: number[] = [];
  /** Where the first is. */
  stream: number | null = null;
  frame: number | null;
  time: number | null = null;

  /** Starts with nothing, or with `count` frames of which the first is `frame`. */
  constructor(count = 0, frame = 0) {
    this.count = count;
    this.frame = frame > 0 ? frame : null;
  }

  add(flow: FlowFacts, at: Moment): void {
    this.note({ stream: flow.flow.stream, frame: at.frame, time: at.time });
  }

  note(example: { stream: number; frame: number; time: number | null }): void {
    if (this.count++ === 0) {
      this.stream = example.stream;
      this.frame = example.frame > 0 ? example.frame : null;
      this.time = example.time;
    }
    if (this.streams.length < KEPT) this.streams.push(example.stream);
  }
}
