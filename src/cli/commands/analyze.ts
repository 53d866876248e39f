// In: captures and options. Out: what happened in them, as text, JSON or JSON lines.

import type { Command } from 'commander';
import { type AnalyzeListener, type AnalyzeOptions, analyze } from '../../analyze.ts';
import { plainBytes } from '../../capture/plain-files.ts';
import { CaptureError, UsageError } from '../../errors.ts';
import type { FlowSelection } from '../../filter/selection.ts';
import type { AnalysisPrinter } from '../../report/analysis-json.ts';
import type { AnalysisTable } from '../../report/analysis-table.ts';
import type { FindingsList } from '../../report/findings-list.ts';
import type { Palette } from '../../report/palette.ts';
import type { CaptureResult } from '../../tcp/flow-result.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { declareFilter, type FilterOptions, openSelection, selecting, warnIfNone } from '../filter-option.ts';
import {
  atLeastOne,
  checkCaptures,
  declareCommonOptions,
  streams,
  wholeNumber,
  workers as workersOption,
} from '../options.ts';
import { Pacer } from '../pacer.ts';
import { takesUnicode } from '../unicode.ts';
import { workersFor } from '../workers.ts';

const FORMATS = ['table', 'json', 'ndjson'] as const;

interface Options extends CommonOptions, FilterOptions {
  format: (typeof FORMATS)[number];
  stream?: Set<number>;
  all?: boolean;
  rows?: number;
  maxFlows?: number;
  workers?: number;
  ladder?: boolean;
  findings?: boolean;
  crosswalk?: boolean;
  ascii?: boolean;
}

function declare(command: Command): void {
  command
    .argument('<capture...>', 'pcap or pcapng, plain, gzip or zstd; several are one trace; - is standard input')
    .option('--stream <n,...>', "only these connections, by Wireshark's tcp.stream", streams)
    .option('--all', 'every connection, listed and segment by segment, not only the notable ones')
    .option(
      '--max-flows <n>',
      'connections held in memory at a time (default: 1000000, 1 to 2 GB; at most 2500000)',
      atLeastOne,
    )
    .option(
      '--workers <n>',
      'threads that share the work for json and ndjson (default: cores less one for large files; the result is the same)',
      workersOption,
    )
    .option('--rows <n>', 'at most about so many segments of a connection (0: none)', wholeNumber)
    .option('--findings', 'all findings, the gravest first, in place of the connections')
    .option('--ladder', 'a ladder diagram in place of the packet table; runs of plain segments are folded unless --all')
    .option(
      '--crosswalk',
      'what Zeek (conn_state, history), Wireshark (completeness) and conntrack call each connection',
    )
    .option('--ascii', 'the report in ASCII');
  declareFilter(command, 'the connections that fit, or have a segment that fits');
  declareCommonOptions(command, FORMATS);
  command.addHelpText(
    'after',
    `
Examples:
  tcpstate analyze capture.pcap                     summary, connections, and the notable ones segment by segment
  tcpstate analyze --stream 3 capture.pcap          one connection
  tcpstate analyze --findings capture.pcap          everything that was found, with stream and frame numbers
  tcpstate analyze --ladder --stream 3 capture.pcap the same as a diagram: time down, arrows, states at the sides
  tcpstate analyze -Y 'endpoint.state == CLOSE_WAIT' c.pcap   those that hang
  tcpstate analyze trace-*.pcap.gz                  rotated captures as one trace, merged by time
  tcpdump -U -w - -i eth0 tcp | tcpstate analyze -  live; Ctrl-C prints what has been seen
  tcpstate analyze --format ndjson c.pcap | jq -c 'select(.verdict == "refused") | [.stream, .endpoints[1].addr]'

A state marked ~ was not shown by the endpoint itself: it is inferred from its peer, from a timer, or assumed.`,
  );
}

async function run(captures: string[], options: Options, session: Session): Promise<ExitCode> {
  checkCaptures(captures, session);
  if (options.findings && options.format !== 'table') throw new UsageError('--findings belongs to --format table');
  if (options.ladder && options.format !== 'table') throw new UsageError('--ladder belongs to --format table');
  const selection = await openSelection(options, session);
  const pacer = new Pacer(session, captures);
  const input: AnalyzeOptions = {
    files: captures,
    signal: session.interrupt.signal,
    ...(captures.includes('-') && { stdin: session.stdin() }),
    ...(options.timeWait !== undefined && { timeWaitSeconds: options.timeWait }),
    ...(options.crosswalk && { crosswalk: true }),
    ...(options.maxFlows !== undefined && { maxFlows: options.maxFlows }),
    // What a filter keeps of the segments of a connection may be dropped once it has been told of.
    asTheyEnd: options.format === 'ndjson' && (selection === null || selection.canAskAgain),
  };
  const capture =
    options.format === 'table'
      ? await printTable(input, options, selection, session, pacer)
      : ((await printInParallel(input, options, session, pacer)) ??
        (await printJson(input, options, selection, session, pacer)));
  warnIfNone(selection, session);
  for (const warning of capture.warnings) session.warn(warning);
  return session.interrupt.isRequested ? ExitCode.INTERRUPTED : ExitCode.OK;
}

