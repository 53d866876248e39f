// In: one TCP option. Out: the mark Wireshark puts before the ports for Riverbed's probe (76) and transparency (78) options.

import { OptionKind } from './options.ts';
import type { Packet } from './packet.ts';

export function riverbedPrefix(packet: Packet, index: number): string {
  const kind = packet.optionKind[index]!;
  if (kind === OptionKind.RIVERBED_TRANSPARENCY) return 'TRPY, ';
  if (kind !== OptionKind.RIVERBED_PROBE) return '';
  return 'S+, ';
}
