// In: counts over time and what they mean. Out: the answer first, then the plot that shows it, then the groups with the most.
//
//   TIME_WAIT builds up at 10.1.0.7 toward 10.2.0.20:5432: 1,198 at the end, rising.
//     10.1.0.7, the client, closes first in 1,204 of 1,204 connections ...
//     What helps: ...
//
//     1,200 ┤            ▂▄▆█
//         0 ┼─────────────────

import type { Buildup } from '../occupancy/buildup.ts';
import { Grouping } from '../occupancy/names.ts';
import type { OccupancyResult } from '../occupancy/occupancy.ts';
import type { Reading } from '../occupancy/readings.ts';
import type { Series } from '../occupancy/series.ts';
import { NANOSECONDS } from '../occupancy/stay.ts';
import type { StateName } from '../tcp/state.ts';
import { count, counted, duration } from '../units.ts';
import { wordsOf } from './buildup-words.ts';
import { wrap } from './columns.ts';
import { type Counts, countLine, countPlot } from './count-plot.ts';
import { fittingColumns, type GridColumn, gridLines } from './grid.ts';
import type { Palette } from './palette.ts';

/** Where there is no terminal: what a mail or a ticket holds without breaking lines. */
const COLUMNS_ELSEWHERE = 100;
/** A wider plot shows nothing more, and is harder to read. */
const MOST_PLOT_COLUMNS = 120;
const INDENT = '  ';
const LINE_WIDTH = 16;

export interface BuildupTextOptions {
  columns: number;
  palette: Palette;
  unicode: boolean;
  /** Readings written out and rows of the table at most. */
  top: number;
  /** The table's grouping; null: by host and service, and only where something builds up. */
  by: Grouping | null;
  /** Only these states in the table; null: all. */
  states: ReadonlySet<StateName> | null;
}

export function buildupText(buildup: Buildup, options: BuildupTextOptions): string[] {
  const { occupancy, readings } = buildup;
  const columns = Math.min(options.columns, Number.isFinite(options.columns) ? options.columns : COLUMNS_ELSEWHERE);
  const view = { ...options, columns };
  const lines: string[] = [];
  if (readings.length === 0) lines.push(...wrap(nothingText(occupancy), columns));
  for (const reading of readings.slice(0, options.top)) {
    if (lines.length > 0) lines.push('');
    lines.push(...readingLines(reading, occupancy, view));
  }
  if (readings.length > options.top) {
    const more = `${count(readings.length - options.top)} more of ${counted(readings.length, 'build-up')}: --top ${readings.length} shows all.`;
    lines.push('', ...wrap(more, columns));
  }
  if (readings.length > 0 || options.by !== null || options.states !== null) {
    const table = tableLines(occupancy, view);
    if (table.length > 0) lines.push('', ...table);
  }
  return lines;
}

/** One line: that nothing builds up, and the most there was. */
function nothingText(occupancy: OccupancyResult): string {
  const all = occupancy.byGrouping[Grouping.ALL].series.filter(({ state }) => state !== 'UNKNOWN');
  if (all.length === 0) return 'No build-up: there is no TCP connection in the capture.';
  const named = all
    .map((series) => ({ state: series.state, most: series.curve.peak().count }))
    .sort((a, b) => b.most - a.most)
    .slice(0, 3)
    .map(({ state, most }, i) => `${i === 0 ? counted(most, 'endpoint') : count(most)} in ${state}`);
  return `No build-up in ${duration(occupancy.duration / NANOSECONDS)}: at most ${named.join(', ')} at once.`;
}

function readingLines(reading: Reading, occupancy: OccupancyResult, view: BuildupTextOptions): string[] {
  const { palette, columns } = view;
  const { headline, details, advice } = wordsOf(reading, occupancy.duration / NANOSECONDS);
  const paint =
    reading.severity === 'error' ? palette.bad : reading.severity === 'warn' ? palette.notable : palette.heading;
  const width = columns - INDENT.length;
  const lines = wrap(ascii(headline, view), columns).map((line) => paint(line));
  for (const detail of details) lines.push(...wrap(ascii(detail, view), width).map((line) => INDENT + line));
  lines.push(...wrap(ascii(`What helps: ${advice}`, view), width).map((line) => INDENT + line));
  const series = seriesOf(reading, occupancy);
  if (series === undefined) return lines;
  const plot = countPlot(countsOf(series, occupancy), {
    columns: Math.min(MOST_PLOT_COLUMNS, width),
    unicode: view.unicode,
    paint: palette.state(reading.state, true),
    faint: palette.faint,
  });
  return [...lines, '', ...plot.map((line) => INDENT + line)];
}

function seriesOf({ host, service, role, state }: Reading, { byGrouping }: OccupancyResult): Series | undefined {
  const { series } = byGrouping[service === null ? Grouping.HOST : Grouping.PAIR];
  return series.find(
    ({ name, ...each }) => each.state === state && name.host === host && name.service === service && name.role === role,
  );
}

