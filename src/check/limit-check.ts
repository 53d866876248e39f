// In: a rule with `max` or `min`, and a capture as it passes. Out: how many there were, and whether that is within the limits.

import type { Frame } from '../capture/frame.ts';
import { FlowSelection } from '../filter/selection.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { CaptureResult, FindingResult, FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import { count, counted, percent } from '../units.ts';
import type { Packet } from '../wire/packet.ts';
import { type Book, Violations } from './book.ts';
import { findingEvidence, flowEvidence, segmentEvidence } from './evidence.ts';
import { subjectOf } from './expect-check.ts';
import { type Bound, type LimitRule, type RuleResult, UNIT_WORDS, type Violation } from './rule.ts';
import type { RuleCheck } from './run.ts';
import { SegmentTallies } from './tally.ts';

export class LimitCheck implements RuleCheck {
  readonly wantsSegments: boolean;
  readonly #rule: LimitRule;
  readonly #book: Book;
  readonly #where: FlowSelection | null = null;
  readonly #of: FlowSelection | null = null;
  readonly #tallies: SegmentTallies | null = null;
  /** The connections that were counted; violations if a maximum is exceeded. */
  readonly #counted: Violations;
  readonly #onCapture: Violation[] = [];
  /** Units there were, and units counted. */
  #all = 0;
  #selected = 0;

