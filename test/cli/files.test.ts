// In: files that may not be read, that grow, shrink and vanish while they are read, and outputs that do not fit. Out: proof that what
// could be read is told, that the rest is one sentence, and that no input is ever overwritten.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { tcpFrame } from '../support/frame-builder.ts';
import { printed } from '../support/in-process.ts';
import { writePcap } from '../support/pcap-writer.ts';
import { run, start } from '../support/program.ts';
import { readAll, TemporaryFiles } from '../support/read-capture.ts';

const TEXTBOOK = 'fixtures/captures/textbook.pcap';
const MANY = 'fixtures/captures/many-connections.pcap';
const isRoot = process.getuid?.() === 0;
const files = new TemporaryFiles();
afterAll(() => files.remove());

const frame = { seconds: 1, nanoseconds: 0, bytes: new Uint8Array(84) };
/** A file header of 24 bytes and `count` records of 100. */
const records = (count: number): Uint8Array => writePcap(new Array(count).fill(frame));

// With the smaller chunks it is read ahead.
describe.each([1000, 200])('a file that changes while it is read, in chunks of %i', (chunkBytes) => {
  const open = (path: string) => openCapture([path], { chunkBytes });

  test('what it grows by is read, too', async () => {
    const path = files.write('grows.pcap', records(50));
    const capture = await open(path);
    appendFileSync(path, records(30).subarray(24));
    const { frames, warnings } = await readAll(capture);
    expect([frames.length, warnings]).toEqual([80, []]);
  });

  test('half a record at the end: a capture that is being written', async () => {
    const path = files.write('half.pcap', records(50));
    const capture = await open(path);
    appendFileSync(path, records(30).subarray(24, 24 + 550));
    const { frames, warnings } = await readAll(capture);
    expect(frames).toHaveLength(55);
    expect(warnings).toMatchObject([{ offset: 24 + 5500, truncated: true }]);
  });

  test.each([
    ['inside a record', 24 + 3050],
    ['between records', 24 + 3000],
  ])('where it shrinks, it is cut short: %s', async (_, size) => {
    const path = files.write('shrinks.pcap', records(50));
    const capture = await open(path);
    truncateSync(path, size);
    const { frames, warnings } = await readAll(capture);
    expect(frames).toHaveLength(30);
    expect(warnings).toEqual([
      { file: path, offset: size, truncated: true, message: 'the file has become shorter while it was read' },
    ]);
  });

  test('its name is not needed any more', async () => {
    const path = files.write('vanishes.pcap', records(50));
    const capture = await open(path);
    rmSync(path);
    expect((await readAll(capture)).frames).toHaveLength(50);
  });
});

test.skipIf(!existsSync('/proc/self/fd'))(
  'closed while it is read ahead, and no earlier (skipped: needs /proc)',
  async () => {
    const path = files.write('ahead.pcap', records(50));
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    for (let i = 0; i < 20; i++) {
      const capture = await openCapture([path], { chunkBytes: 200 });
      await capture.fill();
      await capture.close();
    }
    await expect.poll(openFiles).toBe(before);
  },
);

describe('a file that is gone when its rows are to be read a second time', () => {
  const back = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40000 };
  /** One connection with more segments than are kept at first. */
  const long = writePcap(
    [
      tcpFrame({ seq: 100, flags: 'S' }),
      tcpFrame({ ...back, seq: 900, ack: 101, flags: 'SA' }),
      tcpFrame({ seq: 101, ack: 901, flags: 'A' }),
      ...Array.from({ length: 3000 }, (_, i) =>
        tcpFrame({ seq: 101 + 10 * i, ack: 901, flags: 'PA', payload: '0123456789' }),
      ),
      tcpFrame({ ...back, seq: 901, flags: 'R' }),
    ].map((bytes, i) => ({ seconds: 1 + i, nanoseconds: 0, bytes })),
  );

  test.each<[string, (path: string) => void, RegExp]>([
    ['gone', (path) => rmSync(path, { force: true }), /does not exist, now that .* second time; segments are missing/],
    ['empty', (path) => truncateSync(path, 0), /is empty, now that .* second time; segments are missing/],
    ['shorter', (path) => truncateSync(path, 5000), /^the capture has become shorter .* segments are missing/],
  ])('%s: the answer is there, and what is missing is said', async (_, change, warning) => {
    const path = files.write('twice.pcap', long);
    const whole = await printed(['analyze', path]);
    expect(whole.warnings).toEqual([]);
    const changed = await printed(['analyze', path], { whenAsked: () => change(path) });
    expect(changed.warnings).toEqual([expect.stringMatching(warning)]);
    expect(changed.stdout.split('\n').slice(0, 3)).toEqual(whole.stdout.split('\n').slice(0, 3));
    expect(changed.stdout.length).toBeLessThan(whole.stdout.length);
    expect(changed.code).toBe(0);
  });
});