function countsOf(series: Series, { step, instants, duration }: OccupancyResult): Counts {
  return {
    step: step / NANOSECONDS,
    // One more: the last instant need not be the end.
    maxima: series.curve.maxima(instants + 1),
    peak: series.curve.peak().count,
    end: duration / NANOSECONDS,
  };
}

// -- The table ------------------------------------------------------------------------------------------------------------

const GROUP_TITLES: Readonly<Record<Grouping, string>> = {
  all: '',
  host: 'host',
  service: 'service',
  peer: 'peer',
  pair: 'host and service',
};

function tableLines(occupancy: OccupancyResult, view: BuildupTextOptions): string[] {
  const { palette, columns, states, unicode } = view;
  const grouping = view.by ?? Grouping.PAIR;
  const { series, others } = occupancy.byGrouping[grouping];
  const fits = ({ state }: Series) => (states === null ? state !== 'UNKNOWN' : states.has(state));
  const rows = series
    .filter(fits)
    .map((each) => ({ series: each, peak: each.curve.peak() }))
    .sort(
      (a, b) => rankOf(b.series) - rankOf(a.series) || b.peak.count - a.peak.count || b.series.area - a.series.area,
    );
  const shown = rows.slice(0, view.top);
  const hidden = rows.length - shown.length + others.filter(fits).reduce((sum, { groups }) => sum + groups, 0);
  if (shown.length === 0) return [];
  const seconds = occupancy.duration / NANOSECONDS;
  const perSecond = (n: number) => (seconds > 0 ? rate(n / seconds) : '');
  const right = (title: string, rank: number, cells: string[], paint?: GridColumn['paint']): GridColumn => ({
    title,
    rank,
    align: 'right',
    cells,
    ...(paint !== undefined && { paint }),
  });
  const grid: GridColumn[] = [
    {
      title: 'state',
      rank: 0,
      cells: shown.map((row) => row.series.state),
      paint: (text, row) => palette.state(shown[row]!.series.state, true)(text),
    },
    { title: GROUP_TITLES[grouping], rank: 0, cells: shown.map((row) => nameText(row.series, view)) },
    right(
      'peak',
      0,
      shown.map(({ peak }) => (peak.error > 0 ? `<= ${count(peak.count)}` : count(peak.count))),
    ),
    right(
      'at',
      6,
      shown.map(({ peak }) => duration(peak.time / NANOSECONDS)),
      (text) => palette.faint(text),
    ),
    right(
      'mean',
      5,
      shown.map((row) => meanText(row.series.area / Math.max(1, occupancy.duration))),
    ),
    right(
      'end',
      0,
      shown.map((row) => count(row.series.atEnd)),
    ),
    right(
      'in/s',
      7,
      shown.map((row) => perSecond(row.series.arrivals)),
    ),
    right(
      'out/s',
      8,
      shown.map((row) => perSecond(row.series.departures)),
    ),
    right(
      'stay p50',
      2,
      shown.map((row) => duration(row.series.dwell.percentile(0.5) / NANOSECONDS)),
    ),
    right(
      'p95',
      4,
      shown.map((row) => duration(row.series.dwell.percentile(0.95) / NANOSECONDS)),
    ),
    right(
      'longest',
      3,
      shown.map((row) => duration(row.series.dwell.max / NANOSECONDS)),
    ),
    {
      title: 'over time',
      rank: 1,
      cells: shown.map((row) => countLine(countsOf(row.series, occupancy), LINE_WIDTH, unicode).trimEnd()),
      paint: (text, row) => palette.state(shown[row]!.series.state, true)(text),
    },
  ];
  const lines = gridLines(fittingColumns(grid, 0, columns), 0, palette);
  if (hidden > 0) lines.push(palette.faint(`and ${count(hidden)} more (--top, --format json)`));
  if (!occupancy.isExact) {
    const note =
      'The capture was counted in parts: a peak marked <= may be lower, and a group that came late may lack a little.';
    lines.push(...wrap(note, columns).map((line) => palette.faint(line)));
  }
  return lines.map((line) => ascii(line, view));
}

/** States in which endpoints should not pile up come before those in which they work. */
function rankOf({ state }: Series): number {
  return state === 'ESTABLISHED' || state === 'UNKNOWN' ? 0 : 1;
}

function nameText({ name, groups }: Series, { by }: BuildupTextOptions): string {
  if (by === Grouping.ALL) return '';
  const { host, role, service, peer } = name;
  if (peer !== null) return peer;
  if (host === null) return service ?? counted(groups, 'other');
  if (service === null) return host;
  return role === 'server' ? service : `${host} to ${service}`;
}

function rate(perSecond: number): string {
  return perSecond >= 9.95 ? count(perSecond) : perSecond.toFixed(1);
}

function meanText(mean: number): string {
  return mean >= 99.95 ? count(mean) : mean.toFixed(1);
}

/** Units and dashes for terminals that know ASCII only. */
function ascii(text: string, { unicode }: BuildupTextOptions): string {
  return unicode ? text : text.replaceAll('µ', 'u').replaceAll('…', '...');
}
