// In: nothing. Out: what the printers write to. cli/output.ts is the one behind every format.

import type { LinearMemory } from '../linear/memory.ts';
import type { RowBytes } from './row-bytes.ts';

/** What a printer writes to. */
export interface TextSink {
  write(text: string): void;
  /** Undefined while there is room, else a promise that waits for it. */
  ready(): Promise<void> | undefined;
}

/** A sink whose bytes can be written in place, behind what it was told before. */
export interface ByteSink extends TextSink {
  readonly rows: RowBytes;
  /** To be called after each row put into `rows`. */
  rowWritten(): void;
}

/** A byte sink for rows that the program in linear memory writes. */
export interface LinearSink extends ByteSink {
  /** `rows` is to lie in this memory from now on. */
  lieIn(memory: LinearMemory): void;
}
