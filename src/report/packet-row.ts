// In: the segment observed last. Out: its row in one of the forms of row-form.ts, written into bytes; each cell the same as packet-fields.ts says.
//
// Most segments are usual: whole headers, known lengths, options of the common kinds once each. For those every field has a
// writer here, which need not ask what the segment is, and one word of bits says which cells are empty. For all others, and for
// fields without a writer, the text of packet-fields.ts is printed. That file is what is right; this one is only fast.

import { FastOpen } from '../tcp/analysis.ts';
import { ANALYSIS_CODES, ANALYSIS_FLAG_COUNT, AnalysisFlag } from '../tcp/analysis-flag.ts';
import { STATES } from '../tcp/state.ts';
import { OptionKind } from '../wire/options.ts';
import { Flag, HeaderCut, type Packet } from '../wire/packet.ts';
import { flagLetters, windowFactor, writeUsualInfo } from './info-column.ts';
import { fieldMask, PACKET_FIELDS, type PacketField, type SegmentContext } from './packet-fields.ts';
import { HEX, type RowBytes, utf8 } from './row-bytes.ts';
import type { RowForm } from './row-form.ts';

/** What a usual segment has, so that a cell can have a text; the lowest bits are its AnalysisFlag set. */
const Has = {
  ANALYSIS: (1 << ANALYSIS_FLAG_COUNT) - 1,
  ANYTHING: 1 << 15,
  IPV4: 1 << 16,
  IPV6: 1 << 17,
  SCALE: 1 << 18,
  MSS: 1 << 19,
  WINDOW_SCALE: 1 << 20,
  SACK_PERMITTED: 1 << 21,
  SACK: 1 << 22,
  TIMESTAMPS: 1 << 23,
  ACKED_FRAME: 1 << 24,
  ACK_RTT: 1 << 25,
  INITIAL_RTT: 1 << 26,
  RTO: 1 << 27,
  FLIGHT: 1 << 28,
  PAYLOAD: 1 << 29,
  /** Nothing of a usual segment. */
  NEVER: 0,
} as const;

/** What `has` answers for a segment that is not usual. */
const UNUSUAL = -1;

type CellWriter = (out: RowBytes, at: SegmentContext) => void;

/** A cell: the bits of Has of which one must be there, and its text then. */
type Cell = readonly [needs: number, write: CellWriter];

/** Kind and length, which is all of the option. */
const SACK_PERMITTED = utf8('0402');
const STATE_BYTES: readonly Uint8Array[] = STATES.map(utf8);

const one: CellWriter = (out) => out.byte(0x31);