  constructor(rule: LimitRule, book: Book) {
    this.#rule = rule;
    this.#book = book;
    this.#counted = new Violations(rule.name, null);
    const { where, of } = rule;
    if (rule.count === 'segments') {
      this.#tallies = new SegmentTallies(
        of,
        where,
        (among, selected) => this.#settle(among, selected),
        (frame, packet, trace, clock) => segmentEvidence([where], subjectOf(frame, packet, trace, clock)),
      );
    } else {
      const perFinding = (filter: typeof where): boolean => rule.count === 'findings' && filter?.asksFindings === true;
      if (where !== null && !perFinding(where)) this.#where = new FlowSelection(where);
      if (of !== null && !perFinding(of)) this.#of = new FlowSelection(of);
    }
    this.wantsSegments =
      this.#tallies !== null || this.#where?.wantsSegments === true || this.#of?.wantsSegments === true;
  }

  get asksOpening(): boolean {
    const asks = [this.#where, this.#of].filter((selection) => selection?.wantsSegments);
    return this.#tallies === null && asks.every((selection) => selection!.asksOpening);
  }

  begins(stream: number, packet: Packet, trace: TcpTrace, isByTheBook: boolean): boolean {
    const where = this.#where?.wantsSegments === true && this.#where.begins(stream, packet, trace, isByTheBook);
    const of = this.#of?.wantsSegments === true && this.#of.begins(stream, packet, trace, isByTheBook);
    return where || of;
  }

  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    if (this.#tallies !== null) {
      this.#tallies.add(frame, packet, trace, clock);
      return;
    }
    if (this.#where?.wantsSegments) this.#where.segment(frame, packet, trace, clock);
    if (this.#of?.wantsSegments) this.#of.segment(frame, packet, trace, clock);
  }

  flow(flow: FlowResult, captureEnd: number): void {
    if (this.#tallies !== null) this.#flowOfSegments(this.#tallies, flow, captureEnd);
    else if (this.#rule.count === 'findings') this.#flowOfFindings(flow, captureEnd);
    else this.#flow(flow, captureEnd);
  }

  finish(capture: CaptureResult): RuleResult {
    if (this.#rule.count === 'findings') this.#captureFindings(capture);
    const { name, min, max } = this.#rule;
    const share = this.#all === 0 ? 0 : this.#selected / this.#all;
    const usesShare = min?.isShare === true || max?.isShare === true;
    const measure = (bound: Bound): number => (bound.isShare ? share : this.#selected);
    const isTooMany = max !== null && measure(max) > max.value;
    // Of nothing at all, no share is too small.
    const isTooFew = min !== null && !(min.isShare && this.#all === 0) && measure(min) < min.value;
    const broken = isTooMany ? max : isTooFew ? min : null;
    let isKnown = false;
    if (broken !== null) {
      const measured = measure(broken);
      this.#book.found.measured(name, measured);
      const before = this.#book.known.measured(name);
      isKnown = before !== null && (isTooMany ? measured <= before : measured >= before);
    }
    const { flows, list } = this.#counted;
    return {
      rule: this.#rule,
      unit: this.#rule.count,
      holds: broken === null || isKnown,
      checked: this.#all,
      violated: isTooMany ? this.#selected : 0,
      flows: isTooMany ? flows : 0,
      knownFlows: isTooMany && isKnown ? flows : 0,
      share: usesShare ? share : null,
      summary: this.#summary(usesShare, broken, isTooMany, isKnown),
      violations: isTooMany ? [...this.#onCapture, ...list.map((one) => ({ ...one, isKnown }))] : [],
    };
  }

  #summary(usesShare: boolean, broken: Bound | null, isTooMany: boolean, isKnown: boolean): string {
    const word = UNIT_WORDS[this.#rule.count];
    const measured = usesShare
      ? `${count(this.#selected)} of ${counted(this.#all, word)} (${percent(this.#selected, this.#all)})`
      : counted(this.#selected, word);
    if (broken === null) return measured;
    const bound = broken.isShare ? `${Number((broken.value * 100).toPrecision(6))} %` : count(broken.value);
    return `${measured}, ${isTooMany ? 'at most' : 'at least'} ${bound}${isKnown ? ', no worse than the baseline' : ''}`;
  }

  #settle(among: boolean | null, selected: boolean | null): boolean {
    if (among === false) return true;
    if (among !== true || selected !== false) return false;
    this.#all++;
    return true;
  }

  #flowOfSegments(tallies: SegmentTallies, flow: FlowResult, captureEnd: number): void {
    const { where, of } = this.#rule;
    let selected = 0;
    let frame: number | null = null;
    let time = 0;
    let evidence = '';
    for (const tally of tallies.take(flow.stream)) {
      if (of !== null && !of.selects(tally.first, flow, captureEnd)) continue;
      this.#all += tally.count;
      if (where !== null && !where.selects(tally.second, flow, captureEnd)) continue;
      selected += tally.count;
      if (frame === null || tally.frame < frame) ({ frame, time, evidence } = tally);
    }
    this.#selected += selected;
    if (selected > 0) this.#counted.add(flow, selected, () => ({ text: evidence, frame, time }));
  }

  #flow(flow: FlowResult, captureEnd: number): void {
    // Both are asked, since each forgets what it has of the connection's segments.
    const selected = this.#where?.selects(flow, captureEnd) ?? true;
    if (!(this.#of?.selects(flow, captureEnd) ?? true)) return;
    this.#all++;
    if (!selected) return;
    this.#selected++;
    this.#counted.add(flow, 1, () => flowEvidence([this.#rule.where], flow, captureEnd));
  }

  #flowOfFindings(flow: FlowResult, captureEnd: number): void {
    const whereFits = this.#where?.selects(flow, captureEnd) ?? true;
    const ofFits = this.#of?.selects(flow, captureEnd) ?? true;
    if (!ofFits) return;
    const among = this.#of === null ? this.#rule.of : null;
    const chosen = this.#where === null ? this.#rule.where : null;
    let first: FindingResult | null = null;
    let selected = 0;
    for (const finding of flow.findings) {
      if (among !== null && !among.selects(0, flow, captureEnd, finding)) continue;
      this.#all++;
      if (!whereFits || (chosen !== null && !chosen.selects(0, flow, captureEnd, finding))) continue;
      selected++;
      first ??= finding;
    }
    this.#selected += selected;
    if (first !== null) {
      const shown = first;
      this.#counted.add(flow, selected, () => findingEvidence(shown));
    }
  }

  /** Findings about the capture as a whole belong to no connection: only rules that ask for nothing of a connection see them. */
  #captureFindings(capture: CaptureResult): void {
    const { where, of } = this.#rule;
    const asksFlows = [where, of].some(
      (filter) => filter?.asksSegments || [...(filter?.fields ?? [])].some(isFlowFact),
    );
    if (asksFlows) return;
    for (const finding of capture.captureFindings) {
      const asked: FindingResult = { share: null, worstFrame: null, endpoint: null, ...finding };
      if (of !== null && !of.selectsFinding(asked)) continue;
      this.#all++;
      if (where !== null && !where.selectsFinding(asked)) continue;
      this.#selected++;
      this.#onCapture.push({
        stream: finding.stream,
        endpoints: [],
        outcome: 'the capture as a whole',
        service: finding.service ?? '',
        behaviour: '',
        frame: finding.frame,
        time: finding.time,
        evidence: `${finding.code}: ${finding.message}`,
        count: 1,
        isKnown: false,
      });
    }
  }
}

function isFlowFact(name: string): boolean {
  return !name.startsWith('finding.');
}
