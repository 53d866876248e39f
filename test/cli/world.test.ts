// In: the real program among pipes, signals and full disks. Out: proof that it behaves as the contract says.

import { execFileSync } from 'node:child_process';
import { copyFileSync, createWriteStream, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { run, whenWaiting } from '../support/program.ts';

const TEXTBOOK = 'fixtures/captures/textbook.pcap';
const textbook = readFileSync(TEXTBOOK);

/** The 24 bytes of file header and the first `frames` records of textbook.pcap. */
function beginning(frames: number): Uint8Array {
  let end = 24;
  for (let i = 0; i < frames; i++) end += 16 + textbook.readUInt32LE(end + 8);
  return textbook.subarray(0, end);
}

function temporary(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'tcpstate-')), name);
}

describe('standard input', () => {
  test('gives the same analysis as the file', async () => {
    const fromFile = await run(['analyze', '--format', 'json', TEXTBOOK]);
    const fromPipe = await run(['analyze', '--format', 'json', '-'], { input: textbook });
    expect({ ...JSON.parse(fromPipe.stdout), capture: null }).toEqual({
      ...JSON.parse(fromFile.stdout),
      capture: null,
    });
    expect(JSON.parse(fromPipe.stdout).capture.files).toEqual(['-']);
    expect(fromPipe.code).toBe(0);
  });

  test('may be compressed', async () => {
    const { stdout, code } = await run(['analyze', '-'], { input: gzipSync(textbook) });
    expect(stdout).toContain('standard input · pcap, gzip, Ethernet · 8 frames');
    expect(code).toBe(0);
  });

  test('live: Ctrl-C prints what has been seen, exit code 130', async () => {
    const { stdout, stderr, code } = await run(['analyze', '-'], {
      meanwhile(child) {
        child.stdin!.write(beginning(3));
        void whenWaiting(child).then(() => child.kill('SIGINT'));
      },
    });
    expect(stdout).toContain('3 frames, all TCP');
    expect(stdout).toContain('interrupted');
    expect(stdout).toContain('[ACK] Seq=1 Ack=1 Win=65536 Len=0');
    expect(stderr).toBe('');
    expect(code).toBe(130);
  });

  test('live: what the writer still sends after Ctrl-C is read', async () => {
    const { stdout, code } = await run(['analyze', '--format', 'ndjson', '-'], {
      meanwhile(child) {
        child.stdin!.write(beginning(3));
        void whenWaiting(child).then(() => {
          child.kill('SIGINT');
          setTimeout(() => child.stdin!.end(textbook.subarray(beginning(3).length)), 100);
        });
      },
    });
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ type: 'capture', frames: 8 });
    expect(code).toBe(130);
  });

  test('live: SIGTERM does the same', async () => {
    const { stdout, code } = await run(['analyze', '--format', 'json', '-'], {
      meanwhile(child) {
        child.stdin!.write(beginning(2));
        void whenWaiting(child).then(() => child.kill('SIGTERM'));
      },
    });
    expect(JSON.parse(stdout)).toMatchObject({ capture: { frames: 2, interrupted: true, truncated: false } });
    expect(code).toBe(130);
  });

  test('live: a second Ctrl-C ends it at once', async () => {
    const { stdout, code } = await run(['analyze', '-'], {
      meanwhile(child) {
        child.stdin!.write(beginning(3));
        void whenWaiting(child).then(() => {
          child.kill('SIGINT');
          setTimeout(() => child.kill('SIGINT'), 50);
        });
      },
    });
    expect(stdout).toBe('');
    expect(code).toBe(130);
  });
});

test.skipIf(process.platform === 'win32')(
  'a named pipe that waits does not keep a file from being written (skipped: Windows has no mkfifo)',
  async () => {
    const pipe = temporary('pipe');
    const out = temporary('pipe.ndjson');
    execFileSync('mkfifo', [pipe]);
    const { stderr, code } = await run(['analyze', '--format', 'ndjson', '-o', out, pipe], {
      env: { UV_THREADPOOL_SIZE: '1' },
      meanwhile(child) {
        const writer = createWriteStream(pipe);
        writer.write(beginning(3));
        void whenWaiting(child).then(() => child.kill('SIGINT'));
        child.on('close', () => writer.destroy());
      },
    });
    expect(stderr).toBe('');
    expect(JSON.parse(readFileSync(out, 'utf8').trimEnd().split('\n').at(-1)!)).toMatchObject({ frames: 3 });
    expect(code).toBe(130);
  },
);

