// In: the capture that is run through before a large one. Out: proof that it is what it claims to be: connections by the book, all the way.

import { expect, test } from 'vitest';
import { analyze } from '../src/analyze.ts';
import { rehearsal } from '../src/rehearsal.ts';
import type { TextbookLife } from '../src/tcp/textbook-life.ts';

test('is told as lives by the book, with right checksums, and nothing is found', async () => {
  const streams: number[] = [];
  const flows: unknown[] = [];
  const life = (one: TextbookLife): void => void streams.push(one.stream);
  const input = { files: ['-'], stdin: rehearsal() };
  const capture = await analyze(input, { life, flow: (flow) => void flows.push(flow) });
  expect(streams).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(flows).toEqual([]);
  expect(capture).toMatchObject({ frames: 168, tcpSegments: 168, captureFindings: [], warnings: [], truncated: false });
});
