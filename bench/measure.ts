// In: a command. Out: what one run of it took: wall clock, CPU time and peak memory, as the system accounts for them.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Command = readonly [program: string, ...args: string[]];

export interface Figures {
  wallSeconds: number;
  /** User and system time; NaN where nothing measures it. */
  cpuSeconds: number;
  /** Peak resident memory of the largest process, MB; NaN where nothing measures it. */
  peakMegabytes: number;
}

/** GNU time, which asks the kernel about the finished process; without it only the wall clock is known. */
const TIME = '/usr/bin/time';

/** One run with its output thrown away, or null where the program is not installed or fails. */
export function measure([program, ...args]: Command): Figures | null {
  const folder = mkdtempSync(join(tmpdir(), 'tcpstate-bench-'));
  const report = join(folder, 'time');
  const timed = existsSync(TIME) ? [TIME, '-o', report, '-f', '%U %S %M', program, ...args] : [program, ...args];
  const start = process.hrtime.bigint();
  const { status } = spawnSync(timed[0]!, timed.slice(1), { stdio: 'ignore' });
  const wallSeconds = Number(process.hrtime.bigint() - start) / 1e9;
  const [user, system, peak] = existsSync(report)
    ? readFileSync(report, 'utf8').trim().split('\n').at(-1)!.split(' ').map(Number)
    : [];
  rmSync(folder, { recursive: true });
  if (status !== 0) return null;
  return {
    wallSeconds,
    cpuSeconds: (user ?? Number.NaN) + (system ?? Number.NaN),
    peakMegabytes: (peak ?? Number.NaN) / 1024,
  };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
