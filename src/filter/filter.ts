// In: the text of a filter. Out: the filter, ready to be asked about segments and connections. See docs/filters.md.

import type { Frame } from '../capture/frame.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { FindingResult, FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import type { Packet } from '../wire/packet.ts';
import { compile, type FilterNote } from './compile.ts';
import { FilterError } from './filter-error.ts';
import { MOST_SEGMENT_TESTS, type Plan, planOf } from './logic.ts';
import { parseFilter } from './parser.ts';
import { Subject } from './subject.ts';

/**
 * A filter. It asks about segments, about connections, or about both; then its answer for a segment is known only when the
 * segment's connection is over. Reads nothing but what it is handed; keeps nothing.
 */
export class Filter {
  /** As written. */
  readonly source: string;
  /** What is allowed but probably not meant. */
  readonly notes: readonly FilterNote[];
  /** Conditions that hold as soon as one of two endpoints fits: doubtful where the filter says what must be. */
  readonly doubts: readonly FilterNote[];
  /** Names of the fields and facts it reads. */
  readonly fields: ReadonlySet<string>;
  /** It has conditions on segments. */
  readonly asksSegments: boolean;
  /** It has conditions on connections or their findings. */
  readonly asksFlows: boolean;
  readonly asksFindings: boolean;
  /** Number of different answers a segment can have. */
  readonly answerCount: number;
  readonly #plan: Plan;
  readonly #subject = new Subject();

  /** @throws FilterError with the column, if it is no filter. */
  constructor(source: string) {
    this.source = source;
    const { logic, notes, doubts, fields, isOfAll } = compile(source, parseFilter(source));
    const plan = planOf(logic, isOfAll);
    if (plan === null) {
      throw new FilterError(
        `more than ${MOST_SEGMENT_TESTS} conditions on segments, each mixed with conditions on connections`,
        source,
        { start: 0, end: source.length },
      );
    }
    this.notes = notes;
    this.doubts = doubts;
    this.fields = fields;
    this.#plan = plan;
    this.asksSegments = plan.scopes.has('segment');
    this.asksFindings = plan.scopes.has('finding');
    this.asksFlows = plan.scopes.has('flow') || this.asksFindings;
    this.answerCount = 2 ** plan.segmentTests.length;
  }

  /** True if a connection's first segment may show whether any of its segments can be selected: see `begins`. */
  get asksOpening(): boolean {
    return this.#plan.decideAtOpening !== null;
  }

  /**
   * Of a connection, given its first segment, of which the trace knows no more than the stream: true or false where every segment of it that is by the book (or,
   * if not `isByTheBook`, every one) is selected or none is, as far as they have as many IP headers; null where it depends.
   */
  begins(packet: Packet, trace: TcpTrace, isByTheBook: boolean): boolean | null {
    const subject = this.#subject;
    subject.isByTheBook = isByTheBook;
    subject.packet = packet;
    subject.trace = trace;
    return this.#plan.decideAtOpening?.(subject) ?? null;
  }

  /** What the segment says to the conditions on segments: bit n for the nth of them. */
  answers(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): number {
    const subject = this.#subject;
    subject.frame = frame;
    subject.packet = packet;
    subject.trace = trace;
    subject.clock = clock;
    const tests = this.#plan.segmentTests;
    let answers = 0;
    for (let i = 0; i < tests.length; i++) if (tests[i]!(subject)) answers |= 1 << i;
    return answers;
  }

  /** True or false where a segment with these answers is selected or not, whatever its connection; null where that decides. */
  selectsEarly(answers: number): boolean | null {
    return this.#plan.decideEarly(answers);
  }

  /**
   * True if a segment with these answers is selected, given its connection, or `finding` of it. `captureEnd`: seconds since the
   * capture's start.
   */
  selects(answers: number, flow: FlowResult, captureEnd: number, finding: FindingResult | null = null): boolean {
    const subject = this.#subject;
    subject.flow = flow;
    subject.captureEnd = captureEnd;
    subject.finding = finding;
    return this.#plan.decide(answers, subject);
  }

  /** The same for a finding that belongs to no connection; only for filters that ask about findings alone. */
  selectsFinding(finding: FindingResult): boolean {
    this.#subject.finding = finding;
    return this.#plan.decide(0, this.#subject);
  }
}
