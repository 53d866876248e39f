// In: the first bytes of a segment's payload. Out: one line on what application data it begins with ("HTTP GET /path"), or "".
// A hint for a reader's eye: made only of what the segment itself shows, silent wherever two protocols could look alike.

import type { Packet } from './packet.ts';

/** Characters of a hint, the marker of an omission included. */
export const MAX_HINT_LENGTH = 80;
/** Bytes of payload looked at for a line of text. */
const MAX_LINE = 1024;

/** Called once per printed row. Control characters are replaced, so that a payload cannot drive a terminal. */
export function appHint(packet: Packet): string {
  const { bytes, payloadStart: start, payloadEnd: end } = packet;
  if (packet.payloadLength <= 0 || end - start < 2) return '';
  const hint =
    tls(bytes, start, end) ||
    text(bytes, start, end) ||
    dns(packet) ||
    postgres(bytes, start, end) ||
    mysql(bytes, start, end) ||
    bgp(bytes, start, end);
  return hint.length <= MAX_HINT_LENGTH ? hint : `${hint.slice(0, MAX_HINT_LENGTH - 1)}…`;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | u16(bytes, at + 1);
}

function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}

/** Bytes as text: printable ASCII stays, everything else becomes a dot. */
function printable(bytes: Uint8Array, start: number, end: number): string {
  let line = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    line += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return line;
}

// -- Lines of text ---------------------------------------------------------------------------------------------------

const HTTP_REQUEST =
  /^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT|SEARCH|NOTIFY|SUBSCRIBE|UNSUBSCRIBE) (\S+) HTTP\/1\.[01]$/;
