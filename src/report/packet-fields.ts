// In: the segment observed last. Out: the text of any field `packets` can print, spelled as `tshark -T fields` spells it.
// A field the segment does not have is an empty text; several values of one are joined by commas (`-E occurrence=a`).

import type { Frame } from '../capture/frame.ts';
import { addressText } from '../flow/address.ts';
import { FastOpen } from '../tcp/analysis.ts';
import { ANALYSIS_CODES, AnalysisFlag } from '../tcp/analysis-flag.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import { STATES } from '../tcp/state.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { appHint } from '../wire/app-hint.ts';
import { type OptionField, optionField } from '../wire/option-text.ts';
import { Flag, HeaderCut, IP_LAYER_WORDS, type Packet } from '../wire/packet.ts';
import { flagLetters, infoText } from './info-column.ts';

/** All a field may look at; valid until the next frame. */
export interface SegmentContext {
  readonly frame: Frame;
  readonly packet: Packet;
  readonly trace: TcpTrace;
  readonly clock: CaptureClock;
}

export type PacketField = (at: SegmentContext) => string;

/** Bytes of TCP header behind which urgent pointer, times and options are known. */
const FIXED_HEADER = 20;

/** Every field by its name, in the order of the contract. */
export const PACKET_FIELDS: ReadonlyMap<string, PacketField> = new Map<string, PacketField>([
  ['frame.number', ({ frame }) => String(frame.number)],
  ['frame.time_epoch', ({ frame }) => timeText(frame.seconds, frame.nanoseconds)],
  ['frame.time_relative', ({ frame, clock }) => since(frame, clock)],
  ['frame.len', ({ frame }) => String(frame.originalLength)],
  ['frame.cap_len', ({ frame }) => String(frame.capturedLength)],
  ['ip.src', ({ packet }) => addresses(packet, 4, 1)],
  ['ip.dst', ({ packet }) => addresses(packet, 4, 5)],
  ['ipv6.src', ({ packet }) => addresses(packet, 6, 1)],
  ['ipv6.dst', ({ packet }) => addresses(packet, 6, 5)],
  ['tcp.srcport', ({ packet }) => String(packet.sourcePort)],
  ['tcp.dstport', ({ packet }) => String(packet.destinationPort)],
  ['tcp.stream', inStream(({ trace }) => String(trace.connection.stream))],
  ['tcp.flags', inHeader(({ packet }) => `0x${packet.flags.toString(16).padStart(4, '0')}`)],
  ['tcp.flags.str', inHeader(({ packet, trace }) => flagLetters(packet.flags, trace.analysis.ace))],
  ['tcp.seq', inStream(({ trace }) => String(trace.analysis.seq >>> 0))],
  ['tcp.seq_raw', inStream(({ packet }) => String(packet.seq >>> 0))],
  [
    'tcp.nxtseq',
    inHeader(({ packet, trace }) => (packet.payloadLength < 0 ? '' : String(trace.analysis.nextSeq >>> 0))),
  ],
  ['tcp.ack', inHeader(({ trace }) => String(trace.analysis.ack >>> 0))],
  ['tcp.ack_raw', inHeader(({ packet }) => String(packet.ack >>> 0))],
  ['tcp.len', inStream(({ packet }) => (packet.payloadLength < 0 ? '' : String(packet.payloadLength)))],
  ['tcp.hdr_len', inStream(({ packet }) => String(packet.headerLength))],
  ['tcp.window_size_value', inHeader(({ packet }) => String(packet.window))],
  ['tcp.window_size', inHeader(({ trace }) => String(trace.analysis.window))],
  ['tcp.window_size_scalefactor', inHeader(scaleFactor)],
  ['tcp.urgent_pointer', inFixedHeader(({ packet }) => String(packet.urgentPointer))],
  option('tcp.option_kind'),
  option('tcp.option_len'),
  option('tcp.options'),
  option('tcp.options.mss_val'),
  option('tcp.options.wscale.shift'),
  option('tcp.options.wscale.multiplier'),
  option('tcp.options.sack_perm'),
  option('tcp.options.sack_le'),
  option('tcp.options.sack_re'),
  option('tcp.options.sack.count'),
  option('tcp.options.timestamp.tsval'),
  option('tcp.options.timestamp.tsecr'),
  ['tcp.analysis.flags', analysed(({ trace }) => (trace.analysis.flags === 0 ? '' : '1'))],
  ...ANALYSIS_CODES.map((code, bit): [string, PacketField] => [`tcp.analysis.${code}`, analysisFlag(fieldMask(bit))]),
  [
    'tcp.analysis.duplicate_ack_num',
    withFlag(AnalysisFlag.DUPLICATE_ACK, ({ duplicateNumber }) => String(duplicateNumber)),
  ],
  [
    'tcp.analysis.duplicate_ack_frame',
    withFlag(AnalysisFlag.DUPLICATE_ACK, ({ duplicateFrame }) => String(duplicateFrame)),
  ],
  ['tcp.analysis.acks_frame', inBlock((a) => (a.acksFrame === 0 ? '' : String(a.acksFrame)))],
  [
    'tcp.analysis.ack_rtt',
    inBlock((a) => (a.acksFrame === 0 ? '' : nonZeroTime(a.ackRttSeconds, a.ackRttNanoseconds))),
  ],
  ['tcp.analysis.initial_rtt', inBlock((a) => nonZeroTime(a.irttSeconds, a.irttNanoseconds))],
  ['tcp.analysis.rto', withFlag(AnalysisFlag.RETRANSMISSION, (a) => nonZeroTime(a.rtoSeconds, a.rtoNanoseconds))],
  [
    'tcp.analysis.rto_frame',
    withFlag(AnalysisFlag.RETRANSMISSION, (a) =>
      a.rtoSeconds === 0 && a.rtoNanoseconds === 0 ? '' : String(a.rtoFrame),
    ),
  ],
  ['tcp.analysis.bytes_in_flight', inBlock((a) => (a.bytesInFlight === 0 ? '' : String(a.bytesInFlight)))],
  ['tcp.analysis.push_bytes_sent', inBlock((a) => (a.bytesInFlight === 0 ? '' : String(a.pushBytesSent >>> 0)))],
  ['tcp.analysis.tfo_syn', inFixedHeader(({ trace }) => (trace.analysis.fastOpen === FastOpen.SYN ? '1' : ''))],
  ['tcp.analysis.tfo_ack', inHeader(({ trace }) => (trace.analysis.fastOpen === FastOpen.ACK ? '1' : ''))],
  ['tcp.analysis.tfo_ignored', inHeader(({ trace }) => (trace.analysis.fastOpen === FastOpen.IGNORED ? '1' : ''))],
  ['tcp.completeness', inStream(({ trace }) => String(trace.analysis.completeness))],
  [
    'tcp.time_relative',
    inFixedHeader(({ trace }) => timeText(trace.analysis.relativeSeconds, trace.analysis.relativeNanoseconds)),
  ],
  [
    'tcp.time_delta',
    inFixedHeader(({ trace }) => timeText(trace.analysis.deltaSeconds, trace.analysis.deltaNanoseconds)),
  ],
  ['_ws.col.Source', ({ packet }) => addressText(packet.ipLayers, packet.ip, 1)],
  ['_ws.col.Destination', ({ packet }) => addressText(packet.ipLayers, packet.ip, 5)],
  ['_ws.col.Protocol', ({ packet }) => (packet.hasMptcp ? 'MPTCP' : 'TCP')],
  ['_ws.col.Info', ({ packet, trace }) => infoText(packet, trace)],
  ['tcpstate.src.state', inStream(({ trace }) => STATES[trace.states.senderState]!)],
  ['tcpstate.dst.state', inStream(({ trace }) => STATES[trace.states.receiverState]!)],
  ['tcpstate.app', ({ packet }) => appHint(packet)],
]);

