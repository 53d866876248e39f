// In: the segment observed last. Out: Wireshark's Info column for it, as tshark 4.0.17 prints pure TCP (`_ws.col.Info`).
//
//   [TCP Window Update] 80 → 40000 [ACK] Seq=1 Ack=626 Win=30464 Len=0 TSval=1 TSecr=2
//   prefixes            ports      flags                               options

import type { Analysis } from '../tcp/analysis.ts';
import { ANALYSIS_FLAG_COUNT, AnalysisFlag } from '../tcp/analysis-flag.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { optionPrefix, optionText } from '../wire/option-text.ts';
import { OptionKind } from '../wire/options.ts';
import { Flag, HeaderCut, type Packet } from '../wire/packet.ts';
import { type RowBytes, utf8AsCharacters } from './row-bytes.ts';

/** Words by bit number of AnalysisFlag; the duplicate ACK's carries numbers and is made where it is needed. */
const MARKS: readonly string[] = [
  'Port numbers reused',
  'Retransmission',
  'Fast Retransmission',
  'Spurious Retransmission',
  'Out-Of-Order',
  'Previous segment not captured',
  'ACKed unseen segment',
  'Window Update',
  'Window Full',
  'Keep-Alive',
  'Keep-Alive ACK',
  '',
  'ZeroWindowProbe',
  'ZeroWindow',
  'ZeroWindowProbeAck',
];

const CUT_MARKERS: Readonly<Record<HeaderCut, string>> = {
  [HeaderCut.NONE]: '',
  [HeaderCut.SNAPLEN]: '[Packet size limited during capture]',
  [HeaderCut.MALFORMED]: '[Malformed Packet]',
  [HeaderCut.CONTAINED]: '[Malformed Packet: length of contained item exceeds length of containing item]',
  [HeaderCut.BOGUS_LENGTH]: '',
};

const FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'] as const;
const FIRST_ECN_FLAG = 6;
/** Flag names by the nine lower flag bits, and by the six below the ECN bits for segments with an ACE counter. */
const FLAG_TEXTS: readonly string[] = Array.from({ length: 512 }, (_, bits) =>
  FLAG_NAMES.filter((_name, bit) => (bits & (1 << bit)) !== 0).join(', '),
);

/** The smallest header; below it nothing follows the window. */
const FIXED_HEADER = 20;

/** The Info text of the segment `trace` observed last, which `packet` still holds. */
export function infoText(packet: Packet, trace: TcpTrace): string {
  const ports = `${packet.sourcePort} → ${packet.destinationPort}`;
  const marker = CUT_MARKERS[packet.cut] + (packet.trailerCut ? CUT_MARKERS[HeaderCut.SNAPLEN] : '');
  if (trace.current < 0) return ports + marker;
  const { analysis } = trace;
  const { flags } = packet;
  let text = `${ports} [${flagNames(flags, analysis.ace)}] Seq=${analysis.seq >>> 0}`;
  if ((flags & Flag.ACK) !== 0) text += ` Ack=${analysis.ack >>> 0}`;
  text += ` Win=${analysis.window}`;
  if (packet.cut === HeaderCut.BOGUS_LENGTH) {
    return `${text}, bogus TCP header length (${packet.headerLength}, must be at least ${FIXED_HEADER})${marker}`;
  }
  if (packet.capturedHeader < FIXED_HEADER) return text + marker;
  if ((flags & Flag.URG) !== 0) text += ` Urg=${packet.urgentPointer}`;
  if (packet.payloadLength >= 0) text += ` Len=${packet.payloadLength}`;
  if (packet.headerLength > FIXED_HEADER) text = optionPrefix(packet) + text + optionText(packet, analysis.sackBase);
  // tshark gives up on a header cut short before it comes to print what the analysis found.
  if (packet.cut !== HeaderCut.NONE) return text + marker;
  text += marker;
  return analysis.flags === 0 ? text : prefixes(analysis) + text;
}

