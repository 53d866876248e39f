// In: a capture, or none (then one is made). Out: a table of wall time, CPU time and memory of tcpstate beside the peers installed.
//
//   npm run bench [-- CAPTURE] [--connections 100000] [--rounds 5]      the table, medians
//   npm run bench -- --curve                                            cost of a segment from 10^4 to 10^6 connections
//   npm run bench -- --lives [--rounds 5]                               connections that do not go by the book

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, type Figures, measure, median } from './measure.ts';

/** A command that takes longer is run once: there is no doubt about it, and the others are to be compared in one sitting. */
const LONG_SECONDS = 20;
/** As few as a handshake, a request and a close, so that a million connections are a file of 1.2 GB. */
const SEGMENTS_ON_CURVE = 8;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    connections: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    curve: { type: 'boolean', default: false },
    lives: { type: 'boolean', default: false },
  },
});

function tcpstate(...args: string[]): Command {
  return [process.execPath, 'bin/tcpstate.js', ...args];
}

/** The capture of so many connections, made if it is not there. */
function generated(name: string, ...options: string[]): string {
  const path = join(tmpdir(), `tcpstate-bench-${name}.pcap`);
  if (!existsSync(path)) {
    spawnSync(process.execPath, ['build/bench/generate.js', path, ...options], { stdio: 'inherit' });
  }
  return path;
}

/** So many runs of each; in turn, so that a machine that drifts drifts for all alike. */
function inTurn(commands: readonly Command[], rounds: number): readonly Figures[][] {
  const runs = commands.map((): Figures[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, command] of commands.entries()) {
      if (round > 0 && !(median(runs[i]!.map((run) => run.wallSeconds)) < LONG_SECONDS)) continue;
      const run = measure(command);
      if (run !== null) runs[i]!.push(run);
    }
  }
  return runs;
}

function table(capture: string): void {
  const fields = ['tcp.stream', 'tcp.analysis.flags', '_ws.col.Info'];
  const asked = fields.flatMap((field) => ['-e', field]);
  const commands: readonly (readonly [name: string, command: Command])[] = [
    ['capinfos -c', ['capinfos', '-c', capture]],
    ['argus', ['argus', '-r', capture, '-w', '/dev/null']],
    ['tcptrace -n', ['tcptrace', '-n', capture]],
    ['tshark, stream and flags', ['tshark', '-n', '-r', capture, '-T', 'fields', ...asked.slice(0, 4)]],
    ['tshark, and Info', ['tshark', '-n', '-r', capture, '-T', 'fields', ...asked]],
    ['analyze --format ndjson, one core', tcpstate('analyze', '--format', 'ndjson', '--workers', '1', capture)],
    ['analyze --format ndjson, two', tcpstate('analyze', '--format', 'ndjson', '--workers', '2', capture)],
    ['analyze', tcpstate('analyze', capture)],
    ['analyze -Y tcp.analysis.retransmission', tcpstate('analyze', '-Y', 'tcp.analysis.retransmission', capture)],
    ['sockets', tcpstate('sockets', capture)],
    ['buildup', tcpstate('buildup', capture)],
    ['packets, stream, flags and Info', tcpstate('packets', '--format', 'tsv', '--fields', fields.join(), capture)],
    ['check', tcpstate('check', capture)],
    ['node -e 0', [process.execPath, '-e', '0']],
    ['analyze of eight frames', tcpstate('analyze', 'fixtures/captures/textbook.pcap')],
  ];
  const megabytes = (statSync(capture).size / 1e6).toFixed(0);
  const rounds = Number(values.rounds);
  process.stdout.write(`${megabytes} MB, Node ${process.version}, medians of ${rounds}\n\n`);
  process.stdout.write('| command | wall s | CPU s | peak MB | wall, to capinfos |\n|---|---|---|---|---|\n');
  const runs = inTurn(
    commands.map(([, command]) => command),
    rounds,
  );
  const of = (i: number, figure: keyof Figures): number => median(runs[i]!.map((run) => run[figure]));
  const base = of(0, 'wallSeconds');
  for (const [i, [name]] of commands.entries()) {
    const [wall, cpu, peak] = [of(i, 'wallSeconds'), of(i, 'cpuSeconds'), of(i, 'peakMegabytes')];
    process.stdout.write(
      runs[i]!.length === 0
        ? `| ${name} | not run | | | |\n`
        : `| ${name} | ${wall.toFixed(2)} | ${cpu.toFixed(2)} | ${peak.toFixed(0)} | ${(wall / base).toFixed(2)} |\n`,
    );
  }
}

/** Short frames, so that it is segments and connections that are measured. */
function curve(): void {
  process.stdout.write('| connections | at a time | CPU s | CPU ns a segment | peak MB |\n|---|---|---|---|---|\n');
  for (const [connections, concurrent] of [
    [10_000, 5_000],
    [100_000, 5_000],
    [1_000_000, 5_000],
    [10_000, 10_000],
    [100_000, 100_000],
    [1_000_000, 1_000_000],
  ] as const) {
    const segments = SEGMENTS_ON_CURVE;
    const options = ['--connections', `${connections}`, '--concurrent', `${concurrent}`, '--segments', `${segments}`];
    const capture = generated(`${connections}-${concurrent}`, ...options, '--payload', '100');
    const run = measure(tcpstate('analyze', '--format', 'ndjson', '--workers', '1', '--max-flows', '2000000', capture));
    if (run === null) continue;
    const each = (run.cpuSeconds / (connections * segments)) * 1e9;
    process.stdout.write(
      `| ${connections} | ${concurrent} | ${run.cpuSeconds.toFixed(2)} | ${each.toFixed(0)} | ${run.peakMegabytes.toFixed(0)} |\n`,
    );
  }
}

/** Connections of which each leaves the book somewhere, and long ones with losses. */
function lives(): void {
  process.stdout.write(
    '| capture | capinfos -c s | tcptrace -n s | analyze --format ndjson s | peak MB |\n|---|---|---|---|---|\n',
  );
  const long = ['--connections', '1000', '--concurrent', '50', '--segments', '2600', '--lossy'];
  for (const [name, options] of [
    ['book', []],
    ['reset', ['--life', 'reset']],
    ['resent', ['--life', 'resent']],
    ['begun', ['--life', 'begun']],
    ['long', [...long, '0']],
    ['long-lossy-100', [...long, '100']],
    ['long-lossy-4', [...long, '4']],
  ] as const) {
    const capture = generated(name, ...options);
    const analyze = tcpstate('analyze', '--format', 'ndjson', '--workers', '1', capture);
    const runs = inTurn([['capinfos', '-c', capture], ['tcptrace', '-n', capture], analyze], Number(values.rounds));
    const walls = runs.map((each) => median(each.map((run) => run.wallSeconds)).toFixed(2));
    const peak = median(runs[2]!.map((run) => run.peakMegabytes));
    process.stdout.write(`| ${name} | ${walls.join(' | ')} | ${peak.toFixed(0)} |\n`);
  }
}

if (values.curve) curve();
else if (values.lives) lives();
else table(positionals[0] ?? generated(values.connections, '--connections', values.connections));
