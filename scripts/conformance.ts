// In: captures, or folders of them. Out: every field of every TCP row, compared between tcpstate and the installed tshark.
//
//   npm run conformance -- PATH...              exit code 0: every cell is equal; 1: some differ; 2: could not run

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { isPcap } from '../src/capture/pcap.ts';
import { isPcapng } from '../src/capture/pcapng.ts';
import { CaptureError } from '../src/errors.ts';
import { COMPARED_FIELDS, Comparison, compareRows } from '../test/support/compare-rows.ts';
import { TsharkTable } from '../test/support/tshark-table.ts';
import { KNOWN_DIFFERENCES, type KnownDifference } from './conformance-known.ts';
import { Tshark } from './tshark.ts';

const USAGE = `Usage: npm run conformance -- [options] PATH...

Runs tshark and tcpstate over captures (folders: all files in them) and compares every field of every TCP row.

  --cache DIR      keep tshark's tables in DIR, by the captures' SHA-256, and use them again
  --tshark FILE    the tshark to run (default: the one in PATH)
  --first N        differences shown per field (default 3)
  --timeout S      seconds tshark may take for one capture (default 60)
  --list           name each capture with its result
`;

/** Whatever is no capture by its name is not tried in folders. */
const NO_CAPTURE = /\.(?:md|txt|tsv|csv|json|py|sh|ts|js)$/i;

const write = (text: string): void => void process.stdout.write(text);

interface Settings {
  tshark: Tshark;
  cache: string;
  first: number;
  timeout: number;
  list: boolean;
}

/** Results over all captures. */
class Totals {
  readonly comparison: Comparison;
  readonly known: { entry: KnownDifference; file: string; comparison: Comparison }[] = [];
  withTcp = 0;
  withoutTcp = 0;
  /** Neither program could open them. */
  noCaptures = 0;
  /** tshark reads them; tcpstate reads pcap and pcapng only. */
  readonly otherFormats: string[] = [];
  readonly failures: string[] = [];

  constructor(first: number) {
    this.comparison = new Comparison(first);
  }
}

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cache: { type: 'string' },
      tshark: { type: 'string' },
      first: { type: 'string', default: '3' },
      timeout: { type: 'string', default: '60' },
      list: { type: 'boolean', default: false },
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
  const cache = values.cache ?? mkdtempSync(join(tmpdir(), 'tcpstate-conformance-'));
  mkdirSync(cache, { recursive: true });
  const settings = { tshark, cache, first: Number(values.first), timeout: Number(values.timeout), list: values.list };
  const totals = new Totals(settings.first);
  try {
    const files = positionals.flatMap((path) => capturesIn(path));
    write(`tcpstate against ${version}, ${COMPARED_FIELDS.length} fields\n`);
    for (const [done, file] of files.entries()) {
      if (process.stderr.isTTY) process.stderr.write(`\r${done}/${files.length}\x1b[K`);
      await compareFile(file, settings, totals);
    }
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  } finally {
    if (values.cache === undefined) rmSync(cache, { recursive: true });
    tshark.close();
  }
  return report(totals, version);
}

function capturesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) return capturesIn(inner);
      return entry.isFile() && !NO_CAPTURE.test(entry.name) ? [inner] : [];
    });
}

async function compareFile(file: string, settings: Settings, totals: Totals): Promise<void> {
  const name = relative('.', file);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const table = join(settings.cache, `${sha256}.tsv`);
  if (!isUsable(table)) {
    const result = await settings.tshark.table(file, COMPARED_FIELDS, table, settings.timeout);
    if (result === null) {
      totals.failures.push(`${name}: tshark had not finished after ${settings.timeout} s`);
      return;
    }
  }
  let comparison: Comparison;
  try {
    comparison = await compareRows(file, table, name, settings.first);
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    if (isEmpty(table)) totals.noCaptures++;
    else if (!isOurFormat(file)) totals.otherFormats.push(error.message);
    else totals.failures.push(`${name}: tshark reads it, tcpstate does not: ${error.message}`);
    return;
  }
  if (comparison.rows === 0 && comparison.cells === 0) totals.withoutTcp++;
  else totals.withTcp++;
  const entry = KNOWN_DIFFERENCES.find((known) => known.sha256 === sha256);
  if (entry !== undefined) totals.known.push({ entry, file: name, comparison });
  else totals.comparison.add(comparison);
  if (settings.list) {
    write(`${comparison.differing === 0 ? 'equal ' : 'DIFFER'}  ${count(comparison.cells)} cells  ${name}\n`);
  }
}

