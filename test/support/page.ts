// In: what a printer prints. Out: its text.

import type { LinearMemory } from '../../src/linear/memory.ts';
import { RowBytes } from '../../src/report/row-bytes.ts';
import type { LinearSink } from '../../src/report/sink.ts';

/** Gathers all that is printed. */
export class Page implements LinearSink {
  rows = new RowBytes(1 << 12);
  onWrite: () => void = () => {};

  lieIn(memory: LinearMemory): void {
    const before = this.rows.block.subarray(0, this.rows.length);
    this.rows = new RowBytes(before.length + (1 << 12), memory);
    this.rows.copy(before);
  }
  rowWritten(): void {
    this.onWrite();
  }
  write(text: string): void {
    this.rows.text(text);
    this.onWrite();
  }
  ready(): undefined {
    return undefined;
  }
  get text(): string {
    return new TextDecoder().decode(this.rows.block.subarray(0, this.rows.length));
  }
}
