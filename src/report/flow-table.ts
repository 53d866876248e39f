// In: one connection and rows of its segments. Out: the packet table with both endpoints' states beside each segment.
//
//    No.      Time  10.0.0.1:56219                10.0.0.2:80
//                   CLOSED ~                      LISTEN ~
//      1  0.000000  SYN_SENT       ───────────▶                 [SYN] Seq=0 ...
//      2  0.001000  ESTABLISHED ~  ◀───────────   SYN_RCVD      [SYN, ACK] Seq=0 Ack=1 ...
//
// A state stands where it is entered, and nowhere else; `~` marks one that its endpoint did not show itself.

import type { EndpointResult, FlowResult, StateEntry } from '../tcp/flow-result.ts';
import { counted, timestamp } from '../units.ts';
import { displayWidth, padLeft, padRight, wrap } from './columns.ts';
import { endpointText } from './endpoint-text.ts';
import type { Palette } from './palette.ts';
import type { SegmentRow, SegmentRows } from './segment-rows.ts';

const INDENT = 1;
/** Longest endpoint name used as a column title: any IPv4 address and port. Longer ones stand in the line above the table only. */
const LONGEST_TITLE = 21;
/** Narrower than this, the Info text gets a line of its own under its segment. */
const LEAST_INFO = 44;
const GAP = 2;
/** Lengths of an arrow, the longest first: as long as the Info texts leave room. */
const ARROWS = [13, 9, 7, 5] as const;

/** What a table is drawn with. */
export interface TableStyle {
  /** Columns of the screen, or Infinity. */
  columns: number;
  palette: Palette;
  /** Seconds since the capture's start. */
  timeOf(row: SegmentRow): number;
}

/** "ESTABLISHED", or "ESTABLISHED ~" where the endpoint did not show it itself. */
export function stateText(entry: StateEntry): string {
  return entry.evidence === 'observed' ? entry.state : `${entry.state} ~`;
}

/** The lines of the table, one at a time: a connection may have a million segments. */
export function* flowTableLines(flow: FlowResult, kept: SegmentRows, style: TableStyle): Generator<string> {
  const sheet = new Sheet(flow, kept, style);
  yield sheet.titleLine();
  yield* sheet.startLines();
  for (const row of kept.rows) yield* sheet.rowLines(row);
  yield* sheet.endLines();
}

class Sheet {
  readonly #flow: FlowResult;
  readonly #style: TableStyle;
  readonly #left: History;
  readonly #right: History;
  /** True if the trace's first sender is the endpoint on the right. */
  readonly #isSwapped: boolean;
  readonly #noWidth: number;
  readonly #timeWidth: number;
  readonly #decimals: number;
  readonly #stateWidth: number;
  readonly #arrowToRight: string;
  readonly #arrowToLeft: string;
  /** Where the Info text begins, how wide it may be, and whether it stands beside its segment or under it. */
  readonly #infoAt: number;
  readonly #infoWidth: number;
  readonly #isBeside: boolean;
  #nextIndex = 0;

  constructor(flow: FlowResult, kept: SegmentRows, style: TableStyle) {
    const [a, b] = flow.endpoints;
    this.#flow = flow;
    this.#style = style;
    this.#left = new History(a);
    this.#right = new History(b);
    this.#isSwapped = kept.firstAddr !== a.addr || kept.firstPort !== a.port;
    this.#decimals = kept.rows.some((row) => row.nanoseconds % 1000 !== 0) ? 9 : 6;
    const lastTime = Math.max(flow.end, ...flow.endpoints.map((endpoint) => endpoint.states.at(-1)?.time ?? 0));
    this.#noWidth = Math.max(3, String(flow.frames[1]).length);
    this.#timeWidth = timestamp(lastTime, this.#decimals).length;
    const names = flow.endpoints.map(endpointText).filter((name) => name.length <= LONGEST_TITLE);
    const states = flow.endpoints.flatMap((endpoint) => endpoint.states.map(stateText));
    const widest = Math.max(11, ...names.map(displayWidth), ...states.map(displayWidth));
    const besides = INDENT + this.#noWidth + this.#timeWidth + 2 * widest + 5 * GAP;
    const longest = kept.rows.reduce((most, row) => Math.max(most, displayWidth(row.info)), 0);
    const arrow = ARROWS.find((length) => besides + length + longest <= style.columns) ?? ARROWS.at(-1)!;
    this.#stateWidth = widest;
    this.#arrowToRight = `${'─'.repeat(arrow - 1)}▶`;
    this.#arrowToLeft = `◀${'─'.repeat(arrow - 1)}`;
    const beside = besides + arrow;
    this.#isBeside = style.columns - beside >= LEAST_INFO;
    this.#infoAt = this.#isBeside ? beside : INDENT + this.#noWidth + GAP;
    this.#infoWidth = style.columns - this.#infoAt;
  }

