// In: one connection and rows of its segments. Out: the connection as a ladder: time runs down, an endpoint on each side.
//
//              10.0.0.1:56219                                 10.0.0.2:80
//    No.     Time      CLOSED ~ │                            │ LISTEN ~
//      1 0.000000      SYN_SENT ├─ SYN  Seq=0 ──────────────▶│
//      2 0.001000 ESTABLISHED ~ │◀─── SYN, ACK  Seq=0 Ack=1 ─┤ SYN_RCVD
//
// A state stands where it is entered, at the arrow's tail or head; `~` marks one that its endpoint did not show itself. An
// arrow that ends in x: by what followed, the segment did not arrive.

import { lostFrames } from '../tcp/arrivals.ts';
import type { EndpointResult, FlowResult, StateEntry } from '../tcp/flow-result.ts';
import { bytes, counted, duration, timestamp } from '../units.ts';
import { clip, displayWidth, padLeft, padRight, wrap } from './columns.ts';
import { endpointText } from './endpoint-text.ts';
import { History, stateText, type TableStyle, trimEnd } from './flow-table.ts';
import type { SegmentRow, SegmentRows } from './segment-rows.ts';

/** Fewer plain segments in a row are drawn one by one. */
const LEAST_FOLDED = 5;
/** A silence is marked from this on, seconds (the least retransmission timer of Linux), ... */
const LEAST_SILENCE = 0.2;
/** ... and from this part of the connection's length on. */
const SILENCE_SHARE = 0.02;
/** Columns between the life lines: beyond the widest an arrow is only longer; below the least the frame numbers make room. */
const WIDEST_LANE = 100;
const USUAL_LANE = 36;
const LEAST_LANE = 24;
/** Below this lane's width the parts of a label stand closer. */
const ROOMY_LANE = 44;
/** Columns of an arrow besides its label: "─ label ▶". */
const ARROW_ENDS = 4;
/** How far from the other side a lost segment ends. */
const LOST_SHORT = 4;
/** The kind of rows about which there is nothing to say. */
const PLAIN = 'plain';
const NO_BREAK_SPACE = '\u00a0';
const NO_TIMES = ['', ''] as const;
/** Text in the lane keeps this distance from the life lines. */
const MARGIN = 2;

export interface LadderStyle extends TableStyle {
  /** Runs of plain data and ACKs as one line. */
  isFolded: boolean;
}

/** A row, or several that are drawn as one line. */
type Rung = SegmentRow | SegmentRow[];

/** One part of a label and how it is coloured. */
interface Piece {
  text: string;
  paint: (text: string) => string;
  isHint?: boolean;
  /** What parts it from the piece before it on the same line, where that is not a gap. */
  joint?: string;
}

/** The lines of the diagram, one at a time. The rows must have their `parts`. */
export function* ladderLines(flow: FlowResult, kept: SegmentRows, style: LadderStyle): Generator<string> {
  const ladder = new Ladder(flow, kept, style);
  yield* ladder.headLines();
  for (const rung of ladder.rungs) yield* ladder.rungLines(rung);
  yield* ladder.endLines();
}

class Ladder {
  readonly rungs: readonly Rung[];
  readonly #flow: FlowResult;
  readonly #style: LadderStyle;
  readonly #histories: readonly [History, History];
  readonly #lost: ReadonlySet<number>;
  /** True if the trace's first sender is the endpoint on the right. */
  readonly #isSwapped: boolean;
  readonly #silence: number;
  readonly #noWidth: number;
  readonly #timeWidth: number;
  readonly #stateWidths: readonly [number, number];
  readonly #laneWidth: number;
  readonly #gap: string;
  #nextIndex = 0;
  #lastTime: number | null = null;

