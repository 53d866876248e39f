// In: command lines people type. Out: proof of what they get: one sentence, the exit code, and nothing else.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../support/program.ts';

const TEXTBOOK = 'fixtures/captures/textbook.pcap';

describe('usage errors: one sentence on standard error, exit code 2', () => {
  test.each<[string, string[], string]>([
    ['a mistyped command', ['anlyze', TEXTBOOK], 'there is no command "anlyze" (did you mean analyze?)'],
    [
      'a mistyped option',
      ['analyze', '--fromat', 'json', TEXTBOOK],
      "analyze: unknown option '--fromat' (did you mean --format?)",
    ],
    [
      'a mistyped format',
      ['analyze', '--format', 'jsn', TEXTBOOK],
      "analyze: option '--format <name>' argument 'jsn' is invalid. Did you mean json?",
    ],
    [
      'a format from nowhere',
      ['analyze', '--format', 'spreadsheet', TEXTBOOK],
      "analyze: option '--format <name>' argument 'spreadsheet' is invalid. It is one of table, json, ndjson",
    ],
    [
      'no capture',
      ['analyze'],
      'analyze needs a capture: name a file, or - for standard input (tcpstate analyze --help tells more)',
    ],
    [
      'an option without its value',
      ['analyze', TEXTBOOK, '-o'],
      "analyze: option '-o, --output <file>' argument missing",
    ],
    [
      'a time that is none',
      ['analyze', '--time-wait', 'long', TEXTBOOK],
      "analyze: option '--time-wait <seconds>' argument 'long' is invalid. It is a number of seconds above 0",
    ],
    [
      'a stream that is none',
      ['analyze', '--stream', '3,x', TEXTBOOK],
      "analyze: option '--stream <n,...>' argument '3,x' is invalid. It is a whole number from 0",
    ],
    ['standard input twice', ['analyze', '-', '-'], 'standard input (-) can be read only once'],
    ['a missing file', ['analyze', 'no-such.pcap'], 'no-such.pcap does not exist'],
    ['a directory', ['analyze', 'fixtures'], 'fixtures is a directory, not a capture file'],
    ['a missing file in the short form', ['./no-such.pcap'], './no-such.pcap does not exist'],
    [
      'an output that cannot be made',
      ['analyze', TEXTBOOK, '-o', 'no-such-folder/x'],
      'cannot write no-such-folder/x: its directory does not exist',
    ],
  ])('%s', async (_name, args, sentence) => {
    expect(await run(args)).toEqual({ stdout: '', stderr: `tcpstate: ${sentence}\n`, code: 2 });
  });

  test('a text file', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'tcpstate-')), 'notes.txt');
    writeFileSync(path, '# To do\n- tea\n');
    const { stdout, stderr, code } = await run(['analyze', path]);
    expect(stdout).toBe('');
    expect(stderr).toContain('notes.txt is not a capture');
    expect(stderr).toContain('it begins with "# To do');
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(code).toBe(2);
  });

  test('a file name with control characters reaches the terminal as text', async () => {
    const { stderr } = await run(['analyze', 'evil\x1b[2J\u202e.pcap']);
    expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(stderr).toContain('does not exist');
  });
});

test('--version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await run(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 });
});

describe('help', () => {
  test.each([['--help'], ['-h'], ['help'], []])('tcpstate %s names every command', async (...args) => {
    const { stdout, stderr, code } = await run(args);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toContain('Usage: tcpstate COMMAND CAPTURE...');
    expect(stdout).toContain('\n  analyze ');
  });

  test.each([[['analyze', '--help']], [['help', 'analyze']]])('tcpstate %j explains the command once', async (args) => {
    const { stdout, code } = await run(args);
    expect(code).toBe(0);
    expect(stdout.match(/^Usage:/gm)).toHaveLength(1);
    expect(stdout).toContain('--stream <n,...>');
    expect(stdout).toContain('Examples:');
  });

  test('a command that is not there', async () => {
    expect(await run(['help', 'anlyze'])).toEqual({
      stdout: '',
      stderr: 'tcpstate: there is no command "anlyze" (did you mean analyze?)\n',
      code: 2,
    });
  });
});

test('a capture alone means analyze, and options may stand before the command', async () => {
  const named = await run(['analyze', TEXTBOOK]);
  expect(named.code).toBe(0);
  expect(await run([TEXTBOOK])).toEqual(named);
  expect(await run(['--color', 'never', 'analyze', TEXTBOOK])).toEqual(named);
  expect(await run(['--color', 'never', TEXTBOOK])).toEqual(named);
});
