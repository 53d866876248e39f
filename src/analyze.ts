// In: names of captures. Out: every connection in them, segment by segment to those who listen, then flow by flow.
//
//   capture/          wire/            flow/, tcp/                                    anomaly/          report/ cli/
//   bytes ─▶ Frame ─▶ Packet ─▶ Connection + Direction + Endpoint rows ─▶ FlowResult ─▶ findings ─▶ text, JSON
//
// The only file that knows every stage. The inner loop is synchronous over a chunk; it awaits once per chunk.

import type { Readable } from 'node:stream';
import { CaptureView } from './anomaly/capture-view.ts';
import { type DigestTaker, Judge, judgeCapture } from './anomaly/judge.ts';
import type { Frame } from './capture/frame.ts';
import type { FrameRun } from './capture/frame-run.ts';
import { type Capture, openCapture } from './capture/open.ts';
import { type CaptureWarning, UsageError } from './errors.ts';
import { Intake, type OtherFrames, type SegmentListener, type Share, type SharedFrames } from './intake.ts';
import { LinearMemory } from './linear/memory.ts';
import { type CaptureCounts, CaptureFacts } from './tcp/capture-facts.ts';
import { CaptureClock } from './tcp/clock.ts';
import type { Connection } from './tcp/connection.ts';
import { FlowFactsReader } from './tcp/flow-facts.ts';
import type { CaptureResult, FlowResult } from './tcp/flow-result.ts';
import { Extent, TcpTrace } from './tcp/trace.ts';
import { Telling, type TellingListener } from './telling.ts';
import type { Packet } from './wire/packet.ts';
import type { Part } from './wire/part.ts';

export interface AnalyzeOptions {
  /** Files to read as one trace, merged by time; "-" is standard input. */
  files: readonly string[];
  /** What is behind "-": a stream, or a file descriptor that is open. */
  stdin?: Readable | number;
  /** How long TIME_WAIT lasts, seconds (2MSL). Linux: 60, the default; RFC 9293 3.4.2: 240. */
  timeWaitSeconds?: number;
  /** Nobody asks for connections or findings: they are not summed up at the end. Default: false. */
  segmentsOnly?: boolean;
  /**
   * How much of each segment's connection the listener asks for, with `segmentsOnly` and for all segments; default: all. With less,
   * connections let go at the ceiling are only forgotten.
   */
  extent?: Extent;
  /** Adds to each connection what Zeek and conntrack would call it. */
  crosswalk?: boolean;
  /**
   * Tell of connections as they end (2MSL after their last segment), else by stream at the end of the capture. Where another segment
   * comes, the connection is told of again, with `revised`. Default: false.
   */
  asTheyEnd?: boolean;
  /**
   * Connections held at a time, at most 2,500,000; default DEFAULT_MAX_FLOWS. Beyond it those that are over are let go first, then those that have
   * closed, told of early with `evicted`; then SYNs without any answer, which are only counted (`CaptureResult.folded`); then those silent longest, with
   * `evicted`.
   */
  maxFlows?: number;
  /** Stops the run early; what was read so far is reported. */
  signal?: AbortSignal;
  /** Bytes read at once; only tests and measurements need another than the default. */
  chunkBytes?: number;
}

/** Who listens, and to what. Frames, packets and the trace are borrowed: valid during the call only. */
export interface AnalyzeListener extends SegmentListener {
  /** Called once, before the first frame: for whoever asks the trace for more than it keeps by itself. */
  begin?(trace: TcpTrace): void;
  /**
   * Called for every connection: at the end of the capture, by stream, or as soon as it is over (`asTheyEnd`). A promise is waited for: whoever
   * writes what it is told can keep the run from going ahead of its reader. `clock.duration()` is the capture's end so far: the
   * end of the capture for a connection that is not over.
   */
  flow?(flow: FlowResult, clock: CaptureClock): void | Promise<void>;
  /** Called once per chunk read, with the bytes read and the total (null where that is unknown). A promise is waited for. */
  progress?(bytesRead: number, totalBytes: number | null): void | Promise<void>;
}

