// In: captures. Out: how many endpoints sat in each state over time, who causes it, and where it is heading.

import { type Command, InvalidArgumentError } from 'commander';
import { analyze } from '../../analyze.ts';
import { type Buildup, BuildupCounter, LINUX_EPHEMERAL } from '../../occupancy/buildup.ts';
import { Grouping } from '../../occupancy/names.ts';
import { toNanoseconds } from '../../occupancy/stay.ts';
import { type CaptureResult, livesOf } from '../../tcp/flow-result.ts';
import type { StateName } from '../../tcp/state.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { declareFilter, type FilterOptions, openSelection, selecting, warnIfNone } from '../filter-option.ts';
import { checkCaptures, choice, declareCommonOptions, seconds } from '../options.ts';
import { Pacer } from '../pacer.ts';
import { hosts, states } from '../socket-options.ts';
import { declareTimeWaitPerHost, type TimeWaitChoice, timeWaitLengths } from '../time-wait-option.ts';
import { takesUnicode } from '../unicode.ts';

const FORMATS = ['table', 'json', 'csv'] as const;
const GROUPINGS = Object.values(Grouping);
/** Build-ups written out, and rows of the table: about two screens. */
const TOP = 6;

interface Options extends Omit<CommonOptions, 'timeWait'>, FilterOptions {
  format: (typeof FORMATS)[number];
  by?: Grouping;
  host?: Set<string>;
  state?: Set<StateName>;
  top: number;
  step?: number;
  ephemeralRange?: [number, number];
  ascii?: boolean;
  timeWait?: TimeWaitChoice;
}

function declare(command: Command): void {
  command
    .argument('<capture...>', 'pcap or pcapng, plain, gzip or zstd; several are one trace; - is standard input')
    .option('--by <grouping>', `a table of counts by ${GROUPINGS.join(', ')}`, (name: string) =>
      choice(name, GROUPINGS),
    )
    .option('--host <address,...>', 'count only endpoints of these hosts', hosts)
    .option('--state <name,...>', 'a table of only these states; as tcpstate or ss writes them', states)
    .option('--top <n>', 'build-ups written out, and rows of the table', positive, TOP)
    .option(
      '--step <seconds>',
      'time between two counts in json and csv (default: a thousandth of the capture or more)',
      seconds,
    )
    .option('--ephemeral-range <low-high>', "the clients' local ports (default: 32768-60999, as on Linux)", portRange)
    .option('--ascii', 'plots in ASCII');
  declareFilter(command, 'the connections that fit, or have a segment that fits');
  declareCommonOptions(command, FORMATS);
  declareTimeWaitPerHost(command);
  command.addHelpText(
    'after',
    `
Examples:
  tcpstate buildup capture.pcap                      what builds up, why, and what helps
  tcpstate buildup trace-*.pcap.gz                   rotated captures as one trace
  tcpstate buildup --by host --state time-wait c.pcap  who has how many
  tcpstate buildup --format csv --step 1 c.pcap        a row per second and series, for plotting
  tcpstate buildup --time-wait 10.0.0.2=120 --ephemeral-range 1024-65535 c.pcap`,
  );
}

async function run(captures: string[], options: Options, session: Session): Promise<ExitCode> {
  checkCaptures(captures, session);
  const selection = await openSelection(options, session);
  const timeWait = timeWaitLengths(options.timeWait);
  const counter = new BuildupCounter({
    timeWait,
    ephemeral: options.ephemeralRange ?? LINUX_EPHEMERAL,
    ...(options.step !== undefined && { step: Math.max(1, toNanoseconds(options.step)) }),
    ...(options.host !== undefined && { hosts: options.host }),
  });
  const pacer = new Pacer(session, captures);
  const capture = await analyze(
    {
      files: captures,
      signal: session.interrupt.signal,
      timeWaitSeconds: timeWait.longest(),
      ...(captures.includes('-') && { stdin: session.stdin() }),
    },
    selecting(selection, {
      segment: (frame, packet, trace, clock) => counter.segment(frame, packet, trace, clock),
      leavesTheBook: (connection, trace, clock) => counter.leavesTheBook(connection, trace, clock),
      flow: (flow) => {
        for (const life of livesOf(flow)) counter.flow(life);
      },
      progress: pacer.progress,
    }),
  );
  pacer.clear();
  warnIfNone(selection, session);
  for (const warning of capture.warnings) session.warn(warning);
  const output = session.output();
  for (const text of await render(counter.finish(capture.duration), capture, options, session)) {
    output.write(text);
    const ready = output.ready();
    if (ready !== undefined) await ready;
  }
  return session.interrupt.isRequested ? ExitCode.INTERRUPTED : ExitCode.OK;
}

async function render(
  buildup: Buildup,
  capture: CaptureResult,
  options: Options,
  session: Session,
): Promise<Iterable<string>> {
  if (options.format !== 'table') {
    const { buildupCsv, buildupJson } = await import('../../report/buildup-json.ts');
    return options.format === 'json'
      ? buildupJson(buildup, capture.start)
      : buildupCsv(buildup, options.by ?? Grouping.PAIR);
  }
  const [{ buildupText }, { loadPalette }] = await Promise.all([
    import('../../report/buildup-text.ts'),
    import('../../report/palette.ts'),
  ]);
  const { screen } = session;
  const lines = buildupText(buildup, {
    columns: screen.columns,
    palette: await loadPalette(screen.color),
    unicode: takesUnicode(process.env, screen.isTerminal, options.ascii === true),
    top: options.top,
    by: options.by ?? null,
    states: options.state ?? null,
  });
  return lines.map((line) => `${line}\n`);
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1');
  return Number(text);
}

/** "32768-60999". */
function portRange(text: string): [number, number] {
  const match = /^(\d{1,5})\s*[-:]\s*(\d{1,5})$/.exec(text.trim());
  const [low, high] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || low < 1 || high > 65535 || low > high) {
    throw new InvalidArgumentError('It is two ports, the lower one first: 32768-60999');
  }
  return [low, high];
}

export const command: CommandModule<never> = { declare, run } as CommandModule<never>;
