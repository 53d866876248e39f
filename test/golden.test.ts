// In: every capture of fixtures/. Out: its reports, compared whole with those kept in test/golden/.
// `npx vitest run -u test/golden` rewrites them; the difference is reviewed like code, each value against tshark or arithmetic.

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../src/report/columns.ts';
import { printed } from './support/in-process.ts';

const REPORTS: [file: string, args: string[], screen: { columns?: number; color?: boolean }][] = [
  ['analyze.txt', ['analyze'], {}],
  ['analyze-80.txt', ['analyze'], { columns: 80 }],
  ['analyze.json', ['analyze', '--format', 'json'], {}],
  ['packets.txt', ['packets'], {}],
];

/** Colour, narrow and wide screens, options: what is not worth looking at for every capture. */
const FURTHER: [file: string, args: string[], screen: { columns?: number; color?: boolean }][] = [
  ['textbook/analyze-120-color.txt', ['analyze', 'textbook'], { columns: 120, color: true }],
  ['textbook/analyze-60.txt', ['analyze', 'textbook'], { columns: 60 }],
  ['textbook/analyze-200.txt', ['analyze', 'textbook'], { columns: 200 }],
  ['textbook/analyze.ndjson', ['analyze', '--format', 'ndjson', 'textbook'], {}],
  ['textbook/packets.csv', ['packets', '--format', 'csv', 'textbook'], {}],
  ['textbook/packets.ndjson', ['packets', '--format', 'ndjson', 'textbook'], {}],
  ['retransmission/analyze-120-color.txt', ['analyze', 'retransmission'], { columns: 120, color: true }],
  ['ipv6/analyze-60.txt', ['analyze', 'ipv6'], { columns: 60 }],
  ['time-wait/analyze-time-wait-240.txt', ['analyze', '--time-wait', '240', 'time-wait'], {}],
  ['many-connections/analyze-all.txt', ['analyze', '--all', '--rows', '0', 'many-connections'], {}],
  ['many-connections/analyze-stream-16.txt', ['analyze', '--stream', '16', 'many-connections'], {}],
  ['many-connections/analyze-60.txt', ['analyze', 'many-connections'], { columns: 60 }],
  ['zero-window/analyze-rows-4.txt', ['analyze', '--rows', '4', 'zero-window'], {}],
];

function expectToFit(stdout: string, columns = Number.POSITIVE_INFINITY): void {
  expect(stdout.split('\n').filter((line) => displayWidth(line) > columns)).toEqual([]);
}

const names = readdirSync('fixtures/captures')
  .filter((file) => file.endsWith('.pcap'))
  .map((file) => file.replace(/\.pcap$/, ''))
  .sort();

describe.each(names)('%s', (name) => {
  test.each(REPORTS)('%s', async (file, args, screen) => {
    const { stdout } = await printed([...args, `fixtures/captures/${name}.pcap`], screen);
    expectToFit(stdout, screen.columns);
    await expect(stdout).toMatchFileSnapshot(`golden/${name}/${file}`);
  });
});

test.each(FURTHER)('%s', async (file, args, screen) => {
  const path = `fixtures/captures/${args.at(-1)}.pcap`;
  const { stdout } = await printed([...args.slice(0, -1), path], screen);
  expectToFit(stdout, screen.columns);
  await expect(stdout).toMatchFileSnapshot(`golden/${file}`);
});

test('every kept output belongs to a report', () => {
  const known = new Set([
    ...names.flatMap((name) => REPORTS.map(([file]) => `${name}/${file}`)),
    ...FURTHER.map(([file]) => file),
  ]);
  const kept = readdirSync('test/golden', { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.'));
  expect(kept.filter((path) => !known.has(path))).toEqual([]);
});
