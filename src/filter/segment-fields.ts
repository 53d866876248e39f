// In: nothing. Out: the fields a segment has, under Wireshark's names, each with a reader of the decoded numbers.
//
// When a field is present follows tshark 4.0.17: ports alone in a header cut short before byte 16, no analysis behind options
// that were cut, and so on. scripts/compare-filters.ts compares the selections.

import { flagLetters, infoText } from '../report/info-column.ts';
import { FastOpen } from '../tcp/analysis.ts';
import { ANALYSIS_CODES, AnalysisFlag } from '../tcp/analysis-flag.ts';
import { secondsOf } from '../tcp/clock.ts';
import { STATES } from '../tcp/state.ts';
import { appHint } from '../wire/app-hint.ts';
import { type NumericOptionField, optionNumbers } from '../wire/option-text.ts';
import { OptionKind } from '../wire/options.ts';
import { Flag, HeaderCut, IP_LAYER_WORDS } from '../wire/packet.ts';
import { headerBytes, optionBytes, payloadBytes } from '../wire/segment-bytes.ts';
import { ADDRESS_WORDS, Constancy, type Field, type FieldType, type Reader } from './field.ts';
import { STATE_ALIASES } from './state-names.ts';
import type { Subject } from './subject.ts';

const UINT8 = 0xff;
const UINT16 = 0xffff;
const UINT32 = 0xffff_ffff;
const FIXED_HEADER = 20;
/** Bytes of TCP header behind which tshark shows the checksum. */
const CHECKSUM_END = 18;
/** Offsets of source and destination in an IP layer's words. */
const SOURCE = 1;
const DESTINATION = 5;

type ReadNumber = (subject: Subject) => number;

// How much of the header a field needs, each a wrapper around its reader.

/** Ports alone are known before this: the segment belongs to a stream. */
function inStream(get: ReadNumber): ReadNumber {
  return (s) => (s.trace.current < 0 ? Number.NaN : get(s));
}

/** Behind a data offset that can be. */
function inHeader(get: ReadNumber): ReadNumber {
  return (s) => (hasHeader(s) ? get(s) : Number.NaN);
}

function hasHeader(s: Subject): boolean {
  return s.trace.current >= 0 && s.packet.cut !== HeaderCut.BOGUS_LENGTH;
}

function inFixedHeader(get: ReadNumber): ReadNumber {
  return (s) => (hasFixedHeader(s) ? get(s) : Number.NaN);
}

function hasFixedHeader(s: Subject): boolean {
  return hasHeader(s) && s.packet.capturedHeader >= FIXED_HEADER;
}

/** In the analysis block, which tshark prints behind a header it has read to its end. */
function hasBlock(s: Subject): boolean {
  return s.trace.current >= 0 && s.packet.cut === HeaderCut.NONE && s.trace.analysis.hasBlock;
}

function inBlock(get: ReadNumber): ReadNumber {
  return (s) => (hasBlock(s) ? get(s) : Number.NaN);
}

function withFlag(flag: number, get: ReadNumber): ReadNumber {
  return inBlock((s) => ((s.trace.analysis.flags & flag) === 0 ? Number.NaN : get(s)));
}

/** tshark shows no time of exactly zero. */
function nonZero(seconds: number, nanoseconds: number): number {
  return seconds === 0 && nanoseconds === 0 ? Number.NaN : secondsOf(seconds, nanoseconds);
}

// One line per field below; these make the objects.

interface Extra {
  many?: boolean;
  max?: number;
  isSize?: boolean;
  isWireshark?: boolean;
  words?: readonly string[];
  aliases?: Readonly<Record<string, string>>;
  truth?: readonly [string, string];
  constancy?: Constancy;
  isOfAll?: boolean;
}

const OF_ENDS: Extra = { constancy: Constancy.ENDS };
const OF_ALL: Extra = { isOfAll: true };
const NEVER_BY_THE_BOOK: Extra = { constancy: Constancy.NEVER };

function field(name: string, type: FieldType, meaning: string, reader: Reader, extra: Extra = {}): Field {
  return { name, type, scope: 'segment', meaning, reader, many: false, isWireshark: true, ...extra };
}

