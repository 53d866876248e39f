// In: captures with tshark 4.0.17's table beside them. Out: every cell of every TCP row compared with ours.
// The tables are made by `npm run fixtures:tshark`; no tshark is needed here.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMPARED_FIELDS, compareRows } from '../support/compare-rows.ts';

const FOLDERS = [
  // One worked case per rule, and random segments.
  'fixtures/captures/wireshark',
  // Seeds of test/support/random-segments.ts: damaged headers, quotations, options of all kinds.
  'fixtures/captures/fuzz',
];

for (const folder of FOLDERS) {
  describe(folder, () => {
    const captures = readdirSync(folder).filter((name) => name.endsWith('.pcap'));

    it.each(captures)('%s', async (name) => {
      const table = join(folder, name.replace('.pcap', '.tsv'));
      const comparison = await compareRows(join(folder, name), table, name, 10);
      expect(comparison.differences).toEqual([]);
      const rows = tcpRows(table);
      expect(rows).toBeGreaterThan(0);
      expect(comparison.rows).toBe(rows);
      expect(comparison.cells).toBe(rows * (COMPARED_FIELDS.length + 1));
    });
  });
}

/** Rows whose Protocol column is TCP or MPTCP. */
function tcpRows(table: string): number {
  const [header, ...lines] = readFileSync(table, 'utf8').trimEnd().split('\n');
  const protocol = header!.split('\t').indexOf('_ws.col.Protocol');
  return lines.filter((line) => /^(?:MP)?TCP$/.test(line.split('\t')[protocol]!)).length;
}
