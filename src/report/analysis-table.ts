// In: segments, connections and the capture as they come. Out: the report people read: the answer in words, the list of
// connections, and segment by segment those that ask for it.

import { SEVERITIES } from '../anomaly/entry.ts';
import type { Frame } from '../capture/frame.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import { secondsOf } from '../tcp/clock.ts';
import { type CaptureResult, type FindingResult, type FlowResult, livesOf } from '../tcp/flow-result.ts';
import { flowOf, type Lives, type TextbookLife, verdictOf } from '../tcp/textbook-life.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { counted } from '../units.ts';
import { appHint } from '../wire/app-hint.ts';
import type { Packet } from '../wire/packet.ts';
import { seqAdd } from '../wire/seq.ts';
import { captureParts } from './capture-line.ts';
import { clipMiddle, wrap } from './columns.ts';
import { connectionListLines, joinFitting } from './connection-list.ts';
import { Diagnosis } from './diagnosis.ts';
import { endpointText } from './endpoint-text.ts';
import { flowTableLines, type TableStyle } from './flow-table.ts';
import { analysisMarks, flagNames, infoText } from './info-column.ts';
import { ladderLines } from './ladder.ts';
import { interestOf, NOTABLE_SCORE, outcomeOf } from './outcome.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import {
  chooseRows,
  isChosen,
  type RowChoice,
  RowKeeper,
  type SegmentParts,
  type SegmentRows,
} from './segment-rows.ts';
import { ServerTable } from './server-table.ts';
import { historyLines } from './state-history.ts';

/** Connections in the list unless all are asked for. */
const LISTED = 20;
/** Most connections in the list ever: they are held in memory until the order is known. */
const MOST_LISTED = 50_000;
/** Captures with no more connections than this show all of them segment by segment; larger ones this many at most. */
const DETAILED = 3;
/** Rows of a connection shown where it is one of few, one of many, and where it was asked for. */
const ROWS_FEW = 60;
const ROWS_MANY = 24;
const ROWS_ASKED = 1000;
/** Rows of a connection taken in where they are drawn as a ladder, which folds most of them. */
const ROWS_LADDER = 10_000;
/** Findings of a connection written out. */
const MOST_FINDINGS = 12;
/** Columns in front of the text of a finding. */
const MARK_WIDTH = 7;
/**
 * Rows kept while the capture is read for the first time: in all, of one connection, and of how many of the first connections, where not all are
 * asked for. What is chosen for show and was not kept is read again, unless the capture came from standard input; that is why more is kept then.
 * A connection of which rows are kept takes three times the time of another.
 */
const KEPT_FROM_FILE = { rows: 5_000, perFlow: 300, flows: 100 } as const;
const KEPT_FROM_STREAM = { rows: 100_000, perFlow: 2_000, flows: Number.POSITIVE_INFINITY } as const;
/** Most rows kept on the second reading. */
const KEPT_ON_REREADING = 300_000;

export interface AnalysisTableOptions {
  columns: number;
  palette: Palette;
  /** Only these connections. */
  streams: ReadonlySet<number> | null;
  /** Every connection in the list, and segment by segment. */
  all: boolean;
  /** Rows shown of a connection, or null for the usual number. */
  rows: number | null;
  /** A ladder diagram in place of the packet table; with `all` nothing is folded. */
  ladder?: boolean;
  /** The captures as named on the command line, for commands to go on with. */
  files: readonly string[];
}

export class AnalysisTable {
  readonly #options: AnalysisTableOptions;
  readonly #diagnosis = new Diagnosis();
  readonly #servers = new ServerTable();
  readonly #isRereadable: boolean;
  #keeper: RowKeeper;
  /** `wantsSegments` is false of every stream from this one on. */
  readonly wantsNoneFrom: number;
  #clock: CaptureClock | null = null;
  /** The most interesting so far, more than will be listed; cut down now and then. */
  #candidates: { flow: FlowResult; score: number }[] = [];
  #flows = 0;
  /** Lives by the book among the candidates so far, and the last stream of them. */
  #quiet = 0;
  #lastQuiet = -1;

  constructor(options: AnalysisTableOptions) {
    this.#options = options;
    this.#isRereadable = !options.files.includes('-');
    const kept = this.#isRereadable ? KEPT_FROM_FILE : KEPT_FROM_STREAM;
    const { streams, rows, all } = options;
    const first = all ? Number.POSITIVE_INFINITY : kept.flows;
    const choice: RowChoice = {
      head: kept.perFlow,
      tailFrom: Number.POSITIVE_INFINITY,
      frames: new Set(),
    };
    const isWanted = (stream: number) => rows !== 0 && (streams === null ? stream < first : streams.has(stream));
    this.wantsNoneFrom =
      rows === 0 ? 0 : streams === null ? first : [...streams].reduce((most, stream) => Math.max(most, stream + 1), 0);
    this.#keeper = new RowKeeper((stream) => (isWanted(stream) ? choice : null), kept.rows);
  }