const CELLS: ReadonlyMap<string, Cell> = new Map<string, Cell>([
  ['frame.number', [Has.ANYTHING, (out, { frame }) => out.number(frame.number)]],
  ['frame.time_epoch', [Has.ANYTHING, (out, { frame }) => out.time(frame.seconds, frame.nanoseconds)]],
  ['frame.time_relative', [Has.ANYTHING, sinceStart]],
  ['frame.len', [Has.ANYTHING, (out, { frame }) => out.number(frame.originalLength)]],
  ['frame.cap_len', [Has.ANYTHING, (out, { frame }) => out.number(frame.capturedLength)]],
  ['ip.src', [Has.IPV4, (out, { packet }) => out.ipv4(packet.ipLayers[1]!)]],
  ['ip.dst', [Has.IPV4, (out, { packet }) => out.ipv4(packet.ipLayers[5]!)]],
  ['ipv6.src', [Has.IPV6, (out, { packet }) => out.ipv6(packet.ipLayers, 1)]],
  ['ipv6.dst', [Has.IPV6, (out, { packet }) => out.ipv6(packet.ipLayers, 5)]],
  ['tcp.srcport', [Has.ANYTHING, (out, { packet }) => out.number(packet.sourcePort)]],
  ['tcp.dstport', [Has.ANYTHING, (out, { packet }) => out.number(packet.destinationPort)]],
  ['tcp.stream', [Has.ANYTHING, (out, { trace }) => out.number(trace.connection.stream)]],
  ['tcp.flags', [Has.ANYTHING, writeFlags]],
  ['tcp.flags.str', [Has.ANYTHING, writeFlagLetters]],
  ['tcp.seq', [Has.ANYTHING, (out, { trace }) => out.number(trace.analysis.seq >>> 0)]],
  ['tcp.seq_raw', [Has.ANYTHING, (out, { packet }) => out.number(packet.seq >>> 0)]],
  ['tcp.nxtseq', [Has.ANYTHING, (out, { trace }) => out.number(trace.analysis.nextSeq >>> 0)]],
  ['tcp.ack', [Has.ANYTHING, (out, { trace }) => out.number(trace.analysis.ack >>> 0)]],
  ['tcp.ack_raw', [Has.ANYTHING, (out, { packet }) => out.number(packet.ack >>> 0)]],
  ['tcp.len', [Has.ANYTHING, (out, { packet }) => out.number(packet.payloadLength)]],
  ['tcp.hdr_len', [Has.ANYTHING, (out, { packet }) => out.number(packet.headerLength)]],
  ['tcp.window_size_value', [Has.ANYTHING, (out, { packet }) => out.number(packet.window)]],
  ['tcp.window_size', [Has.ANYTHING, (out, { trace }) => out.number(trace.analysis.window)]],
  ['tcp.window_size_scalefactor', [Has.SCALE, writeScaleFactor]],
  ['tcp.urgent_pointer', [Has.ANYTHING, (out, { packet }) => out.number(packet.urgentPointer)]],
  ['tcp.options.mss_val', [Has.MSS, (out, { packet }) => out.number(packet.mss)]],
  ['tcp.options.sack_perm', [Has.SACK_PERMITTED, (out) => out.bytes(SACK_PERMITTED)]],
  ['tcp.options.sack_le', [Has.SACK, (out, at) => writeEdges(out, at, 0)]],
  ['tcp.options.sack_re', [Has.SACK, (out, at) => writeEdges(out, at, 1)]],
  ['tcp.options.sack.count', [Has.SACK, (out, { packet }) => out.number(packet.sackCount)]],
  ['tcp.options.timestamp.tsval', [Has.TIMESTAMPS, (out, { packet }) => out.number(packet.tsVal >>> 0)]],
  ['tcp.options.timestamp.tsecr', [Has.TIMESTAMPS, (out, { packet }) => out.number(packet.tsEcr >>> 0)]],
  ['tcp.options.wscale.shift', [Has.WINDOW_SCALE, (out, { packet }) => out.number(packet.windowScale)]],
  ['tcp.options.wscale.multiplier', [Has.WINDOW_SCALE, (out, { packet }) => out.number(windowFactor(packet))]],
  ['tcp.analysis.flags', [Has.ANALYSIS, one]],
  ...ANALYSIS_CODES.map((code, bit): [string, Cell] => {
    const name = `tcp.analysis.${code}`;
    return [name, [fieldMask(bit), code === 'duplicate_ack' ? plainText(name) : one]];
  }),
  [
    'tcp.analysis.duplicate_ack_num',
    [AnalysisFlag.DUPLICATE_ACK, (out, { trace }) => out.number(trace.analysis.duplicateNumber)],
  ],
  [
    'tcp.analysis.duplicate_ack_frame',
    [AnalysisFlag.DUPLICATE_ACK, (out, { trace }) => out.number(trace.analysis.duplicateFrame)],
  ],
  ['tcp.analysis.acks_frame', [Has.ACKED_FRAME, (out, { trace }) => out.number(trace.analysis.acksFrame)]],
  [
    'tcp.analysis.ack_rtt',
    [Has.ACK_RTT, (out, { trace }) => out.time(trace.analysis.ackRttSeconds, trace.analysis.ackRttNanoseconds)],
  ],
  [
    'tcp.analysis.initial_rtt',
    [Has.INITIAL_RTT, (out, { trace }) => out.time(trace.analysis.irttSeconds, trace.analysis.irttNanoseconds)],
  ],
  [
    'tcp.analysis.rto',
    [Has.RTO, (out, { trace }) => out.time(trace.analysis.rtoSeconds, trace.analysis.rtoNanoseconds)],
  ],
  ['tcp.analysis.rto_frame', [Has.RTO, (out, { trace }) => out.number(trace.analysis.rtoFrame)]],
  ['tcp.analysis.bytes_in_flight', [Has.FLIGHT, (out, { trace }) => out.number(trace.analysis.bytesInFlight)]],
  ['tcp.analysis.push_bytes_sent', [Has.FLIGHT, (out, { trace }) => out.number(trace.analysis.pushBytesSent >>> 0)]],
  ['tcp.analysis.tfo_syn', [Has.NEVER, one]],
  ['tcp.analysis.tfo_ack', [Has.NEVER, one]],
  ['tcp.analysis.tfo_ignored', [Has.NEVER, one]],
  ['tcp.completeness', [Has.ANYTHING, (out, { trace }) => out.number(trace.analysis.completeness)]],
  [
    'tcp.time_relative',
    [Has.ANYTHING, (out, { trace }) => out.time(trace.analysis.relativeSeconds, trace.analysis.relativeNanoseconds)],
  ],
  [
    'tcp.time_delta',
    [Has.ANYTHING, (out, { trace }) => out.time(trace.analysis.deltaSeconds, trace.analysis.deltaNanoseconds)],
  ],
  ['_ws.col.Info', [Has.ANYTHING, (out, { packet, trace }) => writeUsualInfo(out, packet, trace.analysis)]],
  ['tcpstate.src.state', [Has.ANYTHING, (out, { trace }) => out.bytes(STATE_BYTES[trace.states.senderState]!)]],
  ['tcpstate.dst.state', [Has.ANYTHING, (out, { trace }) => out.bytes(STATE_BYTES[trace.states.receiverState]!)]],
  ['tcpstate.app', [Has.PAYLOAD, plainText('tcpstate.app')]],
]);