function number(name: string, max: number, meaning: string, get: ReadNumber, extra: Extra = {}): Field {
  return field(name, 'uint', meaning, { form: 'number', get }, { max, ...extra });
}

function size(name: string, max: number, meaning: string, get: ReadNumber, extra: Extra = {}): Field {
  return number(name, max, meaning, get, { isSize: true, ...extra });
}

function duration(name: string, meaning: string, get: ReadNumber, extra: Extra = {}): Field {
  return field(name, 'duration', meaning, { form: 'number', get }, extra);
}

function text(name: string, meaning: string, get: (subject: Subject) => string, extra: Extra = {}): Field {
  const fill = (s: Subject, out: string[]): number => {
    out[0] = get(s);
    return out[0] === '' ? 0 : 1;
  };
  return field(name, 'text', meaning, { form: 'texts', fill }, extra);
}

function label(name: string, meaning: string, is: (subject: Subject) => boolean, extra: Extra = {}): Field {
  return field(name, 'label', meaning, { form: 'presence', is }, extra);
}

/** `isEcn`: replaced by the ACE counter once Accurate ECN is in use (RFC 9768). */
function flag(name: string, bit: number, meaning: string, isEcn = false, constancy?: Constancy): Field {
  const get = inHeader((s) => {
    if (isEcn && s.trace.analysis.ace >= 0) return Number.NaN;
    return (s.packet.flags & bit) === 0 ? 0 : 1;
  });
  const extra: Extra = { truth: ['Set', 'Not set'], ...(constancy !== undefined && { constancy }) };
  return field(name, 'boolean', meaning, { form: 'number', get }, extra);
}

function addresses(
  name: string,
  version: 4 | 6,
  meaning: string,
  offsets: readonly number[],
  extra: Extra = {},
): Field {
  const fill = (s: Subject, out: Int32Array): number => {
    const { ipLayers, ipLayerCount } = s.packet;
    let count = 0;
    for (let layer = 0; layer < ipLayerCount; layer++) {
      const at = layer * IP_LAYER_WORDS;
      if (ipLayers[at] !== version) continue;
      for (let i = 0; i < offsets.length; i++) {
        const to = count++ * ADDRESS_WORDS;
        out[to] = version;
        for (let word = 0; word < 4; word++) out[to + 1 + word] = ipLayers[at + offsets[i]! + word]!;
      }
    }
    return count;
  };
  return field(name, version === 4 ? 'ipv4' : 'ipv6', meaning, { form: 'addresses', fill }, { many: true, ...extra });
}

function options(name: NumericOptionField, max: number, meaning: string, isSize = false): Field {
  const fill = (s: Subject, out: number[]): number => {
    if (!hasFixedHeader(s)) return 0;
    out.length = 0;
    optionNumbers(s.packet, name, s.trace.analysis.sackBase, out);
    return out.length;
  };
  return field(name, 'uint', meaning, { form: 'numbers', fill }, { max, isSize, many: true });
}

function optionPresent(name: string, kinds: readonly number[], meaning: string): Field {
  return label(name, meaning, (s) => {
    if (!hasFixedHeader(s)) return false;
    const { optionKind, optionCount, optionCut } = s.packet;
    const count = optionCount + (optionCut ? 1 : 0);
    for (let i = 0; i < count; i++) if (kinds.includes(optionKind[i]!)) return true;
    return false;
  });
}

function bytes(name: string, meaning: string, get: (subject: Subject) => Uint8Array | null): Field {
  return field(name, 'bytes', meaning, { form: 'bytes', get });
}

function state(name: string, meaning: string, get: ReadNumber): Field {
  const fill = (s: Subject, out: string[]): number => {
    if (s.trace.current < 0) return 0;
    out[0] = STATES[get(s)]!;
    return 1;
  };
  const reader: Reader = { form: 'texts', fill };
  return field(name, 'word', meaning, reader, { words: STATES, aliases: STATE_ALIASES, isWireshark: false });
}

