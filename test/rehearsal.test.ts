// In: the capture that is run through before a large one. Out: proof that it is what it claims to be: connections by the book, all the way.

import { expect, test } from 'vitest';
import { analyze } from '../src/analyze.ts';
import { rehearsal } from '../src/rehearsal.ts';
import type { FlowResult } from '../src/tcp/flow-result.ts';
import type { TextbookLife } from '../src/tcp/textbook-life.ts';
import { shareOfAddresses } from '../src/wire/share.ts';

test('is told as lives by the book, with right checksums, and nothing is found', async () => {
  const streams: number[] = [];
  const flows: unknown[] = [];
  const life = (one: TextbookLife): void => void streams.push(one.stream);
  const input = { files: ['-'], stdin: rehearsal() };
  const capture = await analyze(input, { life, flow: (flow) => void flows.push(flow) });
  expect(streams).toEqual([...Array(24).keys()]);
  expect(flows).toEqual([]);
  expect(capture).toMatchObject({ frames: 336, tcpSegments: 336, captureFindings: [], warnings: [], truncated: false });
});

test('enough of it is of one part of two, and of the other', async () => {
  const of: number[] = [0, 0];
  const flow = ({ endpoints: [a, b] }: FlowResult): void => {
    const bytes = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number);
    of[shareOfAddresses(bytes(a.addr), a.port, bytes(b.addr), b.port) % 2]!++;
  };
  await analyze({ files: ['-'], stdin: rehearsal() }, { flow });
  // See CONNECTIONS.
  expect(Math.min(...of)).toBeGreaterThanOrEqual(8);
  expect(of[0]! + of[1]!).toBe(24);
});
