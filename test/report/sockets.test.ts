// In: captures. Out: what `sockets` prints of them, compared whole and at every width.
// `npx vitest run -u test/report/sockets.test.ts` rewrites the outputs in sockets-outputs/; each is looked at.

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { CLOSE_WAIT_LEAK, SERVER_TIME_WAIT_V6, TIME_WAIT_BUILDUP } from '../support/buildup-captures.ts';
import { printed } from '../support/in-process.ts';

async function sockets(input: Uint8Array, argv: string[] = [], screen: { columns?: number; color?: boolean } = {}) {
  return (await printed(['sockets', ...argv, '-'], { ...screen, input })).stdout;
}

test.each<[string, Uint8Array, string[], { columns?: number; color?: boolean }]>([
  ['close-wait-2-s.txt', CLOSE_WAIT_LEAK, ['--at', '2', '--state', 'close-wait,fin-wait-2', '--listening'], {}],
  ['close-wait-sorted-80.txt', CLOSE_WAIT_LEAK, ['--state', 'close-wait', '--sort', 'time'], { columns: 80 }],
  ['close-wait-summary.txt', CLOSE_WAIT_LEAK, ['--summary'], {}],
  ['time-wait-early.txt', TIME_WAIT_BUILDUP, ['--at', '0.0615'], {}],
  ['time-wait-early-color.txt', TIME_WAIT_BUILDUP, ['--at', '0.0615'], { columns: 120, color: true }],
  ['v6-60.txt', SERVER_TIME_WAIT_V6, ['--at', '0.05'], { columns: 60 }],
  ['time-wait.csv', TIME_WAIT_BUILDUP, ['--at', '0.0615', '--format', 'csv'], {}],
])('%s', async (file, capture, argv, screen) => {
  await expect(await sockets(capture, argv, screen)).toMatchFileSnapshot(`sockets-outputs/${file}`);
});

describe('json', () => {
  const schema = JSON.parse(readFileSync('schema/sockets.schema.json', 'utf8'));
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  const captures = readdirSync('fixtures/captures').filter((name) => name.endsWith('.pcap'));

  test.each(captures)('%s: what the schema says, at several moments', async (name) => {
    for (const moment of ['0.0021', 'end', '1000']) {
      const { stdout } = await printed([
        'sockets',
        '--listening',
        '--format',
        'json',
        '--at',
        moment,
        `fixtures/captures/${name}`,
      ]);
      validate(JSON.parse(stdout));
      expect(validate.errors).toBeNull();
    }
  });

  test('the schema is strict', async () => {
    const document = JSON.parse(await sockets(TIME_WAIT_BUILDUP, ['--format', 'json', '--at', '0.0615']));
    validate(document);
    expect(validate.errors).toBeNull();
    document.sockets[0].more = 1;
    validate(document);
    expect(validate.errors).not.toBeNull();
  });
});

test('the summary counts what the list lists', async () => {
  const { sockets: all } = JSON.parse(await sockets(CLOSE_WAIT_LEAK, ['--format', 'json']));
  const summary = await sockets(CLOSE_WAIT_LEAK, ['--summary']);
  const totals = [...summary.matchAll(/^ 10\.\S+ +(\d+)/gm)].map((match) => Number(match[1]));
  expect(totals.reduce((sum, n) => sum + n, 0)).toBe(all.length);
});

test.each([60, 80, 100, 200])('no line is longer than %i columns', async (columns) => {
  for (const argv of [['--at', '1.5'], ['--summary']]) {
    const lines = (await sockets(CLOSE_WAIT_LEAK, argv, { columns })).split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  }
});

test('--ascii holds nothing but ASCII, and keeps the columns', async () => {
  const { stdout: midStream } = await printed(['sockets', '--at', '0.001', 'fixtures/captures/mid-stream.pcap']);
  const { stdout: plain } = await printed(['sockets', '--at', '0.001', '--ascii', 'fixtures/captures/mid-stream.pcap']);
  expect(midStream).toMatch(/·.*≥/s);
  expect(plain).toMatch(/^[\n\x20-\x7e]*$/);
  expect(plain.split('\n').map((line) => line.length)).toEqual(midStream.split('\n').map((line) => line.length));
});

test('a filter chooses whose sockets are listed', async () => {
  const some = async (filter: string) =>
    JSON.parse(await sockets(CLOSE_WAIT_LEAK, ['--format', 'json', '-Y', filter])).sockets.length;
  expect(await some('ip.addr == 10.0.0.7')).toBe(2);
  expect(await some('tcp.port == 40003')).toBe(1);
  expect(await some('tcp.port == 9')).toBe(0);
});

describe('--time-wait', () => {
  const timers = async (...argv: string[]) =>
    JSON.parse(await sockets(TIME_WAIT_BUILDUP, ['--at', '0.006', '--format', 'json', ...argv])).sockets.map(
      (socket: { timer: number }) => socket.timer,
    );

  // The only TIME_WAIT then was entered at 2 ms.
  test.each<[string[], number]>([
    [[], 59.996],
    [['--time-wait', '240'], 239.996],
    [['--time-wait', '10.1.0.7=120'], 119.996],
    [['--time-wait', '10.1.0.7=30', '--time-wait', '240'], 29.996],
    [['--time-wait', '10.2.0.20=240'], 59.996],
  ])('%j', async (argv, timer) => {
    expect(await timers(...argv)).toEqual([timer]);
  });
});

test('hosts, states and sort keys that are wrong are refused or met with what there is', async () => {
  const refused = (...argv: string[]) => printed(['sockets', ...argv, 'x.pcap']).catch((error: Error) => error.message);
  expect(await refused('--state', 'closed')).toMatch(/CLOSED is no socket/);
  expect(await refused('--state', 'TIME_WIAT')).toMatch(/Did you mean TIME_WAIT/);
  expect(await refused('--sort', 'tmie')).toMatch(/Did you mean time/);
  expect(await refused('--at', 'noon')).toMatch(/--at "noon" is no time/);
  expect(await refused('--summary', '--format', 'json')).toMatch(/--summary is a table/);
  const { warnings, stdout } = await printed(['sockets', '--host', '10.9.9.9', '-'], { input: TIME_WAIT_BUILDUP });
  expect(stdout).toMatch(/no socket/);
  expect(warnings).toEqual([expect.stringMatching(/^no socket of 10\.9\.9\.9 existed then; there are 10\.1\.0\.7/)]);
});

test('states may be written as ss writes them', async () => {
  const some = async (state: string) =>
    JSON.parse(await sockets(TIME_WAIT_BUILDUP, ['--at', '0.0612', '--format', 'json', '--state', state])).sockets
      .length;
  expect(await some('time-wait')).toBe(3);
  expect(await some('TIME_WAIT')).toBe(3);
  expect(await some('estab')).toBe(2);
});
