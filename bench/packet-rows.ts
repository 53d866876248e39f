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

const costs = new Map<string, number[]>([
  ['analysis alone', []],
  ...FORMATS.map((format): [string, number[]] => [format, []]),
]);
let rows = 0;
for (let round = 0; round < ROUNDS; round++) {
  costs.get('analysis alone')!.push(await cost(null));
  for (const format of FORMATS) costs.get(format)!.push(await cost(packetPrinter(format, fields, sink)));
}
process.stdout.write(`${rows} rows of ${fields.length} fields, least of ${ROUNDS} rounds, CPU ns a row:\n`);
const [analysis, ...formats] = [...costs].map(([name, each]) => ({ name, least: Math.min(...each) }));
process.stdout.write(
  `${[`${analysis!.name} ${analysis!.least.toFixed(0)}`, ...formats.map(({ name, least }) => `${name} +${(least - analysis!.least).toFixed(0)}`)].join(', ')}\n`,
);

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
