// In: a capture and tshark's table of it. Out: every cell of every TCP row compared, counted per field.

import { analyze } from '../../src/analyze.ts';
import { PACKET_FIELDS, type PacketField, type SegmentContext } from '../../src/report/packet-fields.ts';
import { TsharkTable } from './tshark-table.ts';

/** Fields that cannot be compared with tshark: ours alone, or made by a layer above. */
const OURS_ALONE = /^tcpstate\./;

/** All fields both programs can print. */
export const COMPARED_FIELDS: readonly string[] = [...PACKET_FIELDS.keys()].filter((name) => !OURS_ALONE.test(name));

/** One cell that is not equal. Field "row": one program has a row for the frame and the other has not. */
export interface Difference {
  file: string;
  frame: number;
  field: string;
  tshark: string;
  tcpstate: string;
}

/** Cells of one field. */
export interface FieldCount {
  cells: number;
  differing: number;
  first: Difference[];
}

/** What was compared so far, over any number of captures. */
export class Comparison {
  rows = 0;
  readonly fields = new Map<string, FieldCount>();
  readonly #kept: number;

  /** Keeps the first `kept` differences of each field. */
  constructor(kept = 3) {
    this.#kept = kept;
  }

  get cells(): number {
    return this.#sum((count) => count.cells);
  }

  get differing(): number {
    return this.#sum((count) => count.differing);
  }

  /** The kept differences of all fields. */
  get differences(): Difference[] {
    return [...this.fields.values()].flatMap((count) => count.first);
  }

  equal(field: string): void {
    this.#count(field).cells++;
  }

  differ(difference: Difference): void {
    const count = this.#count(difference.field);
    count.cells++;
    count.differing++;
    if (count.first.length < this.#kept) count.first.push(difference);
  }

  /** Adds what another comparison has found. */
  add(other: Comparison): void {
    this.rows += other.rows;
    for (const [field, count] of other.fields) {
      const mine = this.#count(field);
      mine.cells += count.cells;
      mine.differing += count.differing;
      mine.first.push(...count.first.slice(0, this.#kept - mine.first.length));
    }
  }

  #count(field: string): FieldCount {
    let count = this.fields.get(field);
    if (count === undefined) {
      count = { cells: 0, differing: 0, first: [] };
      this.fields.set(field, count);
    }
    return count;
  }

  #sum(part: (count: FieldCount) => number): number {
    let sum = 0;
    for (const count of this.fields.values()) sum += part(count);
    return sum;
  }
}

/**
 * tshark's Protocol column of rows that are TCP segments. Inside GTP the column names both; there are no rows for headers
 * quoted in ICMP errors and for samples in sFlow, whatever tcp fields tshark fills for them.
 */
const TCP_ROW = /^(?:GTP <)?(?:MP)?TCP>?$/;

/** Compares all rows of `capture` with tshark's table of it at `tablePath`; `file` is what the capture is called in differences. */
export async function compareRows(capture: string, tablePath: string, file: string, kept = 3): Promise<Comparison> {
  const comparison = new Comparison(kept);
  const table = new TsharkTable(tablePath);
  try {
    const protocolAt = table.fields.indexOf('_ws.col.Protocol');
    const columns: { at: number; name: string; field: PacketField }[] = [];
    for (const [at, name] of table.fields.entries()) {
      const field = PACKET_FIELDS.get(name);
      if (field !== undefined) columns.push({ at, name, field });
    }
    const missing = (row: string[]) => {
      if (!TCP_ROW.test(row[protocolAt] ?? '')) return;
      comparison.rows++;
      comparison.differ({ file, frame: Number(row[0]), field: 'row', tshark: row[protocolAt]!, tcpstate: 'no row' });
    };
    let row = table.next();
    const context = {} as { -readonly [Key in keyof SegmentContext]: SegmentContext[Key] };
    await analyze(
      { files: [capture] },
      {
        segment(frame, packet, trace, clock) {
          while (row !== null && Number(row[0]) < frame.number) {
            missing(row);
            row = table.next();
          }
          const protocol = row !== null && Number(row[0]) === frame.number ? (row[protocolAt] ?? '') : 'no row';
          if (row === null || !TCP_ROW.test(protocol)) {
            comparison.differ({ file, frame: frame.number, field: 'row', tshark: protocol, tcpstate: 'TCP' });
            return;
          }
          context.frame = frame;
          context.packet = packet;
          context.trace = trace;
          context.clock = clock;
          comparison.rows++;
          comparison.equal('row');
          for (const { at, name, field } of columns) {
            const theirs = row[at] ?? '';
            const ours = field(context);
            if (ours === theirs || (name === '_ws.col.Protocol' && theirs === `GTP <${ours}>`)) comparison.equal(name);
            else comparison.differ({ file, frame: frame.number, field: name, tshark: theirs, tcpstate: ours });
          }
          row = table.next();
        },
      },
    );
    for (; row !== null; row = table.next()) missing(row);
  } finally {
    table.close();
  }
  return comparison;
}
