// In: stays. Out: the same in columns of numbers, 37 bytes each, since there may be millions.

import type { StayEnd } from './stay.ts';

const FIRST_CAPACITY = 1 << 12;

/** One row per stay. Rows are only appended; `keep` drops all but some. */
export class StayColumns {
  length = 0;
  #from = new Float64Array(FIRST_CAPACITY);
  #to = new Float64Array(FIRST_CAPACITY);
  #pair = new Int32Array(FIRST_CAPACITY);
  #peer = new Int32Array(FIRST_CAPACITY);
  #stream = new Int32Array(FIRST_CAPACITY);
  /** 0 where no frame is known. */
  #frame = new Int32Array(FIRST_CAPACITY);
  #state = new Uint8Array(FIRST_CAPACITY);
  /** Bits 0 and 1: StayEnd. Bit 2: the connection began before the capture. Bit 3: index of the endpoint in its flow. */
  #bits = new Uint8Array(FIRST_CAPACITY);

  append(
    from: number,
    to: number,
    state: number,
    pair: number,
    peer: number,
    stream: number,
    endpoint: 0 | 1,
    frame: number | null,
    end: StayEnd,
    beganBefore: boolean,
  ): void {
    const row = this.length++;
    if (row === this.#from.length) this.#resize(row * 2);
    this.#from[row] = from;
    this.#to[row] = to;
    this.#pair[row] = pair;
    this.#peer[row] = peer;
    this.#stream[row] = stream;
    this.#frame[row] = frame ?? 0;
    this.#state[row] = state;
    this.#bits[row] = end | (beganBefore ? 4 : 0) | (endpoint << 3);
  }

  from(row: number): number {
    return this.#from[row]!;
  }

  to(row: number): number {
    return this.#to[row]!;
  }

  state(row: number): number {
    return this.#state[row]!;
  }

  pair(row: number): number {
    return this.#pair[row]!;
  }

  peer(row: number): number {
    return this.#peer[row]!;
  }

  stream(row: number): number {
    return this.#stream[row]!;
  }

  frame(row: number): number | null {
    return this.#frame[row]! || null;
  }

  end(row: number): StayEnd {
    return (this.#bits[row]! & 3) as StayEnd;
  }

  beganBefore(row: number): boolean {
    return (this.#bits[row]! & 4) !== 0;
  }

  endpoint(row: number): 0 | 1 {
    return (this.#bits[row]! >> 3) as 0 | 1;
  }

  /** Gives row `row` other names, after the names have been made anew. */
  rename(row: number, pair: number, peer: number): void {
    this.#pair[row] = pair;
    this.#peer[row] = peer;
  }

  /** Drops all rows but these, given in ascending order. */
  keep(rows: Int32Array): void {
    for (const [to, from] of rows.entries()) {
      for (const column of this.#columns()) column[to] = column[from]!;
    }
    this.length = rows.length;
  }

  #columns(): (Float64Array | Int32Array | Uint8Array)[] {
    return [this.#from, this.#to, this.#pair, this.#peer, this.#stream, this.#frame, this.#state, this.#bits];
  }

  #resize(capacity: number): void {
    this.#from = grown(this.#from, new Float64Array(capacity));
    this.#to = grown(this.#to, new Float64Array(capacity));
    this.#pair = grown(this.#pair, new Int32Array(capacity));
    this.#peer = grown(this.#peer, new Int32Array(capacity));
    this.#stream = grown(this.#stream, new Int32Array(capacity));
    this.#frame = grown(this.#frame, new Int32Array(capacity));
    this.#state = grown(this.#state, new Uint8Array(capacity));
    this.#bits = grown(this.#bits, new Uint8Array(capacity));
  }
}

function grown<Column extends Float64Array | Int32Array | Uint8Array>(old: Column, fresh: Column): Column {
  fresh.set(old);
  return fresh;
}