test('a capture cut short is analyzed up to there: a warning, truncated in JSON, exit code 0', async () => {
  const path = temporary('cut.pcap');
  writeFileSync(path, textbook.subarray(0, textbook.length - 20));
  const { stdout, stderr, code } = await run(['analyze', '--format', 'json', path]);
  expect(JSON.parse(stdout)).toMatchObject({ capture: { frames: 7, truncated: true } });
  expect(stderr).toMatch(/^tcpstate: warning: .*cut\.pcap: .*\n$/);
  expect(code).toBe(0);
  const quiet = await run(['analyze', '--quiet', path]);
  expect(quiet.stderr).toBe('');
  expect(quiet.stdout).toContain('cut short');
});

test('a capture damaged part-way is cut short as well: in JSON, as a finding, for check', async () => {
  const damaged = Buffer.from(textbook);
  // The captured length of the fifth record.
  damaged.writeUInt32LE(0xffffffff, beginning(4).length + 8);
  const path = temporary('damaged.pcap');
  writeFileSync(path, damaged);
  const { stdout, stderr, code } = await run(['analyze', '--format', 'json', path]);
  const { capture, findings } = JSON.parse(stdout);
  expect(capture).toMatchObject({ frames: 4, truncated: true });
  expect(findings.capture_cut_short).toBe(1);
  expect(stderr).toMatch(
    /^tcpstate: warning: .*damaged\.pcap: the capture is damaged: a frame of 4294967295 bytes .*\n$/,
  );
  expect(code).toBe(0);
  expect((await run(['check', '--no-config', '--expect', 'flow.segments > 0', path])).code).toBe(1);
});

describe('outputs', () => {
  test('-o writes the file and nothing else', async () => {
    const path = temporary('out.json');
    const printed = await run(['analyze', '--format', 'json', TEXTBOOK]);
    expect(await run(['analyze', '--format', 'json', '-o', path, TEXTBOOK])).toEqual({
      stdout: '',
      stderr: '',
      code: 0,
    });
    expect(readFileSync(path, 'utf8')).toBe(printed.stdout);
  });

  test('-o never overwrites the capture, by whatever name', async () => {
    const path = temporary('a.pcap');
    copyFileSync(TEXTBOOK, path);
    const other = join(path, '..', '.', 'a.pcap');
    const { stderr, code } = await run(['analyze', '-o', other, path]);
    expect(stderr).toBe(`tcpstate: ${other} is the capture itself; choose another name for the output\n`);
    expect(code).toBe(2);
    expect(readFileSync(path).equals(textbook)).toBe(true);
  });

  test('-o is not touched where the capture cannot be read', async () => {
    const path = temporary('out.json');
    expect((await run(['analyze', '-o', path, 'no-such.pcap'])).code).toBe(2);
    expect(existsSync(path)).toBe(false);
  });

  test.skipIf(!existsSync('/dev/full'))('a full disk is one sentence, exit code 2', async () => {
    expect(await run(['analyze', '-o', '/dev/full', TEXTBOOK])).toEqual({
      stdout: '',
      stderr: 'tcpstate: cannot write /dev/full: no space left on the device\n',
      code: 2,
    });
  });

  test('no colour into a pipe; --color and the variables decide otherwise', async () => {
    const colored = async (args: string[], env: Record<string, string> = {}): Promise<boolean> =>
      (await run(['analyze', ...args, TEXTBOOK], { env })).stdout.includes('\x1b[');
    expect(await colored([])).toBe(false);
    expect(await colored([], { FORCE_COLOR: '1' })).toBe(true);
    expect(await colored([], { FORCE_COLOR: '0' })).toBe(false);
    expect(await colored([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await colored(['--color', 'always'], { NO_COLOR: '1' })).toBe(true);
    expect(await colored(['--color', 'never'], { FORCE_COLOR: '1' })).toBe(false);
  });
});