/** Fields whose single value is a whole number; JSON has them as numbers. All others are text. */
const TEXT_FIELDS =
  /^(?:frame\.time_|ip\.|ipv6\.|_ws\.|tcpstate\.|tcp\.flags|tcp\.options$|tcp\.options\.sack_perm$|tcp\.time_|tcp\.analysis\.(?:rto|ack_rtt|initial_rtt)$)/;

/** True for a field that counts, numbers or flags; false for text, addresses and times (which keep their nine decimals). */
export function isWholeNumber(name: string): boolean {
  return !TEXT_FIELDS.test(name);
}

/** Seconds with nine decimals from whole seconds (rounded down, so negative times too) and nanoseconds. */
export function timeText(seconds: number, nanoseconds: number): string {
  if (seconds < 0 && nanoseconds > 0) return `-${decimals(-1 - seconds, 1_000_000_000 - nanoseconds)}`;
  return decimals(seconds, nanoseconds);
}

function decimals(seconds: number, nanoseconds: number): string {
  return `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
}

function nonZeroTime(seconds: number, nanoseconds: number): string {
  return seconds === 0 && nanoseconds === 0 ? '' : timeText(seconds, nanoseconds);
}

function since(frame: Frame, clock: CaptureClock): string {
  const difference = frame.nanoseconds - clock.startNanoseconds;
  const borrow = difference < 0 ? 1 : 0;
  return timeText(frame.seconds - clock.startSeconds - borrow, difference + borrow * 1_000_000_000);
}

/** The addresses of all IP headers of a version, outermost first; `offset` 1: sources, 5: destinations. */
function addresses(packet: Packet, version: 4 | 6, offset: 1 | 5): string {
  const { ipLayers } = packet;
  let text = '';
  for (let layer = 0; layer < packet.ipLayerCount; layer++) {
    const at = layer * IP_LAYER_WORDS;
    if (ipLayers[at] !== version) continue;
    const one = addressText(ipLayers, at, offset);
    text = text === '' ? one : `${text},${one}`;
  }
  return text;
}

// How much of the header a field needs, each a wrapper around the field proper.

/** Ports alone are known before this: the segment belongs to a stream. */
function inStream(field: PacketField): PacketField {
  return (at) => (at.trace.current < 0 ? '' : field(at));
}

/** Behind a data offset that can be. */
function inHeader(field: PacketField): PacketField {
  return (at) => (at.trace.current < 0 || at.packet.cut === HeaderCut.BOGUS_LENGTH ? '' : field(at));
}

function inFixedHeader(field: PacketField): PacketField {
  return inHeader((at) => (at.packet.capturedHeader < FIXED_HEADER ? '' : field(at)));
}

function option(name: OptionField): [string, PacketField] {
  return [name, inFixedHeader(({ packet, trace }) => optionField(packet, name, trace.analysis.sackBase))];
}

function scaleFactor({ packet, trace }: SegmentContext): string {
  if ((packet.flags & Flag.SYN) !== 0) return '';
  const { scale } = trace.analysis;
  return String(scale < 0 ? scale : 1 << scale);
}

/** Behind the options: tshark prints the analysis only of a header it has read to its end. */
function analysed(field: PacketField): PacketField {
  return (at) => (at.trace.current < 0 || at.packet.cut !== HeaderCut.NONE ? '' : field(at));
}

function inBlock(text: (analysis: TcpTrace['analysis']) => string): PacketField {
  return analysed(({ trace }) => (trace.analysis.hasBlock ? text(trace.analysis) : ''));
}

function withFlag(flag: number, text: (analysis: TcpTrace['analysis']) => string): PacketField {
  return inBlock((analysis) => ((analysis.flags & flag) === 0 ? '' : text(analysis)));
}

function analysisFlag(mask: number): PacketField {
  // tshark has the duplicate ACK's field twice in its tree.
  const text = mask === AnalysisFlag.DUPLICATE_ACK ? '1,1' : '1';
  return inBlock((analysis) => ((analysis.flags & mask) === 0 ? '' : text));
}

/** The flags that print a field: fast and spurious retransmissions are retransmissions too. */
export function fieldMask(bit: number): number {
  const flag = 1 << bit;
  if (flag !== AnalysisFlag.RETRANSMISSION) return flag;
  return flag | AnalysisFlag.FAST_RETRANSMISSION | AnalysisFlag.SPURIOUS_RETRANSMISSION;
}
