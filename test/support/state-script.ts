// In: segments one a line, as in packetdrill, with the states expected after each. Out: what the tracker made of them.
//
//     A> S  0:0(0)                | A SYN_SENT
//     B> S. 0:0(0) ack 1          | B SYN_RCVD  A ~ESTABLISHED
//     A> .  1:1(0) ack 1  +0.2    | A ESTABLISHED  B ~ESTABLISHED
//     = A CLOSED SYN_SENT#1 ESTABLISHED~2/3
//
// Flags: S F R P and . for ACK. Numbers are relative to `iss A n`, `iss B n` (1,000,000 and 5,000,000), which may change between
// lines: a new connection of the same ports. `+0.5`: seconds since the line before (else 0.01). `ts 5,3`: time stamps.
// `damaged`: the checksum is wrong. `unreachable`: an ICMP error quotes the segment. `copy`: the frame before once more.
// Behind |: states after the segment as known then. ~ is inferred, proved or not (`A ESTABLISHED` fits either).
// `= A ...`: the history in hindsight: state, # and the frame if observed, ~ and the frame if inferred, / and the frame that
// proves it; start states bare; @ and the seconds for a timer. `= A2` is the second connection's. `verdict NAME` its verdict.

import { Frame } from '../../src/capture/frame.ts';
import { CaptureClock } from '../../src/tcp/clock.ts';
import { FrameExplainer, type FrameExplanation } from '../../src/tcp/explanation.ts';
import { FlowBuilder } from '../../src/tcp/flow-builder.ts';
import type { EndpointResult, FlowResult, StateEntry } from '../../src/tcp/flow-result.ts';
import { STATES } from '../../src/tcp/state.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet, PacketKind } from '../../src/wire/packet.ts';
import { type Bytes, join, tcp, tcpFrame, u16, u32 } from './frame-builder.ts';

export interface Segment {
  from: 'A' | 'B';
  flags: string;
  seq: number;
  length: number;
  ack: number | null;
  window: number;
  ts: [number, number] | null;
  after: number;
  damaged: boolean;
  unreachable: boolean;
  /** `A SYN_SENT B ~ESTABLISHED`, or null. */
  expected: string | null;
  line: string;
}

export interface Script {
  segments: Segment[];
  /** "A" or "B2" to the history as written. */
  histories: Map<string, string>;
  verdict: string | null;
}

export interface Options {
  issA?: number;
  issB?: number;
  /** Give the segments the other way round: B's as A's. */
  swapped?: boolean;
  /** Ask for Zeek's and conntrack's names. */
  crosswalk?: boolean;
  /** Called with the trace before the first segment. */
  prepare?: (trace: TcpTrace) => void;
}

const LINE =
  /^([AB])> ([SFRP.]+)\s+(\d+):(\d+)\((\d+)\)(?:\s+ack (\d+))?(?:\s+win (\d+))?(?:\s+ts (\d+),(\d+))?(?:\s+\+([\d.]+))?(?:\s+(damaged|unreachable))?\s*(?:\|\s*(.*?))?\s*$/;