const ANALYSIS_MEANINGS: Readonly<Record<(typeof ANALYSIS_CODES)[number], string>> = {
  reused_ports: 'a new connection on the ports of an earlier one',
  retransmission: 'sent again (fast and spurious retransmissions have this field too)',
  fast_retransmission: 'sent again after duplicate ACKs, before a timeout could have passed',
  spurious_retransmission: 'sent again although it had been acknowledged',
  out_of_order: 'arrived after a later segment',
  lost_segment: 'the segment before it was not captured',
  ack_lost_segment: 'acknowledges bytes that were not captured',
  window_update: 'changes nothing but the window',
  window_full: "fills the receiver's window to the last byte",
  keep_alive: 'keep-alive: no new byte, one before the next sequence number',
  keep_alive_ack: 'the answer to a keep-alive',
  duplicate_ack: 'the same acknowledgment once more',
  zero_window_probe: 'one byte sent into a closed window',
  zero_window: 'the sender closes its receive window',
  zero_window_probe_ack: 'the answer to a zero window probe',
};

function analysisLabel(code: (typeof ANALYSIS_CODES)[number], bit: number): Field {
  let mask = 1 << bit;
  if (mask === AnalysisFlag.RETRANSMISSION) {
    mask |= AnalysisFlag.FAST_RETRANSMISSION | AnalysisFlag.SPURIOUS_RETRANSMISSION;
  }
  return label(
    `tcp.analysis.${code}`,
    ANALYSIS_MEANINGS[code],
    (s) => hasBlock(s) && (s.trace.analysis.flags & mask) !== 0,
    NEVER_BY_THE_BOOK,
  );
}

function fastOpen(name: string, value: number, meaning: string): Field {
  return label(
    name,
    meaning,
    (s) => s.trace.current >= 0 && s.packet.cut === HeaderCut.NONE && s.trace.analysis.fastOpen === value,
  );
}

const { DUPLICATE_ACK, RETRANSMISSION } = AnalysisFlag;

