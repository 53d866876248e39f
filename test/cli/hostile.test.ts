// In: a capture whose name and payloads were chosen by an enemy. Out: proof that no output obeys them: terminals, spreadsheets,
// browsers, CI servers.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { csvLine } from '../../src/report/csv.ts';
import { tcpFrame } from '../support/frame-builder.ts';
import { printed } from '../support/in-process.ts';
import { concat, PcapngWriter } from '../support/pcap-writer.ts';
import { run } from '../support/program.ts';
import { parseXml } from '../support/xml.ts';

// Clears the screen, sets the title, C1's CSI, hides and reorders text, ends lines, tags, cells, attributes and commands.
const HOSTILE = '\x1b[2J\x1b]0;owned\x07\u009b31m\u202e\u200b\r\n::error::x\n<script>"\'&\t=1+1|`*_[a](b)';
const folder = mkdtempSync(join(tmpdir(), 'tcpstate-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A handshake, then payloads that are shown as hints: a request, a server name, a greeting. */
function capture(): Uint8Array {
  const ng = new PcapngWriter();
  const ends = { sport: 40000, dport: 80 };
  const back = { sport: 80, dport: 40000, src: '10.0.0.2', dst: '10.0.0.1' };
  const payload = (text: string): string => text.replaceAll('HOSTILE', HOSTILE.replace(/\n/g, ''));
  const request = payload('GET /HOSTILE HTTP/1.1\r\nHost: HOSTILE\r\n\r\n');
  const frames = [
    tcpFrame({ ...ends, seq: 100, flags: 'S' }),
    tcpFrame({ ...back, seq: 900, ack: 101, flags: 'SA' }),
    tcpFrame({ ...ends, seq: 101, ack: 901, flags: 'A' }),
    tcpFrame({ ...ends, seq: 101, ack: 901, flags: 'PA', payload: request }),
    tcpFrame({ ...back, seq: 901, ack: 101, flags: 'PA', payload: payload('HTTP/1.1 200 HOSTILE\r\n') }),
    tcpFrame({ ...back, seq: 2000, ack: 101, flags: 'PA', payload: payload('220 HOSTILE ESMTP =1+1\r\n') }),
    tcpFrame({ ...back, seq: 3000, ack: 101, flags: 'R', payload: payload('SSH-2.0-HOSTILE\r\n') }),
  ];
  const comment = ng.option(1, new TextEncoder().encode(HOSTILE));
  return concat([
    ng.section(),
    ng.interface({ name: HOSTILE }),
    ...frames.map((bytes, i) => ng.enhancedPacket(BigInt(i) * 1000n, bytes, { options: comment })),
    // Cut short, so that a warning names the file.
    ng.enhancedPacket(9000n, frames[0]!).subarray(0, 30),
  ]);
}

// A slash is all a name cannot have; it would not be shown as one.
const file = join(folder, HOSTILE.replaceAll('/', '_'));
writeFileSync(file, capture());

/** What terminals obey, hide or reorder, whatever the encoding of the text. */
const DANGEROUS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\ud83d(?![\udc00-\udfff])/;

const json = (text: string): unknown => JSON.parse(text);
const lines = (text: string): unknown => text.trimEnd().split('\n').map(json);
const table = (text: string): void => expect(text).not.toContain('\t');

const rows: [words: string, look: (text: string) => unknown][] = [
  ['analyze', table],
  ['analyze --all --ladder', table],
  ['analyze --findings --all', table],
  ['analyze --crosswalk --ascii', table],
  ['analyze --format json', json],
  ['analyze --format ndjson', lines],
  ['packets', table],
  ['packets --format tsv', (text) => expect(new Set(text.trimEnd().split('\n').map(cells)).size).toBe(1)],
  ['packets --format csv', () => {}],
  ['packets --format ndjson', lines],
  ['sockets --listening', table],
  ['sockets --format json', json],
  ['sockets --format csv', () => {}],
  ['buildup', table],
  ['buildup --format json', json],
  ['buildup --format csv', () => {}],
  ['check --no-config', table],
  ['check --no-config --format json', json],
  ['check --no-config --format sarif', json],
  ['check --no-config --format junit', parseXml],
  ['check --no-config --format github', (text) => expect(text).toMatch(/^(?:::(?:error|warning|notice) [^\n]*\n)+$/)],
  ['check --no-config --format tap', (text) => parseYaml(/ {2}---\n([\s\S]*?)\n {2}\.\.\.\n/.exec(text)![1]!)],
  ['explain --frame 4', table],
];

function cells(line: string): number {
  return line.split('\t').length;
}

describe('what the enemy wrote is text', () => {
  test.each(rows)('%s', async (words, look) => {
    const { stdout } = await printed([...words.split(' '), file], { columns: 200 });
    expect(stdout).not.toBe('');
    expect(stdout).not.toMatch(DANGEROUS);
    look(stdout);
  });

  test('diff', async () => {
    for (const format of ['table', 'json']) {
      const { stdout } = await printed(['diff', file, file, '--format', format]);
      expect(stdout).not.toMatch(DANGEROUS);
    }
  });

  test.skipIf(!existsSync('/bin/bash'))(
    'a command to be typed names the file in quotes a shell understands',
    async () => {
      const { stdout } = await printed(['check', '--no-config', file]);
      const words = /look closer: tcpstate analyze (.*) --stream 0/.exec(stdout)![1]!;
      expect(
        execFileSync('bash', ['--norc', '-c', `printf %s ${words}`], { env: { LC_ALL: 'C.UTF-8' }, encoding: 'utf8' }),
      ).toBe(file);
    },
  );

  test('warnings and errors', async () => {
    const warned = await run(['analyze', file]);
    expect(warned.stderr).toContain('cut short');
    expect(warned.stderr.trimEnd()).not.toMatch(DANGEROUS);
    expect(warned.stderr.trimEnd()).not.toContain('\n');
    const refused = await run(['analyze', `${file}.not`]);
    expect(refused.stderr).toMatch(/^tcpstate: [^\n]* does not exist\n$/);
    expect(refused.stderr.trimEnd()).not.toMatch(DANGEROUS);
  });
});

test('a cell that begins like a formula is text for a spreadsheet; numbers stay numbers', () => {
  // https://owasp.org/www-community/attacks/CSV_Injection names the characters.
  const dangerous = ['=1+1', '+1|x', '-1+1', '@SUM(1)', '\tx', '\rx', '-', '=', "-cmd|' /C calc'!A0"];
  for (const text of dangerous) expect(csvLine([text, 'b'])).toMatch(/^"?'/);
  expect(csvLine(['=a"b,c'])).toBe('"\'=a""b,c"\n');
  expect(csvLine([-1, '-1', '-0.000000001', '-5e-7', 'a=1', '10.0.0.1:80', null, true])).toBe(
    '-1,-1,-0.000000001,-5e-7,a=1,10.0.0.1:80,,true\n',
  );
});
