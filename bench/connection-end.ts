// In: a capture in which no connection is over before its end. Out: microseconds that each connection costs once it is told of:
// summed up, judged, counted and written as a line of `analyze --format ndjson`.
//
//   npm run -s build:scripts && node build/bench/connection-end.js capture.pcap [rounds]

import { createWriteStream } from 'node:fs';
import { analyze } from '../src/analyze.ts';
import { Output } from '../src/cli/output.ts';
import { NdjsonPrinter } from '../src/report/analysis-json.ts';

const capture = process.argv[2];
if (capture === undefined) throw new Error('which capture?');
const rounds = Number(process.argv[3] ?? 5);

const untold: number[] = [];
const told: number[] = [];
for (let round = 0; round < rounds; round++) {
  untold.push(await cost(false));
  told.push(await cost(true));
}
process.stdout.write(
  `CPU microseconds a connection, round by round: ${told.map((each) => each.toFixed(1)).join(' ')}; ` +
    `without the line: ${untold.map((each) => each.toFixed(1)).join(' ')}\n`,
);

/** From the last segment to the end. */
async function cost(isPrinted: boolean): Promise<number> {
  const output = new Output(createWriteStream('/dev/null'), '/dev/null');
  const printer = new NdjsonPrinter(output);
  let since = process.cpuUsage();
  const { streams } = await analyze(
    { files: [capture!], asTheyEnd: true },
    {
      flow: (flow) => (isPrinted ? printer.flow(flow) : undefined),
      lives: (lives) => (isPrinted ? printer.lives(lives) : undefined),
      progress: () => {
        since = process.cpuUsage();
      },
    },
  );
  await output.end();
  const { user, system } = process.cpuUsage(since);
  return (user + system) / streams;
}
