// In: a capture. Out: nanoseconds a row of `packets` costs in each form for programs, beside the analysis alone.
//
//   npm run -s build:scripts && node build/bench/packet-rows.js capture.pcap

import { analyze } from '../src/analyze.ts';
import { defaultPacketFields, type PacketPrinter, packetPrinter } from '../src/report/packets.ts';
import { RowBytes } from '../src/report/row-bytes.ts';

const ROUNDS = 5;
const BATCH_BYTES = 1 << 17;
const FORMATS = ['tsv', 'csv', 'ndjson'] as const;

const capture = process.argv[2];
if (capture === undefined) throw new Error('which capture?');
const fields = defaultPacketFields('tsv');

/** Forgets what it is told. */
const sink = {
  rows: new RowBytes(2 * BATCH_BYTES),
  rowWritten(): void {
    if (this.rows.length >= BATCH_BYTES) this.rows.length = 0;
  },
  write(): void {},
  ready: () => undefined,
};

let rows = 0;
const analysis: number[] = [];
const costs = FORMATS.map((format) => ({ format, rounds: [] as number[] }));
for (let round = 0; round < ROUNDS; round++) {
  analysis.push(await cost(null));
  for (const { format, rounds } of costs) rounds.push(await cost(packetPrinter(format, fields, sink)));
}
const least = Math.min(...analysis);
process.stdout.write(`${rows} rows of ${fields.length} fields, least of ${ROUNDS} rounds, CPU ns a row:\n`);
process.stdout.write(`analysis alone ${least.toFixed(0)}\n`);
for (const { format, rounds } of costs)
  process.stdout.write(`${format} +${(Math.min(...rounds) - least).toFixed(0)}\n`);

/** CPU nanoseconds a segment, of a whole run. */
async function cost(printer: PacketPrinter | null): Promise<number> {
  rows = 0;
  const before = process.cpuUsage();
  await analyze(
    { files: [capture!] },
    {
      segment(frame, packet, trace, clock) {
        rows++;
        printer?.row({ frame, packet, trace, clock });
      },
    },
  );
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / rows;
}
