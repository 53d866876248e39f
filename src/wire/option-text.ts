// In: a Packet whose options have been read. Out: what tshark 4.0.17 prints of them: Info text and the tcp.options fields.
// Called per printed row only.

import { ExperimentId, OptionKind } from './options.ts';
import { HeaderCut, type Packet } from './packet.ts';
import { probeMark } from './riverbed.ts';

const FIXED_HEADER = 20;
/** Wireshark stops the shift at RFC 7323's limit when it turns it into a factor, and shows the shift itself as sent. */
const MAX_SHIFT = 14;

/**
 * The options part of Info, each with its leading space. `sackBase` is subtracted from SACK edges: the base of the other
 * direction, 0 while that is unknown.
 */
export function optionText(packet: Packet, sackBase: number): string {
  let text = '';
  for (let index = 0; index < packet.optionCount; index++) text += textOf(packet, index, sackBase);
  if (packet.optionCut) text += cutText(packet, packet.optionCount, sackBase);
  return text;
}

/** What Riverbed's options put in front of the ports in Info ("S+, ", "TRPY, "); "" for every other segment. */
export function optionPrefix(packet: Packet): string {
  let prefix = '';
  for (let index = 0; index < packet.optionCount; index++) prefix = prefixOf(packet, index) + prefix;
  // This mark needs nothing of the option's content, so it stands for an option cut short too.
  if (packet.optionCut && packet.optionKind[packet.optionCount] === OptionKind.RIVERBED_TRANSPARENCY)
    prefix = `TRPY, ${prefix}`;
  return prefix;
}

function prefixOf(packet: Packet, index: number): string {
  switch (packet.optionKind[index]) {
    case OptionKind.RIVERBED_TRANSPARENCY:
      return 'TRPY, ';
    case OptionKind.RIVERBED_PROBE:
      return endsReading(packet, index) ? '' : probeMark(packet, packet.optionOffset[index]!);
    default:
      return '';
  }
}

/** True for the option that reading gave up at because it is shorter than its content. */
function endsReading(packet: Packet, index: number): boolean {
  return packet.cut === HeaderCut.MALFORMED && index === packet.optionCount - 1;
}

function textOf(packet: Packet, index: number, sackBase: number): string {
  const kind = packet.optionKind[index]!;
  const length = packet.optionLength[index]!;
  const at = packet.optionOffset[index]!;
  const { view } = packet;
  switch (kind) {
    case OptionKind.MSS:
      return length === 4 ? ` MSS=${view.getUint16(at + 2)}` : '';
    case OptionKind.WINDOW_SCALE:
      return length === 3 ? ` WS=${1 << Math.min(view.getUint8(at + 2), MAX_SHIFT)}` : '';
    case OptionKind.SACK_PERMITTED:
      return ' SACK_PERM';
    case OptionKind.SACK:
      return sackText(packet, at, length, sackBase);
    case OptionKind.ECHO:
    case OptionKind.ECHO_REPLY:
      return length === 6 ? ` ECHO=${view.getUint32(at + 2)}` : '';
    case OptionKind.TIMESTAMPS:
      return length === 10 ? ` TSval=${view.getUint32(at + 2)} TSecr=${view.getUint32(at + 6)}` : '';
    case OptionKind.CC:
    case OptionKind.CC_NEW:
    case OptionKind.CC_ECHO:
      return length === 6 ? ` CC=${view.getUint32(at + 2)}` : '';
    case OptionKind.MD5:
      return ' MD5';
    case OptionKind.SCPS:
      return length === 4 ? scpsText(view.getUint8(at + 2), view.getUint8(at + 3)) : '';
    case OptionKind.QUICK_START:
      return length === 8 ? ` QSresp=${quickStartRate(view.getUint8(at + 2) & 0x0f)}` : '';
    case OptionKind.USER_TIMEOUT:
      return length === 4 ? ` USER_TO=${view.getUint16(at + 2) & 0x7fff}` : '';
    case OptionKind.AUTHENTICATION:
      return 'TCP AO';
    case OptionKind.FAST_OPEN:
      return length === 2 ? ' TFO=R' : ' TFO=C';
    case OptionKind.ACC_ECN_0:
    case OptionKind.ACC_ECN_1:
      return accEcnText(packet, at + 2, length - 2, kind === OptionKind.ACC_ECN_0);
    case OptionKind.EXPERIMENT_1:
    case OptionKind.EXPERIMENT_2:
      return length < 4 ? '' : experimentText(packet, at, length);
    default:
      return '';
  }
}

