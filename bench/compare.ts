// In: another checkout of this repository, built. Out: how much CPU time this one takes to the other's, command by command;
// exit code 1 where it takes noticeably more. For a look before a change is landed.
//
//   npm run bench:compare -- OTHER_CHECKOUT [CAPTURE] [--rounds 7]

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, median } from './measure.ts';

/** Medians of CPU time vary by a tenth where other programs run beside. */
const NOTICEABLE = 1.15;
const CONNECTIONS = '20000';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '7' } },
});
const other = positionals[0];
if (other === undefined) throw new Error('usage: npm run bench:compare -- OTHER_CHECKOUT [CAPTURE] [--rounds N]');
const theirs = resolve(other, 'bin/tcpstate.js');
if (!existsSync(theirs)) throw new Error(`${other} has no bin/tcpstate.js: not a checkout of tcpstate`);

let capture = positionals[1];
if (capture === undefined) {
  capture = join(tmpdir(), `tcpstate-bench-${CONNECTIONS}.pcap`);
  if (!existsSync(capture)) {
    const args = ['build/bench/generate.js', capture, '--connections', CONNECTIONS];
    spawnSync(process.execPath, args, { stdio: 'inherit' });
  }
}

const COMMANDS: readonly (readonly string[])[] = [
  ['analyze', capture],
  ['analyze', '--format', 'ndjson', capture],
  ['packets', '--format', 'tsv', capture],
  ['check', capture],
  ['buildup', capture],
  ['analyze', 'fixtures/captures/textbook.pcap'],
];

let isSlower = false;
for (const command of COMMANDS) {
  const ratios: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const ours = measure([process.execPath, 'bin/tcpstate.js', ...command]);
    const them = measure([process.execPath, theirs, ...command]);
    // `check` ends with 1 where a rule fails, and `measure` then knows nothing.
    if (ours !== null && them !== null) {
      ratios.push((ours.cpuSeconds || ours.wallSeconds) / (them.cpuSeconds || them.wallSeconds));
    }
  }
  const ratio = median(ratios);
  isSlower ||= ratio > NOTICEABLE;
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  process.stdout.write(
    ratios.length === 0
      ? `not run             ${command.join(' ')}\n`
      : `${ratio.toFixed(2)} (${range})  ${command.join(' ')}${ratio > NOTICEABLE ? '  slower' : ''}\n`,
  );
}
process.exitCode = isSlower ? 1 : 0;
