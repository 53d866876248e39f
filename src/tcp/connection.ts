// In: nothing. Out: the row of what is known of one connection as a whole: one per Wireshark stream.

import { layout, Row, wordOf } from '../flow/rows.ts';
import { appProtocol } from '../wire/app-protocol.ts';
import type { Payload } from '../wire/packet.ts';

/** Bits of `Connection.bits`. */
export const ConnectionBit = {
  /** The latest SYN asked for Accurate ECN (RFC 9768 3.1.1), the latest SYN/ACK agreed, an AccECN option was seen. */
  ACCURATE_ECN_SYN: 1,
  ACCURATE_ECN_SYN_ACK: 2,
  ACCURATE_ECN_OPTION: 4,
  ACCURATE_ECN_HANDSHAKE: 3,
  ACCURATE_ECN: 7,
  /** A SYN carried a Fast Open cookie (RFC 7413) and data with it. */
  FAST_OPEN_DATA: 8,
  /** `me`, `peer`, `analysis` and `states` of TcpTrace are wanted after each of its segments. */
  EVERY_SEGMENT: 16,
  /** Between IPv6 addresses. */
  IPV6: 32,
} as const;

/**
 * One connection, that is one `tcp.stream` of Wireshark's. What is kept per direction lies in rows of its own under the same
 * index: {@link Direction} (Wireshark's sequence analysis) and {@link Endpoint} (RFC 9293 state).
 * "A" is the sender of the connection's first segment, "B" the other end; direction 0 is A to B.
 * Times are two fields: Unix seconds as int32 (differences wrap correctly) and nanoseconds.
 */
export class Connection extends Row {
  /** How far it has come while it goes by the book, and is one record behind these fields (Phase of textbook.ts); else 0. */
  declare phase: number;
  /** As long as it does: time of the latest segment in ticks, and a FlowBit set. */
  declare bookTick: number;
  declare bookBits: number;
  /** Index + 1 of its rows (see TcpTrace); 0 for none. */
  declare rows: number;
  /** `tcp.stream`, from 0. */
  declare stream: number;
  /** Address ids and ports of A and B, and what the addresses are looked up by (see FlowTable). */
  declare addressA: number;
  declare addressB: number;
  declare keyA: number;
  declare keyB: number;
  declare portA: number;
  declare portB: number;
  /** Index + 1 of the connection that held this 4-tuple before; 0 if none is remembered. */
  declare previous: number;
  /** Segments seen (quoted headers are not segments). */
  declare segments: number;
  declare firstFrame: number;
  declare lastFrame: number;
  /** Time of the first and of the latest frame. */
  declare startSeconds: number;
  declare startNanoseconds: number;
  declare lastSeconds: number;
  declare lastNanoseconds: number;
  /** `tcp.completeness` bits: 1 SYN, 2 SYN/ACK, 4 ACK, 8 DATA, 16 FIN, 32 RST. */
  declare completeness: number;
  /** Time of the latest SYN without ACK; both 0 before one. */
  declare synSeconds: number;
  declare synNanoseconds: number;
  /** Initial RTT (wireshark-tcp.md 7.1) as signed seconds and 0..999,999,999 nanoseconds; both 0 while unknown. */
  declare irttSeconds: number;
  declare irttNanoseconds: number;
  /** MPTCP option subtypes seen, `1 << subtype` for subtypes 0 to 7 (RFC 8684 3). */
  declare mptcpOps: number;
  /** ConnectionBit set. */
  declare bits: number;
  /** Index of APP_PROTOCOLS once recognised; before that 0, less one for each data segment that could not tell. */
  declare app: number;
}

/** Data segments looked at for the application protocol: the client's first and the server's first, usually. */
export const APP_LOOKS = 2;

/** True as long as the application protocol is not known and may still be found out. */
export function isAppAsked({ app }: Connection): boolean {
  return app <= 0 && app > -APP_LOOKS;
}

/** Looks at a payload for the application protocol, as long as that is not known. */
export function lookForApp(connection: Connection, payload: Payload): void {
  if (isAppAsked(connection) && payload.payloadEnd > payload.payloadStart) {
    connection.app = appProtocol(payload) || connection.app - 1;
  }
}

/** As FlowTable reads them. */
const ENDS = ['keyA', 'portA', 'keyB', 'portB'] as const;

export const CONNECTION_WORDS = layout(Connection, [
  // What every segment by the book touches: a line of cache.
  'phase',
  ...ENDS,
  'stream',
  'startSeconds',
  'startNanoseconds',
  'segments',
  'lastFrame',
  'lastSeconds',
  'lastNanoseconds',
  'app',
  'bookTick',
  'bookBits',
  'rows',
  // The rest.
  'completeness',
  'addressA',
  'addressB',
  'previous',
  'firstFrame',
  'synSeconds',
  'synNanoseconds',
  'irttSeconds',
  'irttNanoseconds',
  'mptcpOps',
  'bits',
]);

/** See FlowTable. */
export const ENDS_WORD = wordOf(Connection, ENDS[0]);
