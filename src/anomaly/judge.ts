// In: finished connections with their facts, one after another. Out: the findings of each, and those of the capture.

import type { Connection } from '../tcp/connection.ts';
import { FlowBit } from '../tcp/fact-rows.ts';
import type { FlowFacts } from '../tcp/flow-facts.ts';
import type { CaptureFindingResult } from '../tcp/flow-result.ts';
import type { TextbookLife } from '../tcp/textbook-life.ts';
import { CaptureFindings } from './capture-findings.ts';
import { CAPTURE_RULES } from './capture-rules/index.ts';
import type { CaptureView } from './capture-view.ts';
import { DOUBT_WORDS } from './catalog.ts';
import { digest, digestLoneSyn, FlowDigest } from './digest.ts';
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

/** Whoever takes in what findings about the capture need to know of each connection. Borrowed. */
export interface DigestTaker {
  add(digest: FlowDigest): void;
  /** As `add`, of what `digestLife` makes of the life. */
  addLife(life: TextbookLife): void;
}

export class Judge {
  readonly #found = new Findings();
  readonly #digest = new FlowDigest();
  readonly #taker: DigestTaker;

  constructor(taker: DigestTaker) {
    this.#taker = taker;
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
    digest(flow, this.#digest);
    this.#taker.add(this.#digest);
  }

  /** As `count`, for a life by the book. */
  countLife(life: TextbookLife): void {
    this.#taker.addLife(life);
  }

  /** As `countUnanswered`, for a single SYN by the book. `start`: seconds since the start of the capture. */
  countLoneSyn(syn: Connection, start: number, timeWaitSeconds: number): void {
    digestLoneSyn(syn, start, timeWaitSeconds, this.#digest);
    this.#taker.add(this.#digest);
  }

  /** As `count`, for a connection that nobody has answered and that is not watched any more. */
  countUnanswered(flow: FlowFacts): void {
    flow.captureEnd = Math.max(flow.captureEnd, flow.flow.end + 2 * ANSWER_SECONDS);
    this.count(flow);
  }
}

/** The findings of the capture, after its last connection. `warnings`: of files that are cut short or damaged. */
export function judgeCapture(view: CaptureView, warnings: readonly string[]): CaptureFindingResult[] {
  view.warnings = warnings;
  const found = new CaptureFindings();
  const isOneSided = view.oneSided.count > 0 && 2 * view.oneSided.count > view.telling;
  if (isOneSided) found.doubt = DOUBT_WORDS.find(([bit]) => bit === Doubt.ONE_SIDED)![1];
  for (const rule of CAPTURE_RULES) rule(view, found);
  return found.end();
}

function ask(rules: readonly FlowRule[], flow: FlowFacts, found: Findings): void {
  for (const rule of rules) rule(flow, found);
}