  constructor(flow: FlowResult, kept: SegmentRows, style: LadderStyle) {
    const [a, b] = flow.endpoints;
    this.#flow = flow;
    this.#style = style;
    this.#histories = [new History(a), new History(b)];
    this.#isSwapped = kept.firstAddr !== a.addr || kept.firstPort !== a.port;
    this.#lost = lostFrames(
      flow,
      kept.rows.map((row) => ({ ...row.parts!, index: row.index, frame: row.frame, sender: this.#senderOf(row) })),
    );
    this.#silence = Math.max(LEAST_SILENCE, SILENCE_SHARE * (flow.end - flow.start));
    this.rungs = style.isFolded ? this.#fold(kept.rows) : kept.rows;

    const lastTime = Math.max(flow.end, ...flow.endpoints.map((endpoint) => endpoint.states.at(-1)?.time ?? 0));
    this.#timeWidth = timestamp(lastTime, 6).length;
    this.#stateWidths = [stateWidth(a), stateWidth(b)];
    const noWidth = Math.max(3, String(flow.frames[1]).length);
    // A space behind the number and the time, and between a state and its life line; the two life lines.
    const besides = this.#timeWidth + this.#stateWidths[0] + this.#stateWidths[1] + 5;
    const room = style.columns - besides - noWidth - 1;
    this.#noWidth = room >= LEAST_LANE ? noWidth : 0;
    const widest = Math.min(WIDEST_LANE, this.#noWidth > 0 ? room : Math.max(LEAST_LANE / 2, style.columns - besides));
    this.#gap = widest < ROOMY_LANE ? ' ' : '  ';
    const needed = this.rungs.reduce((most, rung) => Math.max(most, this.#neededFor(rung)), USUAL_LANE);
    this.#laneWidth = Math.min(widest, needed);
  }

  /** Index of the row's sender: 0 stands on the left. */
  #senderOf(row: SegmentRow): 0 | 1 {
    return row.isFromFirst === this.#isSwapped ? 1 : 0;
  }

  #neededFor(rung: Rung): number {
    if (Array.isArray(rung)) return displayWidth(this.#foldText(rung)) + 2 * MARGIN;
    const label = this.#pieces(rung).reduce((sum, { text }) => sum + displayWidth(text) + this.#gap.length, 0);
    return label - this.#gap.length + ARROW_ENDS + (this.#lost.has(rung.frame) ? LOST_SHORT + 1 : 2);
  }

  /** Gathers runs of rows in which nothing happens but data and its acknowledgment, or the same again and again. */
  #fold(rows: readonly SegmentRow[]): Rung[] {
    const entries = this.#flow.endpoints.flatMap(({ states }) => states);
    const moved = new Set(entries.map(({ frame }) => frame));
    const timers = entries.filter(({ frame, time }) => frame === null && time !== null).map(({ time }) => time!);
    const rungs: Rung[] = [];
    let run: SegmentRow[] = [];
    let runKind: string | null = null;
    const close = (): void => {
      // What is marked is shown once.
      if (runKind !== PLAIN && run.length > 0) rungs.push(run.shift()!);
      if (run.length < LEAST_FOLDED) rungs.push(...run);
      else rungs.push(run);
      run = [];
    };
    for (const row of rows) {
      const isEvent = moved.has(row.frame) || this.#lost.has(row.frame);
      const kind = isEvent ? null : repeatedKind(row, this.#senderOf(row));
      const before = run.at(-1);
      if (before !== undefined) {
        const from = this.#style.timeOf(before);
        const to = this.#style.timeOf(row);
        const isApart = to - from >= this.#silence || timers.some((time) => time > from && time <= to);
        if (isApart || row.index !== before.index + 1 || kind !== runKind) close();
      }
      runKind = kind;
      if (kind === null) rungs.push(row);
      else run.push(row);
    }
    close();
    return rungs;
  }

  *headLines(): Generator<string> {
    const { palette } = this.#style;
    const [a, b] = this.#flow.endpoints.map(endpointText) as [string, string];
    const isLeftLong = a.length > this.#leftWidth;
    const isRightLong = b.length > this.#stateWidths[1] + 2;
    // Each name stands at its life line; a longer one reaches over the lane.
    const left = isLeftLong ? a : padLeft(a, this.#leftWidth);
    const rightAt = isRightLong ? Math.max(0, this.#width - b.length) : this.#width - this.#stateWidths[1] - 2;
    if (left.length + 2 > rightAt) {
      yield palette.heading(left);
      yield palette.heading(' '.repeat(rightAt) + b);
    } else {
      yield palette.heading(padRight(left, rightAt) + b);
    }
    const starts = this.#histories.map((history) => history.start());
    const rows = Math.max(1, ...starts.map((entries) => entries.length));
    for (let i = 0; i < rows; i++) {
      yield this.#line(i === 0 ? ['No.', 'Time'] : NO_TIMES, starts[0]![i], '│', '', '│', starts[1]![i]);
    }
  }

  *rungLines(rung: Rung): Generator<string> {
    const { timeOf } = this.#style;
    const rows = Array.isArray(rung) ? rung : [rung];
    const first = rows[0]!;
    const last = rows.at(-1)!;
    const time = timeOf(first);
    yield* this.#catchUp(first.index, first.frame, time);
    yield* this.#silenceLines(time);
    this.#nextIndex = last.index + 1;
    this.#lastTime = timeOf(last);
    if (Array.isArray(rung)) yield* this.#noteLines(this.#foldText(rung), String(first.frame), time);
    else yield* this.#segmentLines(rung, time);
  }

  *endLines(): Generator<string> {
    yield* this.#catchUp(this.#flow.segments, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    if (this.#lost.size === 0) return;
    const words = 'x: by what followed, the segment did not arrive.';
    for (const line of wrap(words, this.#style.columns)) yield this.#style.palette.faint(line);
  }

  /** What lies between the last row and the next: segments left out, what timers did, and frames that are no segments. */
  *#catchUp(index: number, frame: number, time: number): Generator<string> {
    const missing = index - this.#nextIndex;
    const between = this.#histories.map((history) => history.passTo(frame, time));
    if (missing > 0) {
      const moves = between.reduce((sum, { moves }) => sum + moves, 0);
      const words = `... ${counted(missing, 'segment')} not shown${moves > 0 ? `, ${counted(moves, 'change')} of state` : ''} ...`;
      yield* this.#noteLines(words, '', null);
      this.#lastTime = null;
    }
    const events = between.flatMap(({ passed, timers }, side) =>
      [...(missing > 0 ? [] : passed), ...timers].map((entry) => ({ entry, side, at: entry.time! })),
    );
    events.sort((a, b) => a.at - b.at);
    for (const { entry, side, at } of events) {
      yield* this.#silenceLines(at);
      this.#lastTime = at;
      const cause = this.#atSide(`(${entry.cause ?? 'timer'})`, side, this.#style.palette.faint);
      const states = side === 0 ? ([entry, undefined] as const) : ([undefined, entry] as const);
      const no = entry.frame === null ? '' : String(entry.frame);
      yield this.#line([no, timestamp(at, 6)], states[0], '│', cause, '│', states[1]);
    }
  }

  *#silenceLines(time: number): Generator<string> {
    if (this.#lastTime === null || time - this.#lastTime < this.#silence) return;
    const text = padLeft(`⋮ ${duration(time - this.#lastTime)}`, this.#leftWidth - this.#stateWidths[0] - 2);
    const { faint } = this.#style.palette;
    const left = faint(`${padRight(text, this.#leftWidth - 1)}┊`);
    yield `${left}${' '.repeat(this.#laneWidth)}${faint('┊')}`;
  }

  *#segmentLines(row: SegmentRow, time: number): Generator<string> {
    const { palette } = this.#style;
    const sender = this.#senderOf(row);
    const isLost = this.#lost.has(row.frame);
    const states = this.#histories.map((history) => history.at(row.frame));
    const first = this.#laneWidth - ARROW_ENDS - (isLost ? LOST_SHORT + 1 : 0);
    const [label, ...more] = this.#labelLines(this.#pieces(row), first, this.#laneWidth - MARGIN - 1);
    const tails = sender === 0 ? ['├', '│'] : ['│', '┤'];
    const arrow = this.#arrow(label!, sender, isLost);
    const times = [String(row.frame), timestamp(time, 6)] as const;
    yield this.#line(times, states[0]![0], tails[0]!, arrow, tails[1]!, states[1]![0]);
    for (let i = 1; i <= more.length || i < states[0]!.length || i < states[1]!.length; i++) {
      const late = [0, 1].find((side) => (states[side]![i]?.frame ?? row.frame) !== row.frame);
      let lane = '';
      if (i <= more.length) lane = this.#atSide(more[i - 1]!, sender, (text) => text);
      else if (late !== undefined) {
        const { cause, frame } = states[late]![i]!;
        lane = this.#atSide(`(${cause} #${frame})`, late, palette.faint);
      }
      yield this.#line(NO_TIMES, states[0]![i], '│', lane, '│', states[1]![i]);
    }
  }

  #arrow(label: string, sender: 0 | 1, isLost: boolean): string {
    const { palette } = this.#style;
    const end = isLost ? LOST_SHORT : 0;
    const shaft = '─'.repeat(Math.max(0, this.#laneWidth - ARROW_ENDS - end - displayWidth(label)));
    const paint = isLost ? palette.bad : palette.faint;
    const head = isLost ? 'x' : sender === 0 ? '▶' : '◀';
    const short = ' '.repeat(end);
    return sender === 0
      ? `${paint('─')} ${label} ${paint(shaft + head)}${short}`
      : `${short}${paint(head + shaft)} ${label} ${paint('─')}`;
  }

  /** What is said of a segment, the most important first. */
  #pieces(row: SegmentRow): Piece[] {
    const { palette } = this.#style;
    const { names, length, seq, ack, marks } = row.parts!;
    const plain = (text: string): string => text;
    const flags = names.split(', ');
    const pieces: Piece[] = [
      { text: length > 0 ? `${names} ${length} B` : names, paint: flags.includes('RST') ? palette.bad : plain },
      { text: `Seq=${seq >>> 0}${flags.includes('ACK') ? ` Ack=${ack >>> 0}` : ''}`, paint: plain },
    ];
    marks.forEach((text, i) => {
      pieces.push({ text, paint: palette.notable, ...(i > 0 && { joint: ', ' }) });
    });
    if (row.app !== '') pieces.push({ text: row.app, paint: palette.hint, isHint: true });
    return pieces;
  }

  /** Packs the pieces into lines, the first of at most `first` columns, the others of at most `other`. */
  #labelLines(pieces: readonly Piece[], first: number, other: number): string[] {
    const lines = [''];
    for (const { text, paint, isHint, joint = this.#gap } of pieces) {
      const line = lines.at(-1)!;
      const used = displayWidth(line);
      const room = lines.length === 1 ? first : other;
      if (used > 0 && used + joint.length + displayWidth(text) <= room) {
        lines[lines.length - 1] = `${line}${joint}${paint(text)}`;
        continue;
      }
      // A mark is said whole; of a payload its beginning is enough.
      const parts = (isHint ? [clip(text, other)] : wrap(text, used === 0 ? room : other)).map(paint);
      if (used === 0) lines[lines.length - 1] = parts.shift()!;
      lines.push(...parts);
    }
    return lines;
  }

  #foldText(rows: readonly SegmentRow[]): string {
    const sums: [number, number] = [0, 0];
    for (const row of rows) sums[this.#senderOf(row)] += row.parts!.length;
    const [mark] = rows[0]!.parts!.marks;
    const words = [counted(rows.length, mark === undefined ? 'segment' : `more ${markName(mark)}`)];
    // A number and its unit stay together where the line is broken.
    if (sums[0] > 0) words.push(`${bytes(sums[0])} ▶`.replaceAll(' ', NO_BREAK_SPACE));
    if (sums[1] > 0) words.push(`◀ ${bytes(sums[1])}`.replaceAll(' ', NO_BREAK_SPACE));
    return `... ${words.join(', ')} ...`;
  }

  /** Words in the middle of the lane, without an arrow. */
  #noteLines(words: string, no: string, time: number | null): string[] {
    return wrap(words, this.#laneWidth - 2).map((part, i) => {
      const text = part.replaceAll(NO_BREAK_SPACE, ' ');
      const before = ' '.repeat(Math.floor((this.#laneWidth - displayWidth(text)) / 2));
      const times = i === 0 ? ([no, time === null ? '' : timestamp(time, 6)] as const) : NO_TIMES;
      return this.#line(times, undefined, '│', before + this.#style.palette.faint(text), '│', undefined);
    });
  }

  /** A text in the lane, beside the left or the right life line. */
  #atSide(text: string, side: number, paint: (text: string) => string): string {
    const indented = paint(clip(text, this.#laneWidth - MARGIN));
    const margin = ' '.repeat(MARGIN);
    return side === 0 ? margin + indented : padLeft(indented + margin, this.#laneWidth);
  }

  /** Columns up to the left life line, that one included. */
  get #leftWidth(): number {
    return (this.#noWidth > 0 ? this.#noWidth + 1 : 0) + this.#timeWidth + 1 + this.#stateWidths[0] + 2;
  }

  get #width(): number {
    return this.#leftWidth + this.#laneWidth + 2 + this.#stateWidths[1];
  }

  #line(
    [no, time]: readonly [no: string, time: string],
    left: StateEntry | undefined,
    leftLife: string,
    lane: string,
    rightLife: string,
    right: StateEntry | undefined,
  ): string {
    const { faint } = this.#style.palette;
    const number = this.#noWidth > 0 ? `${padLeft(no, this.#noWidth)} ` : '';
    const when = number + padLeft(time, this.#timeWidth);
    const start = `${time === '' ? when : faint(when)} ${this.#state(left, this.#stateWidths[0])} `;
    const end = right === undefined ? '' : ` ${this.#state(right, 0)}`;
    return trimEnd(`${start}${faint(leftLife)}${padRight(lane, this.#laneWidth)}${faint(rightLife)}${end}`);
  }

  /** A state; what is missing to `width` stands in front of it, and so it stands at its life line. */
  #state(entry: StateEntry | undefined, width: number): string {
    if (entry === undefined) return ' '.repeat(width);
    return this.#style.palette.state(entry.state, entry.evidence === 'observed')(padLeft(stateText(entry), width));
  }
}

function stateWidth(endpoint: EndpointResult): number {
  return endpoint.states.reduce((most, entry) => Math.max(most, stateText(entry).length), 0);
}

/** What a row may be folded with: rows of the same kind. Null where it is to be seen. */
function repeatedKind(row: SegmentRow, sender: 0 | 1): string | null {
  const { names, marks, length } = row.parts!;
  if ((names !== 'ACK' && names !== 'PSH, ACK') || row.app !== '') return null;
  if (marks.length === 0) return PLAIN;
  const [mark] = marks;
  const isRepeating = mark === 'Window Update' || mark!.startsWith('Dup ACK');
  return marks.length === 1 && length === 0 && isRepeating ? `${sender} ${markName(mark!)}` : null;
}

/** "Dup ACK" of "Dup ACK 5#1". */
function markName(mark: string): string {
  return mark.replace(/ \d+#\d+$/, '');
}
