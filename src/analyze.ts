// In: names of captures. Out: every connection in them, segment by segment to those who listen, then flow by flow.
//
//   capture/          wire/            flow/, tcp/                                    anomaly/          report/ cli/
//   bytes ─▶ Frame ─▶ Packet ─▶ Connection + Direction + Endpoint rows ─▶ FlowResult ─▶ findings ─▶ text, JSON
//
// The only file that knows every stage. The inner loop is synchronous over a chunk; it awaits once per chunk.

import type { Readable } from 'node:stream';
import { CaptureView } from './anomaly/capture-view.ts';
import { Judge, judgeCapture } from './anomaly/judge.ts';
import type { Frame } from './capture/frame.ts';
import { type Capture, openCapture } from './capture/open.ts';
import { CaptureFacts } from './tcp/capture-facts.ts';
import { CaptureClock } from './tcp/clock.ts';
import { FlowFactsReader } from './tcp/flow-facts.ts';
import type { CaptureResult, FlowResult } from './tcp/flow-result.ts';
import { TcpTrace } from './tcp/trace.ts';
import { Telling } from './telling.ts';
import { Decoder } from './wire/decode.ts';
import { Packet, PacketKind } from './wire/packet.ts';

export interface AnalyzeOptions {
  /** Files to read as one trace, merged by time; "-" is standard input. */
  files: readonly string[];
  /** The stream behind "-". */
  stdin?: Readable;
  /** How long TIME_WAIT lasts, seconds (2MSL). Linux: 60, the default; RFC 9293 3.4.2: 240. */
  timeWaitSeconds?: number;
  /** Adds to each connection what Zeek and conntrack would call it. */
  crosswalk?: boolean;
  /**
   * Tell of connections as they end (2MSL after their last segment), else by stream at the end of the capture. Where another segment
   * comes, the connection is told of again, with `revised`. Default: false.
   */
  asTheyEnd?: boolean;
  /**
   * Connections held at a time; default DEFAULT_MAX_FLOWS. Beyond it those that are over are let go first, then SYNs without any
   * answer are only counted (`CaptureResult.folded`), then those silent longest are told of early, with `evicted`.
   */
  maxFlows?: number;
  /** Stops the run early; what was read so far is reported. */
  signal?: AbortSignal;
}

/** Who listens, and to what. Frames, packets and the trace are borrowed: valid during the call only. */
export interface AnalyzeListener {
  /** Called once, before the first frame: for whoever asks the trace for more than it keeps by itself. */
  begin?(trace: TcpTrace): void;
  /** Called for every TCP segment, in capture order, after both the sequence analysis and the states have taken it in. */
  segment?(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void;
  /**
   * Called for every connection: at the end of the capture, by stream, or as soon as it is over (`asTheyEnd`). A promise is waited for: whoever
   * writes what it is told can keep the run from going ahead of its reader. `clock.duration()` is the capture's end so far: the
   * end of the capture for a connection that is not over.
   */
  flow?(flow: FlowResult, clock: CaptureClock): void | Promise<void>;
  /** Called once per chunk read, with the bytes read and the total (null where that is unknown). A promise is waited for. */
  progress?(bytesRead: number, totalBytes: number | null): void | Promise<void>;
}

export const DEFAULT_TIME_WAIT_SECONDS = 60;
/** About 1 KB each. */
export const DEFAULT_MAX_FLOWS = 1_000_000;

/** Reads the captures to their end (or to `signal`) and tells `listener` what is in them. */
export async function analyze(options: AnalyzeOptions, listener: AnalyzeListener): Promise<CaptureResult> {
  const capture = await openCapture(options.files, {
    ...(options.stdin && { stdin: options.stdin }),
    ...(options.signal && { signal: options.signal }),
  });
  try {
    return await run(capture, options, listener);
  } finally {
    await capture.close();
  }
}

async function run(capture: Capture, options: AnalyzeOptions, listener: AnalyzeListener): Promise<CaptureResult> {
  const timeWaitSeconds = options.timeWaitSeconds ?? DEFAULT_TIME_WAIT_SECONDS;
  const decoder = new Decoder();
  const packet = new Packet();
  const trace = new TcpTrace({ timeWaitSeconds });
  const clock = new CaptureClock();
  const facts = new CaptureFacts();
  const view = new CaptureView(facts, (id) => trace.addresses.toText(id));
  const telling = new Telling(trace, clock, new FlowFactsReader(trace, clock, facts), new Judge(view), listener, {
    asTheyEnd: options.asTheyEnd ?? false,
    maxFlows: options.maxFlows ?? DEFAULT_MAX_FLOWS,
    crosswalk: options.crosswalk ?? false,
  });
  const otherFrames = new Map<string, number>();
  const listenSegment = listener.segment?.bind(listener);
  listener.begin?.(trace);
  let tcpSegments = 0;
  let bytes = 0;
  let interrupted = false;
  do {
    for (let frame = capture.next(); frame !== null; frame = capture.next()) {
      clock.see(frame);
      facts.see(frame);
      bytes += frame.originalLength;
      decoder.decode(frame, packet);
      if (packet.kind === PacketKind.NONE) {
        otherFrames.set(packet.stopLayer, (otherFrames.get(packet.stopLayer) ?? 0) + 1);
      } else {
        trace.observe(frame, packet);
        if (packet.kind === PacketKind.SEGMENT) {
          tcpSegments++;
          facts.segment(frame, packet, trace.current >= 0);
          if (listenSegment !== undefined) listenSegment(frame, packet, trace, clock);
        }
      }
      if (telling.isDue()) await telling.catchUp();
    }
    const ready = listener.progress?.(capture.bytesRead, capture.totalBytes);
    if (ready !== undefined) await ready;
    if (options.signal?.aborted) interrupted = true;
  } while (!interrupted && (await capture.fill()));

  await telling.finish();
  const result: CaptureResult = {
    files: [...options.files],
    start: clock.startIso(),
    duration: clock.duration(),
    frames: clock.frames,
    tcpSegments,
    bytes,
    linkTypes: [...capture.linkTypes],
    formats: [...capture.formats],
    truncated: capture.warnings.some((w) => w.truncated),
    warnings: capture.warnings.map((w) => `${w.file}: ${w.message}`),
    interrupted: interrupted || options.signal?.aborted === true,
    streams: trace.streams,
    captureFindings: judgeCapture(
      view,
      capture.warnings.filter((w) => w.truncated).map((w) => `${w.file}: ${w.message}`),
    ),
    otherFrames: Object.fromEntries(otherFrames),
  };
  telling.report(result);
  return result;
}
