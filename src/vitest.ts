// In: a capture in a test. Out: matchers for Vitest, and for Jest's `expect`, which has the same interface.
//
//     import { expect } from 'vitest';
//     import { tcpMatchers } from 'tcpstate/vitest';
//     expect.extend(tcpMatchers);
//     await expect('capture.pcap').toPassTcpChecks({ expect: 'flow.closed' });

import { Readable } from 'node:stream';
import type {} from 'vitest';
import { analyze } from './analyze.ts';
import { report } from './check/reporters/text.ts';
import { type CheckCapturesOptions, check } from './check-captures.ts';
import { PLAIN } from './report/palette.ts';

/** A file, several files that are one trace, or the bytes of a capture. */
export type CaptureInput = string | readonly string[] | Uint8Array;

/** Rules to check; without any, the default ones (docs/check.md). */
export type TcpChecks = Omit<CheckCapturesOptions, 'files' | 'stdin' | 'signal' | 'progress' | 'compiled'>;

/** How many connections ended in each verdict, or the verdict of each connection in the order of their streams. */
export type Verdicts = Readonly<Record<string, number>> | readonly string[];

interface MatcherResult {
  pass: boolean;
  message: () => string;
  actual?: unknown;
  expected?: unknown;
}

export const tcpMatchers = {
  async toPassTcpChecks(received: CaptureInput, checks: TcpChecks = {}): Promise<MatcherResult> {
    const result = await check({ ...checks, ...inputOf(received) });
    const operands = typeof received === 'string' ? received : Array.isArray(received) ? received.join(' ') : '';
    return {
      pass: result.failed === 0,
      message: () => `${nameOf(received)}:\n${report(result, { palette: PLAIN, operands })}`,
    };
  },

  async toHaveVerdicts(received: CaptureInput, expected: Verdicts): Promise<MatcherResult> {
    const found: string[] = [];
    await analyze(inputOf(received), { flow: (flow) => void found.push(flow.verdict) });
    const actual = Array.isArray(expected) ? found : countsOf(found);
    const wanted = Array.isArray(expected) ? expected : sortedCounts(expected as Record<string, number>);
    const [is, should] = [JSON.stringify(actual), JSON.stringify(wanted)];
    return {
      pass: is === should,
      message: () => `${nameOf(received)}: verdicts are ${is}${is === should ? '' : `, expected ${should}`}`,
      actual,
      expected: wanted,
    };
  },
};

function inputOf(received: CaptureInput): { files: readonly string[]; stdin?: Readable } {
  if (typeof received === 'string') return { files: [received] };
  if (received instanceof Uint8Array) return { files: ['-'], stdin: Readable.from([received], { objectMode: false }) };
  return { files: received };
}

function nameOf(received: CaptureInput): string {
  if (received instanceof Uint8Array) return `${received.length} bytes of capture`;
  return typeof received === 'string' ? received : received.join(', ');
}

function countsOf(verdicts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const verdict of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return sortedCounts(counts);
}

/** In one order, without the zeros. */
function sortedCounts(counts: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(counts).filter(([, n]) => n !== 0);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What `expect` gains. */
export interface TcpMatchers<R = unknown> {
  toPassTcpChecks(checks?: TcpChecks): R;
  toHaveVerdicts(expected: Verdicts): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the parameter must be that of Vitest's own interface
  interface Matchers<T = any> extends TcpMatchers<Promise<void>> {}
}

declare global {
  namespace jest {
    interface Matchers<R, T> extends TcpMatchers<Promise<void>> {}
  }
}
