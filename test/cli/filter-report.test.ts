// The report about connections that a filter selects late shows all their segments, wherever the capture comes from.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../support/program.ts';

// Frames 1 to 6 go by the book; 7 is the retransmission. See fixtures/README.md.
const path = 'fixtures/captures/findings/retransmission.pcap';

/** The rows of the packet table, which begin with the frame's number. */
const frames = (stdout: string): number[] =>
  [...stdout.matchAll(/^ +(\d+) {2}\d+\.\d{6} .*\[/gm)].map((match) => Number(match[1]));

test.each(['tcp.analysis.retransmission', 'tcp.analysis.retransmission && tcp.len > 0', 'tcp.port > 0'])(
  '%s',
  async (filter) => {
    const fromFile = await run(['analyze', '-Y', filter, path]);
    const { length } = frames(fromFile.stdout);
    expect(fromFile).toMatchObject({ code: 0, stderr: '' });
    expect(frames(fromFile.stdout)).toEqual(Array.from({ length }, (_, i) => i + 1));
    expect(length).toBeGreaterThan(7);
    const fromStdin = await run(['analyze', '-Y', filter, '-'], { input: readFileSync(path) });
    expect(frames(fromStdin.stdout)).toEqual(frames(fromFile.stdout));
  },
);
