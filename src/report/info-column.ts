// In: the segment observed last. Out: Wireshark's Info column for it, as tshark 4.0.17 prints pure TCP (`_ws.col.Info`).
//
//   [TCP Window Update] 80 → 40000 [ACK] Seq=1 Ack=626 Win=30464 Len=0 TSval=1 TSecr=2
//   prefixes            ports      flags                               options

import { type Analysis, MAX_WINDOW_SCALE } from '../tcp/analysis.ts';
import { ANALYSIS_FLAG_COUNT, AnalysisFlag } from '../tcp/analysis-flag.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { optionPrefix, optionText } from '../wire/option-text.ts';
import { OptionKind } from '../wire/options.ts';
import { Flag, HeaderCut, type Packet } from '../wire/packet.ts';
import { type RowBytes, utf8 } from './row-bytes.ts';

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

const ARROW = utf8(' → ');
const ACK = utf8(' Ack=');
const WIN = utf8(' Win=');
const URG = utf8(' Urg=');
const LEN = utf8(' Len=');
const MSS = utf8(' MSS=');
const WS = utf8(' WS=');
const SACK_PERM = utf8(' SACK_PERM');
const SLE = utf8(' SLE=');
const SRE = utf8(' SRE=');
const TS_VAL = utf8(' TSval=');
const TS_ECR = utf8(' TSecr=');
/** " [SYN, ACK] Seq=" by the twelve flag bits, without an ACE counter, as far as met. */
const FLAGS_AND_SEQ: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(4096).fill(undefined);
/** More bytes than a usual segment's Info has behind its prefixes. */
const USUAL_INFO = 1024;

/**
 * The same as infoText, for a usual segment only (packet-row.ts): whole header, known length, and of the options that Info
 * tells about at most one each of MSS, window scale, SACK permitted, SACK and timestamps.
 */
export function writeUsualInfo(out: RowBytes, packet: Packet, analysis: Analysis): void {
  const { flags } = packet;
  if (analysis.flags !== 0) out.text(prefixes(analysis), USUAL_INFO);
  out.number(packet.sourcePort);
  out.bytes(ARROW);
  out.number(packet.destinationPort);
  if (analysis.ace >= 0) {
    out.text(flagsAndSeq(flags, analysis.ace), USUAL_INFO);
  } else {
    FLAGS_AND_SEQ[flags] ??= utf8(flagsAndSeq(flags, -1));
    out.bytes(FLAGS_AND_SEQ[flags]!);
  }
  out.number(analysis.seq >>> 0);
  if ((flags & Flag.ACK) !== 0) {
    out.bytes(ACK);
    out.number(analysis.ack >>> 0);
  }
  out.bytes(WIN);
  out.number(analysis.window);
  if ((flags & Flag.URG) !== 0) {
    out.bytes(URG);
    out.number(packet.urgentPointer);
  }
  out.bytes(LEN);
  out.number(packet.payloadLength);
  for (let index = 0; index < packet.optionCount; index++) writeUsualOption(out, packet, index, analysis.sackBase);
}

/** What the window scale option of a packet that has one multiplies by; Wireshark stops at RFC 7323's limit. */
export function windowFactor(packet: Packet): number {
  return 1 << Math.min(packet.windowScale, MAX_WINDOW_SCALE);
}

function flagsAndSeq(flags: number, ace: number): string {
  return ` [${flagNames(flags, ace)}] Seq=`;
}

function writeUsualOption(out: RowBytes, packet: Packet, index: number, sackBase: number): void {
  switch (packet.optionKind[index]) {
    case OptionKind.MSS:
      out.bytes(MSS);
      out.number(packet.mss);
      break;
    case OptionKind.WINDOW_SCALE:
      out.bytes(WS);
      out.number(windowFactor(packet));
      break;
    case OptionKind.SACK_PERMITTED:
      out.bytes(SACK_PERM);
      break;
    case OptionKind.SACK:
      for (let edge = 0; edge < 2 * packet.sackCount; edge++) {
        out.bytes((edge & 1) === 0 ? SLE : SRE);
        out.number((packet.sackEdges[edge]! - sackBase) >>> 0);
      }
      break;
    case OptionKind.TIMESTAMPS:
      out.bytes(TS_VAL);
      out.number(packet.tsVal >>> 0);
      out.bytes(TS_ECR);
      out.number(packet.tsEcr >>> 0);
      break;
  }
}
