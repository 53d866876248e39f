// In: finished connections with their facts, one after another. Out: the findings of each, and those of the capture.

import type { CaptureFacts } from '../tcp/capture-facts.ts';
import { FlowBit } from '../tcp/fact-rows.ts';
import type { FlowFacts } from '../tcp/flow-facts.ts';
import type { CaptureFindingResult } from '../tcp/flow-result.ts';
import { CaptureFindings } from './capture-findings.ts';
import { CAPTURE_RULES } from './capture-rules/index.ts';
import { CaptureView } from './capture-view.ts';
import { DOUBT_WORDS } from './catalog.ts';
import { doubtsOf } from './doubts.ts';
import { Doubt } from './entry.ts';
import { Findings } from './findings.ts';
import { ANSWER_SECONDS } from './measures/waited.ts';
import {
  FLAG_RULES,
  type FlowRule,
  ODDITY_RULES,
  RESET_RULES,
  REUSE_RULES,
  RULES,
  TROUBLE_RULES,
} from './rules/index.ts';

export class Judge {
  readonly #found = new Findings();
  readonly #view: CaptureView;

  /** `facts`: what was counted frame by frame. `addressText`: the address behind an id of the trace. */
  constructor(facts: CaptureFacts, addressText: (id: number) => string) {
    this.#view = new CaptureView(facts, addressText);
  }

  /** Fills the findings of `flow.flow`. */
  find(flow: FlowFacts): void {
    const found = this.#found;
    found.begin(flow, doubtsOf(flow));
    const [a, b] = flow.sides;
    ask(RULES, flow, found);
    if (a.analysis.tally !== 0 || b.analysis.tally !== 0) ask(FLAG_RULES, flow, found);
    if (a.facts.trouble !== 0 || b.facts.trouble !== 0) ask(TROUBLE_RULES, flow, found);
    if (a.facts.oddities !== 0 || b.facts.oddities !== 0) ask(ODDITY_RULES, flow, found);
    if (a.facts.reset !== 0 || b.facts.reset !== 0) ask(RESET_RULES, flow, found);
    if ((flow.facts.bits & FlowBit.REUSED) !== 0) ask(REUSE_RULES, flow, found);
    flow.flow.findings = found.end();
  }

  /** Takes a connection into account for the findings of the capture: once for each, with all its segments. */
  count(flow: FlowFacts): void {
    this.#view.add(flow);
  }

  /** As `count`, for a connection that nobody has answered and that is not watched any more. */
  countUnanswered(flow: FlowFacts): void {
    flow.captureEnd = Math.max(flow.captureEnd, flow.flow.end + 2 * ANSWER_SECONDS);
    this.#view.add(flow);
  }

  /** The findings of the capture, after its last connection. `warnings`: of files that are cut short or damaged. */
  capture(warnings: readonly string[]): CaptureFindingResult[] {
    const view = this.#view;
    view.warnings = warnings;
    const found = new CaptureFindings();
    const isOneSided = view.oneSided.count > 0 && 2 * view.oneSided.count > view.telling;
    if (isOneSided) found.doubt = DOUBT_WORDS.find(([bit]) => bit === Doubt.ONE_SIDED)![1];
    for (const rule of CAPTURE_RULES) rule(view, found);
    return found.end();
  }
}

function ask(rules: readonly FlowRule[], flow: FlowFacts, found: Findings): void {
  for (const rule of rules) rule(flow, found);
}
