// In: connections told to a collector. Out: proof that its batches say what they are to say for as long as they may be held, however large.

import { expect, test } from 'vitest';
import {
  BATCHES_AHEAD,
  type Batch,
  PAGE_TEXT_BYTES,
  pagesFor,
  ROW_HEADER,
  TooManyFlows,
} from '../../src/parallel/batch.ts';
import { Collector } from '../../src/parallel/collector.ts';
import { client, flow, server } from '../support/flow.ts';

const lengths = (count: number): number[] => Array.from({ length: count }, (_, i) => 1000 + i);

test('batches are whole until as many more have been sent as are ever on their way', async () => {
  const sent: Batch[] = [];
  const collector = new Collector(1000, pagesFor(), (batch) => void sent.push(batch));
  for (const length of lengths(BATCHES_AHEAD)) {
    collector.place(0, 1, 1);
    await collector.flow(flow({ id: 'x'.repeat(length), endpoints: [client({}), server()] }));
    await collector.flush();
  }
  expect(sent.map(({ text }) => new TextDecoder().decode(text.slice()).match(/x+/)![0].length)).toEqual(
    lengths(BATCHES_AHEAD),
  );
  expect(new Set(sent.map(({ text }) => text.buffer)).size).toBe(BATCHES_AHEAD);
});

test('what fits no page travels by itself', async () => {
  const sent: Batch[] = [];
  const collector = new Collector(1000, pagesFor(), (batch) => void sent.push(batch));
  collector.place(0, 1, 1);
  await collector.flow(flow({ id: 'x'.repeat(PAGE_TEXT_BYTES + 1), endpoints: [client({}), server()] }));
  const [batch] = sent;
  expect(batch!.text.buffer).not.toBeInstanceOf(SharedArrayBuffer);
  expect(batch!.rows[ROW_HEADER]).toBe(batch!.text.length);
  const { stream, id, verdict } = JSON.parse(new TextDecoder().decode(batch!.text));
  expect([stream, id.length, verdict]).toEqual([0, PAGE_TEXT_BYTES + 1, flow({}).verdict]);
});

test('where memory runs out the run is given up, before more is told', () => {
  let isFull = false;
  const sent: Batch[] = [];
  const collector = new Collector(
    1000,
    pagesFor(),
    (batch) => void sent.push(batch),
    () => isFull,
  );
  for (let chunk = 1; chunk <= 20; chunk++) collector.passed(chunk);
  const { length } = sent;
  expect(length).toBeGreaterThan(0);
  isFull = true;
  expect(() => collector.passed(21)).toThrow(TooManyFlows);
  expect(sent.length).toBe(length);
});