/** The blocks ```states of a page, each with the heading above it. */
export function scriptsOf(markdown: string): { title: string; text: string }[] {
  const scripts: { title: string; text: string }[] = [];
  let title = '';
  let open: string[] | null = null;
  for (const line of markdown.split('\n')) {
    if (open === null) {
      if (line.startsWith('#')) title = line.replace(/^#+\s*/, '');
      if (line.startsWith('```states')) open = [];
    } else if (line.startsWith('```')) {
      scripts.push({ title, text: open.join('\n') });
      open = null;
    } else open.push(line);
  }
  return scripts;
}

/** @throws Error naming the line it cannot read */
export function parseScript(text: string, { issA = 1_000_000, issB = 5_000_000 }: Options = {}): Script {
  const iss = { A: issA, B: issB };
  const script: Script = { segments: [], histories: new Map(), verdict: null };
  for (const line of text.split('\n')) {
    const history = /^= ([AB]\d?) (.*)$/.exec(line);
    const number = /^iss ([AB]) (\d+)$/.exec(line);
    const verdict = /^verdict (\S+)$/.exec(line);
    const match = LINE.exec(line);
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (history !== null) script.histories.set(history[1]!, history[2]!.trim());
    else if (number !== null) {
      const side = number[1] as 'A' | 'B';
      iss[side] = (side === 'A' ? issA : issB) + Number(number[2]);
    } else if (verdict !== null) script.verdict = verdict[1]!;
    else if (line.trim() === 'copy')
      script.segments.push({ ...script.segments.at(-1)!, after: 0.001, expected: null, line });
    else if (match !== null) {
      const [, side, flags, seq, end, length, ack, win, tsVal, tsEcr, after, fate, expected] = match;
      if (Number(end) - Number(seq) !== Number(length)) throw new Error(`the length does not fit: ${line}`);
      const from = side as 'A' | 'B';
      script.segments.push({
        from,
        flags: flags!,
        seq: iss[from] + Number(seq),
        length: Number(length),
        ack: ack === undefined ? null : iss[from === 'A' ? 'B' : 'A'] + Number(ack),
        window: Number(win ?? 64000),
        ts: tsVal === undefined ? null : [Number(tsVal), Number(tsEcr)],
        after: Number(after ?? 0.01),
        damaged: fate === 'damaged',
        unreachable: fate === 'unreachable',
        expected: expected ?? null,
        line,
      });
    } else throw new Error(`cannot read this line: ${line}`);
  }
  return script;
}

export interface Played {
  flows: FlowResult[];
  /** Per segment: "A STATE B STATE" as known then. */
  states: { A: string; B: string }[];
}

const ADDRESS = { A: '10.0.0.1', B: '10.0.0.2' } as const;
const PORT = { A: 40000, B: 80 } as const;

/** Sends the segments through decoder, trace and tracker. */
export function play(
  segments: readonly Segment[],
  { swapped = false, crosswalk = false, prepare }: Options = {},
): Played {
  const frame = new Frame();
  const packet = new Packet();
  const decoder = new Decoder();
  const trace = new TcpTrace();
  prepare?.(trace);
  const clock = new CaptureClock();
  const states: Played['states'] = [];
  let at = 0;
  for (const [i, segment] of segments.entries()) {
    at += i === 0 ? 0 : segment.after;
    const side = swapped ? (segment.from === 'A' ? 'B' : 'A') : segment.from;
    const bytes = frameOf(segment, side);
    frame.number = i + 1;
    frame.seconds = 1_700_000_000 + Math.floor(at);
    frame.nanoseconds = Math.round((at % 1) * 1e9);
    frame.bytes = bytes;
    frame.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    frame.start = 0;
    frame.capturedLength = bytes.length;
    frame.originalLength = bytes.length;
    frame.linkType = 1;
    clock.see(frame);
    decoder.decode(frame, packet);
    if (packet.kind === PacketKind.NONE) throw new Error(`not decoded: ${segment.line}: ${packet.stopReason}`);
    trace.observe(frame, packet);
    const [sent, received] = [STATES[trace.states.senderState]!, STATES[trace.states.receiverState]!];
    states.push(segment.from === 'A' ? { A: sent, B: received } : { A: received, B: sent });
  }
  const builder = new FlowBuilder(trace, clock, { crosswalk });
  const flows: FlowResult[] = [];
  for (let index = 0; index < trace.streams; index++) flows.push(builder.build(index), ...builder.buildFurther(index));
  return { flows, states };
}

/** What frame `frame` of the script did, or null if there is no such frame. */
export function explainSegment(text: string, frame: number): FrameExplanation | null {
  let explainer: FrameExplainer | null = null;
  play(parseScript(text).segments, {
    prepare: (trace) => {
      explainer = new FrameExplainer(trace.states, frame);
    },
  });
  return (explainer as FrameExplainer | null)!.explanation;
}

function frameOf(segment: Segment, side: 'A' | 'B'): Bytes {
  const other = side === 'A' ? 'B' : 'A';
  const fields = {
    sport: PORT[side],
    dport: PORT[other],
    seq: segment.seq >>> 0,
    ack: segment.ack === null ? 0 : segment.ack >>> 0,
    flags: segment.flags,
    win: segment.window,
    payload: new Uint8Array(segment.length).fill(0x78),
    ...(segment.ts !== null && { options: join(1, 1, 8, 10, u32(segment.ts[0]), u32(segment.ts[1])) }),
  };
  const ends = { src: ADDRESS[side], dst: ADDRESS[other] };
  if (segment.unreachable) return unreachable(ends, tcp(fields));
  return tcpFrame({ ...ends, ...fields, ...(segment.damaged && { checksum: 0x1234 }) });
}

/** ICMP host unreachable, from the far end, quoting the header. */
function unreachable(ends: { src: string; dst: string }, header: Bytes): Bytes {
  const quoted = ipv4Header(ends.src, ends.dst, 6, header.length);
  const message = join(3, 1, u16(0), u32(0), quoted, header.subarray(0, 20));
  const packet = join(ipv4Header(ends.dst, ends.src, 1, message.length), message);
  return join(new Uint8Array(12), u16(0x0800), packet);
}

function ipv4Header(src: string, dst: string, protocol: number, length: number): Bytes {
  const address = (text: string): Bytes => Uint8Array.from(text.split('.'), Number);
  return join(0x45, 0, u16(20 + length), u16(7), u16(0), 64, protocol, u16(0), address(src), address(dst));
}

/** The endpoint with A's (or B's) address in the `turn`-th flow. */
export function endpointOf(flows: readonly FlowResult[], name: string, swapped = false): EndpointResult {
  const side = swapped ? (name[0] === 'A' ? 'B' : 'A') : (name[0] as 'A' | 'B');
  const flow = flows[Number(name.slice(1) || 1) - 1]!;
  return flow.endpoints.find(({ addr }) => addr === ADDRESS[side])!;
}

/** A history as scripts write it. */
export function historyText(entries: readonly StateEntry[]): string {
  return entries
    .map(({ state, frame, evidence, confirmedBy, time }) => {
      if (evidence === 'assumed') return frame === null ? state : `${state}~${frame}`;
      if (evidence === 'timer') return `${state}@${Number(time!.toFixed(3))}`;
      const proof = confirmedBy === undefined ? '' : `/${confirmedBy}`;
      return `${state}${evidence === 'observed' ? '#' : '~'}${frame ?? ''}${proof}`;
    })
    .join(' ');
}
