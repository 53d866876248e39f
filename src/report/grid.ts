// In: columns of cells. Out: lines of aligned text that fit the screen, the least important columns left out first.

import { displayWidth, padLeft, padRight } from './columns.ts';
import type { Palette } from './palette.ts';

export interface GridColumn {
  title: string;
  cells: readonly string[];
  align?: 'left' | 'right';
  /** 0: always there. Others leave where room is short, the highest first, all of one rank together. */
  rank?: number;
  /** Colours one (already padded) cell. */
  paint?: (text: string, row: number) => string;
}

const GAP = '  ';

/** The columns that fit into `width`. A column without a single filled cell is left out everywhere. */
export function fittingColumns(columns: readonly GridColumn[], indent: number, width: number): GridColumn[] {
  let kept = columns.filter((column) => column.rank === 0 || column.cells.some((cell) => cell !== ''));
  while (gridWidth(kept, indent) > width) {
    const least = kept.reduce((most, column) => Math.max(most, column.rank ?? 0), 0);
    if (least === 0) break;
    kept = kept.filter((column) => (column.rank ?? 0) < least);
  }
  return kept;
}

export function gridWidth(columns: readonly GridColumn[], indent: number): number {
  return columns.reduce((sum, column) => sum + columnWidth(column) + GAP.length, indent - GAP.length);
}

function columnWidth(column: GridColumn): number {
  return column.cells.reduce((most, cell) => Math.max(most, displayWidth(cell)), displayWidth(column.title));
}

/** A line of titles (none if no column has one), then a line per row. No spaces at line ends. */
export function gridLines(columns: readonly GridColumn[], indent: number, palette: Palette): string[] {
  const widths = columns.map(columnWidth);
  const rows = columns.reduce((most, column) => Math.max(most, column.cells.length), 0);
  const lines: string[] = [];
  if (columns.some((column) => column.title !== '')) {
    lines.push(
      gridLine(
        columns,
        widths,
        indent,
        (column) => column.title,
        (text) => palette.faint(text),
      ),
    );
  }
  for (let row = 0; row < rows; row++) {
    lines.push(
      gridLine(
        columns,
        widths,
        indent,
        (column) => column.cells[row] ?? '',
        (text, column) => column.paint?.(text, row) ?? text,
      ),
    );
  }
  return lines;
}

function gridLine(
  columns: readonly GridColumn[],
  widths: readonly number[],
  indent: number,
  textOf: (column: GridColumn) => string,
  paint: (text: string, column: GridColumn) => string,
): string {
  let last = columns.length - 1;
  while (last >= 0 && textOf(columns[last]!) === '') last--;
  let line = ' '.repeat(indent);
  for (let i = 0; i <= last; i++) {
    const column = columns[i]!;
    const text = textOf(column);
    if (i > 0) line += GAP;
    if (column.align === 'right') line += paint(padLeft(text, widths[i]!), column);
    else line += paint(i === last ? text : padRight(text, widths[i]!), column);
  }
  return line;
}