/** More bytes than any cell of a usual segment has. */
const CELL_ROOM = 2048;

/** Rows of the named fields, each of which must exist. */
export class PacketRow {
  readonly #plain: readonly PacketField[];
  readonly #write: readonly CellWriter[];
  readonly #needs: Int32Array;
  readonly #form: RowForm;
  /** Bytes of a cell and of all that can stand around it and the absent ones. */
  readonly #room: number;

  constructor(names: readonly string[], form: RowForm) {
    const cells = names.map((name): Cell => CELLS.get(name) ?? [Has.ANYTHING, plainText(name)]);
    this.#plain = names.map((name) => PACKET_FIELDS.get(name)!);
    this.#needs = Int32Array.from(cells, ([needs]) => needs);
    this.#write = cells.map(([, write]) => write);
    this.#form = form;
    this.#room = CELL_ROOM + names.length + form.room;
  }

  /** The row with its line end. */
  write(out: RowBytes, at: SegmentContext): void {
    const has = contentsOf(at);
    const form = this.#form;
    out.makeRoom(this.#room);
    form.beginRow(out);
    if (has === UNUSUAL) this.#writePlain(out, at);
    else this.#writeUsual(out, at, has);
    form.endRow(out);
  }

  #writeUsual(out: RowBytes, at: SegmentContext, has: number): void {
    const needs = this.#needs;
    const write = this.#write;
    const form = this.#form;
    for (let i = 0; i < needs.length; i++) {
      if ((has & needs[i]!) === 0) {
        form.absent(out);
        continue;
      }
      form.begin(out, i);
      write[i]!(out, at);
      form.end(out, i);
      out.makeRoom(this.#room);
    }
  }

  #writePlain(out: RowBytes, at: SegmentContext): void {
    const form = this.#form;
    for (const [i, field] of this.#plain.entries()) {
      form.begin(out, i);
      out.text(field(at), this.#room);
      form.end(out, i);
      out.makeRoom(this.#room);
    }
  }
}

/** Bits of Has, or UNUSUAL. Exported for the tests. */
export function contentsOf({ packet, trace }: SegmentContext): number {
  if (trace.current < 0 || packet.cut !== HeaderCut.NONE || packet.payloadLength < 0 || packet.trailerCut)
    return UNUSUAL;
  const { analysis } = trace;
  if (analysis.fastOpen !== FastOpen.NONE || (analysis.flags !== 0 && !analysis.hasBlock)) return UNUSUAL;
  // Tunnels have several addresses.
  if (packet.ipLayerCount !== 1) return UNUSUAL;
  let has = packet.optionCount === 0 ? 0 : optionsOf(packet);
  if (has === UNUSUAL || packet.optionCut) return UNUSUAL;
  has |= Has.ANYTHING | (packet.ipLayers[0] === 4 ? Has.IPV4 : Has.IPV6);
  if ((packet.flags & Flag.SYN) === 0) has |= Has.SCALE;
  if (packet.payloadLength > 0) has |= Has.PAYLOAD;
  if (!analysis.hasBlock) return has;
  has |= analysis.flags;
  if (analysis.acksFrame !== 0) {
    has |= Has.ACKED_FRAME;
    if (analysis.ackRttSeconds !== 0 || analysis.ackRttNanoseconds !== 0) has |= Has.ACK_RTT;
  }
  if (analysis.irttSeconds !== 0 || analysis.irttNanoseconds !== 0) has |= Has.INITIAL_RTT;
  if (analysis.bytesInFlight !== 0) has |= Has.FLIGHT;
  if (
    (analysis.flags & AnalysisFlag.RETRANSMISSION) !== 0 &&
    (analysis.rtoSeconds !== 0 || analysis.rtoNanoseconds !== 0)
  ) {
    has |= Has.RTO;
  }
  return has;
}

/** The bits of the options; UNUSUAL where one of them is rare, twice there, or of an unusual length. */
function optionsOf(packet: Packet): number {
  let has = 0;
  for (let index = 0; index < packet.optionCount; index++) {
    const length = packet.optionLength[index]!;
    let bit: number;
    let isUsual: boolean;
    switch (packet.optionKind[index]) {
      case OptionKind.NOP:
      case OptionKind.END:
      case OptionKind.MPTCP:
        continue;
      case OptionKind.MSS:
        bit = Has.MSS;
        isUsual = length === 4;
        break;
      case OptionKind.WINDOW_SCALE:
        bit = Has.WINDOW_SCALE;
        isUsual = length === 3;
        break;
      case OptionKind.SACK_PERMITTED:
        bit = Has.SACK_PERMITTED;
        isUsual = length === 2;
        break;
      case OptionKind.SACK:
        bit = Has.SACK;
        isUsual = length > 2 && length % 8 === 2;
        break;
      case OptionKind.TIMESTAMPS:
        bit = Has.TIMESTAMPS;
        isUsual = length === 10;
        break;
      default:
        return UNUSUAL;
    }
    if (!isUsual || (has & bit) !== 0) return UNUSUAL;
    has |= bit;
  }
  return has;
}

function plainText(name: string): CellWriter {
  const field = PACKET_FIELDS.get(name)!;
  return (out, at) => {
    const text = field(at);
    if (text !== '') out.text(text);
  };
}

function sinceStart(out: RowBytes, { frame, clock }: SegmentContext): void {
  const difference = frame.nanoseconds - clock.startNanoseconds;
  const borrow = difference < 0 ? 1 : 0;
  out.time(frame.seconds - clock.startSeconds - borrow, difference + borrow * 1_000_000_000);
}

const HEX_PREFIX = utf8('0x0');

/** `tcp.flags`: the twelve flag bits as 16. */
function writeFlags(out: RowBytes, { packet }: SegmentContext): void {
  const { flags } = packet;
  out.bytes(HEX_PREFIX);
  out.byte(HEX[flags >> 8]!);
  out.byte(HEX[(flags >> 4) & 15]!);
  out.byte(HEX[flags & 15]!);
}

/** `tcp.flags.str` without an ACE counter by the twelve flag bits, as far as met. */
const FLAG_LETTERS: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(4096).fill(undefined);

function writeFlagLetters(out: RowBytes, { packet, trace }: SegmentContext): void {
  const { flags } = packet;
  const { ace } = trace.analysis;
  if (ace >= 0) {
    out.text(flagLetters(flags, ace));
    return;
  }
  FLAG_LETTERS[flags] ??= utf8(flagLetters(flags, -1));
  out.bytes(FLAG_LETTERS[flags]!);
}

function writeScaleFactor(out: RowBytes, { trace }: SegmentContext): void {
  const { scale } = trace.analysis;
  out.number(scale < 0 ? scale : 1 << scale);
}

/** The left (0) or right (1) edges of the SACK blocks. */
function writeEdges(out: RowBytes, { packet, trace }: SegmentContext, side: 0 | 1): void {
  for (let block = 0; block < packet.sackCount; block++) {
    if (block > 0) out.byte(0x2c);
    out.number((packet.sackEdges[2 * block + side]! - trace.analysis.sackBase) >>> 0);
  }
}
