// In: a word, a frame of a capture, or nothing. Out: what the word means; what the frame did and why; the diagram of all states.

import { type Command, Option } from 'commander';
import { UsageError } from '../../errors.ts';
import { nearestName } from '../../nearest-name.ts';
import { clip } from '../../report/columns.ts';
import { loadPalette, type Palette } from '../../report/palette.ts';
import { textDiagram } from '../../report/state-diagram.ts';
import { findTerms, TERM_KINDS, termLines, termNames, termSummary } from '../../report/term-text.ts';
import type { CommandModule, CommonOptions, Session } from '../command.ts';
import { ExitCode } from '../exit-code.ts';
import { checkCaptures, choice, seconds, wholeNumber } from '../options.ts';
import { Pacer } from '../pacer.ts';

interface Options extends CommonOptions {
  list?: boolean;
  frame?: number;
}

const KIND_TITLES: Readonly<Record<(typeof TERM_KINDS)[number], string>> = {
  state: 'states',
  event: "events, from an endpoint's own view",
  evidence: 'evidence: how a state is known',
  verdict: 'verdicts: how a connection opened and ended',
  finding: 'findings',
};

function declare(command: Command): void {
  command
    .argument(
      '[term...]',
      'a state, event, evidence, verdict or finding, as tcpstate prints it; as ss and netstat do will do',
    )
    .option('--list', 'every term, a line each')
    .option('--frame <n>', 'explain what this frame of a capture did to both ends, and why', wholeNumber)
    .option('--time-wait <seconds>', 'with --frame: how long TIME_WAIT lasts (default: 60)', seconds)
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .addOption(
      new Option('--color <when>', 'auto, always or never')
        .default('auto')
        .argParser((name) => choice(name, ['auto', 'always', 'never'])),
    );
  command.addHelpText(
    'after',
    `
Examples:
  tcpstate explain                   the state diagram
  tcpstate explain TIME_WAIT         a state: what it is, what leads in and out
  tcpstate explain rcv FIN           an event
  tcpstate explain refused           a verdict
  tcpstate explain close_wait_leak   a finding: what it means, usual causes, what to do
  tcpstate explain --list            every term
  tcpstate explain --frame 9 c.pcap  why frame 9 moved whom: the rules, and the variables before and after`,
  );
}

async function run(words: string[], options: Options, session: Session): Promise<ExitCode> {
  const palette = await loadPalette(session.screen.color);
  if (options.frame !== undefined) return explainFrame(words, options.frame, options, session, palette);
  const output = session.output();
  for (const line of lines(words, options, session.screen.columns, palette)) output.write(`${line}\n`);
  return ExitCode.OK;
}

/** Reads the captures up to the frame, and tells what it did. */
async function explainFrame(
  captures: readonly string[],
  number: number,
  options: Options,
  session: Session,
  palette: Palette,
): Promise<ExitCode> {
  if (captures.length === 0) throw new UsageError(`explain --frame ${number} needs the capture it is in`);
  if (number < 1) throw new UsageError(`there is no frame ${number}; frames are counted from 1`);
  checkCaptures(captures, session);
  const [{ analyze }, { FrameExplainer }, { frameExplanationLines }, { endpointText }, { infoText }] =
    await Promise.all([
      import('../../analyze.ts'),
      import('../../tcp/explanation.ts'),
      import('../../report/frame-explanation.ts'),
      import('../../report/endpoint-text.ts'),
      import('../../report/info-column.ts'),
    ]);
  const pacer = new Pacer(session, captures);
  const stop = new AbortController();
  session.interrupt.signal.addEventListener('abort', () => stop.abort(), { once: true });
  let explainer: InstanceType<typeof FrameExplainer> | null = null;
  const found: string[] = [];
  const capture = await analyze(
    {
      files: captures,
      signal: stop.signal,
      ...(captures.includes('-') && { stdin: session.stdin() }),
      ...(options.timeWait !== undefined && { timeWaitSeconds: options.timeWait }),
    },
    {
      begin(trace) {
        explainer = new FrameExplainer(trace.states, number);
      },
      segment(frame, packet, trace, clock) {
        if (frame.number < number) return;
        stop.abort();
        const explanation = explainer?.explanation;
        if (frame.number > number || explanation == null || trace.current < 0) return;
        const { connection, addresses } = trace;
        const a = endpointText({ addr: addresses.toText(connection.addressA), port: connection.portA });
        const b = endpointText({ addr: addresses.toText(connection.addressB), port: connection.portB });
        const [sender, receiver] = trace.direction === 0 ? [a, b] : [b, a];
        const time = clock.since(frame.seconds, frame.nanoseconds);
        const of = { explanation, time, stream: connection.stream, sender, receiver, info: infoText(packet, trace) };
        found.push(...frameExplanationLines(of, session.screen.columns, palette));
      },
      progress: pacer.progress,
    },
  );
  pacer.clear();
  if (found.length === 0) {
    throw new UsageError(
      number <= capture.frames
        ? `frame ${number} holds no TCP segment of a connection; tcpstate packets lists those that do`
        : `there is no frame ${number}; the capture has ${capture.frames}, counted from 1`,
    );
  }
  const output = session.output();
  for (const line of found) output.write(`${line}\n`);
  return session.interrupt.isRequested ? ExitCode.INTERRUPTED : ExitCode.OK;
}

function* lines(words: readonly string[], options: Options, columns: number, palette: Palette): Generator<string> {
  if (options.list) {
    yield* listLines(columns, palette);
    return;
  }
  if (words.length === 0) {
    yield* textDiagram().split('\n');
    yield '';
    yield palette.faint('tcpstate explain TERM tells what a word means; tcpstate explain --list names them all.');
    return;
  }
  // "snd FIN" is one term; "TIME_WAIT CLOSE_WAIT" are two.
  const whole = findTerms(words.join(' '));
  const found = whole.length > 0 ? whole : words.flatMap(oneOrMore);
  for (const [i, term] of found.entries()) {
    if (i > 0) yield '';
    yield* termLines(term, columns, palette);
  }
}

function oneOrMore(word: string): ReturnType<typeof findTerms> {
  const found = findTerms(word);
  if (found.length > 0) return found;
  const nearest = nearestName(word, TERM_KINDS.flatMap(termNames));
  throw new UsageError(
    `there is no term "${word}" (${nearest === null ? 'tcpstate explain --list names them all' : `did you mean ${nearest}?`})`,
  );
}

function* listLines(columns: number, palette: Palette): Generator<string> {
  for (const kind of TERM_KINDS) {
    const names = termNames(kind);
    const width = Math.max(...names.map((name) => name.length));
    if (kind !== TERM_KINDS[0]) yield '';
    yield palette.heading(KIND_TITLES[kind]);
    for (const name of names) {
      const summary = clip(termSummary({ kind, name }), Math.max(20, columns - width - 4));
      yield `  ${name.padEnd(width)}  ${palette.faint(summary)}`;
    }
  }
}

export const command: CommandModule<Options> = { declare, run };
