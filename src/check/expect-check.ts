// In: a rule with `expect`, and a capture as it passes. Out: the connections in which something does not fit.

import type { Frame } from '../capture/frame.ts';
import { FlowSelection } from '../filter/selection.ts';
import { Subject } from '../filter/subject.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { CaptureResult, FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { count, counted } from '../units.ts';
import type { Packet } from '../wire/packet.ts';
import { type Book, Violations } from './book.ts';
import { findingEvidence, flowEvidence, segmentEvidence } from './evidence.ts';
import { type ExpectRule, type RuleResult, type RuleUnit, UNIT_WORDS } from './rule.ts';
import type { RuleCheck } from './run.ts';
import { SegmentTallies } from './tally.ts';

export class ExpectCheck implements RuleCheck {
  readonly wantsSegments: boolean;
  readonly #rule: ExpectRule;
  readonly #unit: RuleUnit;
  /** Which connections `where` selects; null where it is asked segment by segment or finding by finding. */
  readonly #selection: FlowSelection | null;
  readonly #tallies: SegmentTallies | null;
  readonly #violations: Violations;
  #checked = 0;

  constructor(rule: ExpectRule, book: Book) {
    this.#rule = rule;
    const { where, expect } = rule;
    this.#unit = expect.asksFindings ? 'findings' : expect.asksSegments ? 'segments' : 'flows';
    this.#violations = new Violations(rule.name, book);
    const perFinding = this.#unit === 'findings' && where?.asksFindings === true;
    this.#selection = where === null || this.#unit === 'segments' || perFinding ? null : new FlowSelection(where);
    this.#tallies =
      this.#unit !== 'segments'
        ? null
        : new SegmentTallies(
            where,
            expect,
            (selected, fits) => this.#settle(selected, fits),
            (frame, packet, trace, clock) => segmentEvidence([expect], subjectOf(frame, packet, trace, clock)),
          );
    this.wantsSegments = this.#tallies !== null || this.#selection?.wantsSegments === true;
  }

  get asksOpening(): boolean {
    return this.#selection?.asksOpening === true;
  }

  begins(stream: number, packet: Packet, trace: TcpTrace, isByTheBook: boolean): boolean {
    return this.#selection?.begins(stream, packet, trace, isByTheBook) ?? true;
  }

  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    if (this.#tallies !== null) this.#tallies.add(frame, packet, trace, clock);
    else this.#selection!.segment(frame, packet, trace, clock);
  }

  flow(flow: FlowResult, captureEnd: number): void {
    if (this.#tallies !== null) this.#flowOfSegments(this.#tallies, flow, captureEnd);
    else if (this.#selection !== null && !this.#selection.selects(flow, captureEnd)) return;
    else if (this.#unit === 'findings') this.#flowOfFindings(flow, captureEnd);
    else this.#flow(flow, captureEnd);
  }

  finish(_capture: CaptureResult): RuleResult {
    const { flows, units, knownFlows, list } = this.#violations;
    const fresh = flows - knownFlows;
    return {
      rule: this.#rule,
      unit: this.#unit,
      holds: fresh === 0,
      checked: this.#checked,
      violated: units,
      flows,
      knownFlows,
      share: null,
      summary: this.#summary(units),
      violations: list,
    };
  }

  #summary(units: number): string {
    const word = UNIT_WORDS[this.#unit];
    if (this.#checked === 0) return `no ${word} to check`;
    if (units === 0) return `${counted(this.#checked, word)} checked`;
    return `${count(units)} of ${counted(this.#checked, word)}`;
  }

  #flow(flow: FlowResult, captureEnd: number): void {
    const { expect } = this.#rule;
    this.#checked++;
    if (expect.selects(0, flow, captureEnd)) return;
    this.#violations.add(flow, 1, () => flowEvidence([expect], flow, captureEnd));
  }

  /** Counts what is settled and fits; the rest waits for its connection. */
  #settle(selected: boolean | null, fits: boolean | null): boolean {
    if (selected === false) return true;
    if (selected !== true || fits !== true) return false;
    this.#checked++;
    return true;
  }

  #flowOfSegments(tallies: SegmentTallies, flow: FlowResult, captureEnd: number): void {
    const { where, expect } = this.#rule;
    let violated = 0;
    let frame: number | null = null;
    let time = 0;
    let evidence = '';
    for (const tally of tallies.take(flow.stream)) {
      if (where !== null && !where.selects(tally.first, flow, captureEnd)) continue;
      this.#checked += tally.count;
      if (expect.selects(tally.second, flow, captureEnd)) continue;
      violated += tally.count;
      if (frame === null || tally.frame < frame) ({ frame, time, evidence } = tally);
    }
    if (violated > 0) this.#violations.add(flow, violated, () => ({ text: evidence, frame, time }));
  }

  #flowOfFindings(flow: FlowResult, captureEnd: number): void {
    const { where, expect } = this.#rule;
    const perFinding = this.#selection === null ? where : null;
    const wrong = flow.findings.filter((finding) => {
      if (perFinding !== null && !perFinding.selects(0, flow, captureEnd, finding)) return false;
      this.#checked++;
      return !expect.selects(0, flow, captureEnd, finding);
    });
    const [first] = wrong;
    if (first === undefined) return;
    const codes = [...new Set(wrong.map(({ code }) => code))].sort().join(', ');
    this.#violations.add(flow, wrong.length, () => findingEvidence(first), codes);
  }
}

/** A segment for evidence; made only for the first of its kind in a connection. */
export function subjectOf(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): Subject {
  const subject = new Subject();
  subject.frame = frame;
  subject.packet = packet;
  subject.trace = trace;
  subject.clock = clock;
  return subject;
}
