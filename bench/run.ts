// In: a capture, or none (then one of 260,000 segments is made). Out: wall time and memory of tcpstate beside the peers installed.
//
//   npm run bench [-- CAPTURE]

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROUNDS = 3;

let capture = process.argv[2];
if (capture === undefined) {
  capture = join(tmpdir(), 'tcpstate-bench.pcap');
  if (!existsSync(capture)) {
    spawnSync(process.execPath, ['build/bench/generate.js', capture, '--connections', '10000'], { stdio: 'inherit' });
  }
}

const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ['capinfos', '-c', capture],
  ['tcptrace', '-n', capture],
  ['tshark', '-n', '-r', capture, '-T', 'fields', '-e', 'tcp.stream', '-e', 'tcp.seq'],
  [process.execPath, 'bin/tcpstate.js', 'analyze', '--format', 'ndjson', capture],
  [process.execPath, 'bin/tcpstate.js', 'packets', '--format', 'tsv', '--fields', 'tcp.stream,tcp.seq', capture],
];

/** Seconds of one run, or null where the program is not installed or fails. */
function seconds([program, ...args]: readonly [string, ...string[]]): number | null {
  const start = process.hrtime.bigint();
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  return status === 0 ? Number(process.hrtime.bigint() - start) / 1e9 : null;
}

// In turn, so that a machine that drifts drifts for all alike.
const times = COMMANDS.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, command] of COMMANDS.entries()) {
    const taken = seconds(command);
    if (taken !== null) times[i]!.push(taken);
  }
}
for (const [i, [program, ...args]] of COMMANDS.entries()) {
  const name = `${program === process.execPath ? 'node' : program} ${args.join(' ')}`;
  const median = times[i]!.sort((a, b) => a - b)[times[i]!.length >> 1];
  process.stdout.write(`${median === undefined ? 'not run' : `${median.toFixed(2)} s`}\t${name}\n`);
}
