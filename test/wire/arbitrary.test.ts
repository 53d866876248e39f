// Bytes of any kind, under every link type: decoding returns, with a segment or with the place and reason where it stopped.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appHint } from '../../src/wire/app-hint.ts';
import { tcpChecksum } from '../../src/wire/checksum.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { LinkType } from '../../src/wire/link-types.ts';
import { optionField, optionPrefix, optionsHex, optionText } from '../../src/wire/option-text.ts';
import { endAtEmptySack } from '../../src/wire/options.ts';
import { HeaderCut, MAX_OPTIONS, Packet, PacketKind } from '../../src/wire/packet.ts';
import { ENCAPSULATIONS } from '../support/encapsulations.ts';
import { ethernet, frameOf, ipv4, join, tcp } from '../support/frame-builder.ts';
import { runs } from '../support/runs.ts';

const decoder = new Decoder({ datagrams: 64, bytes: 1 << 16 });
const packet = new Packet();

/** Decodes, asks for everything that can be printed, and holds what must hold of any frame. */
function exercise(bytes: Uint8Array, linkType: number, captured: number, originalLength: number): void {
  const frame = frameOf(bytes, { linkType, captured, originalLength });
  decoder.decode(frame, packet);
  if (packet.kind === PacketKind.NONE) {
    expect(packet.stopReason).not.toBe('');
    return;
  }
  expect(packet.stopReason).toBe('');
  expect(packet.ipLayerCount).toBeGreaterThan(0);
  expect(packet.optionCount).toBeLessThanOrEqual(MAX_OPTIONS);
  expect(packet.payloadStart).toBeLessThanOrEqual(packet.payloadEnd);
  if (!packet.reassembled) expect(packet.payloadEnd).toBeLessThanOrEqual(frame.start + frame.capturedLength);
  if (packet.payloadLength >= 0 && packet.cut !== HeaderCut.BOGUS_LENGTH) {
    expect(packet.payloadEnd - packet.payloadStart).toBeLessThanOrEqual(packet.payloadLength);
  }
  for (let i = 0; i < packet.optionCount; i++) {
    const end = packet.optionOffset[i]! + packet.optionLength[i]!;
    expect(end).toBeLessThanOrEqual(packet.tcpStart + packet.capturedHeader);
  }
  if (packet.emptySackOption >= 0) endAtEmptySack(packet);
  optionText(packet, 0);
  optionPrefix(packet);
  optionsHex(packet);
  optionField(packet, 'tcp.options.sack_le', 0);
  optionField(packet, 'tcp.options.timestamp.tsval', 0);
  tcpChecksum(packet);
  const hint = appHint(packet);
  expect(hint.length).toBeLessThanOrEqual(80);
  expect(hint).toMatch(/^[\x20-\x7e…]*$/);
}

describe('property', () => {
  const linkTypes = [...Object.values(LinkType), 0xffff];

  it('arbitrary bytes', () => {
    const frame = fc.record({
      bytes: fc.uint8Array({ maxLength: 200 }),
      linkType: fc.constantFrom(...linkTypes),
      captured: fc.nat(200),
      originalLength: fc.nat(300),
    });
    fc.assert(
      fc.property(frame, ({ bytes, linkType, captured, originalLength }) => {
        exercise(bytes, linkType, captured, originalLength);
      }),
      { numRuns: runs(3000) },
    );
  });

  it('good frames with some bytes changed, cut and of wrong length', () => {
    const change = fc.tuple(fc.nat(160), fc.nat(255));
    const frame = fc.record({
      base: fc.constantFrom(...ENCAPSULATIONS),
      changes: fc.array(change, { maxLength: 5 }),
      captured: fc.oneof(fc.constant(1000), fc.nat(160)),
      extra: fc.integer({ min: -40, max: 40 }),
    });
    fc.assert(
      fc.property(frame, ({ base, changes, captured, extra }) => {
        const bytes = base.bytes.slice();
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        exercise(bytes, base.linkType, captured, Math.max(0, bytes.length + extra));
      }),
      { numRuns: runs(5000) },
    );
  });

  it('arbitrary options and payloads behind a good header', () => {
    const frame = fc.record({
      options: fc.uint8Array({ maxLength: 40 }),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 120 }),
        fc
          .constantFrom('GET ', 'HTTP/1.1 ', '\x16\x03\x01\x00\x50\x01', 'SSH-2.0-', '*1\r\n$4\r\n')
          .chain((start) =>
            fc.uint8Array({ maxLength: 100 }).map((rest) => join(new TextEncoder().encode(start), rest)),
          ),
      ),
      captured: fc.oneof(fc.constant(1000), fc.nat(120)),
    });
    fc.assert(
      fc.property(frame, ({ options, payload, captured }) => {
        exercise(ethernet(ipv4({}, tcp({ options, payload }))), LinkType.ETHERNET, captured, 54 + 40 + payload.length);
      }),
      { numRuns: runs(3000) },
    );
  });
});
