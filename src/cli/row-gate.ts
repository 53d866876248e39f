// In: a filter and segments as they pass. Out: which rows are printed, now or once their connections are known.

import type { AnalyzeListener } from '../analyze.ts';
import type { Frame } from '../capture/frame.ts';
import type { Filter } from '../filter/filter.ts';
import { RowBytes } from '../report/row-bytes.ts';
import type { ByteSink } from '../report/sink.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import type { Packet } from '../wire/packet.ts';

/** Says of a segment whether its row is printed. */
export interface RowGate {
  selects(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): boolean;
}

/** For a filter that asks about segments alone. */
export function segmentGate(filter: Filter): RowGate {
  return {
    selects: (frame, packet, trace, clock) => filter.selectsEarly(filter.answers(frame, packet, trace, clock)) === true,
  };
}

/** Different answers of a segment whose fate fits the bits of one number per connection. */
export const MOST_ANSWERS = 32;

/**
 * For a filter that asks about connections, and captures that can be read twice: `listener` takes in the first reading, the
 * second is then printed as it passes. Only for filters with at most {@link MOST_ANSWERS} answers.
 */
export class TwoPassGate implements RowGate {
  readonly #filter: Filter;
  /** By stream: bit n if a segment with the answers n is printed. */
  readonly #accepted = new Map<number, number>();

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  readonly listener: AnalyzeListener = {
    flow: (flow, clock) => {
      let accepted = this.#accepted.get(flow.stream) ?? 0;
      for (let answers = 0; answers < this.#filter.answerCount; answers++) {
        if (selectsSome(this.#filter, answers, flow, clock.duration())) accepted |= 1 << answers;
      }
      if (accepted !== 0) this.#accepted.set(flow.stream, accepted);
    },
  };

  selects(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): boolean {
    const answers = this.#filter.answers(frame, packet, trace, clock);
    const early = this.#filter.selectsEarly(answers);
    if (early !== null || trace.current < 0) return early === true;
    return ((this.#accepted.get(trace.connection.stream) ?? 0) & (1 << answers)) !== 0;
  }
}

/** More than most rows have. */
const ROW_BYTES = 1 << 12;

/** A sink for a printer whose rows may have to wait. */
export class RowText implements ByteSink {
  readonly rows = new RowBytes(ROW_BYTES);

  write(text: string): void {
    this.rows.text(text);
  }

  rowWritten(): void {}

  ready(): undefined {
    return undefined;
  }

  /** What was written since the last time. */
  take(): string {
    return this.rows.take();
  }
}

interface HeldRow {
  readonly text: string;
  readonly answers: number;
  isSelected: boolean;
}

/** For a filter that asks about connections, and standard input: rows wait, as text, from the first that is undecided on. */
export class HoldingGate {
  readonly #filter: Filter;
  readonly #rows: HeldRow[] = [];
  readonly #undecided = new Map<number, HeldRow[]>();

  constructor(filter: Filter) {
    this.#filter = filter;
  }

  /** Takes in a segment; `textOf` makes its row and is called only if it may be printed. Returns what can be printed now. */
  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock, textOf: () => string): string {
    const answers = this.#filter.answers(frame, packet, trace, clock);
    const early = this.#filter.selectsEarly(answers);
    const isUndecided = early === null && trace.current >= 0;
    if (early !== true && !isUndecided) return '';
    if (!isUndecided && this.#rows.length === 0) return textOf();
    const row: HeldRow = { text: textOf(), answers, isSelected: early === true };
    this.#rows.push(row);
    if (!isUndecided) return '';
    const { stream } = trace.connection;
    const rows = this.#undecided.get(stream);
    if (rows === undefined) this.#undecided.set(stream, [row]);
    else rows.push(row);
    return '';
  }

  flow(flow: FlowResult, captureEnd: number): void {
    for (const row of this.#undecided.get(flow.stream) ?? []) {
      row.isSelected ||= selectsSome(this.#filter, row.answers, flow, captureEnd);
    }
  }

  /** The rows that waited, in their order. */
  *rest(): Generator<string> {
    for (const row of this.#rows) if (row.isSelected) yield row.text;
  }
}

/** Where the filter asks about findings, one of them is enough. */
function selectsSome(filter: Filter, answers: number, flow: FlowResult, captureEnd: number): boolean {
  if (!filter.asksFindings || flow.findings.length === 0) return filter.selects(answers, flow, captureEnd);
  return flow.findings.some((finding) => filter.selects(answers, flow, captureEnd, finding));
}