/** Who takes connections by the book as they are, in place of their accounts, and wants to know when no more can be told of again. */
export type LifeListener = Pick<TellingListener, 'lives' | 'ending'>;

export const DEFAULT_TIME_WAIT_SECONDS = 60;
/** 1 to 2 KB each. */
export const DEFAULT_MAX_FLOWS = 1_000_000;
/** Linear memory has room for so many, half a kilobyte each while it goes by the book and 1.3 then, and for the tables in which they are found. */
const MOST_FLOWS = 2_500_000;

/** Connections that may be held at a time. */
export function ceilingOf({ maxFlows = DEFAULT_MAX_FLOWS }: Pick<AnalyzeOptions, 'maxFlows'>): number {
  return Math.min(maxFlows, MOST_FLOWS);
}

/** What was counted while the frames passed. */
export interface Passage {
  start: string | null;
  duration: number;
  frames: number;
  bytes: number;
  interrupted: boolean;
  tcpSegments: number;
  otherFrames: OtherFrames[];
  facts: CaptureCounts;
}

/** Who listens to a part of the connections, to put the parts together again. */
export interface PartListener extends DigestTaker, TellingListener {
  /** A connection was opened by the segment; its streams are numbered from 0 in the order of these calls. */
  opened(frame: Frame, packet: Packet): void;
  /** Called after each chunk: all frames up to this one have been taken in. A promise is waited for. */
  passed(frame: number): void | Promise<void>;
}

/**
 * Reads the captures to their end (or to `signal`) and tells `listener` what is in them.
 * @throws CaptureError, UsageError
 */
export async function analyze(
  options: AnalyzeOptions,
  listener: AnalyzeListener & LifeListener,
): Promise<CaptureResult> {
  const { extent = Extent.ALL, segmentsOnly = false } = options;
  if (extent !== Extent.ALL && !(segmentsOnly && listener.segment && !listener.wantsSegments)) {
    throw new UsageError('an extent is for segmentsOnly, with a listener to the segments of all connections');
  }
  const memory = new LinearMemory();
  const capture = await openFor(options, memory);
  try {
    const clock = new CaptureClock();
    const trace = traceOf(options, listener, clock, memory);
    const facts = new CaptureFacts();
    const view = new CaptureView(facts, (id) => trace.addresses.toText(id));
    const { passage, telling } = await run(capture, options, trace, clock, facts, listener, new Judge(view), null);
    const result = captureResult(capture, passage, trace.streams, view);
    telling.report(result);
    return result;
  } finally {
    await capture.close();
  }
}

/** As `analyze`, of one part of the connections only. How many are held in all, and whether that is too many, is not known here. */
export async function analyzePart(
  frames: SharedFrames,
  options: Omit<AnalyzeOptions, 'files'>,
  part: Part,
  listener: PartListener,
): Promise<Passage> {
  const facts = new CaptureFacts(Number.POSITIVE_INFINITY);
  const share = { frames, part, opened: listener.opened.bind(listener), passed: listener.passed.bind(listener) };
  const clock = new CaptureClock();
  const trace = traceOf(options, {}, clock, frames.memory);
  const { passage } = await run(frames, options, trace, clock, facts, listener, new Judge(listener), share);
  return passage;
}

/** Opens the captures as `analyze` does. `memory`: see OpenOptions. */
export function openFor(
  { files, stdin, signal, chunkBytes }: AnalyzeOptions,
  memory: LinearMemory | null = null,
): Promise<Capture> {
  return openCapture(files, {
    ...(memory && { memory }),
    ...(stdin !== undefined && { stdin }),
    ...(signal && { signal }),
    ...(chunkBytes && { chunkBytes }),
  });
}

/** What is told of the capture, once all its connections are in `view`. */
export function captureResult(capture: Capture, passage: Passage, streams: number, view: CaptureView): CaptureResult {
  const { start, duration, frames, tcpSegments, bytes, interrupted } = passage;
  const sentence = ({ file, message }: CaptureWarning): string => `${file}: ${message}`;
  // Where an input was left, cut short or damaged, something is missing that nobody has seen.
  const damage = capture.warnings.map(sentence);
  return {
    files: [...capture.files],
    start,
    duration,
    frames,
    tcpSegments,
    bytes,
    linkTypes: [...capture.linkTypes],
    formats: [...capture.formats],
    truncated: damage.length > 0,
    warnings: [...damage],
    interrupted,
    streams,
    captureFindings: judgeCapture(view, damage),
    otherFrames: Object.fromEntries(passage.otherFrames.map(({ layer, frames }) => [layer, frames])),
  };
}

