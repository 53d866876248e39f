// In: a capture, and random choices. Out: what is wrong with the output of the command they stand for, or null.

import { type Readable, Writable } from 'node:stream';
import type { Session } from '../../src/cli/command.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Interrupt } from '../../src/cli/interrupt.ts';
import { Output } from '../../src/cli/output.ts';
import { CaptureError, UsageError } from '../../src/errors.ts';
import { printable } from '../../src/report/printable.ts';
import type { Random } from '../../test/support/random.ts';
import { parseXml } from '../../test/support/xml.ts';

/** How an output is looked at. */
type Look = (text: string) => string | null;

/** Nothing that a terminal obeys, hides or reorders. */
const forPeople: Look = (text) => {
  const lines = text.split('\n');
  const bad = lines.find((line) => printable(line) !== line);
  return bad === undefined ? null : `an unprintable character in ${JSON.stringify(bad)}`;
};

const json: Look = (text) => parsed(text, JSON.parse) ?? forPeople(text);

const jsonLines: Look = (text) => {
  for (const line of text.split('\n')) {
    const problem = line === '' ? null : json(line);
    if (problem !== null) return problem;
  }
  return null;
};

const xml: Look = (text) => parsed(text, parseXml);

/** As many cells in every line as in the first. */
const tabs: Look = (text) => {
  const counts = new Set(
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t').length),
  );
  return counts.size > 1 ? `lines of ${[...counts].join(' and ')} cells` : null;
};

/** One workflow command a line. */
const annotations: Look = (text) => {
  const bad = text.split('\n').find((line) => line !== '' && !/^::(?:error|warning|notice) [^\r]*$/.test(line));
  return bad === undefined ? null : `no annotation: ${JSON.stringify(bad)}`;
};

const any: Look = () => null;

function parsed(text: string, parse: (text: string) => unknown): string | null {
  try {
    parse(text);
    return null;
  } catch (error) {
    return `${(error as Error).message} in ${JSON.stringify(text.slice(0, 200))}`;
  }
}

const FILTERS = [
  'tcp.analysis.flags',
  'flow.verdict == "refused" || tcp.len > 100',
  'endpoint.state == TIME_WAIT',
  'tcp.payload contains "GET" or tcp.options.sack_le > 1',
];

/** CAPTURE is the capture, NUMBER a small number, FILTER a filter. */
const COMMANDS: readonly (readonly [words: string, look: Look])[] = [
  ['analyze CAPTURE', forPeople],
  ['analyze CAPTURE --all', forPeople],
  ['analyze CAPTURE --all --ladder', forPeople],
  ['analyze CAPTURE --findings', forPeople],
  ['analyze CAPTURE --crosswalk --rows NUMBER --ascii', forPeople],
  ['analyze CAPTURE --format json --crosswalk', json],
  ['analyze CAPTURE --format ndjson', jsonLines],
  ['analyze CAPTURE --format ndjson --max-flows 2', jsonLines],
  ['analyze CAPTURE --format json -Y FILTER', json],
  ['packets CAPTURE', forPeople],
  ['packets CAPTURE --format tsv', tabs],
  ['packets CAPTURE --format csv', any],
  ['packets CAPTURE --format ndjson -Y FILTER', jsonLines],
  ['sockets CAPTURE --listening', forPeople],
  ['sockets CAPTURE --format json --at NUMBER', json],
  ['buildup CAPTURE', forPeople],
  ['buildup CAPTURE --format json', json],
  ['check CAPTURE --no-config', forPeople],
  ['check CAPTURE --no-config --format json', json],
  ['check CAPTURE --no-config --format sarif', json],
  ['check CAPTURE --no-config --format junit', xml],
  ['check CAPTURE --no-config --format github', annotations],
  ['check CAPTURE --no-config --expect FILTER --format tap', any],
  ['explain --frame NUMBER CAPTURE', forPeople],
  ['diff CAPTURE CAPTURE', forPeople],
];

/** Commands that take a filter. */
const ASKING = COMMANDS.filter(([words]) => words.includes('FILTER'));

/** `arrive` gives the bytes behind "-", anew each time. */
export async function outputOf(
  capture: string,
  arrive: () => Readable,
  random: Random,
  filter: string | null = null,
): Promise<string | null> {
  const [words, look] = random.pick(filter === null ? COMMANDS : ASKING);
  // Standard input can be read only once.
  if (capture === '-' && words.startsWith('diff')) return null;
  const argv = words.split(' ').map((word) => {
    if (word === 'CAPTURE') return capture;
    if (word === 'NUMBER') return String(1 + random.int(12));
    return word === 'FILTER' ? (filter ?? random.pick(FILTERS)) : word;
  });
  const { text, isRefused, complaint } = await run(argv, arrive, random.pick([40, 80, 137, Number.POSITIVE_INFINITY]));
  const problem = complaint ?? (isRefused ? refused(text) : look(text));
  return problem === null ? null : `${argv.join(' ')}: ${problem}`;
}

/** Where the capture or the filter is none, a sentence is all there is. */
function refused(text: string): string | null {
  return text === '' ? null : `it is refused, after ${JSON.stringify(text.slice(0, 200))}`;
}

async function run(
  argv: readonly string[],
  arrive: () => Readable,
  columns: number,
): Promise<{ text: string; isRefused: boolean; complaint: string | null }> {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  const output = new Output(stream, 'memory');
  const sentences: string[] = [];
  const session: Session = {
    interrupt: { signal: new AbortController().signal, isRequested: false, setGrace() {} } as unknown as Interrupt,
    screen: { isTerminal: false, columns, color: false },
    output: () => output,
    stdin: arrive,
    isStdinTerminal: () => false,
    warn: (sentence) => sentences.push(sentence),
    progress: () => null,
  };
  let isRefused = false;
  try {
    await dispatch(
      argv,
      () => session,
      (text) => output.write(text),
    );
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CaptureError)) throw error;
    isRefused = true;
    sentences.push(error.message);
  }
  await output.end();
  const odd = sentences.find((sentence) => sentence === '' || /\n|undefined|NaN|\[object/.test(sentence));
  const complaint = odd === undefined ? null : `it says ${JSON.stringify(odd)}`;
  return { text: Buffer.concat(chunks).toString('utf8'), isRefused, complaint };
}
