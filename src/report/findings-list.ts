// In: every connection, one by one, then the capture. Out: all findings, the gravest first, each kind with its connections.
//
//   warn   Handshake never completed · half_open · 2 connections
//          stream 3   #7    1.010000  10.0.0.2:80 answered with SYN-ACK (2 times), but ...
//          stream 9   #31   4.020000  10.0.0.2:80 answered with SYN-ACK, but ...

import { findEntry } from '../anomaly/catalog.ts';
import { SEVERITIES, type Severity } from '../anomaly/entry.ts';
import type { CaptureFindingResult, CaptureResult, FindingResult, FlowResult } from '../tcp/flow-result.ts';
import { count, counted, timestamp } from '../units.ts';
import { padLeft, padRight, wrap } from './columns.ts';
import { endpointText } from './endpoint-text.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';

/** Connections shown of each kind, unless all are asked for; and the most ever, since they are kept until the end. */
const SHOWN = 10;
const SHOWN_OF_ALL = 10_000;
/** Columns of the severity. */
const INDENT = 7;
const DECIMALS = 6;

interface Line {
  stream: number;
  frame: number | null;
  time: number | null;
  text: string;
}

/** All findings of one code. */
interface Kind {
  severity: Severity;
  connections: number;
  times: number;
  lastStream: number;
  lines: Line[];
}

export interface FindingsListOptions {
  columns: number;
  palette: Palette;
  /** Every connection, not only the first of each kind. */
  all: boolean;
}

export class FindingsList {
  readonly #options: FindingsListOptions;
  readonly #kinds = new Map<string, Kind>();

  constructor(options: FindingsListOptions) {
    this.#options = options;
  }

  /** Takes in one connection. */
  add(flow: FlowResult): void {
    for (const finding of flow.findings) {
      const kind = this.#kindOf(finding);
      kind.times += finding.count;
      if (flow.stream !== kind.lastStream) kind.connections++;
      kind.lastStream = flow.stream;
      if (kind.lines.length >= (this.#options.all ? SHOWN_OF_ALL : SHOWN)) continue;
      const who = finding.endpoint === null ? '' : `${endpointText(flow.endpoints[finding.endpoint])} `;
      const { frame, time } = finding;
      kind.lines.push({
        stream: flow.stream,
        frame,
        time,
        text: `${who}${printable(finding.message)}${doubt(finding)}`,
      });
    }
  }

  /** The list, line by line: what concerns the capture or many connections first, within each severity. */
  *lines(capture: CaptureResult): Generator<string> {
    let isEmpty = true;
    for (const severity of SEVERITIES) {
      for (const finding of capture.captureFindings) {
        if (finding.severity !== severity) continue;
        isEmpty = false;
        yield* this.#captureLines(finding);
      }
      const kinds = [...this.#kinds].filter(([, kind]) => kind.severity === severity);
      kinds.sort(([a, x], [b, y]) => y.connections - x.connections || (a < b ? -1 : 1));
      for (const [code, kind] of kinds) {
        isEmpty = false;
        yield* this.#kindLines(code, kind);
      }
    }
    const { palette } = this.#options;
    yield '';
    if (isEmpty) yield 'No findings.';
    else
      yield palette.faint('tcpstate explain CODE tells what a finding means, what usually causes it, and what to do.');
  }

  #kindOf(finding: FindingResult): Kind {
    let kind = this.#kinds.get(finding.code);
    if (kind === undefined) {
      kind = { severity: finding.severity, connections: 0, times: 0, lastStream: -1, lines: [] };
      this.#kinds.set(finding.code, kind);
    }
    return kind;
  }

  *#captureLines(finding: CaptureFindingResult): Generator<string> {
    yield* this.#head(finding.severity, finding.code, []);
    const { subject } = finding;
    const where = [
      finding.stream === null ? '' : `stream ${finding.stream}`,
      finding.frame === null ? '' : `frame ${finding.frame}`,
    ].filter((part) => part !== '');
    const tail = where.length > 0 ? ` (${where.join(', ')})` : '';
    yield* this.#wrapped(
      `${subject === null ? '' : `${subject} `}${printable(finding.message)}${doubt(finding)}${tail}`,
      INDENT,
    );
  }

  *#kindLines(code: string, kind: Kind): Generator<string> {
    const { palette } = this.#options;
    const extent = [counted(kind.connections, 'connection')];
    if (kind.times > kind.connections) extent.push(counted(kind.times, 'time'));
    yield* this.#head(kind.severity, code, extent);
    const streams = Math.max(...kind.lines.map(({ stream }) => String(stream).length));
    const frames = Math.max(...kind.lines.map(({ frame }) => String(frame ?? '').length));
    const times = Math.max(...kind.lines.map(({ time }) => timeText(time).length));
    for (const { stream, frame, time, text } of kind.lines) {
      const place = [
        `stream ${padRight(String(stream), streams)}`,
        padRight(frame === null ? '' : `#${frame}`, frames + 1),
        padLeft(timeText(time), times),
      ].join('  ');
      yield* this.#wrapped(text, INDENT, palette.faint(place), place.length);
    }
    const more = kind.connections - new Set(kind.lines.map(({ stream }) => stream)).size;
    if (more > 0)
      yield ' '.repeat(INDENT) + palette.faint(`and ${count(more)} more${this.#options.all ? '' : ': --all'}`);
  }

  *#head(severity: Severity, code: string, extent: readonly string[]): Generator<string> {
    const { palette } = this.#options;
    const paint = severity === 'error' ? palette.bad : severity === 'warn' ? palette.notable : palette.faint;
    yield '';
    const title = findEntry(code)?.title ?? code;
    yield `${paint(padRight(severity, INDENT))}${palette.heading(title)} ${palette.faint(['', code, ...extent].join(' · ').trim())}`;
  }

  *#wrapped(text: string, indent: number, head = '', headWidth = 0): Generator<string> {
    const before = headWidth > 0 ? headWidth + 2 : 0;
    const [first, ...rest] = wrap(text, Math.max(30, this.#options.columns - indent - before));
    yield `${' '.repeat(indent)}${head}${headWidth > 0 ? '  ' : ''}${first}`;
    for (const line of rest) yield ' '.repeat(indent + before) + line;
  }
}

function timeText(time: number | null): string {
  return time === null ? '' : timestamp(time, DECIMALS);
}

function doubt(finding: { because?: string }): string {
  return finding.because === undefined ? '' : ` [less sure: ${finding.because}]`;
}
