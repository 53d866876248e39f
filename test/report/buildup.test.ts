// In: captures in which something builds up. Out: what `buildup` prints of them, compared whole and at every width.
// `npx vitest run -u test/report/buildup.test.ts` rewrites the outputs in buildup-outputs/; each is looked at.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import {
  CLOSE_WAIT_LEAK,
  NOTHING,
  SERVER_TIME_WAIT_V6,
  TIME_WAIT_BUILDUP,
  UNANSWERED,
} from '../support/buildup-captures.ts';
import { printed } from '../support/in-process.ts';

const CAPTURES = {
  'time-wait': TIME_WAIT_BUILDUP,
  'close-wait': CLOSE_WAIT_LEAK,
  unanswered: UNANSWERED,
  'server-time-wait-v6': SERVER_TIME_WAIT_V6,
  nothing: NOTHING,
};

async function buildup(input: Uint8Array, argv: string[] = [], screen: { columns?: number; color?: boolean } = {}) {
  return (await printed(['buildup', ...argv, '-'], { ...screen, input })).stdout;
}

describe('whole outputs', () => {
  test.each<[string, keyof typeof CAPTURES, string[], { columns?: number; color?: boolean }]>([
    ['time-wait.txt', 'time-wait', [], {}],
    ['time-wait-80.txt', 'time-wait', [], { columns: 80 }],
    ['time-wait-160-color.txt', 'time-wait', [], { columns: 160, color: true }],
    ['time-wait-ascii.txt', 'time-wait', ['--ascii'], { columns: 80 }],
    ['time-wait-240-s.txt', 'time-wait', ['--time-wait', '240', '--ephemeral-range', '32768-40000'], {}],
    ['time-wait-by-host.txt', 'time-wait', ['--by', 'host', '--top', '1'], {}],
    ['close-wait.txt', 'close-wait', [], {}],
    ['close-wait-60.txt', 'close-wait', [], { columns: 60 }],
    ['unanswered.txt', 'unanswered', [], {}],
    ['server-time-wait-v6.txt', 'server-time-wait-v6', [], {}],
    ['nothing.txt', 'nothing', [], {}],
    ['nothing-by-pair.txt', 'nothing', ['--by', 'pair'], {}],
    ['time-wait.csv', 'time-wait', ['--format', 'csv', '--step', '0.5'], {}],
  ])('%s', async (file, capture, argv, screen) => {
    await expect(await buildup(CAPTURES[capture], argv, screen)).toMatchFileSnapshot(`buildup-outputs/${file}`);
  });
});

test('a capture without build-up says so in one line', async () => {
  expect(await buildup(NOTHING)).toMatch(/^No build-up in [^\n]+\n$/);
  const empty = await printed(['buildup', 'fixtures/captures/no-tcp.pcap']);
  expect(empty.stdout).toBe('No build-up: there is no TCP connection in the capture.\n');
});

describe.each(Object.keys(CAPTURES) as (keyof typeof CAPTURES)[])('%s', (name) => {
  test.each([60, 80, 100, 200])('no line is longer than %i columns', async (columns) => {
    for (const argv of [[], ['--by', 'service', '--ascii']]) {
      const lines = (await buildup(CAPTURES[name], argv, { columns })).split('\n');
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
      expect(lines.filter((line) => line.endsWith(' '))).toEqual([]);
    }
  });

  test('--ascii holds nothing but ASCII', async () => {
    for (const argv of [[], ['--by', 'all']]) {
      expect(await buildup(CAPTURES[name], ['--ascii', ...argv])).toMatch(/^[\n\x20-\x7e]*$/);
    }
  });

  test('colour changes no character', async () => {
    const colored = await buildup(CAPTURES[name], [], { color: true });
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(await buildup(CAPTURES[name]));
  });
});

