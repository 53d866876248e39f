// In: the sockets of a moment. Out: the lines `ss -tan` would have shown on each host, with how each socket got there.
//
//   At 1.5 s (2024-05-06 09:57:24.500 UTC): 3 sockets at 1 host.
//
//   10.0.0.1 · 2 ESTABLISHED, 1 TIME_WAIT
//    state        recv-q  send-q  local           peer          for     timer   how                     stream
//    ESTABLISHED  -            0  10.0.0.1:56219  10.0.0.2:80   1.49 s          rcv SYN,ACK ~, frame 2       0

import type { Socket, SocketsReport } from '../occupancy/sockets.ts';
import { STATES, type StateName } from '../tcp/state.ts';
import { count, counted, dateTime, duration } from '../units.ts';
import { wrap } from './columns.ts';
import { endpointText } from './endpoint-text.ts';
import { fittingColumns, type GridColumn, gridLines } from './grid.ts';
import type { Palette } from './palette.ts';

const INDENT = 1;

export interface SocketsTableOptions {
  columns: number;
  palette: Palette;
  /** False for terminals that know ASCII only. */
  unicode: boolean;
}

export function socketsTable(report: SocketsReport, options: SocketsTableOptions): string[] {
  return forScreen(tableLines(report, options), options);
}

/** One line per host with the number of sockets in each state, as `ss -s`. */
export function socketsSummary(report: SocketsReport, options: SocketsTableOptions): string[] {
  return forScreen(summaryLines(report, options), options);
}

function forScreen(lines: string[], { unicode }: SocketsTableOptions): string[] {
  return unicode ? lines : lines.map((line) => line.replaceAll('·', '-').replaceAll('≥ ', '> ').replaceAll('µ', 'u'));
}

function tableLines(report: SocketsReport, options: SocketsTableOptions): string[] {
  const { columns, palette } = options;
  const lines = headLines(report, columns, palette);
  for (const [host, sockets] of byHost(report.sockets)) {
    lines.push('', ...wrap(`${host} · ${stateCounts(sockets)}`, columns).map((line) => palette.heading(line)));
    lines.push(...gridLines(fittingColumns(socketColumns(sockets, palette), INDENT, columns), INDENT, palette));
  }
  return lines;
}

function summaryLines(report: SocketsReport, options: SocketsTableOptions): string[] {
  const { columns, palette } = options;
  const lines = headLines(report, columns, palette);
  const hosts = [...byHost(report.sockets)];
  if (hosts.length === 0) return lines;
  const states = STATES.filter((state) => report.sockets.some((socket) => socket.state === state));
  const columnOf = (state: StateName): GridColumn => ({
    title: state,
    rank: 0,
    align: 'right',
    cells: hosts.map(([, sockets]) => {
      const n = sockets.filter((socket) => socket.state === state).length;
      return n === 0 ? '' : count(n);
    }),
    paint: palette.state(state, true),
  });
  const grid: GridColumn[] = [
    { title: 'host', rank: 0, cells: hosts.map(([host]) => host) },
    { title: 'sockets', rank: 0, align: 'right', cells: hosts.map(([, sockets]) => count(sockets.length)) },
    ...states.map(columnOf),
  ];
  return [...lines, '', ...gridLines(fittingColumns(grid, INDENT, columns), INDENT, palette)];
}

function headLines(report: SocketsReport, columns: number, palette: Palette): string[] {
  const { at, time, sockets, presumedGone } = report;
  const hosts = new Set(sockets.map(({ addr }) => addr)).size;
  const when = `At ${duration(at)}${time === null ? '' : ` (${dateTime(time)})`}`;
  const what = sockets.length === 0 ? 'no socket' : `${counted(sockets.length, 'socket')} at ${counted(hosts, 'host')}`;
  const lines = wrap(`${when}: ${what}.`, columns);
  if (presumedGone > 0) {
    const text =
      presumedGone === 1
        ? '1 more had stopped retransmitting and is taken to have given up; it is not listed.'
        : `${count(presumedGone)} more had stopped retransmitting and are taken to have given up; they are not listed.`;
    lines.push(...wrap(text, columns).map((line) => palette.faint(line)));
  }
  return lines;
}

function byHost(sockets: readonly Socket[]): Map<string, Socket[]> {
  const hosts = new Map<string, Socket[]>();
  for (const socket of sockets) {
    const list = hosts.get(socket.addr);
    if (list === undefined) hosts.set(socket.addr, [socket]);
    else list.push(socket);
  }
  return hosts;
}

/** "2 ESTABLISHED, 1 TIME_WAIT": the most frequent first. */
function stateCounts(sockets: readonly Socket[]): string {
  const counts = new Map<StateName, number>();
  for (const { state } of sockets) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([state, n]) => `${count(n)} ${state}`)
    .join(', ');
}

function socketColumns(sockets: readonly Socket[], palette: Palette): GridColumn[] {
  const bytes = (value: number | null): string => (value === null ? '-' : count(value));
  return [
    {
      title: 'state',
      rank: 0,
      cells: sockets.map(({ state }) => state),
      paint: (text, row) => palette.state(sockets[row]!.state, sockets[row]!.evidence === 'observed')(text),
    },
    { title: 'recv-q', rank: 4, align: 'right', cells: sockets.map(({ recvQ }) => bytes(recvQ)), paint: palette.faint },
    { title: 'send-q', rank: 3, align: 'right', cells: sockets.map(({ sendQ }) => bytes(sendQ)) },
    { title: 'local', rank: 0, cells: sockets.map(endpointText) },
    { title: 'peer', rank: 0, cells: sockets.map(peerText) },
    { title: 'for', rank: 1, align: 'right', cells: sockets.map(forText) },
    {
      title: 'timer',
      rank: 2,
      align: 'right',
      cells: sockets.map(({ timer }) => (timer === null ? '' : duration(timer))),
    },
    { title: 'how', rank: 5, cells: sockets.map(howText), paint: palette.faint },
    {
      title: 'stream',
      rank: 6,
      align: 'right',
      cells: sockets.map(({ stream }) => (stream === null ? '' : String(stream))),
    },
  ];
}

function peerText({ peerAddr, peerPort }: Socket): string {
  return peerAddr === null || peerPort === null ? '*' : endpointText({ addr: peerAddr, port: peerPort });
}

/** Time in the state; at least that where the state was there before the capture. */
function forText({ timeInState, beganBefore, evidence }: Socket): string {
  return beganBefore && evidence === 'assumed' ? `≥ ${duration(timeInState)}` : duration(timeInState);
}

/** What led into the state: "rcv FIN ~, frame 17". `~`: not shown by this endpoint itself. */
function howText({ cause, evidence, frame }: Socket): string {
  if (cause === null) return '';
  const mark = evidence === 'observed' ? '' : ' ~';
  return frame === null ? `${cause}${mark}` : `${cause}${mark}, frame ${frame}`;
}
