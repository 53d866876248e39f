// In: captures, a moment and what to list. Out: the sockets that existed at that moment, as `ss -tan` would have shown them.

import type { Command } from 'commander';
import { analyze } from '../../analyze.ts';
import { UsageError } from '../../errors.ts';
import { parseMoment } from '../../occupancy/moment.ts';
import { SORT_KEYS, SocketsAt, type SocketsReport, type SortKey, sortSockets } from '../../occupancy/sockets.ts';
import { type CaptureResult, livesOf } from '../../tcp/flow-result.ts';
import type { StateName } from '../../tcp/state.ts';
import { duration } from '../../units.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { declareFilter, type FilterOptions, openSelection, selecting, warnIfNone } from '../filter-option.ts';
import { checkCaptures, choice, declareCommonOptions } from '../options.ts';
import { Pacer } from '../pacer.ts';
import { hosts, states } from '../socket-options.ts';
import { declareTimeWaitPerHost, type TimeWaitChoice, timeWaitLengths } from '../time-wait-option.ts';
import { takesUnicode } from '../unicode.ts';

const FORMATS = ['table', 'json', 'csv'] as const;

interface Options extends Omit<CommonOptions, 'timeWait'>, FilterOptions {
  format: (typeof FORMATS)[number];
  at: string;
  host?: Set<string>;
  state?: Set<StateName>;
  sort: SortKey;
  summary?: boolean;
  listening?: boolean;
  ascii?: boolean;
  timeWait?: TimeWaitChoice;
}

function declare(command: Command): void {
  command
    .argument('<capture...>', 'pcap or pcapng, plain, gzip or zstd; several are one trace; - is standard input')
    .option(
      '--at <moment>',
      'seconds since the capture\'s start (12.5, +12.5s), "end", ISO 8601, or @ and epoch seconds',
      'end',
    )
    .option('--host <address,...>', 'only the sockets of these hosts', hosts)
    .option('--state <name,...>', 'only these states; as tcpstate or ss writes them', states)
    .option(
      '--sort <key>',
      `${SORT_KEYS.join(', ')}; times and queues the largest first`,
      (name: string) => choice(name, SORT_KEYS),
      'host',
    )
    .option('--summary', 'the number of sockets per host and state, as ss -s')
    .option('--listening', 'listening sockets as well, as far as connections prove them')
    .option('--ascii', 'the table in ASCII');
  declareFilter(command, 'the sockets of connections that fit, or have a segment that fits');
  declareCommonOptions(command, FORMATS);
  declareTimeWaitPerHost(command);
  command.addHelpText(
    'after',
    `
Examples:
  tcpstate sockets capture.pcap                          at the capture's end
  tcpstate sockets --at 12.5 capture.pcap                12.5 s after its first frame
  tcpstate sockets --at 2024-05-06T09:57:25Z trace*.pcap a moment by the clock, in rotated captures
  tcpstate sockets --state close-wait --sort time c.pcap who has sat in CLOSE_WAIT, the longest first
  tcpstate sockets --summary --time-wait 10.0.0.2=120 c.pcap

Endpoints of both sides are listed, each under its own host. How a state was reached is marked ~ where the endpoint itself did
not show it. send-q: bytes sent and not acknowledged, SYN and FIN counted, as far as the capture shows them (ss adds what the
kernel has yet to send). recv-q is not known ("-"): nothing in a capture tells when an application reads.`,
  );
}