test.skipIf(!isRoot)(
  'without permission: one sentence, exit code 2 (skipped: only root can become someone else)',
  () => {
    const program = inject('program');
    if ('error' in program) throw new Error(program.error);
    // Where the other user may read all but the capture.
    const folder = join(files.folder, 'nobody');
    mkdirSync(folder);
    cpSync(join(program.path, '..', '..'), folder, { recursive: true });
    for (const name of ['chalk', 'cli-table3', 'commander', 'yaml', 'fzstd']) {
      cpSync(join('node_modules', name), join(folder, 'node_modules', name), { recursive: true, dereference: true });
    }
    execFileSync('chmod', ['-R', 'a+rX', files.folder]);
    const secret = files.write('secret.pcap', readFileSync(TEXTBOOK));
    chmodSync(secret, 0o600);
    const ran = spawnSync(process.execPath, [join(folder, 'bin', 'tcpstate.js'), 'analyze', secret], {
      uid: 65534,
      gid: 65534,
      cwd: folder,
      encoding: 'utf8',
    });
    if (ran.error !== undefined || ran.stderr.includes('Cannot find')) throw new Error(ran.stderr);
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([
      2,
      '',
      `tcpstate: ${secret} cannot be read: permission denied\n`,
    ]);
  },
);

describe('outputs', () => {
  test.each(['symbolic link', 'hard link'])('never the capture, under another name: %s', async (kind) => {
    const capture = files.write('a.pcap', readFileSync(TEXTBOOK));
    const other = join(files.folder, kind);
    if (kind === 'hard link') linkSync(capture, other);
    else symlinkSync(capture, other);
    const attempts = [
      ['analyze', '-o', other, capture],
      ['packets', '--format', 'tsv', '-o', capture, other],
      ['check', '--no-config', '--reporter', `junit=${other}`, capture],
      ['check', '--no-config', '--baseline', other, '--update-baseline', capture],
    ];
    for (const args of attempts) {
      const { stderr, code } = await run(args);
      expect(stderr).toMatch(/is the capture itself; choose another name for the output\n$/);
      expect(code).toBe(2);
    }
    expect(readFileSync(capture).equals(readFileSync(TEXTBOOK))).toBe(true);
  });

  test('only what is named is written', async () => {
    const folder = join(files.folder, 'only');
    mkdirSync(folder);
    copyFileSync(TEXTBOOK, join(folder, 'a.pcap'));
    const out = join(folder, 'out.json');
    writeFileSync(out, 'before');
    await run(['analyze', join(folder, 'a.pcap')]);
    await run(['check', '--no-config', join(folder, 'a.pcap')]);
    expect(readFileSync(out, 'utf8')).toBe('before');
    await run(['analyze', '--format', 'json', '-o', out, join(folder, 'a.pcap')]);
    expect(JSON.parse(readFileSync(out, 'utf8')).capture.frames).toBe(8);
    expect(execFileSync('ls', [folder], { encoding: 'utf8' })).toBe('a.pcap\nout.json\n');
  });

  test.skipIf(!existsSync('/dev/full'))('standard output on a full disk: one sentence, exit code 2', () => {
    const program = inject('program');
    if ('error' in program) throw new Error(program.error);
    for (const args of [
      `analyze ${TEXTBOOK}`,
      `packets --format tsv ${MANY}`,
      `check --no-config ${TEXTBOOK}`,
      'explain',
    ]) {
      const shell = `exec "$0" "$1" ${args} > /dev/full`;
      const ran = spawnSync('sh', ['-c', shell, process.execPath, program.path], { encoding: 'utf8' });
      expect([args, ran.stderr]).toEqual([
        args,
        'tcpstate: cannot write standard output: no space left on the device\n',
      ]);
      expect(ran.status).toBe(2);
    }
  });

  test.skipIf(!isRoot || !canMount())('a small disk that fills up (skipped: only root can make one)', async () => {
    const disk = join(files.folder, 'small');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    try {
      const out = join(disk, 'rows.tsv');
      const ran = await run(['packets', '--format', 'tsv', '-o', out, ...new Array(20).fill(MANY)]);
      expect(ran).toEqual({
        stdout: '',
        stderr: `tcpstate: cannot write ${out}: no space left on the device\n`,
        code: 2,
      });
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  test.each(['packets --format tsv', 'packets', 'analyze --all', 'analyze --format json', 'analyze --format ndjson'])(
    'a reader that goes away ends it quietly: %s',
    async (words) => {
      const child = start([...words.split(' '), ...new Array(20).fill(MANY)]);
      let stderr = '';
      child.stderr!.on('data', (chunk) => {
        stderr += chunk;
      });
      child.stdin!.end();
      child.stdout!.once('data', () => child.stdout!.destroy());
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect([stderr, code]).toEqual(['', 0]);
    },
  );
});

function canMount(): boolean {
  const folder = join(files.folder, 'mount');
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status !== 0) return false;
  execFileSync('umount', [folder]);
  return true;
}
