// In: counts at instants. Out: a plot of them in rows of text, or one line of it.
//
//   1,200 ┤                 ▂▄▆█        1,200 |                 .:|#
//     600 ┤          ▁▃▅▇███████          600 |          .:|########
//       0 ┼─────────────────────            0 +---------------------
//         0 s       1.5 s     3 s             0 s       1.5 s     3 s

import { count, duration } from '../units.ts';

/** Counts at the instants 0, S, 2S ...; the peak may lie between two of them. */
export interface Counts {
  /** Seconds from one instant to the next. */
  step: number;
  counts: readonly number[];
  peak: { time: number; count: number };
  /** Seconds until the capture's end, which need not be an instant. */
  end: number;
}

/** The strokes of a plot, by whether the terminal can show more than ASCII. */
interface Strokes {
  /** A column's top cell in equal steps, from almost empty to full. */
  levels: readonly string[];
  axis: string;
  corner: string;
  floor: string;
}

const UNICODE: Strokes = { levels: [...'▁▂▃▄▅▆▇█'], axis: '┤', corner: '┼', floor: '─' };
const ASCII: Strokes = { levels: ['.', ':', '|', '#'], axis: '|', corner: '+', floor: '-' };

/** Rows above the floor, and how many of them bear a value. */
const ROWS = 6;
const LABELS = 3;
const LEAST_WIDTH = 8;

export interface PlotOptions {
  /** Columns of the whole plot, labels included. */
  columns: number;
  unicode: boolean;
  paint: (text: string) => string;
  faint: (text: string) => string;
}

export function countPlot(counts: Counts, options: PlotOptions): string[] {
  const { unicode, paint, faint } = options;
  const strokes = unicode ? UNICODE : ASCII;
  const top = ceilingOf(counts.peak.count);
  const label = count(top).length;
  const width = Math.max(LEAST_WIDTH, options.columns - label - 2);
  const columns = columnMaxima(counts, width);
  const lines: string[] = [];
  for (let row = ROWS; row > 0; row--) {
    const value = row % (ROWS / LABELS) === 0 ? count((top * row) / ROWS) : '';
    const cells = columns.map((n) => cellOf((n / top) * ROWS - (row - 1), strokes.levels)).join('');
    lines.push(`${faint(`${value.padStart(label)} ${strokes.axis}`)}${paint(cells.trimEnd())}`);
  }
  lines.push(faint(`${'0'.padStart(label)} ${strokes.corner}${strokes.floor.repeat(width)}`));
  lines.push(faint(`${' '.repeat(label + 2)}${timeLabels(counts.end, width)}`.trimEnd()));
  return lines;
}

/** The counts in `width` characters, scaled to their own peak. */
export function countLine(counts: Counts, width: number, unicode: boolean): string {
  const { levels } = unicode ? UNICODE : ASCII;
  const top = Math.max(1, counts.peak.count);
  return columnMaxima(counts, width)
    .map((n) => cellOf(n / top, levels))
    .join('');
}

/** The largest count in each of `width` equal parts of the time; a count lasts until the next instant. */
export function columnMaxima({ step, counts, peak, end }: Counts, width: number): number[] {
  const span = end > 0 ? end : step;
  const columns: number[] = [];
  for (let column = 0; column < width; column++) {
    const from = (column / width) * span;
    const to = ((column + 1) / width) * span;
    let most = 0;
    for (let k = Math.floor(from / step); k * step < to && k < counts.length; k++) most = Math.max(most, counts[k]!);
    if (from <= peak.time && (peak.time < to || column === width - 1)) most = peak.count;
    columns.push(most);
  }
  return columns;
}

/** A cell filled to `share` (below 0 empty, above 1 full). What is there at all is never invisible. */
function cellOf(share: number, levels: readonly string[]): string {
  if (share <= 0) return ' ';
  return levels[Math.min(levels.length, Math.max(1, Math.round(share * levels.length))) - 1]!;
}

/** Three steps of 1, 2, 3, 4, 5, 6 or 8 times a power of ten: the least that hold the peak. */
export function ceilingOf(peak: number): number {
  for (let scale = 1; ; scale *= 10) {
    for (const factor of [1, 2, 3, 4, 5, 6, 8]) {
      if (LABELS * factor * scale >= peak) return LABELS * factor * scale;
    }
  }
}

/** "0 s", the middle and the end under their columns. */
function timeLabels(end: number, width: number): string {
  const last = duration(end);
  const middle = duration(end / 2);
  let text = '0 s';
  const middleAt = Math.round((width - middle.length) / 2);
  if (width >= 40) text = text.padEnd(middleAt) + middle;
  return text.length + 2 + last.length <= width ? text.padEnd(width - last.length) + last : text;
}
