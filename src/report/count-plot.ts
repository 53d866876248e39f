// In: counts over time. Out: a plot of them in rows of text, or one line of it.
//
//   1,200 ┤                 ▂▄▆█        1,200 |                 .:|#
//     600 ┤          ▁▃▅▇███████          600 |          .:|########
//       0 ┼─────────────────────            0 +---------------------
//         0 s       1.5 s     3 s             0 s       1.5 s     3 s

import { count, duration } from '../units.ts';

/** Counts over time, as a plot shows them: what was there at once at most, so that nothing short is overlooked. */
export interface Counts {
  /** Seconds from one instant to the next. */
  step: number;
  /** The most at once at 0, in (0, step], in (step, 2 step] ... */
  maxima: readonly number[];
  /** The most of all. */
  peak: number;
  /** Seconds until the capture's end. */
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
  const top = ceilingOf(counts.peak);
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
  const top = Math.max(1, counts.peak);
  return columnMaxima(counts, width)
    .map((n) => cellOf(n / top, levels))
    .join('');
}

/** The largest count in each of `width` equal parts of the time. A step that lies in two of them counts in both. */
export function columnMaxima({ step, maxima, end }: Counts, width: number): number[] {
  const span = end > 0 ? end : step;
  const columns: number[] = [];
  for (let column = 0; column < width; column++) {
    const first = column === 0 ? 0 : Math.floor(((column / width) * span) / step) + 1;
    const last = Math.min(maxima.length - 1, Math.max(first, Math.ceil((((column + 1) / width) * span) / step)));
    let most = 0;
    for (let k = Math.min(first, last); k <= last; k++) most = Math.max(most, maxima[k]!);
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