const HTTP_REQUEST_CUT = /^(GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|PATCH) ([/*]\S*|https?:\/\/\S*)$/;
const HTTP_RESPONSE = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/;
const RTSP_REQUEST = /^([A-Z_]{3,13}) (\S+) RTSP\/1\.0$/;
const RTSP_RESPONSE = /^RTSP\/1\.0 (\d{3} .*)$/;
const SIP_REQUEST = /^([A-Z]{3,9}) (\S+) SIP\/2\.0$/;
const SIP_RESPONSE = /^SIP\/2\.0 (\d{3} .*)$/;
const SSH_BANNER = /^SSH-(?:1\.\d+|2\.0)-\S/;
/** Mail and file transfer greet alike ("220 ..."); the greeting or the verb must name the protocol. */
const SMTP_GREETING = /^220[ -].*\bE?SMTP\b/i;
const SMTP_COMMAND = /^(?:(?:EHLO|HELO) \S+|MAIL FROM:\s*<.*|RCPT TO:\s*<.*|STARTTLS)$/i;
const FTP_GREETING = /^220[ -].*\bFTP\b/i;
const POP3_GREETING = /^\+OK .*\bPOP3?\b/i;
const IMAP_GREETING = /^\* (?:OK|PREAUTH) .*\bIMAP/i;
const REDIS_COMMAND = /^\*\d{1,4}$/;

const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n';

function text(bytes: Uint8Array, start: number, end: number): string {
  const first = bytes[start]!;
  if (first < 0x20 || first >= 0x7f) return '';
  const limit = Math.min(end, start + MAX_LINE);
  let stop = start;
  while (stop < limit && bytes[stop] !== 0x0a) stop++;
  const whole = stop < limit;
  if (whole && stop > start && bytes[stop - 1] === 0x0d) stop--;
  const line = printable(bytes, start, stop);
  if (whole) {
    if (printable(bytes, start, Math.min(end, start + HTTP2_PREFACE.length)) === HTTP2_PREFACE.replace('\r\n', '..')) {
      return 'HTTP/2 preface';
    }
    return wholeLine(bytes, line, stop, end);
  }
  // A request line longer than the captured bytes is still a request.
  const cut = HTTP_REQUEST_CUT.exec(line);
  return cut === null ? '' : `HTTP ${cut[1]} ${cut[2]}`;
}

function wholeLine(bytes: Uint8Array, line: string, stop: number, end: number): string {
  let match = HTTP_REQUEST.exec(line);
  if (match !== null) return `HTTP ${match[1]} ${match[2]}`;
  match = HTTP_RESPONSE.exec(line);
  if (match !== null) return `HTTP ${match[1]}${match[2] ? ` ${match[2]}` : ''}`;
  match = RTSP_REQUEST.exec(line);
  if (match !== null) return `RTSP ${match[1]} ${match[2]}`;
  match = RTSP_RESPONSE.exec(line);
  if (match !== null) return `RTSP ${match[1]}`;
  match = SIP_REQUEST.exec(line);
  if (match !== null) return `SIP ${match[1]} ${match[2]}`;
  match = SIP_RESPONSE.exec(line);
  if (match !== null) return `SIP ${match[1]}`;
  if (SSH_BANNER.test(line)) return line;
  if (SMTP_GREETING.test(line) || SMTP_COMMAND.test(line)) return `SMTP ${line}`;
  if (FTP_GREETING.test(line)) return `FTP ${line}`;
  if (POP3_GREETING.test(line)) return `POP3 ${line}`;
  if (IMAP_GREETING.test(line)) return `IMAP ${line.slice(2)}`;
  if (REDIS_COMMAND.test(line)) return redis(bytes, stop, end);
  return '';
}

/** RESP: an array of bulk strings, "*2\r\n$3\r\nGET\r\n..."; the first string is the command. */
function redis(bytes: Uint8Array, stop: number, end: number): string {
  const rest = printable(bytes, stop, Math.min(end, stop + 64));
  const match = /^\.\.\$(\d{1,2})\.\.([A-Za-z.]+)\.\./.exec(rest);
  if (match === null || match[2]!.length !== Number(match[1])) return '';
  return `Redis ${match[2]!.toUpperCase()}`;
}

// -- TLS (RFC 8446 5.1, 4.1.2; RFC 6066 3) ----------------------------------------------------------------------------

const TLS_HANDSHAKE = 22;
const HANDSHAKE_NAMES: Readonly<Record<number, string>> = {
  0: 'HelloRequest',
  1: 'ClientHello',
  2: 'ServerHello',
  4: 'NewSessionTicket',
  11: 'Certificate',
  12: 'ServerKeyExchange',
  13: 'CertificateRequest',
  14: 'ServerHelloDone',
  15: 'CertificateVerify',
  16: 'ClientKeyExchange',
};
const TLS_ALERTS: Readonly<Record<number, string>> = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  109: 'missing_extension',
  112: 'unrecognized_name',
  116: 'certificate_required',
  120: 'no_application_protocol',
};
/** RFC 8446 5.2: 2^14 bytes and 256 of expansion; earlier versions allowed 2048. */
const MAX_RECORD = 16384 + 2048;

function tls(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < 6) return '';
  const type = bytes[start]!;
  if (type < 20 || type > 23 || bytes[start + 1] !== 3 || bytes[start + 2]! > 4) return '';
  const length = u16(bytes, start + 3);
  if (length === 0 || length > MAX_RECORD) return '';
  switch (type) {
    case 20:
      return length === 1 && bytes[start + 5] === 1 ? 'TLS ChangeCipherSpec' : '';
    case 21:
      return alert(bytes, start, end, length);
    case TLS_HANDSHAKE:
      return handshake(bytes, start, end, length);
    default:
      return 'TLS application data';
  }
}

function alert(bytes: Uint8Array, start: number, end: number, length: number): string {
  const level = bytes[start + 5]!;
  if (length !== 2 || end - start < 7 || (level !== 1 && level !== 2)) return 'TLS alert (encrypted)';
  const name = TLS_ALERTS[bytes[start + 6]!];
  return name === undefined ? 'TLS alert' : `TLS alert ${name}`;
}

function handshake(bytes: Uint8Array, start: number, end: number, length: number): string {
  if (end - start < 9) return '';
  const name = HANDSHAKE_NAMES[bytes[start + 5]!];
  // A first message must fit what its type can be; otherwise the record is encrypted (Finished) and says nothing.
  const messageLength = u24(bytes, start + 6);
  if (
    name === undefined ||
    messageLength > 0x20000 ||
    (name !== 'Certificate' && messageLength + 4 > length + 0x10000)
  ) {
    return 'TLS handshake (encrypted)';
  }
  if (name === 'ClientHello' || name === 'ServerHello') {
    if (end - start >= 11 && bytes[start + 9] !== 3) return 'TLS handshake (encrypted)';
    if (name === 'ServerHello') return 'TLS ServerHello';
    const server = serverName(bytes, start + 9, end);
    return server === '' ? 'TLS ClientHello' : `TLS ClientHello ${server}`;
  }
  // In an encrypted record any byte can stand here; short messages that fill the record exactly are the real ones.
  return messageLength + 4 <= length ? `TLS ${name}` : 'TLS handshake (encrypted)';
}