/** `printed`: connections that were told of, in the order told, before this run. */
async function printJson(
  input: AnalyzeOptions,
  options: Options,
  selection: FlowSelection | null,
  session: Session,
  pacer: Pacer,
  printed = 0,
): Promise<CaptureResult> {
  const { JsonPrinter, NdjsonPrinter } = await import('../../report/analysis-json.ts');
  const output = session.output();
  const printer: AnalysisPrinter =
    options.format === 'json' ? new JsonPrinter(output) : new NdjsonPrinter(output, printed);
  const { stream } = options;
  const listener: AnalyzeListener = {
    flow: (flow) => (stream === undefined || stream.has(flow.stream) ? printer.flow(flow) : undefined),
    progress: pacer.progress,
  };
  const isAll = stream === undefined && selection === null;
  const capture = await analyze(input, {
    ...selecting(selection, listener),
    ...(isAll && { lives: (lives) => printer.lives(lives) }),
    ending: () => printer.ending(),
  });
  pacer.clear();
  capture.interrupted ||= session.interrupt.isRequested;
  await printer.end(capture);
  return capture;
}

/** Null where the work is not divided. */
async function printInParallel(
  input: AnalyzeOptions,
  options: Options,
  session: Session,
  pacer: Pacer,
): Promise<CaptureResult | null> {
  // A filter asks the connections themselves, which stay where they were tracked.
  if (options.filter !== undefined) return null;
  const workers = workersFor(input.files, options.workers);
  if (workers === 1) return null;
  const [{ analyzeInParallel }, { JsonPrinter, NdjsonPrinter }] = await Promise.all([
    import('../../parallel/run.ts'),
    import('../../report/analysis-json.ts'),
  ]);
  const output = session.output();
  const printer: AnalysisPrinter = options.format === 'json' ? new JsonPrinter(output) : new NdjsonPrinter(output);
  const { stream } = options;
  let printed = 0;
  const capture = await analyzeInParallel(
    { ...input, workers },
    {
      flow(said, rest) {
        if (stream !== undefined && !stream.has(said.stream)) return undefined;
        printed++;
        return printer.written(said, rest);
      },
      progress: pacer.progress,
    },
  );
  if (capture === null) return await printJson(input, options, null, session, pacer, printed);
  pacer.clear();
  capture.interrupted ||= session.interrupt.isRequested;
  await printer.end(capture);
  return capture;
}

async function printTable(
  input: AnalyzeOptions,
  options: Options,
  selection: FlowSelection | null,
  session: Session,
  pacer: Pacer,
): Promise<CaptureResult> {
  const [{ AnalysisTable }, { asciiLine }, { loadPalette }] = await Promise.all([
    import('../../report/analysis-table.ts'),
    import('../../report/ascii.ts'),
    import('../../report/palette.ts'),
  ]);
  const { screen } = session;
  const palette = await loadPalette(screen.color);
  const findings = options.findings ? await findingsList(options, screen.columns, palette) : null;
  const table = new AnalysisTable({
    columns: screen.columns,
    palette,
    streams: options.stream ?? null,
    all: options.all === true,
    rows: findings === null ? (options.rows ?? null) : 0,
    ladder: options.ladder === true,
    files: input.files,
  });
  // The first segments of what a filter selects late are read again; where that cannot be done all are kept at once.
  const choosesFirst = selection === null || plainBytes(input.files) !== null;
  const listener: AnalyzeListener = {
    segment: (frame, packet, trace, clock) => table.segment(frame, packet, trace, clock),
    ...(choosesFirst && {
      wantsSegments: (stream) => table.wantsSegments(stream),
      wantsNoneFrom: table.wantsNoneFrom,
    }),
    flow: (flow) => {
      table.flow(flow);
      if (options.stream === undefined || options.stream.has(flow.stream)) findings?.add(flow);
    },
    progress: pacer.progress,
  };
  const capture = await analyze(input, {
    ...selecting(selection, listener),
    ...(selection === null && { lives: (lives) => table.lives(lives) }),
  });
  // Without a selection there is nothing to show; the warning says so.
  if (selection !== null && selection.selected === 0 && selection.asked > 0) return capture;
  if (!session.interrupt.isRequested && table.wantsRereading()) await reread(input, table, pacer, session);
  pacer.clear();
  capture.interrupted ||= session.interrupt.isRequested;
  const output = session.output();
  const isUnicode = takesUnicode(process.env, screen.isTerminal, options.ascii === true);
  const lines = findings === null ? table.lines(capture) : [...table.summaryLines(capture), ...findings.lines(capture)];
  for await (const line of lines) {
    output.write(`${isUnicode ? line : asciiLine(line)}\n`);
    const ready = output.ready();
    if (ready !== undefined) await ready;
  }
  return capture;
}

async function findingsList(options: Options, columns: number, palette: Palette): Promise<FindingsList> {
  const { FindingsList } = await import('../../report/findings-list.ts');
  return new FindingsList({ columns, palette, all: options.all === true });
}

/** Runs the captures past the table once more, as far as it wants them. Without them the report has fewer segments, and says so. */
async function reread(
  input: AnalyzeOptions,
  table: Pick<AnalysisTable, 'segment' | 'wantsSegments' | 'lastWantedFrame'>,
  pacer: Pacer,
  session: Session,
): Promise<void> {
  const stop = new AbortController();
  input.signal?.addEventListener('abort', () => stop.abort(), { once: true });
  const last = table.lastWantedFrame;
  const listener: AnalyzeListener = {
    segment(frame, packet, trace, clock) {
      table.segment(frame, packet, trace, clock);
      if (frame.number >= last) stop.abort();
    },
    wantsSegments: (stream) => table.wantsSegments(stream),
    progress: pacer.progress,
  };
  try {
    const { frames } = await analyze({ ...input, segmentsOnly: true, signal: stop.signal }, listener);
    if (frames >= last || input.signal?.aborted) return;
    session.warn('the capture has become shorter since it was read first; segments are missing from the report');
  } catch (error) {
    // Everything but the rows is known: the answer must not be lost with the file.
    if (!(error instanceof CaptureError)) throw error;
    session.warn(`${error.message}, now that it was to be read a second time; segments are missing from the report`);
  }
}

export const command: CommandModule<Options> = { declare, run };