/** True for a file that begins as pcap, pcapng, gzip or zstd do. */
function isOurFormat(file: string): boolean {
  const bytes = readFileSync(file).subarray(0, 12);
  if (bytes.length < 12) return true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return isPcap(view) || isPcapng(view) || view.getUint16(0) === 0x1f8b || view.getUint32(0) === 0x28b52ffd;
}

/** True for a cached table that has all fields compared here. */
function isUsable(path: string): boolean {
  if (!existsSync(path)) return false;
  const table = new TsharkTable(path);
  table.close();
  return isHeaderless(table) || COMPARED_FIELDS.every((name) => table.fields.includes(name));
}

/** tshark could not open the capture and printed nothing. */
function isHeaderless(table: TsharkTable): boolean {
  return table.fields.length === 1 && table.fields[0] === '';
}

/** True for a table without a row. */
function isEmpty(path: string): boolean {
  const table = new TsharkTable(path);
  const empty = isHeaderless(table) || table.next() === null;
  table.close();
  return empty;
}

function report(totals: Totals, version: string): number {
  const { comparison, known, failures } = totals;
  const fields = ['row', ...COMPARED_FIELDS].filter((name) => comparison.fields.has(name));
  const width = Math.max(...fields.map((name) => name.length), 5);
  write(`\n${'field'.padEnd(width)}  ${'cells'.padStart(11)}  ${'equal'.padStart(11)}  ${'differ'.padStart(7)}\n`);
  for (const name of fields) {
    const { cells, differing } = comparison.fields.get(name)!;
    const numbers = [count(cells).padStart(11), count(cells - differing).padStart(11), count(differing).padStart(7)];
    write(`${name.padEnd(width)}  ${numbers.join('  ')}\n`);
  }
  const { differences } = comparison;
  if (differences.length > 0) write('\nFirst differences of each field\n');
  for (const { file, frame, field, tshark, tcpstate } of differences) {
    write(
      `\n  ${field}  frame ${frame} of ${file}\n    tshark    ${quoted(tshark)}\n    tcpstate  ${quoted(tcpstate)}\n`,
    );
  }
  let stale = 0;
  if (known.length > 0) write('\nKnown differences (reviewed; not counted above)\n');
  for (const { entry, file, comparison: found } of known) {
    write(`\n  ${file}: ${count(found.differing)} of ${count(found.cells)} cells\n    ${entry.reason}\n`);
    if (found.differing !== entry.cells) {
      stale++;
      write(`    The list says ${count(entry.cells)} cells: look at it again.\n`);
    }
  }
  for (const message of totals.otherFormats) write(`\nNot compared, being neither pcap nor pcapng\n  ${message}\n`);
  if (failures.length > 0) write(`\nNot compared\n${failures.map((line) => `  ${line}\n`).join('')}`);

  const { rows, cells, differing } = comparison;
  const files = totals.withTcp + totals.withoutTcp;
  write(
    `\n${count(files)} captures (${count(totals.withTcp)} with TCP${known.length > 0 ? `, ${known.length} of them known to differ` : ''})` +
      `${totals.noCaptures > 0 ? `, ${count(totals.noCaptures)} files that neither program reads` : ''}.\n` +
      `${count(rows)} rows, ${count(cells)} cells, ${count(cells - differing)} equal (${percent(cells - differing, cells)}). ${version}\n`,
  );
  return differing > 0 || failures.length > 0 || stale > 0 ? 1 : 0;
}

function quoted(text: string): string {
  return text === '' ? '(nothing)' : text;
}

function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function percent(part: number, whole: number): string {
  if (whole === 0) return 'nothing to compare';
  const floored = Math.floor((part / whole) * 1_000_000) / 10_000;
  return `${floored} %`;
}
