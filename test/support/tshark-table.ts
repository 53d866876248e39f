// In: the output of `tshark -T fields -E header=y` in a file. Out: its rows, one at a time, in constant memory.

import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 18;

export class TsharkTable {
  /** The field names of the header row. */
  readonly fields: readonly string[];
  readonly #fd: number;
  readonly #chunk = Buffer.alloc(CHUNK);
  #rest = '';
  #lines: string[] = [];
  #at = 0;
  #decoder = new TextDecoder();

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.fields = (this.#line() ?? '').split('\t');
  }

  /** The cells of the next row, or null at the end. */
  next(): string[] | null {
    const line = this.#line();
    return line === null ? null : line.split('\t');
  }

  close(): void {
    closeSync(this.#fd);
  }

  #line(): string | null {
    while (this.#at >= this.#lines.length) {
      const count = readSync(this.#fd, this.#chunk);
      if (count === 0) {
        if (this.#rest === '') return null;
        this.#lines = [this.#rest];
        this.#rest = '';
      } else {
        this.#lines = (this.#rest + this.#decoder.decode(this.#chunk.subarray(0, count), { stream: true })).split('\n');
        this.#rest = this.#lines.pop()!;
      }
      this.#at = 0;
    }
    return this.#lines[this.#at++]!;
  }
}