/** The server name extension of a ClientHello whose body starts at `at`; "" if it is absent or beyond the captured bytes. */
function serverName(bytes: Uint8Array, at: number, end: number): string {
  at += 34; // version and random
  if (at >= end) return '';
  at += 1 + bytes[at]!; // session id
  if (at + 2 > end) return '';
  at += 2 + u16(bytes, at); // cipher suites
  if (at >= end) return '';
  at += 1 + bytes[at]!; // compression methods
  if (at + 2 > end) return '';
  const stop = Math.min(end, at + 2 + u16(bytes, at));
  at += 2;
  while (at + 4 <= stop) {
    const type = u16(bytes, at);
    const length = u16(bytes, at + 2);
    at += 4;
    if (type === 0) {
      if (length < 5 || at + length > stop || bytes[at + 2] !== 0) return '';
      const nameLength = u16(bytes, at + 3);
      if (nameLength === 0 || nameLength + 5 > length) return '';
      return printable(bytes, at + 5, at + 5 + nameLength);
    }
    at += length;
  }
  return '';
}

// -- Protocols known by a few bytes at a known place ------------------------------------------------------------------

const DNS_PORT = 53;
const DNS_TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  48: 'DNSKEY',
  65: 'HTTPS',
  251: 'IXFR',
  252: 'AXFR',
  255: 'ANY',
};

/** DNS over TCP (RFC 7766): on its port only, and only where a whole first question is there. */
function dns(packet: Packet): string {
  if (packet.sourcePort !== DNS_PORT && packet.destinationPort !== DNS_PORT) return '';
  const { bytes, payloadStart: start, payloadEnd: end } = packet;
  if (end - start < 2 + 12 + 5 || u16(bytes, start) < 17) return '';
  const flags = u16(bytes, start + 4);
  if (u16(bytes, start + 6) !== 1 || ((flags >> 11) & 15) !== 0) return '';
  let at = start + 14;
  let name = '';
  for (;;) {
    if (at >= end) return '';
    const length = bytes[at]!;
    at++;
    if (length === 0) break;
    if (length > 63 || at + length > end) return '';
    name += `${name === '' ? '' : '.'}${printable(bytes, at, at + length)}`;
    at += length;
  }
  if (at + 4 > end || u16(bytes, at + 2) !== 1) return '';
  const type = DNS_TYPES[u16(bytes, at)] ?? `type ${u16(bytes, at)}`;
  return `DNS ${(flags & 0x8000) !== 0 ? 'response' : 'query'} ${type} ${name === '' ? '.' : name}`;
}

/** PostgreSQL: a startup packet whose length is that of the segment's payload, with its protocol number. */
function postgres(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < 8 || u32(bytes, start) !== end - start) return '';
  switch (u32(bytes, start + 4)) {
    case 0x00030000:
      return printable(bytes, start + 8, Math.min(end, start + 13)) === 'user.' ? 'PostgreSQL startup' : '';
    case 80877103:
      return end - start === 8 ? 'PostgreSQL SSLRequest' : '';
    case 80877104:
      return end - start === 8 ? 'PostgreSQL GSSENCRequest' : '';
    case 80877102:
      return end - start === 16 ? 'PostgreSQL CancelRequest' : '';
    default:
      return '';
  }
}

/** MySQL: the server's greeting: packet 0, protocol 10, a version that begins with digits. */
function mysql(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < 12 || bytes[start + 3] !== 0 || bytes[start + 4] !== 10) return '';
  const length = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16);
  if (length + 4 !== end - start) return '';
  let stop = start + 5;
  while (stop < end && bytes[stop] !== 0) stop++;
  if (stop === end) return '';
  const version = printable(bytes, start + 5, stop);
  return /^\d+\.\d+\.\d+/.test(version) ? `MySQL greeting ${version}` : '';
}

const BGP_TYPES = ['', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'ROUTE-REFRESH'];

/** BGP (RFC 4271 4.1): sixteen bytes of ones, length, type. */
function bgp(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < 19) return '';
  for (let at = start; at < start + 16; at++) if (bytes[at] !== 0xff) return '';
  const name = BGP_TYPES[bytes[start + 18]!] ?? '';
  return name === '' || u16(bytes, start + 16) < 19 ? '' : `BGP ${name}`;
}