/** What an option that is only partly there shows: most nothing, a few as much as could be read. */
function cutText(packet: Packet, index: number, sackBase: number): string {
  const at = packet.optionOffset[index]!;
  const captured = capturedLength(packet, index);
  switch (packet.optionKind[index]) {
    case OptionKind.SACK:
      return sackText(packet, at, captured, sackBase);
    case OptionKind.SACK_PERMITTED:
      return ' SACK_PERM';
    case OptionKind.MD5:
      return ' MD5';
    case OptionKind.AUTHENTICATION:
      return 'TCP AO';
    case OptionKind.QUICK_START:
      if (captured < 3 || packet.optionLength[index] !== 8) return '';
      return ` QSresp=${quickStartRate(packet.view.getUint8(at + 2) & 0x0f)}`;
    case OptionKind.ACC_ECN_0:
    case OptionKind.ACC_ECN_1: {
      const length = packet.optionLength[index]! - 2;
      if (captured < 5 || length > 9 || length % 3 !== 0) return '';
      const whole = captured - 2 - ((captured - 2) % 3);
      return accEcnText(packet, at + 2, whole, packet.optionKind[index] === OptionKind.ACC_ECN_0);
    }
    case OptionKind.SCPS:
      return captured === 3 && packet.optionLength[index] === 4 ? scpsText(packet.view.getUint8(at + 2), 0) : '';
    default:
      return '';
  }
}

/** Bytes of an option that are there: its length, or less for the one that reading stopped in. */
function capturedLength(packet: Packet, index: number): number {
  const end = packet.tcpStart + packet.capturedHeader;
  return Math.min(packet.optionLength[index]!, end - packet.optionOffset[index]!);
}

function sackText(packet: Packet, at: number, length: number, base: number): string {
  let text = '';
  for (let edge = at + 2; edge + 8 <= at + length; edge += 8) {
    text += ` SLE=${relative(packet, edge, base)} SRE=${relative(packet, edge + 4, base)}`;
  }
  return text;
}

function relative(packet: Packet, at: number, base: number): number {
  return (packet.view.getInt32(at) - base) >>> 0;
}

const SCPS_CAPABILITIES: readonly (readonly [number, string])[] = [
  [0x80, 'BETS'],
  [0x40, 'SNACK1'],
  [0x20, 'SNACK2'],
  [0x10, 'COMP'],
  [0x08, 'NLTS'],
  [0x07, 'RESERVED'],
];

function scpsText(capabilities: number, connection: number): string {
  const names = SCPS_CAPABILITIES.filter(([mask]) => (capabilities & mask) !== 0).map(([, name]) => name);
  const list = names.length > 0 ? ` SCPS[${names.join(', ')}]` : '';
  return connection === 0 ? list : `${list} Connection ID=${connection}`;
}

/** RFC 4782: 40 kbit/s times 2 to the n, for n of 1 to 15. */
function quickStartRate(rate: number): string {
  if (rate === 0) return '0 bit/s';
  const kilobits = 40 * 2 ** rate;
  if (kilobits < 1000) return `${kilobits} Kbit/s`;
  if (kilobits < 1_000_000) return `${kilobits / 1000} Mbit/s`;
  return `${kilobits / 1_000_000} Gbit/s`;
}

/** `length` bytes of counters, 3 each; the two orders differ in which of ECT(0) and ECT(1) leads. */
function accEcnText(packet: Packet, at: number, length: number, ect0First: boolean): string {
  if (length === 0) return ' AccECN';
  if (length > 9 || length % 3 !== 0) return '';
  const names = ect0First ? ['EE0B', 'ECEB', 'EE1B'] : ['EE1B', 'ECEB', 'EE0B'];
  let text = '';
  for (let counter = 0; counter * 3 < length; counter++) {
    const value = (packet.view.getUint16(at + counter * 3) << 8) | packet.view.getUint8(at + counter * 3 + 2);
    text += ` ${names[counter]}=${value}`;
  }
  return text;
}

function experimentText(packet: Packet, at: number, length: number): string {
  const id = packet.view.getUint16(at + 2);
  switch (id) {
    case ExperimentId.FAST_OPEN:
      return length === 4 ? ' TFO=R' : ' TFO=C';
    case ExperimentId.ACC_ECN_0:
    case ExperimentId.ACC_ECN_1:
      return accEcnText(packet, at + 4, length - 4, id === ExperimentId.ACC_ECN_0);
    case ExperimentId.TARR:
      return length === 4 ? ' TARR' : length === 5 ? ` TARR=${packet.view.getUint8(at + 4) >> 1}` : '';
    default:
      return ` ExID=${id.toString(16).toUpperCase()}`;
  }
}

