// In: captures, a format, a number of parts. Out: what is printed of them, worked out in parts that take turns in this one thread.

import { type AnalyzeOptions, analyze } from '../../src/analyze.ts';
import type { LinearMemory } from '../../src/linear/memory.ts';
import type { Message } from '../../src/parallel/batch.ts';
import { type PartTask, runPart } from '../../src/parallel/part-run.ts';
import { analyzeInParallel, type StartPart } from '../../src/parallel/run.ts';
import { type AnalysisPrinter, JsonPrinter, NdjsonPrinter } from '../../src/report/analysis-json.ts';
import { RowBytes } from '../../src/report/row-bytes.ts';
import type { CaptureResult } from '../../src/tcp/flow-result.ts';

export type Format = 'json' | 'ndjson';

/** Gathers all that is printed. */
export class Page {
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

export interface Printed {
  text: string;
  capture: CaptureResult | null;
}

const printerOf = (format: Format, page: Page): AnalysisPrinter =>
  format === 'json' ? new JsonPrinter(page) : new NdjsonPrinter(page);

export async function alone(options: AnalyzeOptions, format: Format): Promise<Printed & { capture: CaptureResult }> {
  const page = new Page();
  const printer = printerOf(format, page);
  const capture = await analyze({ ...options, asTheyEnd: format === 'ndjson' }, { flow: (flow) => printer.flow(flow) });
  await printer.end(capture);
  return { text: page.text, capture };
}

export async function inParts(
  options: AnalyzeOptions,
  format: Format,
  workers: number,
  { start = inTurns(), page = new Page() }: { start?: StartPart; page?: Page } = {},
): Promise<Printed> {
  const printer = printerOf(format, page);
  const capture = await analyzeInParallel(
    { ...options, asTheyEnd: format === 'ndjson', workers, start },
    { flow: (said, rest) => printer.written(said, rest) },
  );
  if (capture !== null) await printer.end(capture);
  return { text: page.text, capture };
}

/** Parts that take turns. `before`: called before each message of a part goes out. */
export function inTurns(before: (part: number, message: Message) => void = () => {}): StartPart {
  return (task: PartTask, receive) => {
    let isOver = false;
    const run = runPart(
      task,
      (message) => {
        before(task.part, message);
        receive(message);
      },
      async (counts, word, value) => {
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (isOver) throw new Error('the run is over');
        return Atomics.load(counts, word) === value;
      },
    );
    return () => {
      isOver = true;
      task.large.close();
      return run;
    };
  };
}
