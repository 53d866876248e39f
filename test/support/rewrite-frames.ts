// In: Ethernet frames of plain IPv4 and IPv6, also quoted in ICMP errors. Out: the same with ends exchanged or numbers shifted.

import type { FrameToWrite } from './pcap-writer.ts';

const ETHERNET = 14;

/** Where an IP header's parts are, as far as they were captured. */
interface Place {
  source: number;
  destination: number;
  addressLength: number;
  protocol: number;
  payload: number;
}

function ipAt(bytes: Uint8Array, at: number): Place | null {
  const version = (bytes[at] ?? 0) >> 4;
  if (version === 4 && at + 20 <= bytes.length) {
    const place = { source: at + 12, destination: at + 16, addressLength: 4, protocol: bytes[at + 9]! };
    return { ...place, payload: at + (bytes[at]! & 15) * 4 };
  }
  if (version === 6 && at + 40 <= bytes.length) {
    return { source: at + 8, destination: at + 24, addressLength: 16, protocol: bytes[at + 6]!, payload: at + 40 };
  }
  return null;
}

/** Every TCP header in the frame, with the IP header before it: the segment's own, or that an ICMP error quotes. */
function* segmentsIn(bytes: Uint8Array): Generator<{ ip: Place; isQuoted: boolean }> {
  const ip = ipAt(bytes, ETHERNET);
  if (ip === null) return;
  yield { ip, isQuoted: false };
  if (ip.protocol !== 1 && ip.protocol !== 58) return;
  const quoted = ipAt(bytes, ip.payload + 8);
  if (quoted !== null) yield { ip: quoted, isQuoted: true };
}

/** Every packet as if the other end had sent it: addresses and ports exchanged. Checksums stay right, they are sums. */
export function endsExchanged(frames: readonly FrameToWrite[]): FrameToWrite[] {
  return frames.map((frame) => {
    const bytes = frame.bytes.slice();
    for (const { ip } of segmentsIn(bytes)) {
      exchange(bytes, ip.source, ip.destination, ip.addressLength);
      if (ip.protocol === 6 && ip.payload + 4 <= bytes.length) exchange(bytes, ip.payload, ip.payload + 2, 2);
    }
    return { ...frame, bytes };
  });
}

function exchange(bytes: Uint8Array, a: number, b: number, length: number): void {
  const first = bytes.slice(a, a + length);
  bytes.copyWithin(a, b, b + length);
  bytes.set(first, b);
}

/**
 * Sequence numbers shifted by what `shiftOf` says of their sender ("10.0.0.1:40000" as bytes), modulo 2^32: seq, ack, SACK blocks. Only
 * for whole TCP headers without checksums.
 */
export function numbersShifted(
  frames: readonly FrameToWrite[],
  shiftOf: (address: Uint8Array, port: number) => number,
): FrameToWrite[] {
  return frames.map((frame) => {
    const bytes = frame.bytes.slice();
    const view = new DataView(bytes.buffer);
    const ip = ipAt(bytes, ETHERNET);
    if (ip === null || ip.protocol !== 6) return frame;
    const { source, destination, addressLength, payload } = ip;
    const address = (at: number): Uint8Array => bytes.subarray(at, at + addressLength);
    const mine = shiftOf(address(source), view.getUint16(payload));
    const theirs = shiftOf(address(destination), view.getUint16(payload + 2));
    const add = (at: number, shift: number): void => view.setUint32(at, (view.getUint32(at) + shift) >>> 0);
    add(payload + 4, mine);
    // Also without the ACK flag: Wireshark's analysis compares the field all the same.
    add(payload + 8, theirs);
    const end = Math.min(payload + (bytes[payload + 12]! >> 4) * 4, bytes.length);
    for (let at = payload + 20; at < end; ) {
      const kind = bytes[at]!;
      if (kind === 0) break;
      const length = kind === 1 ? 1 : bytes[at + 1]!;
      // Options are cut at the end of the header; one that is not whole is none.
      if (length < 1 || at + length > end) break;
      if (kind === 5) for (let edge = at + 2; edge + 4 <= at + length; edge += 4) add(edge, theirs);
      at += length;
    }
    return { ...frame, bytes };
  });
}