/** "SYN, ACK"; "<None>"; with an ACE counter ", ACE=n" stands in place of ECE, CWR and AE. */
export function flagNames(flags: number, ace: number): string {
  let text: string;
  if (ace >= 0) {
    text = `${FLAG_TEXTS[flags & ((1 << FIRST_ECN_FLAG) - 1)]}, ACE=${ace}`;
  } else {
    text = FLAG_TEXTS[flags & 0x1ff]!;
  }
  if ((flags & Flag.RESERVED) !== 0) return text === '' ? 'Reserved' : `${text}, Reserved`;
  return text === '' ? '<None>' : text;
}

/** `tcp.flags.str`: "·······A··S·", one place per bit from the highest down; with an ACE counter "-n-" in the ECN places. */
export function flagLetters(flags: number, ace: number): string {
  let text = '';
  for (let bit = 11; bit >= 0; bit--) {
    if (ace >= 0 && bit === 8) {
      text += `-${ace}-`;
      bit = FIRST_ECN_FLAG;
    } else {
      text += (flags & (1 << bit)) !== 0 ? 'FSRPAUECARRR'[bit] : '·';
    }
  }
  return text;
}

/** What Wireshark found in the segment, in its words and order: ["Dup ACK 5#1", "ZeroWindow"]. */
export function analysisMarks(analysis: Analysis): string[] {
  const marks: string[] = [];
  for (let bit = ANALYSIS_FLAG_COUNT - 1; bit >= 0; bit--) {
    const flag = 1 << bit;
    if ((analysis.flags & flag) === 0) continue;
    marks.push(
      flag === AnalysisFlag.DUPLICATE_ACK
        ? `Dup ACK ${analysis.duplicateFrame}#${analysis.duplicateNumber}`
        : MARKS[bit]!,
    );
  }
  return marks;
}

function prefixes(analysis: Analysis): string {
  return analysisMarks(analysis)
    .map((mark) => `[TCP ${mark}] `)
    .join('');
}

const ARROW = utf8AsCharacters(' → ');
const LARGEST_SHIFT = 14;

/**
 * The same as infoText, for a usual segment only (packet-row.ts): whole header, known length, and of the options that Info
 * tells about at most one each of MSS, window scale, SACK permitted, SACK and timestamps.
 */
export function writeUsualInfo(out: RowBytes, packet: Packet, analysis: Analysis): void {
  const { flags } = packet;
  if (analysis.flags !== 0) out.ascii(prefixes(analysis));
  out.number(packet.sourcePort);
  out.ascii(ARROW);
  out.number(packet.destinationPort);
  out.ascii(' [');
  out.ascii(flagNames(flags, analysis.ace));
  out.ascii('] Seq=');
  out.number(analysis.seq >>> 0);
  if ((flags & Flag.ACK) !== 0) {
    out.ascii(' Ack=');
    out.number(analysis.ack >>> 0);
  }
  out.ascii(' Win=');
  out.number(analysis.window);
  if ((flags & Flag.URG) !== 0) {
    out.ascii(' Urg=');
    out.number(packet.urgentPointer);
  }
  out.ascii(' Len=');
  out.number(packet.payloadLength);
  for (let index = 0; index < packet.optionCount; index++) writeUsualOption(out, packet, index, analysis.sackBase);
}

function writeUsualOption(out: RowBytes, packet: Packet, index: number, sackBase: number): void {
  switch (packet.optionKind[index]) {
    case OptionKind.MSS:
      out.ascii(' MSS=');
      out.number(packet.mss);
      break;
    case OptionKind.WINDOW_SCALE:
      out.ascii(' WS=');
      out.number(1 << Math.min(packet.windowScale, LARGEST_SHIFT));
      break;
    case OptionKind.SACK_PERMITTED:
      out.ascii(' SACK_PERM');
      break;
    case OptionKind.SACK:
      for (let edge = 0; edge < 2 * packet.sackCount; edge++) {
        out.ascii((edge & 1) === 0 ? ' SLE=' : ' SRE=');
        out.number((packet.sackEdges[edge]! - sackBase) >>> 0);
      }
      break;
    case OptionKind.TIMESTAMPS:
      out.ascii(' TSval=');
      out.number(packet.tsVal >>> 0);
      out.ascii(' TSecr=');
      out.number(packet.tsEcr >>> 0);
      break;
  }
}
