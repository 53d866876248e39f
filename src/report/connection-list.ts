// In: connections. Out: a line (on narrow screens two) for each: who opened, what became of it, final states, bytes, findings.

import type { FlowResult } from '../tcp/flow-result.ts';
import { bytes, count, duration } from '../units.ts';
import { displayWidth } from './columns.ts';
import { endpointText } from './endpoint-text.ts';
import { fittingColumns, type GridColumn, gridLines, gridWidth } from './grid.ts';
import { handshakeSeconds, type OutcomeGroup, outcomeOf } from './outcome.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';

const INDENT = 1;

const PAINT_OF_GROUP: Readonly<Record<OutcomeGroup, 'good' | 'notable' | 'bad' | 'faint'>> = {
  refused: 'bad',
  'half-open': 'bad',
  reset: 'bad',
  unanswered: 'bad',
  'half-closed': 'notable',
  'reset-after-fin': 'notable',
  'mid-stream': 'faint',
  open: 'good',
  closed: 'good',
};

export function connectionListLines(flows: readonly FlowResult[], columns: number, palette: Palette): string[] {
  const names = flows.map((flow) => flow.endpoints.map(endpointText));
  const states = flows.map((flow) =>
    flow.endpoints.map((end) => (end.states.at(-1)?.evidence === 'observed' ? end.finalState : `${end.finalState} ~`)),
  );
  const outcomes = flows.map(outcomeOf);
  const paintOutcome = (text: string, row: number): string => palette[PAINT_OF_GROUP[outcomes[row]!.group]](text);
  const paintState = (which: 0 | 1) => (text: string, row: number) => {
    const endpoint = flows[row]!.endpoints[which];
    return palette.state(endpoint.finalState, endpoint.states.at(-1)?.evidence === 'observed')(text);
  };
  const stream: GridColumn = {
    title: 'stream',
    rank: 0,
    align: 'right',
    cells: flows.map((flow) => String(flow.stream)),
  };
  const ended: GridColumn = {
    title: 'ended',
    rank: 0,
    cells: outcomes.map((outcome) => outcome.words),
    paint: paintOutcome,
  };
  const stateColumns: GridColumn[] = [
    { title: 'client state', rank: 2, cells: states.map((pair) => pair[0]!), paint: paintState(0) },
    { title: 'server state', rank: 2, cells: states.map((pair) => pair[1]!), paint: paintState(1) },
  ];
  const rest: GridColumn[] = [
    { title: 'sent', rank: 4, align: 'right', cells: flows.map((flow) => bytes(flow.endpoints[0].payloadBytes)) },
    { title: 'received', rank: 4, align: 'right', cells: flows.map((flow) => bytes(flow.endpoints[1].payloadBytes)) },
    { title: 'lasted', rank: 6, align: 'right', cells: flows.map((flow) => duration(flow.end - flow.start)) },
    { title: 'closed first', rank: 7, cells: flows.map(closedFirst) },
    { title: 'resent', rank: 5, align: 'right', cells: flows.map(resent) },
    { title: 'findings', rank: 3, cells: flows.map(findingsText), paint: palette.notable },
    { title: 'carries', rank: 8, cells: flows.map((flow) => printable(flow.app)), paint: palette.hint },
  ];
  const wide: GridColumn[] = [
    stream,
    { title: 'client', rank: 0, cells: flows.map((flow, i) => clientText(flow, names[i]![0]!)) },
    { title: 'server', rank: 0, cells: names.map((pair) => pair[1]!) },
    { title: 'opened', rank: 9, cells: flows.map(openedText), paint: palette.faint },
    ended,
    ...stateColumns,
    ...rest,
  ];
  const withStates = wide.filter((column) => (column.rank ?? 0) <= 2);
  if (gridWidth(fittingColumns(withStates, INDENT, Number.POSITIVE_INFINITY), INDENT) <= columns) {
    return gridLines(fittingColumns(wide, INDENT, columns), INDENT, palette);
  }
  return stackedLines(flows, names, states, columns, palette);
}

