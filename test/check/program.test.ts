// The real program: exit codes of check as the contract has them, files, several reporters, diff, fields, -Y.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { SESSION } from '../support/filter-session.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { type Outcome, run } from '../support/program.ts';

let folder = '';
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpstate-check-'));
  writeFileSync(file('session.pcap'), SESSION);
  writeFileSync(file('cut.pcap'), SESSION.subarray(0, SESSION.length - 10));
  writeFileSync(file('text.pcap'), 'no capture');
  for (const page of ['fine', 'no-long-close-wait', 'closed-by-the-client']) {
    writeFileSync(
      file(`${page}.pcap`),
      writePcap(framesOfScript(readFileSync(`fixtures/cookbook/${page}.md`, 'utf8'))),
    );
  }
  writeFileSync(file('rules.yaml'), 'rules:\n  - name: calm\n    expect: flow.closed\nbaseline: known.json\n');
  writeFileSync(file('warn.yaml'), 'rules:\n  - name: calm\n    expect: flow.closed\n    severity: warn\n');
  writeFileSync(file('wrong.yaml'), 'rules:\n  - name: calm\n    expect: flow.closd\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent('exit codes of check', () => {
  test.each([
    ['0: every rule holds', ['fine.pcap', '--expect', 'flow.closed'], 0],
    ['0: the default rules hold', ['closed-by-the-client.pcap'], 0],
    ['0: what does not hold only warns', ['session.pcap', '--config', 'warn.yaml'], 0],
    ['1: a rule fails', ['session.pcap', '--expect', 'flow.closed'], 1],
    ['1: a default rule fails', ['session.pcap'], 1],
    ['1: a warning, and --fail-on warn', ['session.pcap', '--config', 'warn.yaml', '--fail-on', 'warn'], 1],
    ['1: the capture is cut short', ['cut.pcap', '--expect', 'flow.stream >= 0'], 1],
    ['2: no such file', ['missing.pcap'], 2],
    ['2: no capture', ['text.pcap'], 2],
    ['2: no operand', [], 2],
    ['2: a mistake in the rule', ['fine.pcap', '--expect', 'flow.closd'], 2],
    ['2: a mistake in the rule file', ['fine.pcap', '--config', 'wrong.yaml'], 2],
    ['2: no such rule file', ['fine.pcap', '--config', 'missing.yaml'], 2],
    ['2: no such reporter', ['fine.pcap', '--reporter', 'junti'], 2],
    ['2: two reporters on one output', ['fine.pcap', '--reporter', 'tap', '--reporter', 'json'], 2],
    ['2: no such baseline', ['fine.pcap', '--baseline', 'missing.json'], 2],
    ['2: a baseline to write, but where', ['fine.pcap', '--update-baseline'], 2],
    ['2: a report over the capture', ['fine.pcap', '--reporter', 'json=fine.pcap'], 2],
  ] as const)('%s', async (_name, args, code) => {
    const outcome = await run([
      'check',
      ...args.map((arg) =>
        arg.replace(/^([\w-]+=)?([\w-]+\.(?:pcap|ya?ml|json))$/, (_all, option = '', name) => option + file(name)),
      ),
    ]);
    expect(outcome.code, outcome.stderr).toBe(code);
    if (code === 2) {
      expect(outcome.stdout).toBe('');
      expect(outcome.stderr).toMatch(/^tcpstate: \S/);
      expect(outcome.stderr).not.toMatch(/at .*\.js:\d+/);
    }
  });

  test('a mistake is one sentence and a caret', async () => {
    const { stderr } = await run(['check', file('fine.pcap'), '--expect', 'flow.opened and flow.closd']);
    expect(stderr).toBe(
      'tcpstate: filter, column 17: there is no field flow.closd (did you mean flow.closed?)\n' +
        '    flow.opened and flow.closd\n' +
        '                    ^^^^^^^^^^\n',
    );
    const inFile = await run(['check', file('fine.pcap'), '--config', file('wrong.yaml')]);
    expect(inFile.stderr).toBe(
      `tcpstate: ${file('wrong.yaml')}:3:13: there is no field flow.closd (did you mean flow.closed?)\n` +
        '        expect: flow.closd\n' +
        '                ^^^^^^^^^^\n',
    );
  });
});