async function run(captures: string[], options: Options, session: Session): Promise<ExitCode> {
  checkCaptures(captures, session);
  if (options.summary && options.format !== 'table') {
    throw new UsageError(`--summary is a table; with --format ${options.format}, count the sockets`);
  }
  const selection = await openSelection(options, session);
  const timeWait = timeWaitLengths(options.timeWait);
  const table = new SocketsAt(parseMoment(options.at), timeWait);
  const pacer = new Pacer(session, captures);
  const listener = selecting(selection, {
    segment: (frame, packet, trace, clock) => table.segment(frame, packet, trace, clock),
    leavesTheBook: (connection, trace, clock) => table.leavesTheBook(connection, trace, clock),
    lastMoment: (clock) => table.lastMoment(clock),
    flow: (flow) => {
      for (const life of livesOf(flow)) table.flow(life);
    },
    progress: pacer.progress,
  });
  const capture = await analyze(
    {
      files: captures,
      signal: session.interrupt.signal,
      timeWaitSeconds: timeWait.longest(),
      ...(captures.includes('-') && { stdin: session.stdin() }),
    },
    {
      ...listener,
      flow(flow, clock) {
        // Before the filter: the moment is told whatever it selects.
        table.begin(clock);
        return listener.flow?.(flow, clock);
      },
    },
  );
  pacer.clear();
  warnIfNone(selection, session);
  for (const warning of capture.warnings) session.warn(warning);
  const report = table.finish(capture.duration);
  sayWhereItLies(report, capture, session);
  const output = session.output();
  for (const text of await render(selected(report, options, session), options, session)) {
    output.write(text);
    const ready = output.ready();
    if (ready !== undefined) await ready;
  }
  return session.interrupt.isRequested ? ExitCode.INTERRUPTED : ExitCode.OK;
}

/** A moment outside the capture is answered as far as it can be, but not silently. */
function sayWhereItLies({ at, captureEnd }: SocketsReport, capture: CaptureResult, session: Session): void {
  if (capture.tcpSegments === 0) session.warn('there is no TCP in the capture');
  else if (at < 0) session.warn(`that is ${duration(-at)} before the capture's first frame: nothing is known of it`);
  else if (at > captureEnd) {
    session.warn(
      `that is ${duration(at - captureEnd)} after the capture's last frame: shown is what is left if nothing else happened, with timers run on`,
    );
  }
}

/** What the options ask for, in their order. */
function selected(report: SocketsReport, options: Options, session: Session): SocketsReport {
  const { host, state } = options;
  const all = options.listening || state?.has('LISTEN') ? [...report.listeners, ...report.sockets] : report.sockets;
  const unknown = state?.has('UNKNOWN') ? 0 : all.filter((socket) => socket.state === 'UNKNOWN').length;
  if (unknown > 0) {
    session.warn(
      `${unknown} ${unknown === 1 ? 'endpoint' : 'endpoints'} of which the capture shows no state ${unknown === 1 ? 'is' : 'are'} not listed; --state UNKNOWN does`,
    );
  }
  const sockets = all.filter(
    (socket) =>
      (host === undefined || host.has(socket.addr)) &&
      (socket.state === 'LISTEN' || (state === undefined ? socket.state !== 'UNKNOWN' : state.has(socket.state))),
  );
  if (host !== undefined && sockets.length === 0 && !all.some(({ addr }) => host.has(addr)) && all.length > 0) {
    const known = [...new Set(all.map(({ addr }) => addr))];
    session.warn(
      `no socket of ${[...host].join(', ')} existed then; there are ${known.slice(0, 5).join(', ')}${known.length > 5 ? ' and more' : ''}`,
    );
  }
  return { ...report, sockets: sortSockets(sockets, options.sort) };
}

async function render(report: SocketsReport, options: Options, session: Session): Promise<Iterable<string>> {
  if (options.format !== 'table') {
    const { socketsCsv, socketsJson } = await import('../../report/sockets-json.ts');
    return options.format === 'json' ? socketsJson(report) : socketsCsv(report);
  }
  const [{ socketsSummary, socketsTable }, { loadPalette }] = await Promise.all([
    import('../../report/sockets-table.ts'),
    import('../../report/palette.ts'),
  ]);
  const { screen } = session;
  const unicode = takesUnicode(process.env, screen.isTerminal, options.ascii === true);
  const view = { columns: screen.columns, palette: await loadPalette(screen.color), unicode };
  const lines = options.summary ? socketsSummary(report, view) : socketsTable(report, view);
  return lines.map((line) => `${line}\n`);
}

export const command: CommandModule<never> = { declare, run } as CommandModule<never>;
