// In: a decoded Packet. Out: its header, options or payload as bytes, for filters that search them.

import type { Packet } from './packet.ts';

const FIXED_HEADER = 20;

/**
 * The captured TCP header, options included; where the data offset is below 5, all that was captured of the datagram (tshark 4.0.17).
 * Borrowed, like all three: valid until the next frame.
 */
export function headerBytes(packet: Packet): Uint8Array {
  const { tcpStart, headerLength, capturedHeader, payloadEnd } = packet;
  return packet.bytes.subarray(tcpStart, headerLength < FIXED_HEADER ? payloadEnd : tcpStart + capturedHeader);
}

/** The captured option area; null without one, empty where none of it was captured. */
export function optionBytes(packet: Packet): Uint8Array | null {
  if (packet.headerLength <= FIXED_HEADER || packet.capturedHeader < FIXED_HEADER) return null;
  return packet.bytes.subarray(packet.tcpStart + FIXED_HEADER, packet.tcpStart + packet.capturedHeader);
}

/** The captured payload; null if there is none. */
export function payloadBytes(packet: Packet): Uint8Array | null {
  if (packet.payloadEnd <= packet.payloadStart) return null;
  return packet.bytes.subarray(packet.payloadStart, packet.payloadEnd);
}
