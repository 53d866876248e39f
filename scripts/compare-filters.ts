// In: captures and the filters of filter-expressions.txt. Out: whether each selects the rows that `tshark -Y` selects.
//
//   npm run compare:filters -- CAPTURE...       exit code 0: all selections are equal; 1: some differ; 2: could not run

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { analyze } from '../src/analyze.ts';
import { Filter } from '../src/filter/filter.ts';
import { Tshark } from './tshark.ts';

const USAGE = `Usage: npm run compare:filters -- [options] CAPTURE...

  --filters FILE   one filter a line, # begins a comment line (default: scripts/filter-expressions.txt)
  --cache DIR      keep tshark's selections in DIR and use them again
  --tshark FILE    the tshark to run (default: the one in PATH)
  --timeout S      seconds tshark may take for one filter (default 60)
`;

/** Protocol column of a TCP segment; in a GTP tunnel it is "GTP <TCP>". */
const TCP_ROW = /^(?:GTP <)?(?:MP)?TCP>?$/;
/** Frames named in the report of one difference. */
const SHOWN_FRAMES = 10;

const write = (text: string): void => void process.stdout.write(text);

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      filters: { type: 'string', default: join('scripts', 'filter-expressions.txt') },
      cache: { type: 'string' },
      tshark: { type: 'string' },
      timeout: { type: 'string', default: '60' },
    },
  });
  if (positionals.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const tshark = new Tshark(values.tshark);
  const version = await tshark.version();
  if (version === null) {
    process.stderr.write(`${tshark.program} cannot be run; install Wireshark's tshark or name it with --tshark\n`);
    tshark.close();
    return 2;
  }
  const cache = values.cache ?? mkdtempSync(join(tmpdir(), 'tcpstate-filters-'));
  mkdirSync(cache, { recursive: true });
  const expressions = readFileSync(values.filters, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const filters = expressions.map((expression) => new Filter(expression));
  const captures = positionals.flatMap(filesOf);
  write(`${version}\n${expressions.length} filters over ${captures.length} captures\n`);

  let compared = 0;
  let empty = 0;
  let full = 0;
  const differences: string[] = [];
  /** Filters that told rows apart somewhere: a filter that always selects all or nothing proves little. */
  const discerning = new Set<string>();
  for (const capture of captures) {
    const { rows, selections } = await ourSelections(capture, filters);
    for (const [i, expression] of expressions.entries()) {
      const theirs = await tsharkSelection(tshark, capture, expression, cache, Number(values.timeout));
      if (typeof theirs === 'string') {
        differences.push(`${basename(capture)}: ${expression}: ${theirs}`);
        continue;
      }
      compared++;
      const ours = selections[i]!;
      if (theirs.length === 0) empty++;
      else if (theirs.length === rows) full++;
      else discerning.add(expression);
      const difference = differenceOf(ours, theirs);
      if (difference !== null) differences.push(`${basename(capture)}: ${expression}: ${difference}`);
    }
  }
  tshark.close();
  write(
    `${compared} selections compared (${empty} empty, ${full} of all rows); ${discerning.size} filters told rows apart\n`,
  );
  for (const expression of expressions)
    if (!discerning.has(expression)) write(`  never told rows apart: ${expression}\n`);
  for (const line of differences) write(`${line}\n`);
  write(differences.length === 0 ? 'all equal\n' : `${differences.length} differ\n`);
  return differences.length === 0 ? 0 : 1;
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(?:pcap|pcapng|cap)$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

async function ourSelections(
  capture: string,
  filters: readonly Filter[],
): Promise<{ rows: number; selections: number[][] }> {
  const selections: number[][] = filters.map(() => []);
  let rows = 0;
  await analyze(
    { files: [capture] },
    {
      segment(frame, packet, trace, clock) {
        rows++;
        for (const [i, filter] of filters.entries()) {
          const selected = filter.selectsEarly(filter.answers(frame, packet, trace, clock));
          if (selected === null) throw new Error(`${filter.source} asks about connections`);
          if (selected) selections[i]!.push(frame.number);
        }
      },
    },
  );
  return { rows, selections };
}

/** Frames of TCP rows; or why there are none. Rows of ICMP that quote a TCP header are no segments. */
async function tsharkSelection(
  tshark: Tshark,
  capture: string,
  expression: string,
  cache: string,
  timeoutSeconds: number,
): Promise<number[] | string> {
  const key = createHash('sha256').update(readFileSync(capture)).update('\0').update(expression).digest('hex');
  const path = join(cache, `${key}.tsv`);
  if (!existsSync(path)) {
    const fields = ['frame.number', '_ws.col.Protocol'];
    const result = await tshark.table(capture, fields, path, timeoutSeconds, expression);
    if (result === null) return 'tshark took too long';
    if (/was unexpected|is not a valid|cannot be|neither a field/.test(result.message)) {
      writeFileSync(path, `error\t${result.message}\n`);
    }
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  if (lines[0]!.startsWith('error\t')) return `tshark does not take it: ${lines[0]!.slice(6)}`;
  return lines
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([, protocol]) => TCP_ROW.test(protocol ?? ''))
    .map(([frame]) => Number(frame));
}

function differenceOf(ours: readonly number[], theirs: readonly number[]): string | null {
  const inOurs = new Set(ours);
  const inTheirs = new Set(theirs);
  const missing = theirs.filter((frame) => !inOurs.has(frame));
  const extra = ours.filter((frame) => !inTheirs.has(frame));
  if (missing.length === 0 && extra.length === 0) return null;
  const list = (frames: readonly number[]): string =>
    `${frames.slice(0, SHOWN_FRAMES).join(' ')}${frames.length > SHOWN_FRAMES ? ' ...' : ''}`;
  return [
    missing.length > 0 ? `only tshark: ${missing.length} (${list(missing)})` : '',
    extra.length > 0 ? `only tcpstate: ${extra.length} (${list(extra)})` : '',
  ]
    .filter((text) => text !== '')
    .join('; ');
}