describe('check', () => {
  test('writes several reports at once', async () => {
    const reporters = ['junit', 'sarif', 'json', 'github'].flatMap((name) => [
      '--reporter',
      `${name}=${file(`out.${name}`)}`,
    ]);
    const { stdout, code } = await run(['check', file('session.pcap'), '--expect', 'flow.closed', ...reporters]);
    expect(code).toBe(1);
    expect(stdout).toContain('✗ flow.closed');
    expect(readFileSync(file('out.junit'), 'utf8')).toContain('<testcase name="flow.closed"');
    expect(JSON.parse(readFileSync(file('out.sarif'), 'utf8')).version).toBe('2.1.0');
    expect(JSON.parse(readFileSync(file('out.json'), 'utf8'))).toMatchObject({ schema: 'tcpstate.check/1', failed: 1 });
    expect(readFileSync(file('out.github'), 'utf8')).toMatch(/^::error /);
  });

  test('prints the one it is asked for instead of the text', async () => {
    const [byReporter, byFormat] = await Promise.all([
      run(['check', file('session.pcap'), '--expect', 'flow.closed', '--reporter', 'tap']),
      run(['check', file('session.pcap'), '--expect', 'flow.closed', '--format', 'tap']),
    ]);
    expect(byReporter.stdout).toMatch(/^TAP version 14\n1\.\.2\n/);
    expect(byFormat.stdout).toBe(byReporter.stdout);
  });

  test('writes a baseline once, and fails on what is new', async () => {
    const config = ['--config', file('rules.yaml')];
    const before = await run(['check', file('session.pcap'), ...config, '--update-baseline']);
    expect(before.code).toBe(0);
    expect(readFileSync(file('known.json'), 'utf8')).toContain('half-closed-by-client');
    const same = await run(['check', file('session.pcap'), ...config]);
    expect([same.code, same.stdout]).toEqual([0, expect.stringContaining('known to the baseline')]);
    const other = await run(['check', file('fine.pcap'), ...config]);
    expect([other.code, other.stdout]).toEqual([
      0,
      expect.stringContaining('1 connection of the baseline no longer occurs'),
    ]);
    const mixed = await run([
      'check',
      file('session.pcap'),
      file('fine.pcap'),
      '--expect',
      'a.closer != active',
      ...config,
    ]);
    expect(mixed.code).toBe(1);
  });

  test('reads standard input', async () => {
    const { code, stdout } = await run(['check', '-', '--expect', 'tcp.len <= 1000'], { input: SESSION });
    expect([code, stdout]).toEqual([0, expect.stringContaining('18 segments checked')]);
  });

  test('warns of an expectation that one endpoint is enough for', async () => {
    const { stderr } = await run(['check', file('fine.pcap'), '--expect', 'endpoint.time_in.CLOSE_WAIT < 5s']);
    expect(stderr).toContain('write all endpoint.time_in.CLOSE_WAIT');
  });
});

