// Every encapsulation: the segment is found, its numbers and the addresses on the way are right, and tshark agrees.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressText } from '../../src/flow/address.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { HeaderCut, IP_LAYER_WORDS, Packet, PacketKind } from '../../src/wire/packet.ts';
import { ENCAPSULATIONS, NO_SEGMENT, SEGMENT } from '../support/encapsulations.ts';
import { frameOf, join } from '../support/frame-builder.ts';
import { PcapngWriter } from '../support/pcap-writer.ts';

function sources(packet: Packet): string[] {
  return Array.from({ length: packet.ipLayerCount }, (_, i) => addressText(packet.ipLayers, i * IP_LAYER_WORDS, 1));
}

describe('the same segment in every encapsulation', () => {
  const decoder = new Decoder();
  const packet = new Packet();
  it.each(ENCAPSULATIONS.map((row) => [row.name, row] as const))('%s', (_, { bytes, linkType, sources: expected }) => {
    decoder.decode(frameOf(bytes, { linkType }), packet);
    expect(`${packet.stopLayer} ${packet.stopReason}`).toBe(' ');
    expect(packet.kind).toBe(PacketKind.SEGMENT);
    expect(packet).toMatchObject({
      sourcePort: SEGMENT.sport,
      destinationPort: SEGMENT.dport,
      seq: SEGMENT.seq,
      ack: SEGMENT.ack,
      window: SEGMENT.win,
      flags: 0x18,
      headerLength: 20,
      payloadLength: SEGMENT.payload.length,
      cut: HeaderCut.NONE,
      reassembled: false,
    });
    expect(Buffer.from(packet.bytes.subarray(packet.payloadStart, packet.payloadEnd)).toString()).toBe(SEGMENT.payload);
    expect(sources(packet)).toEqual(expected);
  });
});

describe('frames without a segment say where decoding stopped', () => {
  const decoder = new Decoder();
  const packet = new Packet();
  it.each(NO_SEGMENT.map((row) => [row.name, row] as const))('%s', (_, { bytes, linkType, stopLayer }) => {
    decoder.decode(frameOf(bytes, { linkType }), packet);
    expect(packet.kind).toBe(PacketKind.NONE);
    expect(packet.stopLayer).toBe(stopLayer);
    expect(packet.stopReason).not.toBe('');
  });
});

describe('truncation', () => {
  it('at every byte of every encapsulation: the segment as far as it goes, or none; its length from the IP header', () => {
    const decoder = new Decoder();
    const packet = new Packet();
    for (const { name, bytes, linkType } of ENCAPSULATIONS) {
      for (let captured = 0; captured < bytes.length; captured++) {
        decoder.decode(frameOf(bytes, { linkType, captured }), packet);
        const where = `${name}, ${captured} of ${bytes.length} bytes`;
        if (packet.kind === PacketKind.NONE) {
          expect(packet.stopReason, where).not.toBe('');
          continue;
        }
        expect(packet.sourcePort, where).toBe(SEGMENT.sport);
        expect(packet.capturedHeader, where).toBeGreaterThanOrEqual(4);
        if (packet.capturedHeader < 16) {
          expect([packet.cut, packet.payloadLength], where).toEqual([HeaderCut.SNAPLEN, -1]);
        } else {
          expect(packet.cut, where).toBe(packet.capturedHeader < 20 ? HeaderCut.SNAPLEN : HeaderCut.NONE);
          expect(packet.payloadLength, where).toBe(SEGMENT.payload.length);
        }
      }
    }
  });
});

const tshark = spawnSync('tshark', ['--version'], { encoding: 'utf8' });

describe.skipIf(tshark.status !== 0)('tshark, where installed', () => {
  it('finds the same segments and addresses', () => {
    const linkTypes = [...new Set(ENCAPSULATIONS.map((row) => row.linkType))];
    const writer = new PcapngWriter();
    const blocks = [writer.section(), ...linkTypes.map((linkType) => writer.interface({ linkType }))];
    for (const { bytes, linkType } of ENCAPSULATIONS) {
      blocks.push(writer.enhancedPacket(0n, bytes, { interface: linkTypes.indexOf(linkType) }));
    }
    const folder = mkdtempSync(joinPath(tmpdir(), 'tcpstate-encapsulations-'));
    try {
      const path = joinPath(folder, 'all.pcapng');
      writeFileSync(path, join(...blocks));
      const fields = ['ip.src', 'ipv6.src', 'tcp.srcport', 'tcp.seq_raw', 'tcp.len'].flatMap((field) => ['-e', field]);
      const run = spawnSync('tshark', ['-n', '-r', path, '-d', 'tcp.port==1-65535,data', '-T', 'fields', ...fields], {
        encoding: 'utf8',
        env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
      });
      const rows = run.stdout.split('\n');
      const found = ENCAPSULATIONS.map(({ name }, i) => `${name}: ${rows[i]}`);
      const expected = ENCAPSULATIONS.map(({ name, sources: all }) => {
        const v4 = all.filter((source) => !source.includes(':')).join(',');
        const v6 = all.filter((source) => source.includes(':')).join(',');
        return `${name}: ${v4}\t${v6}\t${SEGMENT.sport}\t${SEGMENT.seq}\t${SEGMENT.payload.length}`;
      });
      expect(found).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
