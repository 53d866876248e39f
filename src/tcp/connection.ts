// In: nothing. Out: the row of what is known of one connection as a whole: one per Wireshark stream.

import { layout, Row } from '../flow/rows.ts';

/**
 * One connection, that is one `tcp.stream` of Wireshark's. What is kept per direction lies in rows of its own under the same
 * index: {@link Direction} (Wireshark's sequence analysis) and {@link Endpoint} (RFC 9293 state).
 * "A" is the sender of the connection's first segment, "B" the other end; direction 0 is A to B.
 * Times are two fields: Unix seconds as int32 (differences wrap correctly) and nanoseconds.
 */
export class Connection extends Row {
  /** `tcp.stream`, from 0. */
  declare stream: number;
  /** Address ids and ports of A and B. */
  declare addressA: number;
  declare addressB: number;
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
  /** Time of the latest SYN without ACK, valid if `hasSynTime`. */
  declare hasSynTime: number;
  declare synSeconds: number;
  declare synNanoseconds: number;
  /** Initial RTT (wireshark-tcp.md 7.1) as signed seconds and 0..999,999,999 nanoseconds; both 0 while unknown. */
  declare irttSeconds: number;
  declare irttNanoseconds: number;
  /** MPTCP option kinds seen, see `mptcpOps` in analysis.ts. */
  declare mptcpOps: number;
  /** Bits private to the sequence analysis (Fast Open, Accurate ECN). */
  declare analysisBits: number;
}

export const CONNECTION_WORDS = layout(Connection, [
  'stream',
  'addressA',
  'addressB',
  'portA',
  'portB',
  'previous',
  'segments',
  'firstFrame',
  'lastFrame',
  'startSeconds',
  'startNanoseconds',
  'lastSeconds',
  'lastNanoseconds',
  'completeness',
  'hasSynTime',
  'synSeconds',
  'synNanoseconds',
  'irttSeconds',
  'irttNanoseconds',
  'mptcpOps',
  'analysisBits',
]);