describe('-Y', () => {
  const rows = ({ stdout }: Outcome): string => stdout.trim().split('\n').slice(1).join(' ');
  const packets = (filter: string): string[] => [
    'packets',
    '--format',
    'tsv',
    '--fields',
    'frame.number',
    '-Y',
    filter,
  ];

  test.each([
    ['tcp.len > 0', '4 6 8'],
    ['tcp.len > 0 && flow.closed', '4 6 8'],
    ['tcp.len > 0 && not flow.closed', ''],
    ['tcp.flags.fin == 1 && not flow.closed', '17'],
    ['frame.number < 3 or flow.verdict == refused', '1 2 12 13'],
    ['flow.duration > 1s', '14 15 16 17 18'],
  ])('packets, from a file and from standard input: %s', async (filter, frames) => {
    const [fromFile, fromStdin] = await Promise.all([
      run([...packets(filter), file('session.pcap')]),
      run([...packets(filter), '-'], { input: SESSION }),
    ]);
    expect(rows(fromFile)).toBe(frames);
    expect(fromStdin.stdout).toBe(fromFile.stdout);
  });

  test('analyze shows the connections selected', async () => {
    const { stdout } = await run(['analyze', '--format', 'ndjson', '-Y', 'tcp.flags.reset == 1', file('session.pcap')]);
    const flows = stdout
      .trim()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).stream);
    expect(flows).toEqual([1]);
  });

  test('nothing selected is said', async () => {
    const { stdout, stderr, code } = await run(['analyze', '-Y', 'tcp.port == 1', file('session.pcap')]);
    expect([stdout, stderr, code]).toEqual(['', 'tcpstate: warning: the filter selects none of 3 connections\n', 0]);
  });

  test('a mistake costs no reading', async () => {
    const { code, stderr } = await run(['packets', '-Y', 'tcp.prt == 80', file('missing.pcap')]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('column 1: there is no field tcp.prt (did you mean tcp.port?)'),
    ]);
  });
});

describe('fields', () => {
  test('lists names, types and meanings', async () => {
    const { stdout } = await run(['fields', 'flags.s']);
    expect(stdout).toBe(
      'tcp.flags.syn  boolean  SYN is set\ntcp.flags.str  text     the flags as letters, "·······A··S·"\n',
    );
  });

  test('takes * and says when nothing fits', async () => {
    expect(
      (await run(['fields', 'ip.*'])).stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['ip.addr', 'ip.src', 'ip.dst']);
    expect((await run(['fields', 'tcp.prt'])).stderr).toContain('did you mean tcp.port?');
  });

  test('as JSON, all of them', async () => {
    const fields = JSON.parse((await run(['fields', '--format', 'json'])).stdout);
    expect(fields.find(({ name }: { name: string }) => name === 'endpoint.state')).toMatchObject({
      type: 'one of a list',
      of: 'connection',
      several: true,
      wireshark: false,
      values: expect.arrayContaining(['TIME_WAIT']),
    });
  });
});

describe('diff', () => {
  test('tells what a service does otherwise', async () => {
    const { stdout, code } = await run(['diff', file('fine.pcap'), file('no-long-close-wait.pcap')]);
    expect(code).toBe(0);
    expect(stdout).toContain('10.0.0.9:8080  32 → 1 connection\n');
    expect(stdout).toMatch(/ {2}duration {3}p95 \S+ ms → 6\.\d+ s\n/);
    expect(stdout).toContain('gone  10.0.0.20:5432  2 connections\n');
  });

  test('finds nothing between a capture and itself', async () => {
    const { stdout } = await run(['diff', file('fine.pcap'), file('fine.pcap')]);
    expect(stdout).toBe(
      '34 connections before, 34 connections after.\n\n2 services as before: 10.0.0.20:5432, 10.0.0.9:8080\nNothing changed.\n',
    );
  });

  test('as JSON', async () => {
    const { stdout } = await run([
      'diff',
      '--format',
      'json',
      '--match',
      'port',
      file('fine.pcap'),
      file('closed-by-the-client.pcap'),
    ]);
    const { schema, changed, gone } = JSON.parse(stdout);
    expect([schema, gone]).toEqual(['tcpstate.diff/1', [{ service: ':5432', flows: 2 }]]);
    expect(changed[0]).toMatchObject({ service: ':8080', before: 32, after: 1 });
    expect(changed[0].verdicts).toContainEqual({ name: 'closed-by-server', before: 0, after: 1 });
  });

  test('needs two captures', async () => {
    expect((await run(['diff', file('fine.pcap')])).code).toBe(2);
  });
});
