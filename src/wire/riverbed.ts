// In: one of Riverbed's TCP options, probe (76) or transparency (78). Out: its mark in Info, and the length its content needs.
// No document of Riverbed's is public; marks and lengths were found by giving tshark 4.0.17 every value of the type byte.

import type { Packet } from './packet.ts';

interface ProbeType {
  readonly mark: string;
  readonly length: number;
}

const OTHER: ProbeType = { mark: '', length: 7 };
/** By the high four bits of the third byte, where its lowest bit is set (version 1). */
const VERSION_1: readonly (ProbeType | undefined)[] = [
  { mark: 'S+, ', length: 10 },
  { mark: 'SA+, ', length: 14 },
  undefined,
  { mark: 'S#, ', length: 10 },
  { mark: 'S+, ', length: 10 },
  { mark: 'SA+, ', length: 18 },
  OTHER,
  OTHER,
  OTHER,
  OTHER,
  OTHER,
];

function probeType(typeByte: number): ProbeType | undefined {
  if ((typeByte & 1) !== 0) return VERSION_1[typeByte >> 4];
  return typeByte >> 4 === 1 ? OTHER : undefined;
}

/** The mark before the ports, with its trailing comma and space, or "". */
export function probeMark(packet: Packet, at: number): string {
  return packet.bytes[at + 1]! < 3 ? '' : (probeType(packet.bytes[at + 2]!)?.mark ?? '');
}

/** Bytes a probe option must have; tshark gives the packet up where one is shorter. */
export function probeLength(packet: Packet, at: number, length: number): number {
  if (length < 3) return length;
  return probeType(packet.bytes[at + 2]!)?.length ?? length;
}
