// In: captures in which ports are used again and again, with room for a few connections only. Out: proof that the run comes to
// its end. Lives of one 4-tuple hang together, and what was let go may not be looked at any more: it once was, for ever.

import { expect, test } from 'vitest';
import { run } from '../support/program.ts';

const PATIENCE_MS = 20_000;

for (const seed of [5, 7029, 7095]) {
  test(`seed ${seed}, three connections at a time`, async () => {
    const path = `fixtures/captures/fuzz/seed-${seed}.pcap`;
    const { stdout, code } = await run(
      ['analyze', '--format', 'ndjson', '--max-flows', '3', '--time-wait', '1', path],
      { meanwhile: (child) => setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS).unref(), input: new Uint8Array(0) },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ type: 'capture' });
  }, 30_000);
}
