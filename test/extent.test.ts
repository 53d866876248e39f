// In: fixtures and random captures. Out: proof that what nobody asks for changes nothing of what is asked for.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type AnalyzeOptions, analyze } from '../src/analyze.ts';
import { UsageError } from '../src/errors.ts';
import { PACKET_FIELDS } from '../src/report/packet-fields.ts';
import { Extent } from '../src/tcp/trace.ts';
import { tcpFrame } from './support/frame-builder.ts';
import { writePcap } from './support/pcap-writer.ts';
import { run } from './support/program.ts';
import { randomFrames } from './support/random-segments.ts';
import { runs } from './support/runs.ts';

const ALL_FIELDS = [...PACKET_FIELDS];
const isState = ([name]: readonly [string, unknown]) => /^tcpstate\.(?:src|dst)\.state$/.test(name);
const WITHOUT_STATES = ALL_FIELDS.filter((field) => !isState(field));

async function rowsOf(
  options: AnalyzeOptions,
  fields: typeof ALL_FIELDS,
): Promise<{ rows: string[]; warnings: string[] }> {
  const rows: string[] = [];
  const { warnings } = await analyze(
    { ...options, segmentsOnly: true },
    {
      segment: (frame, packet, trace, clock) => {
        rows.push(fields.map(([, field]) => field({ frame, packet, trace, clock })).join('\t'));
      },
    },
  );
  return { rows, warnings };
}

async function compare(options: () => AnalyzeOptions): Promise<number> {
  const whole = await rowsOf(options(), ALL_FIELDS);
  expect(await rowsOf({ ...options(), extent: Extent.STATES }, ALL_FIELDS)).toEqual(whole);
  const withoutStates = (row: string) =>
    row
      .split('\t')
      .filter((_, i) => !isState(ALL_FIELDS[i]!))
      .join('\t');
  expect(await rowsOf({ ...options(), extent: Extent.SEQUENCE }, WITHOUT_STATES)).toEqual({
    ...whole,
    rows: whole.rows.map(withoutStates),
  });
  return whole.rows.length;
}

// By default one in six.
test('rows of fixtures, to whatever extent', async () => {
  const captures = readdirSync('fixtures/captures', { recursive: true, encoding: 'utf8' })
    .filter((entry) => /\.pcap(?:ng)?$/.test(entry))
    .filter((_, i) => i % 6 === 0 || runs(1) > 1);
  let rows = 0;
  for (const entry of captures) rows += await compare(() => ({ files: [join('fixtures/captures', entry)] }));
  expect(rows).toBeGreaterThan(200);
});

test('rows of random captures, to whatever extent', async () => {
  for (let seed = 0; seed < runs(6); seed++) {
    const bytes = writePcap(randomFrames(seed, { segments: 200, damage: true }));
    await compare(() => ({ files: ['-'], stdin: Readable.from([bytes]) }));
  }
});

test('at the ceiling, closed connections go first, then those silent longest, and a warning tells of these', async () => {
  const frame = (seconds: number, port: number, flags: number, seq: number) => ({
    seconds: 1_700_000_000 + seconds,
    nanoseconds: 0,
    bytes: tcpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: port, dport: 80, flags, seq, ack: flags === 2 ? 0 : 9 }),
  });
  const bytes = writePcap([
    frame(0, 1, 0x02, 0), // open
    frame(1, 2, 0x02, 0),
    frame(1, 2, 0x14, 1), // reset
    frame(70, 3, 0x02, 0), // the third: 2 goes
    frame(71, 1, 0x10, 1), // still known
    frame(72, 4, 0x02, 0), // 3 goes
    frame(73, 3, 0x10, 1), // new to us, and 1 goes
  ]);
  const options = { files: ['-'], stdin: Readable.from([bytes]), maxFlows: 3, extent: Extent.SEQUENCE };
  const { rows, warnings } = await rowsOf(options, [
    ['tcp.stream', PACKET_FIELDS.get('tcp.stream')!],
    ['tcp.seq', PACKET_FIELDS.get('tcp.seq')!],
  ]);
  expect(rows).toEqual(['0\t0', '1\t0', '1\t1', '2\t0', '0\t1', '3\t0', '4\t1']);
  expect(warnings).toEqual(['more than 3 connections at once: 2 connections forgotten before the end']);
});

test('a filter that asks for states gets them, whatever the fields', async () => {
  const args = ['packets', '--format', 'tsv', '--fields', 'frame.number', 'fixtures/captures/textbook.pcap'];
  const { stdout } = await run([...args, '-Y', 'tcpstate.src.state == ESTABLISHED']);
  const { stdout: all } = await run([...args.slice(0, 4), 'frame.number,tcpstate.src.state', ...args.slice(5)]);
  const expected = all
    .split('\n')
    .filter((line) => line.endsWith('\tESTABLISHED'))
    .map((line) => line.split('\t')[0]);
  expect(expected.length).toBeGreaterThan(0);
  expect(stdout.split('\n').slice(1, -1)).toEqual(expected);
});

test.each([
  [{ segmentsOnly: false }, { segment() {} }],
  [{ segmentsOnly: true }, {}],
  [{ segmentsOnly: true }, { segment() {}, wantsSegments: () => true }],
])('less than all is for segments alone, and for all of them: %o %o', async (options, listener) => {
  const files = ['fixtures/captures/textbook.pcap'];
  await expect(analyze({ files, extent: Extent.STATES, ...options }, listener)).rejects.toThrow(UsageError);
});