function traceOf(
  options: Pick<AnalyzeOptions, 'timeWaitSeconds' | 'extent'>,
  listener: AnalyzeListener,
  clock: CaptureClock,
  memory: LinearMemory,
): TcpTrace {
  const wants = listener.wantsSegments?.bind(listener);
  const leaves = listener.leavesTheBook?.bind(listener);
  return new TcpTrace({
    memory,
    timeWaitSeconds: options.timeWaitSeconds ?? DEFAULT_TIME_WAIT_SECONDS,
    extent: options.extent ?? Extent.ALL,
    everySegment:
      leaves === undefined && ((listener.segment && wants) ?? (listener.segment ?? listener.begin) !== undefined),
    ...(leaves !== undefined && {
      leavesTheBook: (connection: Connection, trace: TcpTrace) => leaves(connection, trace, clock),
    }),
    ...(listener.wantsNoneFrom !== undefined && { wantsNoneFrom: listener.wantsNoneFrom }),
  });
}

async function run(
  source: Capture | SharedFrames,
  options: Omit<AnalyzeOptions, 'files'>,
  trace: TcpTrace,
  clock: CaptureClock,
  facts: CaptureFacts,
  listener: AnalyzeListener & TellingListener,
  judge: Judge,
  share: Share | null,
): Promise<{ passage: Passage; telling: Telling }> {
  const telling = new Telling(trace, clock, new FlowFactsReader(trace, clock, facts), judge, listener, {
    asTheyEnd: options.asTheyEnd ?? false,
    maxFlows: share === null ? ceilingOf(options) : Number.POSITIVE_INFINITY,
    crosswalk: options.crosswalk ?? false,
    tells: trace.extent === Extent.ALL,
  });
  const intake = new Intake(trace, clock, facts, telling, listener, share);
  const nextRun = trace.takesRuns ? source.nextRun?.bind(source) : undefined;
  listener.begin?.(trace);
  let interrupted = false;
  do {
    if (nextRun !== undefined) await takeRuns(nextRun, intake, telling);
    else if ('next' in source) await takeFrames(source, intake, telling);
    const ready =
      'next' in source ? listener.progress?.(source.bytesRead, source.totalBytes) : share?.passed(intake.last);
    if (ready !== undefined) await ready;
    // Of a part its listener asks.
    if (share === null && trace.memory.runsOut()) {
      telling.relieve();
      await telling.catchUp(intake.last);
    }
    if (options.signal?.aborted) interrupted = true;
  } while (!interrupted && (await source.fill()));

  if (!options.segmentsOnly) await telling.finish();
  const passage: Passage = {
    start: clock.startIso(),
    duration: clock.duration(),
    frames: clock.frames,
    bytes: intake.bytes,
    interrupted: interrupted || options.signal?.aborted === true,
    tcpSegments: intake.tcpSegments,
    otherFrames: [...intake.otherFrames.values()],
    facts,
  };
  return { passage, telling };
}

/** Takes in the frames at hand, one by one. */
async function takeFrames(capture: Capture, intake: Intake, telling: Telling): Promise<void> {
  for (let frame = capture.next(); frame !== null; frame = capture.next()) {
    intake.take(frame);
    if (telling.isDue()) await telling.catchUp(intake.last);
  }
}

/** As `takeFrames`, a run at a time. */
async function takeRuns(nextRun: () => FrameRun | null, intake: Intake, telling: Telling): Promise<void> {
  for (let run = nextRun(); run !== null; run = nextRun()) {
    const isSteady = intake.begin(run);
    for (let i = 0; i < run.count; i++) {
      if (isSteady) i = intake.takeRun(run, i);
      if (i === run.count) break;
      intake.takeFrom(run, i);
      if (telling.isDue()) await telling.catchUp(intake.last);
    }
  }
}
