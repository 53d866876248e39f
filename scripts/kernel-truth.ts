// In: folders of kernel-truth recordings. Out: where tcpstate's histories equal the kernels', and how far their times are off.
//
//   npm run kernel-truth -- PATH... [--only TEXT] [--vantage at-a|middle|at-b] [--quiet] [--times]
//
// A recording is a folder with truth.json and at-a.pcap, middle.pcap, at-b.pcap; test/support/kernel-truth.ts says how sequences
// are compared. Exit code 1 if one differs in more than silent states.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StateEntry } from '../src/tcp/flow-result.ts';
import {
  agrees,
  endpointsOf,
  placeOf,
  type TrueEndpoint,
  type Truth,
  VANTAGES,
  type Vantage,
} from '../test/support/kernel-truth.ts';

interface Tally {
  total: number;
  full: number;
  visible: number;
}

/** How far one transition's time is off, microseconds, signed: positive is late. */
interface TimeError {
  where: string;
  own: boolean;
  micros: number;
  delayMicros: number;
  state: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    vantage: { type: 'string' },
    quiet: { type: 'boolean', default: false },
    times: { type: 'boolean', default: false },
  },
});

const out = (text: string): void => void process.stdout.write(`${text}\n`);

function recordings(path: string): string[] {
  if (existsSync(join(path, 'truth.json'))) return [path];
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name))
    .filter((folder) => statSync(folder).isDirectory() && existsSync(join(folder, 'truth.json')));
}

/** Pairs our transitions with the kernel's, in order, and collects the errors in time. */
function compareTimes(
  endpoint: TrueEndpoint,
  states: StateEntry[],
  startNs: bigint,
  where: string,
  own: boolean,
  delayMicros: number,
  errors: TimeError[],
): void {
  let at = 0;
  for (const entry of states) {
    if (entry.time === null) continue;
    while (at < endpoint.states.length && endpoint.states[at]!.state !== entry.state) at++;
    const truth = endpoint.states[at];
    if (truth === undefined) return;
    at++;
    if (truth.t <= 0 || truth.silent || truth.evidence === 'listener' || truth.evidence === 'none') continue;
    const micros = Number(startNs + BigInt(Math.round(entry.time * 1e9)) - BigInt(truth.t_ns)) / 1000;
    errors.push({ where, own, micros, delayMicros, state: entry.state });
  }
}

const tallies = new Map<string, Tally>();
const kinds = new Map<string, Tally>();
const whole = new Map<string, Tally>();
const errors: TimeError[] = [];

function count(table: Map<string, Tally>, key: string, full: boolean, visible: boolean): void {
  const tally = table.get(key) ?? { total: 0, full: 0, visible: 0 };
  tally.total++;
  tally.full += full ? 1 : 0;
  tally.visible += visible ? 1 : 0;
  table.set(key, tally);
}

async function compare(folder: string, vantage: Vantage): Promise<void> {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
  const { found, startNs } = await endpointsOf(join(folder, `${vantage}.pcap`));
  const alike = new Map<string, { full: boolean; visible: boolean }>();
  let allFull = true;
  let allVisible = true;
  for (const endpoint of truth.endpoints) {
    if ((endpoint.frames[vantage] ?? 0) === 0) continue;
    const place = placeOf(endpoint.addr, endpoint.port, endpoint.peer_addr, endpoint.peer_port);
    const states = found.get(`${place} ${endpoint.connection}`)?.states ?? [];
    const names = states.map((entry) => entry.state as string);
    const full = agrees(endpoint, truth.capture.from_the_start, names, false);
    const visible = agrees(endpoint, truth.capture.from_the_start, names, true);
    const where = `${basename(folder)}/${vantage} ${endpoint.role} ${endpoint.addr}:${endpoint.port} #${endpoint.connection}`;
    if (!full && !values.quiet) {
      const kernel = endpoint.states.map((s) => s.state + (s.silent ? '*' : ''));
      out(
        `${where}: ${visible ? 'silent only' : 'DIFFERS'}\n    kernel   ${kernel.join(' ')}\n    tcpstate ${names.join(' ')}`,
      );
    }
    const own = vantage === `at-${endpoint.role.toLowerCase()}`;
    if (visible) compareTimes(endpoint, states, startNs, where, own, truth.capture.one_way_delay_ms * 1000, errors);
    for (const key of [vantage, `${vantage}, ${own ? 'own' : 'other'} endpoint`, 'all'])
      count(tallies, key, full, visible);
    const kind = [endpoint.role, ...endpoint.states.map((s) => s.state)].join(' ');
    const soFar = alike.get(kind) ?? { full: true, visible: true };
    alike.set(kind, { full: soFar.full && full, visible: soFar.visible && visible });
    allFull &&= full;
    allVisible &&= visible;
  }
  for (const { full, visible } of alike.values()) {
    for (const key of [vantage, 'all']) count(kinds, key, full, visible);
  }
  count(whole, vantage, allFull, allVisible);
}

function table(title: string, tallied: Map<string, Tally>): void {
  out(`\n${title.padEnd(28)} total            full         visible`);
  const share = (n: number, total: number): string =>
    `${String(n).padStart(6)} ${((100 * n) / total).toFixed(2).padStart(6)}%`;
  for (const [key, { total, full, visible }] of [...tallied].sort(([a], [b]) =>
    a === 'all' ? 1 : b === 'all' ? -1 : a < b ? -1 : 1,
  )) {
    if (key === 'middle, other endpoint') continue;
    out(`${key.padEnd(28)}${String(total).padStart(6)}  ${share(full, total)}  ${share(visible, total)}`);
  }
}

function timeTable(): void {
  out('\nerror in time of a transition, microseconds (the path takes the delay of the last column one way)');
  out(`${'vantage'.padEnd(28)} moves   median      95 %     worst    delay at the worst, where`);
  for (const vantage of VANTAGES) {
    for (const own of [true, false]) {
      const some = errors.filter((e) => e.where.includes(`/${vantage} `) && e.own === own);
      if (some.length === 0) continue;
      some.sort((x, y) => Math.abs(x.micros) - Math.abs(y.micros));
      const at = (q: number): string =>
        Math.abs(some[Math.min(some.length - 1, Math.floor(some.length * q))]!.micros).toFixed(0);
      const worst = some.at(-1)!;
      out(
        `${`${vantage}, ${own ? 'own' : 'other'} endpoint`.padEnd(28)}${String(some.length).padStart(6)}${at(0.5).padStart(9)}${at(0.95).padStart(10)}${at(1).padStart(10)}  ${String(worst.delayMicros).padStart(6)}  ${worst.where} ${worst.state}`,
      );
    }
  }
}

const folders = positionals.flatMap(recordings).filter((folder) => basename(folder).includes(values.only));
if (folders.length === 0) {
  process.stderr.write('kernel-truth: no recordings found; give the folder that holds them\n');
  process.exit(2);
}
for (const vantage of VANTAGES) {
  if (values.vantage !== undefined && values.vantage !== vantage) continue;
  for (const folder of folders) await compare(folder, vantage);
}
table('endpoints', tallies);
table('kinds of endpoint', kinds);
table('recordings all right', whole);
timeTable();
if (values.times) {
  for (const e of errors.filter((x) => Math.abs(x.micros) > 2 * x.delayMicros + 2000)) {
    out(`${e.where} ${e.state}: ${e.micros.toFixed(0)} us (delay ${e.delayMicros})`);
  }
}
const all = tallies.get('all');
process.exitCode = all !== undefined && all.visible === all.total ? 0 : 1;
