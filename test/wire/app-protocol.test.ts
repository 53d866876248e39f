import { describe, expect, it } from 'vitest';
import { APP_PROTOCOLS, appProtocol } from '../../src/wire/app-protocol.ts';
import { Packet } from '../../src/wire/packet.ts';

function protocolOf(payload: string): string {
  const packet = new Packet();
  packet.bytes = Uint8Array.from(payload, (c) => c.charCodeAt(0));
  packet.view = new DataView(packet.bytes.buffer);
  packet.payloadStart = 0;
  packet.payloadEnd = packet.bytes.length;
  return APP_PROTOCOLS[appProtocol(packet)]!;
}

describe('application protocol', () => {
  it.each([
    ['GET / HTTP/1.1\r\n', 'HTTP'],
    ['HTTP/1.1 200 OK\r\n', 'HTTP'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP/2'],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc', 'TLS'],
    ['\x16\x03\x03\x00\x7a\x02\x00\x00\x76', 'TLS'],
    // An alert, and application data: a TLS record, but not how a connection opens.
    ['\x15\x03\x03\x00\x02\x02\x28\x00\x00', ''],
    ['SSH-2.0-OpenSSH_9.2p1\r\n', 'SSH'],
    [`${'\xff'.repeat(16)}\x00\x1d\x01\x04`, 'BGP'],
    ['\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00', 'RDP'],
    ['*1\r\n$4\r\nPING\r\n', 'Redis'],
    ['\x00\x00\x00\x85\xffSMBr', 'SMB'],
    ['220 mail.example.com ESMTP', ''],
    ['GET', ''],
    ['\x00'.repeat(20), ''],
  ])('%j opens %j', (payload, expected) => {
    expect(protocolOf(payload)).toBe(expected);
  });
});
