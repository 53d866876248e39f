// In: two captures of the same services, before and after a change. Out: what the services do otherwise.

import { type Command, Option } from 'commander';
import { type AnalyzeListener, type AnalyzeOptions, analyze } from '../../analyze.ts';
import { SERVICE_MATCHES, type ServiceMatch } from '../../check/behaviour.ts';
import { compareProfiles } from '../../check/compare.ts';
import { comparisonLines } from '../../check/comparison-text.ts';
import { CaptureProfile } from '../../check/profile.ts';
import { UsageError } from '../../errors.ts';
import { jsonText } from '../../report/json-text.ts';
import { loadPalette } from '../../report/palette.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { declareFilter, type FilterOptions, openSelection, selecting, warnIfNone } from '../filter-option.ts';
import { checkCaptures, choice, declareCommonOptions } from '../options.ts';
import { Pacer } from '../pacer.ts';

const FORMATS = ['table', 'json'] as const;
export const DIFF_SCHEMA = 'tcpstate.diff/1';

interface Options extends CommonOptions, FilterOptions {
  format: (typeof FORMATS)[number];
  match: ServiceMatch;
}

function declare(command: Command): void {
  command
    .argument('<before>', 'a capture')
    .argument('<after>', 'another one of the same services')
    .addOption(
      new Option('--match <how>', 'how a service is known again: by address or port')
        .default('address')
        .argParser((name) => choice(name, SERVICE_MATCHES)),
    );
  declareFilter(command, 'the connections that fit, or have a segment that fits');
  declareCommonOptions(command, FORMATS);
  command.addHelpText(
    'after',
    `
Examples:
  tcpstate diff before.pcap after.pcap
  tcpstate diff --match port old.pcap new.pcap          containers with other addresses
  tcpstate diff -Y 'b.port == 5432' monday.pcap tuesday.pcap

Compared are the connections of each service: how they ended, the states both ends went through, findings, handshake and
duration. Shares are compared, not counts: the captures need not hold equally much.`,
  );
}

async function run(captures: string[], options: Options, session: Session): Promise<ExitCode> {
  checkCaptures(captures, session);
  if (captures.length !== 2) throw new UsageError('diff compares two captures: tcpstate diff BEFORE AFTER');
  if (captures.every((name) => name === '-')) throw new UsageError('only one of the captures can be standard input');
  const [before, after] = [
    await profileOf(captures[0]!, options, session),
    await profileOf(captures[1]!, options, session),
  ];
  const comparison = compareProfiles(before, after);
  const output = session.output();
  if (options.format === 'json') {
    output.write(`${jsonText({ schema: DIFF_SCHEMA, files: captures, ...comparison }, 2)}\n`);
  } else {
    const palette = await loadPalette(session.screen.color);
    for (const line of comparisonLines(comparison, palette)) output.write(`${line}\n`);
  }
  return session.interrupt.isRequested ? ExitCode.INTERRUPTED : ExitCode.OK;
}

async function profileOf(capture: string, options: Options, session: Session): Promise<CaptureProfile> {
  const selection = await openSelection(options, session);
  const pacer = new Pacer(session, [capture]);
  const profile = new CaptureProfile(options.match);
  const input: AnalyzeOptions = {
    files: [capture],
    signal: session.interrupt.signal,
    ...(capture === '-' && { stdin: session.stdin() }),
    ...(options.timeWait !== undefined && { timeWaitSeconds: options.timeWait }),
  };
  const listener: AnalyzeListener = { flow: (flow) => profile.add(flow), progress: pacer.progress };
  const read = await analyze(input, selecting(selection, listener));
  pacer.clear();
  for (const warning of read.warnings) session.warn(warning);
  warnIfNone(selection, session);
  return profile;
}

export const command: CommandModule<Options> = { declare, run };
