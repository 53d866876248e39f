// Application hints: what each protocol's first bytes give, and near misses that give nothing.

import { describe, expect, it } from 'vitest';
import { appHint } from '../../src/wire/app-hint.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet } from '../../src/wire/packet.ts';
import { ascii, type Bytes, frameOf, hex, join, tcpFrame, u16, u32 } from '../support/frame-builder.ts';

function hint(payload: Bytes | string, dport = 4444, captured?: number): string {
  const packet = new Packet();
  const bytes = tcpFrame({ dport, flags: 'PA', payload });
  new Decoder().decode(frameOf(bytes, captured === undefined ? {} : { captured: 54 + captured }), packet);
  return appHint(packet);
}

function vector(size: 1 | 2, bytes: Bytes): Bytes {
  return join(size === 1 ? bytes.length : u16(bytes.length), bytes);
}

function record(type: number, body: Bytes): Bytes {
  return join(type, hex('0303'), u16(body.length), body);
}

function handshake(type: number, body: Bytes): Bytes {
  return record(22, join(type, 0, u16(body.length), body));
}

function clientHello(extensions: Bytes): Bytes {
  const random = new Uint8Array(32).fill(7);
  return handshake(
    1,
    join(
      hex('0303'),
      random,
      vector(1, new Uint8Array(32)),
      vector(2, hex('1301 1302')),
      hex('0100'),
      vector(2, extensions),
    ),
  );
}

const serverName = (name: string): Bytes => join(u16(0), vector(2, vector(2, join(0, vector(2, ascii(name))))));
const dnsMessage = (flags: number, type: number): Bytes => {
  const message = join(
    u16(1),
    u16(flags),
    hex('0001 0000 0000 0000'),
    7,
    ascii('example'),
    3,
    ascii('com'),
    0,
    u16(type),
    u16(1),
  );
  return vector(2, message);
};
const mysqlGreeting = (version: string): Bytes => {
  const body = join(10, ascii(version), 0, new Uint8Array(30));
  return join(body.length, 0, 0, 0, body);
};