/** `tcp.options`: the captured bytes of the option area in hex, "<MISSING>" if none of them was captured, "" without options. */
export function optionsHex(packet: Packet): string {
  if (packet.headerLength <= FIXED_HEADER || packet.capturedHeader < FIXED_HEADER) return '';
  if (packet.capturedHeader === FIXED_HEADER) return '<MISSING>';
  return hex(packet, packet.tcpStart + FIXED_HEADER, packet.capturedHeader - FIXED_HEADER);
}

function hex(packet: Packet, at: number, length: number): string {
  let text = '';
  for (let offset = at; offset < at + length; offset++) text += packet.bytes[offset]!.toString(16).padStart(2, '0');
  return text;
}

/** The fields of `tshark -T fields` that come from options. */
export type OptionField =
  | 'tcp.option_kind'
  | 'tcp.option_len'
  | 'tcp.options'
  | 'tcp.options.mss_val'
  | 'tcp.options.wscale.shift'
  | 'tcp.options.wscale.multiplier'
  | 'tcp.options.sack_perm'
  | 'tcp.options.sack_le'
  | 'tcp.options.sack_re'
  | 'tcp.options.sack.count'
  | 'tcp.options.timestamp.tsval'
  | 'tcp.options.timestamp.tsecr';

/** Those of them that are numbers. */
export type NumericOptionField = Exclude<OptionField, 'tcp.options' | 'tcp.options.sack_perm'>;

/** The values of one field over all options, in header order, joined by commas (`-E occurrence=a`). `sackBase` as above. */
export function optionField(packet: Packet, field: OptionField, sackBase: number): string {
  if (field === 'tcp.options') return optionsHex(packet);
  if (field === 'tcp.options.sack_perm') return sackPermittedHex(packet);
  const values: number[] = [];
  optionNumbers(packet, field, sackBase, values);
  return values.join(',');
}

function sackPermittedHex(packet: Packet): string {
  const values: string[] = [];
  for (let index = 0; index < shownOptions(packet); index++) {
    if (packet.optionKind[index] !== OptionKind.SACK_PERMITTED) continue;
    values.push(hex(packet, packet.optionOffset[index]!, capturedLength(packet, index)));
  }
  return values.join(',');
}

/** Options that have fields: those wholly read, and the one reading stopped in. */
function shownOptions(packet: Packet): number {
  return packet.optionCount + (packet.optionCut ? 1 : 0);
}

/** Appends the values of one field over all options to `out`, in header order, unsigned. */
export function optionNumbers(packet: Packet, field: NumericOptionField, sackBase: number, out: number[]): void {
  for (let index = 0; index < shownOptions(packet); index++) collect(out, packet, field, index, sackBase);
}

function collect(out: number[], packet: Packet, field: NumericOptionField, index: number, sackBase: number): void {
  const { view } = packet;
  const kind = packet.optionKind[index]!;
  const length = packet.optionLength[index]!;
  const at = packet.optionOffset[index]!;
  const captured = capturedLength(packet, index);
  switch (field) {
    case 'tcp.option_kind':
      out.push(kind);
      break;
    case 'tcp.option_len':
      if (kind > OptionKind.NOP) out.push(length);
      break;
    case 'tcp.options.mss_val':
      if (kind === OptionKind.MSS && length === 4 && captured === 4) out.push(view.getUint16(at + 2));
      break;
    case 'tcp.options.wscale.shift':
      if (kind === OptionKind.WINDOW_SCALE && length === 3 && captured === 3) out.push(view.getUint8(at + 2));
      break;
    case 'tcp.options.wscale.multiplier':
      if (kind === OptionKind.WINDOW_SCALE && length === 3 && captured === 3) {
        out.push(1 << Math.min(view.getUint8(at + 2), MAX_SHIFT));
      }
      break;
    case 'tcp.options.sack_le':
      // A left edge without its right one is printed as well.
      if (kind !== OptionKind.SACK) break;
      for (let edge = at + 2; edge + 4 <= at + captured; edge += 8) out.push(relative(packet, edge, sackBase));
      break;
    case 'tcp.options.sack_re':
      if (kind !== OptionKind.SACK) break;
      for (let edge = at + 2; edge + 8 <= at + captured; edge += 8) out.push(relative(packet, edge + 4, sackBase));
      break;
    case 'tcp.options.sack.count':
      if (kind === OptionKind.SACK && captured === length) out.push((length - 2) >> 3);
      break;
    case 'tcp.options.timestamp.tsval':
      if (kind === OptionKind.TIMESTAMPS && length === 10 && captured >= 6) out.push(view.getUint32(at + 2));
      break;
    case 'tcp.options.timestamp.tsecr':
      if (kind === OptionKind.TIMESTAMPS && length === 10 && captured === 10) out.push(view.getUint32(at + 6));
      break;
  }
}
