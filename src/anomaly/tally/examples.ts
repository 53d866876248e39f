// In: connections, or frames, to which something happened. Out: how many, and a few to look at.

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

  note({ stream, frame, time }: { stream: number; frame: number; time: number }): void {
    this.add(stream, frame, time);
  }

  /** `time`: NaN where it is not known. */
  add(stream: number, frame: number, time: number): void {
    // Connections come in the order in which they ended, or by stream: the examples are the same.
    if (this.count++ === 0 || stream < this.stream!) {
      this.stream = stream;
      this.frame = frame > 0 ? frame : null;
      this.time = Number.isNaN(time) ? null : time;
    }
    const { streams } = this;
    if (streams.length === KEPT && stream > streams[KEPT - 1]!) return;
    let at = streams.length;
    while (at > 0 && streams[at - 1]! > stream) at--;
    streams.splice(at, 0, stream);
    if (streams.length > KEPT) streams.pop();
  }
}