/** In the order `tcpstate fields` lists them. */
export const SEGMENT_FIELDS: readonly Field[] = [
  label('frame', 'any frame', () => true),
  number('frame.number', UINT32, 'position in the capture, from 1', (s) => s.frame.number),
  field('frame.time', 'moment', 'arrival time, as "2024-05-06T09:57:23Z" (without a zone: local time)', {
    form: 'moment',
    seconds: (s) => s.frame.seconds,
    nanoseconds: (s) => s.frame.nanoseconds,
  }),
  field('frame.time_epoch', 'moment', 'arrival time in seconds since 1970-01-01 UTC', {
    form: 'moment',
    seconds: (s) => s.frame.seconds,
    nanoseconds: (s) => s.frame.nanoseconds,
  }),
  duration('frame.time_relative', "time since the capture's first frame", (s) =>
    secondsOf(s.frame.seconds - s.clock.startSeconds, s.frame.nanoseconds - s.clock.startNanoseconds),
  ),
  size('frame.len', UINT32, 'bytes the frame had on the wire', (s) => s.frame.originalLength),
  size('frame.cap_len', UINT32, 'bytes of the frame that are in the capture', (s) => s.frame.capturedLength),

  label('ip', 'IPv4, also inside or around a tunnel', (s) => hasVersion(s, 4), OF_ENDS),
  addresses('ip.addr', 4, 'source and destination address of every IPv4 header', [SOURCE, DESTINATION], OF_ENDS),
  addresses('ip.src', 4, 'source address of every IPv4 header', [SOURCE]),
  addresses('ip.dst', 4, 'destination address of every IPv4 header', [DESTINATION]),
  label('ipv6', 'IPv6, also inside or around a tunnel', (s) => hasVersion(s, 6), OF_ENDS),
  addresses('ipv6.addr', 6, 'source and destination address of every IPv6 header', [SOURCE, DESTINATION], OF_ENDS),
  addresses('ipv6.src', 6, 'source address of every IPv6 header', [SOURCE]),
  addresses('ipv6.dst', 6, 'destination address of every IPv6 header', [DESTINATION]),

  bytes('tcp', 'the TCP header; alone it is true for every segment', (s) => headerBytes(s.packet)),
  field(
    'tcp.port',
    'uint',
    'source and destination port',
    {
      form: 'numbers',
      fill: (s, out) => {
        out[0] = s.packet.sourcePort;
        out[1] = s.packet.destinationPort;
        return 2;
      },
    },
    { max: UINT16, many: true, constancy: Constancy.ALWAYS },
  ),
  number('tcp.srcport', UINT16, 'source port', (s) => s.packet.sourcePort),
  number('tcp.dstport', UINT16, 'destination port', (s) => s.packet.destinationPort),
  number(
    'tcp.stream',
    UINT32,
    'number of the connection in the capture, from 0',
    inStream((s) => s.trace.connection.stream),
    { constancy: Constancy.ALWAYS },
  ),
  number(
    'tcp.completeness',
    UINT8,
    'what had been seen of the connection before this segment: 1 SYN, 2 SYN/ACK, 4 ACK, 8 data, 16 FIN, 32 RST, added up',
    inStream((s) => s.trace.analysis.completeness),
  ),
  size(
    'tcp.len',
    UINT32,
    'payload bytes',
    inStream((s) => (s.packet.payloadLength < 0 ? Number.NaN : s.packet.payloadLength)),
  ),
  number(
    'tcp.seq',
    UINT32,
    'relative sequence number',
    inStream((s) => s.trace.analysis.seq >>> 0),
  ),
  number(
    'tcp.seq_raw',
    UINT32,
    'sequence number as sent',
    inStream((s) => s.packet.seq >>> 0),
  ),
  number(
    'tcp.nxtseq',
    UINT32,
    'relative sequence number after this segment',
    inHeader((s) => (s.packet.payloadLength < 0 ? Number.NaN : s.trace.analysis.nextSeq >>> 0)),
  ),
  number(
    'tcp.ack',
    UINT32,
    'relative acknowledgment number',
    inHeader((s) => s.trace.analysis.ack >>> 0),
  ),
  number(
    'tcp.ack_raw',
    UINT32,
    'acknowledgment number as sent',
    inHeader((s) => s.packet.ack >>> 0),
  ),
  size(
    'tcp.hdr_len',
    UINT8,
    'bytes of TCP header',
    inStream((s) => s.packet.headerLength),
  ),
  number(
    'tcp.flags',
    UINT16,
    'the twelve flag bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 0x10 and on',
    inHeader((s) => s.packet.flags),
  ),
  flag('tcp.flags.res', Flag.RESERVED, 'a reserved bit is set'),
  flag('tcp.flags.ae', Flag.AE, 'AE (Accurate ECN) is set', true),
  flag('tcp.flags.cwr', Flag.CWR, 'CWR is set', true),
  flag('tcp.flags.ece', Flag.ECE, 'ECE is set', true),
  number(
    'tcp.flags.ace',
    UINT8,
    'the ACE counter, once Accurate ECN is in use (RFC 9768)',
    inHeader((s) => (s.trace.analysis.ace < 0 ? Number.NaN : s.trace.analysis.ace)),
  ),
  flag('tcp.flags.urg', Flag.URG, 'URG is set', false, Constancy.BOOK),
  flag('tcp.flags.ack', Flag.ACK, 'ACK is set'),
  flag('tcp.flags.push', Flag.PSH, 'PSH is set'),
  flag('tcp.flags.reset', Flag.RST, 'RST is set', false, Constancy.BOOK),
  flag('tcp.flags.syn', Flag.SYN, 'SYN is set'),
  flag('tcp.flags.fin', Flag.FIN, 'FIN is set'),
  text('tcp.flags.str', 'the flags as letters, "·······A··S·"', (s) =>
    hasHeader(s) ? flagLetters(s.packet.flags, s.trace.analysis.ace) : '',
  ),
  size(
    'tcp.window_size_value',
    UINT16,
    'window as sent, unscaled',
    inHeader((s) => s.packet.window),
  ),
  size(
    'tcp.window_size',
    UINT32,
    'window, scaled where the scale is known',
    inHeader((s) => s.trace.analysis.window),
  ),
  field('tcp.window_size_scalefactor', 'int', 'window scale factor; -1 not known, -2 not used', {
    form: 'number',
    get: inHeader((s) => {
      if ((s.packet.flags & Flag.SYN) !== 0) return Number.NaN;
      const { scale } = s.trace.analysis;
      return scale < 0 ? scale : 1 << scale;
    }),
  }),
  number('tcp.checksum', UINT16, 'checksum as sent', (s) =>
    hasHeader(s) && s.packet.capturedHeader >= CHECKSUM_END ? s.packet.checksum : Number.NaN,
  ),
  number(
    'tcp.urgent_pointer',
    UINT16,
    'urgent pointer',
    inFixedHeader((s) => s.packet.urgentPointer),
  ),
  duration(
    'tcp.time_relative',
    "time since the connection's first segment",
    inFixedHeader((s) => secondsOf(s.trace.analysis.relativeSeconds, s.trace.analysis.relativeNanoseconds)),
  ),
  duration(
    'tcp.time_delta',
    "time since the connection's previous segment",
    inFixedHeader((s) => secondsOf(s.trace.analysis.deltaSeconds, s.trace.analysis.deltaNanoseconds)),
  ),
  bytes('tcp.payload', 'the captured payload, except that of a RST', (s) =>
    hasHeader(s) && s.packet.cut === HeaderCut.NONE && (s.packet.flags & Flag.RST) === 0
      ? payloadBytes(s.packet)
      : null,
  ),

  bytes('tcp.options', 'the captured option bytes', (s) => (hasHeader(s) ? optionBytes(s.packet) : null)),
  options('tcp.option_kind', UINT8, 'kind of every option'),
  options('tcp.option_len', UINT8, 'length of every option that has one', true),
  optionPresent('tcp.options.mss', [OptionKind.MSS], 'a Maximum Segment Size option'),
  options('tcp.options.mss_val', UINT16, 'largest segment the sender takes', true),
  optionPresent('tcp.options.wscale', [OptionKind.WINDOW_SCALE], 'a Window Scale option'),
  options('tcp.options.wscale.shift', UINT8, 'window shift as sent'),
  options('tcp.options.wscale.multiplier', UINT16, 'window factor, 2 to the shift'),
  optionPresent('tcp.options.sack_perm', [OptionKind.SACK_PERMITTED], 'SACK permitted'),
  optionPresent('tcp.options.sack', [OptionKind.SACK], 'SACK blocks'),
  options('tcp.options.sack.count', UINT8, 'number of SACK blocks'),
  options('tcp.options.sack_le', UINT32, 'left edge of every SACK block, relative'),
  options('tcp.options.sack_re', UINT32, 'right edge of every SACK block, relative'),
  optionPresent('tcp.options.timestamp', [OptionKind.TIMESTAMPS], 'a Timestamps option'),
  options('tcp.options.timestamp.tsval', UINT32, "the sender's clock"),
  options('tcp.options.timestamp.tsecr', UINT32, "the receiver's clock, echoed"),
  optionPresent('tcp.options.nop', [OptionKind.NOP], 'padding'),
  optionPresent('tcp.options.md5', [OptionKind.MD5], 'an MD5 signature (RFC 2385)'),
  optionPresent('tcp.options.ao', [OptionKind.AUTHENTICATION], 'TCP-AO authentication (RFC 5925)'),
  optionPresent('tcp.options.tfo', [OptionKind.FAST_OPEN], 'Fast Open (RFC 7413)'),
  optionPresent('tcp.options.user_to', [OptionKind.USER_TIMEOUT], 'a user timeout (RFC 5482)'),
  label('mptcp', 'Multipath TCP options (RFC 8684)', (s) => s.packet.hasMptcp),

  label('tcp.analysis', 'the sequence analysis has something to say', hasBlock, OF_ALL),
  label(
    'tcp.analysis.flags',
    'the sequence analysis found something: any of the flags below',
    (s) => hasBlock(s) && s.trace.analysis.flags !== 0,
    NEVER_BY_THE_BOOK,
  ),
  ...ANALYSIS_CODES.map(analysisLabel),
  number(
    'tcp.analysis.duplicate_ack_num',
    UINT32,
    'how many duplicates of that ACK so far',
    withFlag(DUPLICATE_ACK, (s) => s.trace.analysis.duplicateNumber),
  ),
  number(
    'tcp.analysis.duplicate_ack_frame',
    UINT32,
    'frame of the ACK it duplicates',
    withFlag(DUPLICATE_ACK, (s) => s.trace.analysis.duplicateFrame),
    OF_ALL,
  ),
  number(
    'tcp.analysis.acks_frame',
    UINT32,
    'frame of the segment that ends where this one acknowledges',
    inBlock((s) => (s.trace.analysis.acksFrame === 0 ? Number.NaN : s.trace.analysis.acksFrame)),
    OF_ALL,
  ),
  duration(
    'tcp.analysis.ack_rtt',
    'time since that segment',
    inBlock((s) => {
      const { acksFrame, ackRttSeconds, ackRttNanoseconds } = s.trace.analysis;
      return acksFrame === 0 ? Number.NaN : nonZero(ackRttSeconds, ackRttNanoseconds);
    }),
    OF_ALL,
  ),
  duration(
    'tcp.analysis.initial_rtt',
    'time from the SYN to the ACK that ends the handshake',
    inBlock((s) => nonZero(s.trace.analysis.irttSeconds, s.trace.analysis.irttNanoseconds)),
    OF_ALL,
  ),
  duration(
    'tcp.analysis.rto',
    'for a retransmission: time since the oldest unacknowledged segment',
    withFlag(RETRANSMISSION, (s) => nonZero(s.trace.analysis.rtoSeconds, s.trace.analysis.rtoNanoseconds)),
    OF_ALL,
  ),
  number(
    'tcp.analysis.rto_frame',
    UINT32,
    'for a retransmission: frame of the oldest unacknowledged segment',
    withFlag(RETRANSMISSION, (s) => {
      const { rtoSeconds, rtoNanoseconds, rtoFrame } = s.trace.analysis;
      return rtoSeconds === 0 && rtoNanoseconds === 0 ? Number.NaN : rtoFrame;
    }),
    OF_ALL,
  ),
  size(
    'tcp.analysis.bytes_in_flight',
    UINT32,
    'bytes sent and not yet acknowledged, with this segment',
    inBlock((s) => (s.trace.analysis.bytesInFlight === 0 ? Number.NaN : s.trace.analysis.bytesInFlight)),
    OF_ALL,
  ),
  size(
    'tcp.analysis.push_bytes_sent',
    UINT32,
    'bytes sent since the last PSH',
    inBlock((s) => (s.trace.analysis.bytesInFlight === 0 ? Number.NaN : s.trace.analysis.pushBytesSent >>> 0)),
    OF_ALL,
  ),
  fastOpen('tcp.analysis.tfo_syn', FastOpen.SYN, 'a SYN with a Fast Open cookie'),
  fastOpen('tcp.analysis.tfo_ack', FastOpen.ACK, 'a SYN/ACK that takes the data of the SYN'),
  fastOpen('tcp.analysis.tfo_ignored', FastOpen.IGNORED, 'a SYN/ACK that does not take it'),

  text('_ws.col.Info', "Wireshark's Info column for pure TCP", (s) => infoText(s.packet, s.trace), {
    isWireshark: false,
    isOfAll: true,
  }),
  text('tcpstate.app', 'what the payload looks like: "HTTP GET /path"', (s) => appHint(s.packet), {
    isWireshark: false,
  }),
  state('tcpstate.src.state', "the sender's state after the segment", (s) => s.trace.states.senderState),
  state('tcpstate.dst.state', "the receiver's state after the segment", (s) => s.trace.states.receiverState),
];

function hasVersion(s: Subject, version: 4 | 6): boolean {
  const { ipLayers, ipLayerCount } = s.packet;
  for (let layer = 0; layer < ipLayerCount; layer++) if (ipLayers[layer * IP_LAYER_WORDS] === version) return true;
  return false;
}
