// In: the first bytes of a connection's payload. Out: the application protocol they open with, as a small number.
// Only what a few bytes decide; a protocol that greets like another ("220 ...") stays unnamed. No strings: called on the hot path.

import type { Payload } from './packet.ts';

/** Names by code; 0 is "not recognised". */
export const APP_PROTOCOLS = ['', 'HTTP', 'TLS', 'SSH', 'HTTP/2', 'RTSP', 'SIP', 'BGP', 'RDP', 'Redis', 'SMB'] as const;

const [HTTP, TLS, SSH, HTTP2, RTSP, SIP, BGP, RDP, REDIS, SMB] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Four characters as the int32 that big-endian bytes give. */
const word = (text: string): number =>
  (text.charCodeAt(0) << 24) | (text.charCodeAt(1) << 16) | (text.charCodeAt(2) << 8) | text.charCodeAt(3);

/** First four characters of a payload, and what they open. */
const OPENINGS: ReadonlyMap<number, number> = new Map([
  ...['GET ', 'HEAD', 'POST', 'PUT ', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'PROP', 'HTTP'].map(
    (method) => [word(method), HTTP!] as const,
  ),
  [word('PRI '), HTTP2!],
  [word('SSH-'), SSH!],
  [word('RTSP'), RTSP!],
  [word('DESC'), RTSP!],
  [word('SETU'), RTSP!],
  [word('SIP/'), SIP!],
  [word('INVI'), SIP!],
  [word('REGI'), SIP!],
]);

const TLS_HANDSHAKE = 22;
const ALL_ONES = -1;
const TPKT_CONNECT = 0xe0;
const SMB1 = 0xff534d42 | 0;
const SMB2 = 0xfe534d42 | 0;

/** The protocol that a payload opens with, as an index of APP_PROTOCOLS; 0 if a few bytes cannot tell. */
export function appProtocol({ view, payloadStart: at, payloadEnd: end }: Payload): number {
  if (end - at < 8) return 0;
  const first = view.getInt32(at);
  const named = OPENINGS.get(first);
  if (named !== undefined) return named;
  const second = view.getInt32(at + 4);
  // TLS record: handshake, version 3.x, then a ClientHello or ServerHello (RFC 8446 5.1, 4).
  if (first >>> 24 === TLS_HANDSHAKE && ((first >>> 16) & 255) === 3) {
    const message = (second >>> 16) & 255;
    if (message === 1 || message === 2) return TLS!;
  }
  // BGP: a marker of sixteen bytes of ones (RFC 4271 4.1).
  if (first === ALL_ONES && second === ALL_ONES) return BGP!;
  // TPKT version 3 around an X.224 connection request (RFC 1006; MS-RDPBCGR 2.2.1.1).
  if (first >>> 16 === 0x0300 && ((second >>> 16) & 255) === TPKT_CONNECT) return RDP!;
  // A RESP array of bulk strings: "*n\r\n$" (Redis protocol).
  if (first >>> 24 === 0x2a && (first & 0xffff) === 0x0d0a && second >>> 24 === 0x24) return REDIS!;
  // NetBIOS session message around SMB (MS-SMB2 2.1).
  if (first >>> 24 === 0 && (second === SMB1 || second === SMB2)) return SMB!;
  return 0;
}
