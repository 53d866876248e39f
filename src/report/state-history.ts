// In: one endpoint. Out: its states with when, for how long, because of which frame, and how that is known.

import type { EndpointResult, StateEntry } from '../tcp/flow-result.ts';
import { endpointText } from './endpoint-text.ts';
import { fittingColumns, type GridColumn, gridLines } from './grid.ts';
import type { Palette } from './palette.ts';
import { duration, timestamp } from './units.ts';

const OPENER_WORDS: Readonly<Record<EndpointResult['opener'], string>> = {
  active: 'opened the connection (active)',
  passive: 'was opened to (passive)',
  simultaneous: 'opened at the same time',
  unknown: 'opened before the capture began',
};

const CLOSER_WORDS: Readonly<Record<NonNullable<EndpointResult['closer']>, string>> = {
  active: 'closed first (active)',
  passive: 'closed second (passive)',
  simultaneous: 'closed at the same time',
  reset: 'ended by reset',
};

export interface HistoryStyle {
  columns: number;
  palette: Palette;
  /** Digits of a second: 6 or 9. */
  decimals: number;
  /** The capture's end, seconds since its start. */
  captureEnd: number;
}

/** A title line and a line per state. */
export function historyLines(endpoint: EndpointResult, style: HistoryStyle): string[] {
  const { palette } = style;
  const { states } = endpoint;
  const roles = [OPENER_WORDS[endpoint.opener]];
  if (endpoint.closer !== null) roles.push(CLOSER_WORDS[endpoint.closer]);
  const columns: GridColumn[] = [
    {
      title: '',
      rank: 0,
      cells: states.map((entry) => (entry.evidence === 'observed' ? entry.state : `${entry.state} ~`)),
      paint: (text, row) => palette.state(states[row]!.state, states[row]!.evidence === 'observed')(text),
    },
    {
      title: '',
      rank: 1,
      align: 'right',
      cells: states.map((entry) => (entry.time === null ? '' : timestamp(entry.time, style.decimals))),
      paint: palette.faint,
    },
    { title: '', rank: 0, cells: states.map((entry) => (entry.frame === null ? '' : `#${entry.frame}`)) },
    { title: '', rank: 0, cells: states.map((entry) => entry.cause ?? '') },
    { title: '', rank: 2, cells: states.map(evidenceText), paint: palette.faint },
    {
      title: '',
      rank: 3,
      cells: states.map((entry, i) => heldText(entry, states[i + 1], style)),
      paint: palette.faint,
    },
  ];
  return [
    `  ${palette.heading(endpointText(endpoint))}  ${palette.faint(roles.join(', '))}`,
    ...gridLines(fittingColumns(columns, 4, style.columns), 4, palette),
  ];
}

function evidenceText(entry: StateEntry): string {
  return entry.confirmedBy === undefined ? entry.evidence : `${entry.evidence}, confirmed by #${entry.confirmedBy}`;
}

/** How long the state lasted; nothing where that has no meaning. */
function heldText(entry: StateEntry, next: StateEntry | undefined, style: HistoryStyle): string {
  if (entry.time === null) return '';
  if (next === undefined) {
    if (entry.state === 'CLOSED' || entry.state === 'LISTEN') return '';
    return `${duration(Math.max(0, style.captureEnd - entry.time))}, until the capture ends`;
  }
  return next.time === null ? '' : duration(Math.max(0, next.time - entry.time));
}