describe('hints', () => {
  it.each<[string, Bytes | string, string]>([
    ['HTTP request', 'GET /static/images/avatar.jpg HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP GET /static/images/avatar.jpg'],
    ['HTTP request, newline only', 'HEAD / HTTP/1.0\n', 'HTTP HEAD /'],
    ['HTTP request for a proxy', 'CONNECT example.com:443 HTTP/1.1\r\n\r\n', 'HTTP CONNECT example.com:443'],
    ['HTTP response', 'HTTP/1.1 200 OK\r\nServer: x\r\n', 'HTTP 200 OK'],
    ['HTTP response without reason', 'HTTP/1.1 404\r\n', 'HTTP 404'],
    ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP/2 preface'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n', 'SSH-2.0-OpenSSH_9.2'],
    ['SMTP greeting', '220 mail.example.com ESMTP Postfix\r\n', 'SMTP 220 mail.example.com ESMTP Postfix'],
    ['SMTP command', 'EHLO client.example.com\r\n', 'SMTP EHLO client.example.com'],
    ['FTP greeting', '220 Welcome to the FTP server\r\n', 'FTP 220 Welcome to the FTP server'],
    ['POP3 greeting', '+OK POP3 server ready\r\n', 'POP3 +OK POP3 server ready'],
    ['IMAP greeting', '* OK IMAP4rev1 ready\r\n', 'IMAP OK IMAP4rev1 ready'],
    ['SIP', 'INVITE sip:bob@example.com SIP/2.0\r\n', 'SIP INVITE sip:bob@example.com'],
    ['RTSP', 'DESCRIBE rtsp://a/b RTSP/1.0\r\n', 'RTSP DESCRIBE rtsp://a/b'],
    ['Redis', '*2\r\n$3\r\nget\r\n$1\r\nk\r\n', 'Redis GET'],
    [
      'TLS ClientHello with name',
      clientHello(join(hex('ff01 0001 00'), serverName('example.com'))),
      'TLS ClientHello example.com',
    ],
    ['TLS ClientHello without', clientHello(hex('ff01 0001 00')), 'TLS ClientHello'],
    ['TLS ServerHello', handshake(2, join(hex('0303'), new Uint8Array(40))), 'TLS ServerHello'],
    ['TLS Certificate', handshake(11, new Uint8Array(40)), 'TLS Certificate'],
    ['TLS alert', record(21, hex('0228')), 'TLS alert handshake_failure'],
    ['TLS encrypted alert', record(21, new Uint8Array(26)), 'TLS alert (encrypted)'],
    ['TLS application data', record(23, new Uint8Array(26)), 'TLS application data'],
    ['TLS change of cipher', record(20, hex('01')), 'TLS ChangeCipherSpec'],
    ['PostgreSQL', join(u32(8 + 16), u32(0x30000), ascii('user\0postgres\0\0\0')), 'PostgreSQL startup'],
    ['PostgreSQL asks for TLS', join(u32(8), u32(80877103)), 'PostgreSQL SSLRequest'],
    ['MySQL', mysqlGreeting('8.0.32'), 'MySQL greeting 8.0.32'],
    ['BGP', join(new Uint8Array(16).fill(0xff), u16(19), 4), 'BGP KEEPALIVE'],
  ])('%s', (_, payload, expected) => {
    expect(hint(payload)).toBe(expected);
  });

  it('DNS, on its port only', () => {
    expect(hint(dnsMessage(0x0100, 28), 53)).toBe('DNS query AAAA example.com');
    expect(hint(dnsMessage(0x8180, 1), 53)).toBe('DNS response A example.com');
    expect(hint(dnsMessage(0x0100, 1000), 53)).toBe('DNS query type 1000 example.com');
    expect(hint(dnsMessage(0x0100, 28), 54)).toBe('');
    expect(hint(dnsMessage(0x2800, 28), 53)).toBe('');
  });

  it.each<[string, Bytes | string]>([
    ['no payload', ''],
    ['prose', 'GET ready for the next line\r\n'],
    ['a method that is none', 'FETCH / HTTP/1.1\r\n'],
    ['a version that is none', 'GET / HTTP/3.7\r\n'],
    ['a greeting of neither mail nor file transfer', '220 hello\r\n'],
    ['zeros', new Uint8Array(100)],
    ['TLS type, wrong version', hex('16 0505 0010 01 00000c 0303')],
    ['TLS length beyond a record', hex('17 0303 ffff 0000')],
    ['PostgreSQL with another length', join(u32(9), u32(80877103))],
    ['MySQL with another length', join(mysqlGreeting('8.0.32'), 0)],
    ['MySQL without a version', mysqlGreeting('x.y')],
    ['Redis with a wrong length', '*2\r\n$4\r\nget\r\n'],
  ])('nothing for %s', (_, payload) => {
    expect(hint(payload)).toBe('');
  });

  it('a request cut by the snap length is still one', () => {
    const request = 'GET /a/long/path?with=query HTTP/1.1\r\n';
    expect(hint(request, 80, 16)).toBe('HTTP GET /a/long/path');
    expect(hint('GET x', 80)).toBe('');
  });

  it('control characters and escapes cannot reach a terminal', () => {
    expect(hint('SSH-2.0-\x1b[2J\x07evil\x9b31m\r\n')).toBe('SSH-2.0-.[2J.evil..31m');
    expect(hint(clientHello(serverName('a\x1b]0;b')))).toBe('TLS ClientHello a.]0;b');
  });

  it('is at most 80 characters', () => {
    const long = hint(`GET /${'x'.repeat(200)} HTTP/1.1\r\n`);
    expect([long.length, long.slice(0, 12), long.at(-1)]).toEqual([80, 'HTTP GET /xx', '…']);
  });

  it('a server name that claims to reach beyond its extension is ignored', () => {
    const lying = join(u16(0), vector(2, join(u16(9), 0, u16(500), ascii('abcd'))));
    expect(hint(clientHello(lying))).toBe('TLS ClientHello');
  });
});