describe('json', () => {
  const schema = JSON.parse(readFileSync('schema/buildup.schema.json', 'utf8'));
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  const json = async (input: Uint8Array, ...argv: string[]) =>
    JSON.parse(await buildup(input, ['--format', 'json', ...argv]));

  test.each(Object.keys(CAPTURES) as (keyof typeof CAPTURES)[])('%s is what the schema says', async (name) => {
    const document = await json(CAPTURES[name]);
    validate(document);
    expect(validate.errors).toBeNull();
  });

  test('a capture without frames of TCP, too', async () => {
    const { stdout } = await printed(['buildup', '--format', 'json', 'fixtures/captures/no-tcp.pcap']);
    validate(JSON.parse(stdout));
    expect(validate.errors).toBeNull();
  });

  test('the schema is strict', async () => {
    const document = await json(NOTHING);
    validate({ ...document, more: 1 });
    expect(validate.errors).not.toBeNull();
  });

  test('the numbers of 100 connections, 20 ms apart, each 2.5 ms long', async () => {
    const { step, duration, series, readings } = await json(TIME_WAIT_BUILDUP, '--step', '0.5');
    // The last begins at 1.98 s and has six segments, half a millisecond apart.
    expect([step, duration]).toEqual([0.5, 1.9825]);
    const [timeWait] = series.filter(({ state }: { state: string }) => state === 'TIME_WAIT');
    expect(timeWait).toMatchObject({
      host: '10.1.0.7',
      role: 'client',
      service: '10.2.0.20:5432',
      // TIME_WAIT begins with the server's FIN, 2 ms into each: 25 by 0.5 s (0.002 + 0.02 n), 50 by 1 s, 75 by 1.5 s.
      counts: [0, 25, 50, 75],
      peak: { time: 1.982, count: 100, error: 0 },
      end: 100,
      arrivals: 100,
      departures: 0,
      expired: 0,
    });
    // Each lasts from 0.002 + 0.02 n until 1.9825: in all 100 x 1.9805 - 0.02 x 4950.
    expect(timeWait.mean).toBeCloseTo((198.05 - 99) / 1.9825, 6);
    expect(timeWait.arrivalsPerSecond).toBeCloseTo(100 / 1.9825, 6);
    expect(timeWait.dwell.max).toBeCloseTo(1.9805, 9);
    expect(readings[0]).toMatchObject({ code: 'time-wait-buildup', severity: 'note', end: 100, trend: 'rising' });
    expect(readings[0].numbers.rate).toBeCloseTo(100 / 1.9805, 6);
    expect(readings[0].numbers.steady).toBe(Math.round((60 * 100) / 1.9805));
  });

  test('who fails to close, since when, and what the peer still waits for', async () => {
    const { readings } = await json(CLOSE_WAIT_LEAK);
    expect(readings.map(({ code }: { code: string }) => code)).toContain('close-wait-leak');
    const leak = readings.find(({ code }: { code: string }) => code === 'close-wait-leak');
    expect(leak).toMatchObject({ host: '10.0.0.9', role: 'server', service: '10.0.0.9:8080', end: 7 });
    // The first of the six: its FIN comes 3 ms after 0.05 s. The seventh has 80 bytes outstanding.
    expect(leak.numbers).toMatchObject({ stuck: 7, left: 40, arrived: 47, unacknowledged: 80, pairedFinWait2: 7 });
    expect(leak.numbers.oldest.since).toBeCloseTo(0.053, 9);
  });

  test('a count of one end is the count of its host; the total counts both ends', async () => {
    const { hosts, total } = await json(TIME_WAIT_BUILDUP);
    const established = (list: { state: string }[]) => list.filter(({ state }) => state === 'ESTABLISHED');
    expect(established(hosts).map((each) => (each as unknown as { arrivals: number }).arrivals)).toEqual([100, 100]);
    expect(established(total)).toMatchObject([{ arrivals: 200 }]);
  });
});

describe('several files', () => {
  test('rotated captures are one trace', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tcpstate-buildup-'));
    try {
      // Cut at 1 s; between two frames of a connection.
      const whole = join(folder, 'whole.pcap');
      const parts = [join(folder, 'a.pcap'), join(folder, 'b.pcap')];
      writeFileSync(whole, TIME_WAIT_BUILDUP);
      const cut = recordAt(TIME_WAIT_BUILDUP, 303);
      writeFileSync(parts[0]!, TIME_WAIT_BUILDUP.subarray(0, cut));
      writeFileSync(parts[1]!, Buffer.concat([TIME_WAIT_BUILDUP.subarray(0, 24), TIME_WAIT_BUILDUP.subarray(cut)]));
      const one = (await printed(['buildup', whole])).stdout;
      expect((await printed(['buildup', ...parts])).stdout).toBe(one);
      expect((await printed(['buildup', ...parts.reverse()])).stdout).toBe(one);
      expect(one).toMatch(/100 at the end, rising/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Offset of the record of frame `number` in a pcap. */
function recordAt(pcap: Uint8Array, number: number): number {
  const view = new DataView(pcap.buffer, pcap.byteOffset);
  let at = 24;
  for (let n = 1; n < number; n++) at += 16 + view.getUint32(at + 8, true);
  return at;
}

test('a filter chooses the connections that are counted', async () => {
  const counted = async (filter: string) => {
    const { hosts } = JSON.parse(await buildup(CLOSE_WAIT_LEAK, ['--format', 'json', '-Y', filter]));
    return hosts
      .filter(({ state }: { state: string }) => state === 'CLOSE_WAIT')
      .map(({ end, arrivals }: { end: number; arrivals: number }) => [end, arrivals]);
  };
  expect(await counted('ip.addr == 10.0.0.6')).toEqual([[6, 6]]);
  expect(await counted('endpoint.state == TIME_WAIT')).toEqual([[0, 40]]);
});

test('csv has a row per series and instant, and its counts are those of json', async () => {
  const rows = (await buildup(TIME_WAIT_BUILDUP, ['--format', 'csv', '--step', '0.5'])).trimEnd().split('\n');
  expect(rows[0]).toBe('time,state,host,role,service,peer,count');
  expect(rows.filter((row) => row.includes('TIME_WAIT'))).toEqual([
    '0,TIME_WAIT,10.1.0.7,client,10.2.0.20:5432,,0',
    '0.5,TIME_WAIT,10.1.0.7,client,10.2.0.20:5432,,25',
    '1,TIME_WAIT,10.1.0.7,client,10.2.0.20:5432,,50',
    '1.5,TIME_WAIT,10.1.0.7,client,10.2.0.20:5432,,75',
  ]);
});

test('harmful advice is never given', async () => {
  for (const capture of Object.values(CAPTURES)) expect(await buildup(capture)).not.toMatch(/tcp_tw_recycle/);
});

test('options that are wrong are refused in a sentence', async () => {
  const refused = (...argv: string[]) => printed(['buildup', ...argv, 'x.pcap']).catch((error: Error) => error.message);
  expect(await refused('--ephemeral-range', '60999-32768')).toMatch(/two ports, the lower one first/);
  expect(await refused('--top', '0')).toMatch(/whole number from 1/);
  expect(await refused('--time-wait', '10.0.0.2=never')).toMatch(/number of seconds above 0/);
  expect(await refused('--state', 'time-wiat')).toMatch(/Did you mean TIME_WAIT/);
  expect(await refused('--by', 'hots')).toMatch(/Did you mean host/);
});
