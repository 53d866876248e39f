// In: flows of fixtures, few and many. Out: the document of `--format json` compared with JSON.stringify's of the same flows, to the last character.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { ANALYSIS_SCHEMA, JsonPrinter, NdjsonPrinter } from '../../src/report/analysis-json.ts';
import { jsonText } from '../../src/report/json-text.ts';
import type { CaptureResult, FlowResult } from '../../src/tcp/flow-result.ts';
import { flowOf } from '../../src/tcp/textbook-life.ts';

import { Page } from '../support/page.ts';

const files = [fileURLToPath(new URL('../../fixtures/captures/many-connections.pcap', import.meta.url))];

interface Told {
  page: Page;
  printer: JsonPrinter;
  flows: FlowResult[];
  lives: number;
  capture: CaptureResult;
}

async function told(): Promise<Told> {
  const page = new Page();
  const printer = new JsonPrinter(page);
  const flows: FlowResult[] = [];
  let lives = 0;
  const capture = await analyze(
    { files },
    {
      lives(some) {
        for (const life of some) {
          lives++;
          flows.push(structuredClone(flowOf(life)));
        }
        return printer.lives(some);
      },
      flow(flow) {
        flows.push(structuredClone(flow));
        return printer.flow(flow);
      },
    },
  );
  return { page, printer, flows, lives, capture };
}

const linesOf = (flows: readonly FlowResult[]): string => flows.map((flow) => jsonText(flow)).join(',\n');

test('a small document says first what the capture is', async () => {
  const { page, printer, flows, lives, capture } = await told();
  expect(lives).toBeGreaterThan(30);
  expect(flows.length - lives).toBeGreaterThan(3);
  expect(page.text).toBe('');
  printer.end(capture);
  const [start, end] = page.text.split(linesOf(flows));
  expect(start).toBe(`{\n"schema": "${ANALYSIS_SCHEMA}",\n"capture": ${jsonText(capture)},\n"flows": [\n`);
  expect(end).toBe('\n],\n"findings": {"connection_refused":3,"reset_unread_data":2}\n}\n');
  expect(JSON.parse(page.text).flows).toEqual(JSON.parse(JSON.stringify(flows)));
});

test('a document without connections', async () => {
  const { capture } = await told();
  const page = new Page();
  new JsonPrinter(page).end(capture);
  expect(JSON.parse(page.text).flows).toEqual([]);
});

test('a large one is written as it grows, the capture last; in all ways a flow can be told', async () => {
  const { page, printer, flows, capture } = await told();
  const encoder = new TextEncoder();
  const longest = 16 << 20;
  let length = linesOf(flows).length;
  const first = flows.length;
  for (let stream = first; length < longest + 100_000; stream++) {
    const flow = { ...flows[stream % first]!, stream };
    const line = jsonText(flow);
    flows.push(flow);
    length += line.length + 2;
    if (stream % 2 === 0) printer.flow(flow);
    else printer.written(flow, encoder.encode(line.slice(`{"stream":${stream}`.length)));
    if ((page.rows.length === 0) !== length < longest) throw new Error(`at ${length} characters`);
  }
  printer.end(capture);
  const [start, end] = page.text.split(linesOf(flows));
  expect(start).toBe(`{\n"schema": "${ANALYSIS_SCHEMA}",\n"flows": [\n`);
  const counts = new Map<string, number>();
  for (const { code, count } of [...flows.flatMap(({ findings }) => findings), ...capture.captureFindings])
    counts.set(code, (counts.get(code) ?? 0) + count);
  expect(JSON.parse(page.text).findings).toEqual(Object.fromEntries(counts));
  expect(end).toMatch(/^\n\],\n"findings": \{/);
  expect(end).toContain(`},\n"capture": ${jsonText(capture)}\n}\n`);
  expect(JSON.parse(page.text).flows).toHaveLength(flows.length);
});

test('lines that were printed before are not printed again, however they are told', async () => {
  const lines = async (printed: number): Promise<string[]> => {
    const page = new Page();
    const printer = new NdjsonPrinter(page, printed);
    await analyze({ files }, { lives: (lives) => printer.lives(lives), flow: (flow) => printer.flow(flow) });
    return page.text.trimEnd().split('\n');
  };
  const all = await lines(0);
  expect(all.length).toBeGreaterThan(40);
  for (const printed of [1, 5, 17, all.length - 1]) expect(await lines(printed)).toEqual(all.slice(printed));
});