  titleLine(): string {
    const { palette } = this.#style;
    const [a, b] = this.#flow.endpoints;
    return this.#line(palette.faint(padLeft('No.', this.#noWidth)), palette.faint(padLeft('Time', this.#timeWidth)), [
      palette.heading(padRight(this.#title(a), this.#stateWidth)),
      ' '.repeat(this.#arrowToRight.length),
      palette.heading(this.#title(b)),
    ]);
  }

  /** A name that fits its column; of a long IPv6 address the port, the line above the table has the rest. */
  #title(endpoint: EndpointResult): string {
    const name = endpointText(endpoint);
    return name.length <= LONGEST_TITLE ? name : `port ${endpoint.port}`;
  }

  startLines(): string[] {
    const left = this.#left.start();
    const right = this.#right.start();
    return left.length + right.length === 0 ? [] : this.#stateLines('', '', left, '', right);
  }

  *rowLines(row: SegmentRow): Generator<string> {
    const time = this.#style.timeOf(row);
    const { palette } = this.#style;
    yield* this.#catchUp(row.index, row.frame, time);
    this.#nextIndex = row.index + 1;
    const states = this.#stateLines(
      palette.faint(padLeft(String(row.frame), this.#noWidth)),
      palette.faint(padLeft(timestamp(time, this.#decimals), this.#timeWidth)),
      this.#left.at(row.frame),
      palette.faint(row.isFromFirst === this.#isSwapped ? this.#arrowToLeft : this.#arrowToRight),
      this.#right.at(row.frame),
    );
    const info = this.#infoLines(row);
    if (!this.#isBeside) {
      yield* states;
      for (const text of info) yield ' '.repeat(this.#infoAt) + text;
      return;
    }
    for (let i = 0; i < Math.max(states.length, info.length); i++) {
      const state = states[i] ?? '';
      yield i < info.length ? `${padRight(state, this.#infoAt)}${info[i]}` : state;
    }
  }

  endLines(): string[] {
    return [...this.#catchUp(this.#flow.segments, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)];
  }

  /** What lies between the last row and the next: segments left out, and what timers did. */
  *#catchUp(index: number, frame: number, time: number): Generator<string> {
    const missing = index - this.#nextIndex;
    const left = this.#left.passTo(frame, time);
    const right = this.#right.passTo(frame, time);
    if (missing > 0) {
      const { palette } = this.#style;
      const moved = left.moves + right.moves;
      const words = `${counted(missing, 'segment')} not shown${moved > 0 ? `, ${counted(moved, 'change')} of state among them` : ''}`;
      yield this.#line(palette.faint(padLeft('⋮', this.#noWidth)), ' '.repeat(this.#timeWidth), [palette.faint(words)]);
    }
    // With no segment left out, what an earlier frame did was done by none of this connection's.
    for (const entry of missing > 0 ? left.timers : [...left.passed, ...left.timers])
      yield this.#unseenLine(entry, 'left');
    for (const entry of missing > 0 ? right.timers : [...right.passed, ...right.timers])
      yield this.#unseenLine(entry, 'right');
  }

  /** A line for what no segment of this connection did. */
  #unseenLine(entry: StateEntry, side: 'left' | 'right'): string {
    const { palette } = this.#style;
    const time = palette.faint(padLeft(timestamp(entry.time ?? 0, this.#decimals), this.#timeWidth));
    const state = this.#paintState(entry);
    const room = ' '.repeat(this.#stateWidth);
    const gap = ' '.repeat(this.#arrowToRight.length);
    const cells = side === 'left' ? [state, gap, room] : [room, gap, state];
    const line = this.#line(' '.repeat(this.#noWidth), time, cells);
    const cause = entry.frame === null ? `${entry.cause}` : `${entry.cause}, #${entry.frame}`;
    return this.#isBeside ? `${padRight(line, this.#infoAt)}${palette.faint(`(${cause})`)}` : line;
  }

  #stateLines(no: string, time: string, left: StateEntry[], arrow: string, right: StateEntry[]): string[] {
    const lines: string[] = [];
    for (let i = 0; i < Math.max(1, left.length, right.length); i++) {
      const cells = [
        left[i] === undefined ? ' '.repeat(this.#stateWidth) : this.#paintState(left[i]!),
        i === 0 && arrow !== '' ? arrow : ' '.repeat(this.#arrowToRight.length),
        right[i] === undefined ? '' : this.#paintState(right[i]!),
      ];
      const isFirst = i === 0;
      lines.push(
        this.#line(
          isFirst && no !== '' ? no : ' '.repeat(this.#noWidth),
          isFirst && time !== '' ? time : ' '.repeat(this.#timeWidth),
          cells,
        ),
      );
    }
    return lines;
  }

  #paintState(entry: StateEntry): string {
    const text = padRight(stateText(entry), this.#stateWidth);
    return this.#style.palette.state(entry.state, entry.evidence === 'observed')(text);
  }

  #line(no: string, time: string, cells: readonly string[]): string {
    const gap = ' '.repeat(GAP);
    return trimEnd(`${' '.repeat(INDENT)}${no}${gap}${time}${gap}${cells.join(gap)}`);
  }

  #infoLines(row: SegmentRow): string[] {
    const { palette } = this.#style;
    const paint = row.info.startsWith('[TCP ') ? palette.notable : /^\[[^\]]*RST/.test(row.info) ? palette.bad : null;
    const lines = wrap(row.info, this.#infoWidth);
    const last = lines.at(-1)!;
    const painted = paint === null ? lines : lines.map(paint);
    if (row.app === '') return painted;
    if (displayWidth(last) + GAP + displayWidth(row.app) <= this.#infoWidth) {
      painted[painted.length - 1] += `${' '.repeat(GAP)}${palette.hint(row.app)}`;
    } else {
      for (const text of wrap(row.app, this.#infoWidth)) painted.push(palette.hint(text));
    }
    return painted;
  }
}

/** Spaces at the end of a line go, also those in front of a last colour reset. */
export function trimEnd(line: string): string {
  return line.replace(/ +((?:\x1b\[[0-9;]*m)*)$/, '$1');
}

/** One endpoint's history, walked along the rows. */
export class History {
  readonly #states: readonly StateEntry[];
  #next = 0;

  constructor(endpoint: EndpointResult) {
    this.#states = endpoint.states;
  }

  /** Where the endpoint was before the first segment. */
  start(): StateEntry[] {
    return this.#take((entry) => entry.frame === null && entry.time === null);
  }

  /** What it entered because of this frame, or with it because of an earlier one that reached it only now (crossing segments). */
  at(frame: number): StateEntry[] {
    return this.#take((entry) => entry.frame !== null && entry.frame <= frame);
  }

  /**
   * Goes on to the row of `frame` at `time`. `passed`: entries of earlier frames without a row, that is of segments left out or of
   * frames that are no segments of this connection (an ICMP error, the SYN of the next one). `timers`: what timers did.
   */
  passTo(frame: number, time: number): { moves: number; passed: StateEntry[]; timers: StateEntry[] } {
    const passed: StateEntry[] = [];
    const timers: StateEntry[] = [];
    this.#take((entry) => {
      if (entry.frame === null ? entry.time !== null && entry.time >= time : entry.frame >= frame) return false;
      (entry.frame === null ? timers : passed).push(entry);
      return true;
    });
    return { moves: passed.length, passed, timers };
  }

  #take(fits: (entry: StateEntry) => boolean): StateEntry[] {
    const from = this.#next;
    while (this.#next < this.#states.length && fits(this.#states[this.#next]!)) this.#next++;
    return this.#states.slice(from, this.#next);
  }
}
