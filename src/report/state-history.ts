// In: one endpoint. Out: its states with when, for how long, because of which frame, and how that is known.

import type { EndpointResult, FlowResult, StateEntry } from '../tcp/flow-result.ts';
import { duration, timestamp } from '../units.ts';
import { wrap } from './columns.ts';
import { endpointText } from './endpoint-text.ts';
import { fittingColumns, type GridColumn, gridLines } from './grid.ts';
import type { Palette } from './palette.ts';

const INDENT = 3;

const OPENER_WORDS: Readonly<Record<EndpointResult['opener'], string>> = {
  active: 'active opener (sent the SYN)',
  passive: 'passive opener (answered the SYN)',
  simultaneous: 'simultaneous opener (both sent a SYN)',
  unknown: 'how it opened is not in the capture',
};

/** Spoken to, and no SYN,ACK came back. */
const NOT_OPENED = 'did not accept the connection';

const CLOSER_WORDS: Readonly<Record<NonNullable<EndpointResult['closer']>, string>> = {
  active: 'active closer (sent the first FIN)',
  passive: 'passive closer (sent the second FIN)',
  simultaneous: 'simultaneous closer (the FINs crossed)',
  reset: 'reset it',
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
export function historyLines(flow: FlowResult, side: 0 | 1, style: HistoryStyle): string[] {
  const { palette } = style;
  const endpoint = flow.endpoints[side];
  const peer = flow.endpoints[1 - side]!;
  const { states } = endpoint;
  const roles = [
    endpoint.opener === 'unknown' && peer.opener === 'active' ? NOT_OPENED : OPENER_WORDS[endpoint.opener],
  ];
  const { likelyRole } = endpoint;
  if (likelyRole !== undefined) roles.push(`likely the ${likelyRole.role} (${likelyRole.because})`);
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
    ...titleLines(endpointText(endpoint), roles, style),
    ...gridLines(fittingColumns(columns, INDENT, style.columns), INDENT, palette),
  ];
}

/** Name and roles; the roles on lines of their own where they do not fit behind the name. */
function titleLines(name: string, roles: readonly string[], { columns, palette }: HistoryStyle): string[] {
  const words = roles.join(', ');
  const title = ` ${palette.heading(name)}`;
  if (name.length + words.length + 3 <= columns) return [`${title}  ${palette.faint(words)}`];
  return [title, ...wrap(words, columns - INDENT).map((line) => `${' '.repeat(INDENT)}${palette.faint(line)}`)];
}

function evidenceText(entry: StateEntry): string {
  return entry.confirmedBy === undefined ? entry.evidence : `${entry.evidence}, confirmed by #${entry.confirmedBy}`;
}

/** How long the state lasted; nothing where that has no meaning. */
function heldText(entry: StateEntry, next: StateEntry | undefined, style: HistoryStyle): string {
  if (entry.time === null) return '';
  if (next === undefined) {
    if (entry.state === 'CLOSED' || entry.state === 'LISTEN') return '';
    return `${duration(Math.max(0, style.captureEnd - entry.time))}, to the end`;
  }
  return next.time === null ? '' : duration(Math.max(0, next.time - entry.time));
}
