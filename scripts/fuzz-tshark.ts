// In: a range of seeds, and folders of captures or none. Out: the captures they stand for, compared row by row with the installed tshark:
// random segments, or captures of the folders put together and spoiled.
//
//   npm run fuzz:tshark -- [--seeds N] [--from SEED] [--segments N] [--clean] [--keep DIR] [FOLDER...]
//
// A seed that differs is kept with tshark's table in DIR; move both to fixtures/captures/fuzz once understood.

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COMPARED_FIELDS, Comparison, compareRows } from '../test/support/compare-rows.ts';
import { writePcap } from '../test/support/pcap-writer.ts';
import { randomFrames } from '../test/support/random-segments.ts';
import { SpoiledCaptures } from './fuzz/spoiled-captures.ts';
import { Tshark } from './tshark.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    segments: { type: 'string', default: '300' },
    clean: { type: 'boolean', default: false },
    keep: { type: 'string', default: 'build/fuzz' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const tshark = new Tshark();
  const version = await tshark.version();
  if (version === null) {
    process.stderr.write('tshark cannot be run, so there is nothing to compare with\n');
    tshark.close();
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'tcpstate-fuzz-'));
  const total = new Comparison();
  let failed = 0;
  try {
    const first = Number(values.from);
    const spoiled = positionals.length === 0 ? null : await SpoiledCaptures.of(positionals);
    for (let seed = first; seed < first + Number(values.seeds); seed++) {
      const capture = join(folder, 'fuzz.pcap');
      const table = join(folder, 'fuzz.tsv');
      writeFileSync(capture, spoiled === null ? randomCapture(seed) : await spoiled.make(seed));
      await tshark.table(capture, COMPARED_FIELDS, table, 60);
      const comparison = await compareRows(capture, table, `seed ${seed}`);
      total.add(comparison);
      if (comparison.differing === 0) continue;
      failed++;
      for (const { frame, field, tshark: theirs, tcpstate } of comparison.differences.slice(0, 5)) {
        process.stdout.write(
          `seed ${seed} frame ${frame} ${field}\n    tshark    ${theirs}\n    tcpstate  ${tcpstate}\n`,
        );
      }
      mkdirSync(values.keep, { recursive: true });
      renameSync(capture, join(values.keep, `seed-${seed}.pcap`));
      renameSync(table, join(values.keep, `seed-${seed}.tsv`));
    }
  } finally {
    rmSync(folder, { recursive: true });
    tshark.close();
  }
  process.stdout.write(
    `${values.seeds} seeds, ${failed} differ; ${total.rows} rows, ${total.cells} cells, ${total.differing} differ. ${version}\n`,
  );
  return failed === 0 ? 0 : 1;
}

function randomCapture(seed: number): Uint8Array {
  const frames = randomFrames(seed, { segments: Number(values.segments), damage: !values.clean });
  return writePcap(frames, { nanoseconds: true });
}