/** Two or three short lines for each connection, for screens on which not even its names and states fit side by side. */
function stackedLines(
  flows: readonly FlowResult[],
  names: readonly string[][],
  states: readonly string[][],
  columns: number,
  palette: Palette,
): string[] {
  const lines: string[] = [];
  const width = Math.max(...flows.map((flow) => String(flow.stream).length));
  const indent = ' '.repeat(INDENT + width + 2);
  flows.forEach((flow, i) => {
    const outcome = outcomeOf(flow);
    const stream = `${' '.repeat(INDENT)}${String(flow.stream).padStart(width)}  `;
    const client = clientText(flow, names[i]![0]!);
    const server = names[i]![1]!;
    const words = palette[PAINT_OF_GROUP[outcome.group]](outcome.words);
    const oneLine = stream.length + client.length + 3 + server.length + 2 + outcome.words.length;
    if (oneLine <= columns) lines.push(`${stream}${client} → ${server}  ${words}`);
    else if (stream.length + client.length + 3 + server.length <= columns) {
      lines.push(`${stream}${client} → ${server}`, `${indent}${words}`);
    } else lines.push(`${stream}${client}`, `${indent}→ ${server}`, `${indent}${words}`);
    const facts = [
      `${states[i]![0]} / ${states[i]![1]}`,
      `${bytes(flow.endpoints[0].payloadBytes)} sent, ${bytes(flow.endpoints[1].payloadBytes)} received`,
      duration(flow.end - flow.start),
      resent(flow) === '' ? '' : `${resent(flow)} resent`,
      findingsText(flow),
    ].filter((fact) => fact !== '');
    for (const line of joinFitting(facts, columns - indent.length)) lines.push(`${indent}${palette.faint(line)}`);
  });
  return lines;
}

/** Parts joined by " · ", broken between parts where a line is full. */
export function joinFitting(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last) + 3 + displayWidth(part) <= width)
      lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(part);
  }
  return lines;
}

/** Who opened it, where that is known; `~` where it is not and the first sender stands in. */
function clientText(flow: FlowResult, name: string): string {
  return flow.endpoints[0].opener === 'unknown' ? `${name} ~` : name;
}

function openedText(flow: FlowResult): string {
  if (flow.endpoints[0].opener === 'simultaneous') return 'simultaneously';
  if (flow.endpoints[0].opener === 'unknown') return 'before capture';
  const seconds = handshakeSeconds(flow);
  return seconds === null ? '' : `handshake ${duration(seconds)}`;
}

function closedFirst(flow: FlowResult): string {
  const [client, server] = flow.endpoints;
  if (client.closer === 'active') return 'client';
  if (server.closer === 'active') return 'server';
  return client.closer === 'simultaneous' ? 'both at once' : '';
}

/** Segments sent again, both ways. */
function resent(flow: FlowResult): string {
  const segments = flow.endpoints[0].retransmittedSegments + flow.endpoints[1].retransmittedSegments;
  return segments === 0 ? '' : count(segments);
}

/** Codes of the findings worth a note at least, the worst first, each with its number. */
function findingsText(flow: FlowResult): string {
  const byCode = new Map<string, { n: number; rank: number }>();
  for (const { code, severity } of flow.findings) {
    if (severity === 'chat') continue;
    const rank = ['error', 'warn', 'note'].indexOf(severity);
    const known = byCode.get(code);
    byCode.set(code, { n: (known?.n ?? 0) + 1, rank: Math.min(rank, known?.rank ?? rank) });
  }
  const codes = [...byCode].sort(([a, x], [b, y]) => x.rank - y.rank || y.n - x.n || (a < b ? -1 : 1));
  const named = codes.slice(0, 2).map(([code, { n }]) => (n === 1 ? code : `${count(n)} ${code}`));
  if (codes.length > 2) named.push(`+${codes.length - 2}`);
  return named.join(', ');
}
