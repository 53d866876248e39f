// In: the sockets of a moment. Out: the document of schema/sockets.schema.json, a socket a line; or the same as CSV.

import type { Socket, SocketsReport } from '../occupancy/sockets.ts';
import { csvLine } from './csv.ts';

export const SOCKETS_SCHEMA = 'tcpstate.sockets/1';

/** The document in pieces. */
export function* socketsJson(report: SocketsReport): Generator<string> {
  const { at, time, captureEnd, presumedGone, sockets } = report;
  const head = { schema: SOCKETS_SCHEMA, at, time, captureEnd, presumedGone };
  yield `${JSON.stringify(head).slice(0, -1)},"sockets":[`;
  for (const [i, socket] of sockets.entries()) yield `${i === 0 ? '' : ','}\n${JSON.stringify(socket)}`;
  yield sockets.length === 0 ? ']}\n' : '\n]}\n';
}

/** The columns of the CSV: the members of the JSON, in this order. */
const COLUMNS = [
  'state',
  'addr',
  'port',
  'peerAddr',
  'peerPort',
  'stream',
  'since',
  'timeInState',
  'timer',
  'evidence',
  'cause',
  'frame',
  'beganBefore',
  'sendQ',
  'recvQ',
] as const satisfies readonly (keyof Socket)[];

/** A header, then a line per socket; what is not known is empty. */
export function* socketsCsv(report: SocketsReport): Generator<string> {
  yield csvLine(COLUMNS);
  for (const socket of report.sockets) yield csvLine(COLUMNS.map((column) => socket[column]));
}
