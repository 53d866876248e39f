// In: captures and the names of fields. Out: a row per TCP segment, as the capture is read.

import type { Command } from 'commander';
import { type AnalyzeOptions, analyze } from '../../analyze.ts';
import type { Filter } from '../../filter/filter.ts';
import { PACKET_FIELDS, type SegmentContext } from '../../report/packet-fields.ts';
import {
  defaultPacketFields,
  PACKET_FORMATS,
  type PacketFormat,
  packetPrinter,
  parseFieldList,
} from '../../report/packets.ts';
import { loadPalette } from '../../report/palette.ts';
import { Extent } from '../../tcp/trace.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { declareFilter, type FilterOptions, openFilter } from '../filter-option.ts';
import { checkCaptures, declareCommonOptions, streams } from '../options.ts';
import { Pacer } from '../pacer.ts';
import { HoldingGate, MOST_ANSWERS, type RowGate, RowText, segmentGate, TwoPassGate } from '../row-gate.ts';

/** The fields that are not read off the packet and Wireshark's analysis. */
const STATE_FIELDS: ReadonlySet<string> = new Set(['tcpstate.src.state', 'tcpstate.dst.state']);

interface Options extends CommonOptions, FilterOptions {
  format: PacketFormat;
  fields?: string[];
  stream?: Set<number>;
}

function declare(command: Command): void {
  command
    .argument('<capture...>', 'pcap or pcapng, plain, gzip or zstd; several are one trace; - is standard input')
    .option('--fields <name,...>', "which fields, by tshark's names (listed below)", parseFieldList)
    .option('--stream <n,...>', "only these connections, by Wireshark's tcp.stream", streams);
  declareFilter(command, "the segments that fit, in Wireshark's display filter language");
  declareCommonOptions(command, PACKET_FORMATS);
  command.addHelpText(
    'after',
    () => `
Examples:
  tcpstate packets capture.pcap                     what a person wants to see
  tcpstate packets --format tsv capture.pcap        every field of every segment
  tcpstate packets -Y 'tcp.analysis.retransmission && tcp.port == 443' capture.pcap
  tcpstate packets -Y 'tcp.flags.reset == 1 && flow.verdict == "aborted-by-server"' capture.pcap
  tcpstate packets --stream 3 --fields frame.number,tcp.seq,tcp.ack,tcpstate.src.state --format csv capture.pcap
  diff <(tcpstate packets --format tsv --fields tcp.stream,tcp.seq c.pcap) \\
       <(tshark -n -r c.pcap -Y tcp -T fields -E header=y -e tcp.stream -e tcp.seq)

tcpstate.src.state and tcpstate.dst.state are the states of sender and receiver after the segment, as far as they are known at
that moment; analyze shows what became known later.

Fields:
${fieldLines().join('\n')}`,
  );
}

/** The names, by their first word, several on a line. */
function fieldLines(): string[] {
  const lines: string[] = [];
  let group = '';
  for (const name of PACKET_FIELDS.keys()) {
    const itsGroup = /^(?:tcp\.analysis|tcp\.options?|\w+)/.exec(name)![0];
    const last = lines.at(-1);
    if (last === undefined || itsGroup !== group || last.length + name.length > 100) lines.push(`  ${name}`);
    else lines[lines.length - 1] = `${last} ${name}`;
    group = itsGroup;
  }
  return lines;
}

async function run(captures: string[], options: Options, session: Session): Promise<ExitCode> {
  checkCaptures(captures, session);
  const filter = await openFilter(options, session);
  const { screen } = session;
  const output = session.output();
  // Rows on a terminal are progress enough.
  const pacer = new Pacer(session, captures, { shows: !screen.isTerminal });
  const input: AnalyzeOptions = {
    files: captures,
    signal: session.interrupt.signal,
    ...(captures.includes('-') && { stdin: session.stdin() }),
    ...(options.timeWait !== undefined && { timeWaitSeconds: options.timeWait }),
  };
  let gate: RowGate | null = filter === null || filter.asksFlows ? null : segmentGate(filter);
  let holding: HoldingGate | null = null;
  const rowText = new RowText();
  if (filter?.asksFlows) {
    if (filter.answerCount > MOST_ANSWERS || captures.includes('-')) {
      holding = new HoldingGate(filter);
    } else {
      const first = new TwoPassGate(filter);
      await analyze(input, { ...first.listener, progress: pacer.progress });
      gate = first;
    }
  }
  const sink = holding === null ? output : rowText;
  const names = options.fields ?? defaultPacketFields(options.format);
  const printer = packetPrinter(options.format, names, sink, {
    palette: await loadPalette(screen.color),
    width: screen.columns,
  });
  const { stream } = options;
  // Lent to the printer again and again; one for each segment was nearly all the garbage there was.
  const at = {} as { -readonly [Part in keyof SegmentContext]: SegmentContext[Part] };
  let begun = false;
  let hasStream = false;
  const capture = await analyze(
    { ...input, segmentsOnly: holding === null, extent: extentOf(names, filter, stream !== undefined) },
    {
      ...(stream !== undefined && { wantsSegments: (one: number) => stream.has(one) }),
      segment(frame, packet, trace, clock) {
        if (stream !== undefined && (trace.current < 0 || !stream.has(trace.connection.stream))) return;
        hasStream = true;
        if (gate !== null && !gate.selects(frame, packet, trace, clock)) return;
        if (!begun) {
          begun = true;
          printer.begin();
          if (holding !== null) output.write(rowText.take());
        }
        at.frame = frame;
        at.packet = packet;
        at.trace = trace;
        at.clock = clock;
        if (holding === null) {
          printer.row(at);
          return;
        }
        const now = holding.segment(frame, packet, trace, clock, () => {
          printer.row(at);
          return rowText.take();
        });
        if (now !== '') output.write(now);
      },
      ...(holding !== null && { flow: (flow, clock) => holding.flow(flow, clock.duration()) }),
      progress: pacer.progress,
    },
  );
  pacer.clear();
  if (!begun) printer.begin();
  for (const text of holding?.rest() ?? []) {
    output.write(text);
    const ready = output.ready();
    if (ready !== undefined) await ready;
  }
  printer.end();
  if (holding !== null) output.write(rowText.take());
  if (capture.tcpSegments === 0) session.warn('there is no TCP segment in the capture');
  else if (!hasStream) session.warn(`there is no such stream; there are 0 to ${capture.streams - 1}`);
  for (const warning of capture.warnings) session.warn(warning);
  return session.interrupt.isRequested ? ExitCode.INTERRUPTED : ExitCode.OK;
}

/** What has to be found out of each segment for these fields and this filter. */
function extentOf(names: readonly string[], filter: Filter | null, someStreamsOnly: boolean): Extent {
  // What a filter on connections reads in its first reading has to be found in the second one, too.
  if (someStreamsOnly || filter?.asksFlows) return Extent.ALL;
  const read = [...names, ...(filter?.fields ?? [])];
  return read.some((name) => STATE_FIELDS.has(name)) ? Extent.STATES : Extent.SEQUENCE;
}

export const command: CommandModule<Options> = { declare, run };
