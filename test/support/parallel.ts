// In: captures, a format, a number of parts. Out: what is printed of them, worked out in parts that take turns in this one thread.

import { type AnalyzeOptions, analyze } from '../../src/analyze.ts';
import type { Message } from '../../src/parallel/batch.ts';
import { type PartTask, runPart } from '../../src/parallel/part-run.ts';
import { analyzeInParallel, type StartPart } from '../../src/parallel/run.ts';
import { type AnalysisPrinter, JsonPrinter, NdjsonPrinter } from '../../src/report/analysis-json.ts';
import type { CaptureResult } from '../../src/tcp/flow-result.ts';
import { Page } from './page.ts';

export type Format = 'json' | 'ndjson';

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
