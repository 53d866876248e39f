// In: a capture. Out: nanoseconds a row of `packets --format tsv` costs, as strings and as bytes, beside the analysis alone.
//
//   npm run -s build:scripts && node build/bench/packet-rows.js capture.pcap

import { analyze } from '../src/analyze.ts';
import { defaultPacketFields, type PacketPrinter, packetPrinter } from '../src/report/packets.ts';
import { RowBytes } from '../src/report/row-bytes.ts';

const ROUNDS = 5;
const BATCH_BYTES = 1 << 17;

const capture = process.argv[2];
if (capture === undefined) throw new Error('which capture?');
const fields = defaultPacketFields('tsv');

/** Sinks that forget what they are told; the strings are flattened and encoded, as for a file. */
let pending = '';
const strings = {
  write(text: string): void {
    pending += text;
    if (pending.length < BATCH_BYTES) return;
    Buffer.from(pending);
    pending = '';
  },
  ready: () => undefined,
};
const bytes = {
  ...strings,
  rows: new RowBytes(2 * BATCH_BYTES),
  rowWritten(): void {
    if (this.rows.length >= BATCH_BYTES) this.rows.length = 0;
  },
};

const costs: { analysis: number[]; strings: number[]; bytes: number[] } = { analysis: [], strings: [], bytes: [] };
let rows = 0;
for (let round = 0; round < ROUNDS; round++) {
  costs.analysis.push(await cost(null));
  costs.strings.push(await cost(packetPrinter('tsv', fields, strings)));
  costs.bytes.push(await cost(packetPrinter('tsv', fields, bytes)));
}
const [analysis, asStrings, asBytes] = Object.values(costs).map((each) => Math.min(...each)) as [
  number,
  number,
  number,
];
process.stdout.write(
  `${rows} rows of ${fields.length} fields, least of ${ROUNDS} rounds, CPU ns a row:\n` +
    `analysis alone ${analysis.toFixed(0)}, with rows as strings +${(asStrings - analysis).toFixed(0)}, ` +
    `as bytes +${(asBytes - analysis).toFixed(0)}\n`,
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
