// In: segments, one at a time. Out: a row each, as tab-separated values, CSV, JSON lines or an aligned table, as they pass.

import { UsageError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import type { StateName } from '../tcp/state.ts';
import { clip, displayWidth, padLeft, padRight } from './columns.ts';
import { csvLine } from './csv.ts';
import { isWholeNumber, PACKET_FIELDS, type PacketField, type SegmentContext } from './packet-fields.ts';
import { PacketRow } from './packet-row.ts';
import { type Palette, PLAIN } from './palette.ts';
import { printable } from './printable.ts';
import { CsvForm, NdjsonForm, TsvForm } from './row-form.ts';
import type { ByteSink, TextSink } from './sink.ts';

export const PACKET_FORMATS = ['table', 'tsv', 'csv', 'ndjson'] as const;
export type PacketFormat = (typeof PACKET_FORMATS)[number];

/** What a person wants to see of a segment; what its payload looks like stands behind Info. */
const TABLE_FIELDS: readonly string[] = [
  'frame.number',
  'frame.time_relative',
  '_ws.col.Source',
  '_ws.col.Destination',
  'tcp.stream',
  'tcpstate.src.state',
  'tcpstate.dst.state',
  '_ws.col.Info',
];

/** Left out of TABLE_FIELDS where the screen has less than LEAST_INFO columns for Info: the stream tells them apart. */
const DISPENSABLE = /^_ws\.col\.(?:Source|Destination)$/;

/** Fields printed only when asked for: tshark's own columns and details that repeat others. */
const ON_REQUEST = /^(?:tcp\.option_|tcp\.options$|_ws\.col\.(?:Source|Destination|Protocol)$)/;

/** What a program gets unless it asks for something else: every field of the contract. */
const DATA_FIELDS: readonly string[] = [...PACKET_FIELDS.keys()].filter((name) => !ON_REQUEST.test(name));

/** The fields `format` prints unless told otherwise. */
export function defaultPacketFields(format: PacketFormat): readonly string[] {
  return format === 'table' ? TABLE_FIELDS : DATA_FIELDS;
}

/**
 * The names in a comma-separated list.
 * @throws UsageError with a suggestion for a name that is none
 */
export function parseFieldList(list: string): string[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new UsageError('no field was named');
  for (const name of names) {
    if (PACKET_FIELDS.has(name)) continue;
    const nearest = nearestName(name, PACKET_FIELDS.keys());
    const hint = nearest === null ? 'tcpstate packets --help lists them' : `did you mean ${nearest}?`;
    throw new UsageError(`there is no field ${printable(name)}; ${hint}`);
  }
  return names;
}

export interface PacketPrinterOptions {
  palette?: Palette;
  /** Columns of the screen; Infinity (the default) where there is none. */
  width?: number;
}

/** Prints rows; the context it is handed is borrowed for the call. */
export interface PacketPrinter {
  /** Before the first row. */
  begin(): void;
  row(at: SegmentContext): void;
  /** After the last row. */
  end(): void;
}

/** A printer of the named fields, each of which must exist. */
export function packetPrinter(
  format: PacketFormat,
  names: readonly string[],
  sink: ByteSink,
  options: PacketPrinterOptions = {},
): PacketPrinter {
  switch (format) {
    // As `tshark -T fields -E header=y`.
    case 'tsv':
      return new RowPrinter(`${names.join('\t')}\n`, new PacketRow(names, new TsvForm()), sink);
    case 'csv':
      return new RowPrinter(csvLine(names), new PacketRow(names, new CsvForm()), sink);
    case 'ndjson':
      return new RowPrinter('', new PacketRow(names, new NdjsonForm(names)), sink);
    case 'table':
      return new TablePrinter(names, sink, options.palette ?? PLAIN, options.width ?? Number.POSITIVE_INFINITY);
  }
}

function fieldsOf(names: readonly string[]): PacketField[] {
  return names.map((name) => PACKET_FIELDS.get(name)!);
}

/** Rows for programs, beneath a line of names where the form has one. */
class RowPrinter implements PacketPrinter {
  readonly #titles: string;
  readonly #row: PacketRow;
  readonly #sink: ByteSink;

  constructor(titles: string, row: PacketRow, sink: ByteSink) {
    this.#titles = titles;
    this.#row = row;
    this.#sink = sink;
  }

  begin(): void {
    if (this.#titles !== '') this.#sink.write(this.#titles);
  }

  row(at: SegmentContext): void {
    this.#row.write(this.#sink.rows, at);
    this.#sink.rowWritten();
  }

  end(): void {}
}

const TITLES: Readonly<Record<string, string>> = {
  'frame.number': 'No.',
  'frame.time_relative': 'Time',
  '_ws.col.Source': 'Source',
  '_ws.col.Destination': 'Destination',
  'tcp.stream': 'Stream',
  'tcpstate.src.state': 'Source state',
  'tcpstate.dst.state': 'Destination state',
  '_ws.col.Info': 'Info',
};

/** Rows looked at before the first is printed, to know the widths; a wider cell later on widens its column from there. */
const LOOK_AHEAD = 200;
const GAP = '  ';
const LEAST_INFO = 60;

/** One row's cells, and what its payload looks like where that is printed behind them. */
interface TableRow {
  cells: string[];
  /** Columns that each cell takes. */
  widths: number[];
  hint: string;
}

class TablePrinter implements PacketPrinter {
  readonly #sink: TextSink;
  readonly #palette: Palette;
  readonly #screen: number;
  readonly #isDefault: boolean;
  #names: readonly string[];
  #fields: readonly PacketField[];
  #isRight: readonly boolean[];
  #widths: number[];
  #waiting: TableRow[] | null = [];

  constructor(names: readonly string[], sink: TextSink, palette: Palette, screen: number) {
    this.#names = names;
    this.#fields = fieldsOf(names);
    this.#isRight = names.map(isRightAligned);
    this.#isDefault = names === TABLE_FIELDS;
    this.#sink = sink;
    this.#palette = palette;
    this.#screen = screen;
    this.#widths = names.map((name) => displayWidth(titleOf(name)));
  }

  begin(): void {}

  row(at: SegmentContext): void {
    const cells = this.#fields.map((field) => field(at));
    const hint = this.#isDefault ? PACKET_FIELDS.get('tcpstate.app')!(at) : '';
    const row = { cells, widths: cells.map(displayWidth), hint };
    for (let i = 0; i < cells.length; i++) this.#widths[i] = Math.max(this.#widths[i]!, row.widths[i]!);
    if (this.#waiting === null) this.#sink.write(this.#line(row));
    else if (this.#waiting.push(row) === LOOK_AHEAD) this.#release(this.#waiting);
  }

  end(): void {
    if (this.#waiting !== null) this.#release(this.#waiting);
  }

  /** Prints the titles and the rows looked at; from here on rows are printed as they come. */
  #release(rows: TableRow[]): void {
    this.#waiting = null;
    if (this.#isDefault && this.#roomForInfo() < LEAST_INFO) {
      const isKept = this.#names.map((name) => !DISPENSABLE.test(name));
      const keep = <T>(values: readonly T[]): T[] => values.filter((_, i) => isKept[i]);
      this.#names = keep(this.#names);
      this.#fields = keep(this.#fields);
      this.#isRight = keep(this.#isRight);
      this.#widths = keep(this.#widths);
      for (const row of rows) {
        row.cells = keep(row.cells);
        row.widths = keep(row.widths);
      }
    }
    const titles = this.#names.map((name, i) => this.#pad(titleOf(name), displayWidth(titleOf(name)), i));
    this.#sink.write(`${this.#palette.faint(titles.join(GAP).trimEnd())}\n`);
    for (const row of rows) this.#sink.write(this.#line(row));
  }

  #roomForInfo(): number {
    return this.#widths.slice(0, -1).reduce((room, width) => room - width - GAP.length, this.#screen);
  }

  #line({ cells, widths, hint }: TableRow): string {
    const end = cells.length - 1;
    let last = end;
    while (last > 0 && cells[last] === '') last--;
    let line = '';
    let used = 0;
    for (let i = 0; i <= last; i++) {
      const name = this.#names[i]!;
      // One line per segment: what does not fit is cut off.
      const room = i === end ? Math.max(this.#screen - used, 1) : Number.POSITIVE_INFINITY;
      const isClipped = widths[i]! > room;
      const cell = isClipped ? clip(cells[i]!, room) : cells[i]!;
      const width = isClipped ? displayWidth(cell) : widths[i]!;
      // No spaces at line ends.
      const isPadded = i < last || this.#isRight[i]!;
      const padded = isPadded ? this.#pad(cell, width, i) : cell;
      line += (i > 0 ? GAP : '') + this.#paint(name, cell, padded);
      used += (isPadded ? Math.max(width, this.#widths[i]!) : width) + GAP.length;
    }
    const room = this.#screen - used;
    if (hint !== '' && room >= GAP.length) line += GAP + this.#palette.hint(clip(hint, room));
    return `${line}\n`;
  }

  #pad(text: string, width: number, column: number): string {
    const pad = this.#isRight[column]! ? padLeft : padRight;
    return pad(text, this.#widths[column]!, width);
  }

  #paint(name: string, cell: string, padded: string): string {
    const palette = this.#palette;
    switch (name) {
      case 'frame.time_relative':
        return palette.faint(padded);
      case 'tcpstate.src.state':
      case 'tcpstate.dst.state':
        return cell === '' ? padded : palette.state(cell as StateName, true)(padded);
      case '_ws.col.Info':
        return cell.startsWith('[') ? palette.notable(padded) : padded;
      case 'tcpstate.app':
        return palette.hint(padded);
      default:
        return padded;
    }
  }
}

function titleOf(name: string): string {
  return TITLES[name] ?? name;
}

function isRightAligned(name: string): boolean {
  return isWholeNumber(name) || name.startsWith('frame.time_') || name.startsWith('tcp.time_');
}