  /** True if rows of this connection may be kept. */
  wantsSegments(stream: number): boolean {
    return this.#keeper.wants(stream);
  }

  /** Takes in one segment. */
  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    this.#clock = clock;
    if (trace.current < 0) return;
    const { connection } = trace;
    const kept = this.#keeper.claim(connection.stream, frame.number, () => [
      trace.addresses.toText(connection.addressA),
      connection.portA,
    ]);
    if (kept === null) return;
    kept.rows.push({
      index: kept.passed - 1,
      frame: frame.number,
      seconds: frame.seconds,
      nanoseconds: frame.nanoseconds,
      isFromFirst: trace.direction === 0,
      info: withoutPorts(infoText(packet, trace), packet),
      app: printable(appHint(packet)),
      ...(this.#options.ladder && { parts: partsOf(packet, trace) }),
    });
  }

  /** Takes in one connection. */
  flow(flow: FlowResult): void {
    const { streams } = this.#options;
    if (streams !== null && !streams.has(flow.stream)) return;
    this.#flows++;
    this.#diagnosis.add(flow);
    this.#servers.add(flow.endpoints[1], flow);
    this.#propose(flow);
  }

  /** As `flow`, of lives by the book, of which nothing was found. */
  lives(lives: Lives): void {
    for (const life of lives) this.#life(life);
  }

  #life(life: TextbookLife): void {
    const { streams } = this.#options;
    if (streams !== null && !streams.has(life.stream)) return;
    this.#flows++;
    const outcome = { verdict: verdictOf(life) };
    life.name();
    this.#diagnosis.addQuiet(outcome);
    this.#servers.add({ addr: life.addressB, port: life.sides[1].port }, outcome);
    const most = this.#mostListed();
    if (this.#isComplete()) {
      if (this.#candidates.length >= most) return;
    } else {
      // Nothing is less notable, so of these the first ones alone can ever be listed.
      if (this.#quiet >= most && life.stream > this.#lastQuiet) return;
      this.#quiet++;
      this.#lastQuiet = Math.max(this.#lastQuiet, life.stream);
    }
    this.#propose(flowOf(life));
  }

  #propose(flow: FlowResult): void {
    const most = this.#mostListed();
    if (this.#isComplete()) {
      if (this.#candidates.length < most) this.#candidates.push({ flow, score: 0 });
      return;
    }
    this.#candidates.push({ flow, score: interestOf(flow) });
    if (this.#candidates.length >= 8 * most) this.#cut();
  }

  #mostListed(): number {
    return this.#isComplete() ? MOST_LISTED : LISTED;
  }

  /** Leaves as many as are listed: the most interesting first, but in the order of the capture where all of them are. */
  #cut(): void {
    const most = this.#mostListed();
    const isWhole = this.#flows <= most;
    this.#candidates.sort((a, b) => (isWhole ? 0 : b.score - a.score) || a.flow.stream - b.flow.stream);
    this.#candidates.length = Math.min(this.#candidates.length, most);
  }

  /** The connections shown segment by segment. */
  #detailed(): FlowResult[] {
    if (this.#options.rows === 0) return [];
    this.#cut();
    const candidates = this.#candidates;
    if (this.#isComplete() || this.#flows <= DETAILED) return candidates.map(({ flow }) => flow);
    const notable = candidates.filter(({ score }) => score >= NOTABLE_SCORE).sort((a, b) => b.score - a.score);
    return (notable.length > 0 ? notable.slice(0, DETAILED) : candidates.slice(0, 1)).map(({ flow }) => flow);
  }

  #isComplete(): boolean {
    return this.#options.streams !== null || this.#options.all;
  }

  #rowLimit(): number {
    if (this.#options.rows !== null) return this.#options.rows;
    if (this.#options.ladder) return ROWS_LADDER;
    if (this.#options.streams !== null) return ROWS_ASKED;
    return this.#flows <= DETAILED ? ROWS_FEW : ROWS_MANY;
  }

  /**
   * True if rows that will be shown were not kept and the captures can be read again: the caller then runs them past
   * {@link segment} once more, up to frame {@link lastWantedFrame}.
   */
  wantsRereading(): boolean {
    if (!this.#isRereadable) return false;
    const limit = this.#rowLimit();
    const choices = new Map<number, RowChoice>();
    let isMissing = false;
    for (const flow of this.#detailed()) {
      choices.set(flow.stream, chooseRows(flow, limit));
      if ((this.#keeper.of(flow.stream)?.rows.length ?? 0) < flow.segments) isMissing = true;
    }
    if (isMissing) this.#keeper = new RowKeeper((stream) => choices.get(stream) ?? null, KEPT_ON_REREADING);
    return isMissing;
  }

  get lastWantedFrame(): number {
    return this.#detailed().reduce((last, flow) => Math.max(last, flow.frames[1]), 0);
  }

  /** The report, line by line. */
  async *lines(capture: CaptureResult): AsyncGenerator<string> {
    const { columns, palette } = this.#options;
    yield* joinFitting(
      captureParts(capture).map((part) => clipMiddle(part, columns)),
      columns,
    );
    yield* this.#answer(capture);
    if (this.#flows === 0) {
      if (this.#options.streams !== null && capture.streams > 0) {
        yield `There is no such stream; there are 0 to ${capture.streams - 1}.`;
      }
      return;
    }
    this.#cut();
    const listed = this.#candidates.map(({ flow }) => flow);
    if (this.#flows > listed.length) {
      const servers = await this.#servers.lines(columns, palette);
      if (servers.length > 0) yield* ['', ...servers];
    }
    yield '';
    yield* connectionListLines(listed, columns, palette);
    if (this.#flows > listed.length) yield* this.#leftOut(listed.length);
    const detailed = this.#detailed();
    for (const flow of detailed) yield* this.#flowLines(flow, capture);
    yield* this.#footer(detailed);
  }

  /** Only what was read and how many connections there are. */
  *summaryLines(capture: CaptureResult): Generator<string> {
    const { columns, palette } = this.#options;
    yield* joinFitting(
      captureParts(capture).map((part) => clipMiddle(part, columns)),
      columns,
    );
    for (const line of wrap(this.#diagnosis.opening(), columns)) yield palette.heading(line);
  }

  *#answer(capture: CaptureResult): Generator<string> {
    const { columns, palette } = this.#options;
    const remarks = this.#diagnosis.remarks(capture);
    const opening = this.#diagnosis.opening();
    const isQuiet = this.#flows > 0 && this.#diagnosis.isUneventful(capture);
    const text = isQuiet ? `${opening} Nothing unusual.` : opening;
    for (const line of wrap(text, columns)) yield palette.heading(line);
    for (const { severity, text } of remarks) yield* this.#markedLines(severity, text);
    if (this.#flows === 1) yield* this.#findingLines(this.#candidates[0]!.flow);
  }

  /** A severity in front of a text, which is indented where it is wrapped. */
  *#markedLines(severity: FindingResult['severity'], text: string): Generator<string> {
    const { columns, palette } = this.#options;
    const paint = severity === 'error' ? palette.bad : severity === 'warn' ? palette.notable : palette.faint;
    const [first, ...rest] = wrap(text, columns - MARK_WIDTH);
    yield ` ${paint(severity.padEnd(MARK_WIDTH - 2))} ${first}`;
    for (const line of rest) yield `${' '.repeat(MARK_WIDTH)}${line}`;
  }

  *#leftOut(listed: number): Generator<string> {
    const { palette, columns, all } = this.#options;
    const rest = this.#flows - listed;
    const words = all
      ? `${counted(rest, 'connection')} more than a table holds (--format ndjson has them)`
      : `${counted(rest, 'connection')} more, less notable, not listed (--all lists them; --format ndjson for programs)`;
    for (const line of wrap(words, columns - 1)) yield ` ${palette.faint(line)}`;
  }

  *#flowLines(flow: FlowResult, capture: CaptureResult): Generator<string> {
    const { columns, palette } = this.#options;
    yield '';
    yield* this.#titleLines(flow);
    if (flow.crosswalk !== undefined) for (const line of wrap(crosswalkText(flow), columns)) yield palette.faint(line);
    // Of a connection that is alone all has been said at the top.
    if (this.#flows > 1) yield* this.#findingLines(flow);
    const kept = this.#rowsOf(flow);
    const clock = this.#clock!;
    const style: TableStyle = {
      columns,
      palette,
      timeOf: (row) => secondsOf(row.seconds - clock.startSeconds, row.nanoseconds - clock.startNanoseconds),
    };
    if (this.#options.ladder) yield* ladderLines(flow, kept, { ...style, isFolded: !this.#options.all });
    else yield* flowTableLines(flow, kept, style);
    const decimals = kept.rows.some((row) => row.nanoseconds % 1000 !== 0) ? 9 : 6;
    yield '';
    for (const side of [0, 1] as const) {
      yield* historyLines(flow, side, { columns, palette, decimals, captureEnd: capture.duration });
    }
    const [, ...furtherLives] = livesOf(flow);
    for (const life of furtherLives) {
      yield '';
      yield* wrap(`A further life of the same ports, inside the stream: ${outcomeOf(life).words}`, columns);
      for (const side of [0, 1] as const) {
        yield* historyLines(life, side, { columns, palette, decimals, captureEnd: capture.duration });
      }
    }
  }

  #titleLines(flow: FlowResult): string[] {
    const { columns, palette } = this.#options;
    const [a, b] = flow.endpoints;
    const arrow = a.opener === 'active' ? '→' : '↔';
    const ends = [endpointText(a), `${arrow} ${endpointText(b)}`];
    const names = ends.join(' ').length <= columns ? [ends.join(' ')] : ends;
    const parts = [`stream ${flow.stream}`, ...names, outcomeOf(flow).words];
    if (flow.app !== '') parts.push(printable(flow.app));
    return joinFitting(parts, columns).map((line) => palette.heading(line));
  }

  /** What there is to say about the connection, before the evidence. */
  *#findingLines(flow: FlowResult): Generator<string> {
    // "chat" is for whoever looks at one connection.
    const isAsked = this.#options.streams !== null;
    const findings = flow.findings.filter(({ severity }) => isAsked || severity !== 'chat');
    findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
    for (const finding of findings.slice(0, MOST_FINDINGS)) {
      const subject = finding.endpoint === null ? '' : `${endpointText(flow.endpoints[finding.endpoint])}: `;
      const frame = finding.frame === null ? '' : ` (#${finding.frame})`;
      const doubt = finding.because === undefined ? '' : `; less sure, since ${finding.because}`;
      yield* this.#markedLines(finding.severity, `${subject}${printable(finding.message)}${frame}${printable(doubt)}`);
    }
    if (findings.length > MOST_FINDINGS) {
      yield this.#options.palette.faint(
        ` ${counted(findings.length - MOST_FINDINGS, 'finding')} more (--format json has them)`,
      );
    }
  }

  /** The rows chosen for show out of those kept. */
  #rowsOf(flow: FlowResult): SegmentRows {
    const kept = this.#keeper.of(flow.stream);
    const [a] = flow.endpoints;
    if (kept === null) return { firstAddr: a.addr, firstPort: a.port, rows: [], passed: 0 };
    const choice = chooseRows(flow, this.#rowLimit());
    return { ...kept, rows: kept.rows.filter((row) => isChosen(choice, row.index, row.frame)) };
  }

  *#footer(detailed: readonly FlowResult[]): Generator<string> {
    const { columns, palette, streams, rows } = this.#options;
    const words: string[] = [];
    const states = detailed.flatMap((flow) => flow.endpoints.flatMap((endpoint) => endpoint.states));
    if (states.some((entry) => entry.evidence !== 'observed')) {
      words.push('~ not shown by the endpoint itself: inferred from its peer, from a timer, or assumed.');
    }
    if (streams === null && detailed.length < this.#flows && rows !== 0) {
      words.push('Another connection segment by segment: --stream N.');
    }
    if (words.length === 0) return;
    yield '';
    for (const text of words) for (const line of wrap(text, columns)) yield palette.faint(line);
  }
}

/** "80 → 40000 " out of the Info text: the table's columns and arrows say as much. */
function withoutPorts(info: string, packet: Packet): string {
  return info.replace(`${packet.sourcePort} → ${packet.destinationPort} `, '');
}

/** The segment observed last, for a ladder. */
function partsOf(packet: Packet, { analysis }: TcpTrace): SegmentParts {
  const { flags, payloadLength, sackCount, sackEdges } = packet;
  const { sackBase } = analysis;
  return {
    flags,
    analysis: analysis.flags,
    seq: analysis.seq,
    ack: analysis.ack,
    length: Math.max(0, payloadLength),
    sack: sackCount === 0 ? null : [seqAdd(sackEdges[0]!, -sackBase), seqAdd(sackEdges[1]!, -sackBase)],
    names: flagNames(flags, analysis.ace),
    marks: analysisMarks(analysis),
  };
}

/** What other tools call the connection. */
function crosswalkText({ crosswalk, completeness }: FlowResult): string {
  if (crosswalk === undefined) return '';
  const { zeek, history, conntrack } = crosswalk;
  return `Zeek ${zeek} ${history} · Wireshark completeness ${completeness} · conntrack ${conntrack ?? 'INVALID'}`;
}
