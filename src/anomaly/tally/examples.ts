// In: connections, or frames, to which something happened. Out: how many, and a few to look at.

import type { FlowFacts, Moment } from '../../tcp/flow-facts.ts';

const KEPT = 5;

export class Examples {
  count: number;
  /** The first few by stream. */
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
    // Connections come in the order in which they ended, or by stream: the examples are the same.
    if (this.count++ === 0 || example.stream < this.stream!) {
      this.stream = example.stream;
      this.frame = example.frame > 0 ? example.frame : null;
      this.time = example.time;
    }
    const { streams } = this;
    if (streams.length === KEPT && example.stream > streams[KEPT - 1]!) return;
    let at = streams.length;
    while (at > 0 && streams[at - 1]! > example.stream) at--;
    streams.splice(at, 0, example.stream);
    if (streams.length > KEPT) streams.pop();
  }
}
