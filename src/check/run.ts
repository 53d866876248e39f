// In: rules, and a capture as it passes: segments, connections, the end. Out: which rules hold, and what stands against the others.

import type { Frame } from '../capture/frame.ts';
import type { CaptureClock } from '../tcp/clock.ts';
import type { CaptureResult, FlowResult } from '../tcp/flow-result.ts';
import type { TcpTrace } from '../tcp/trace.ts';
import type { Packet } from '../wire/packet.ts';
import { Baseline, BaselineWriter } from './baseline.ts';
import type { ServiceMatch } from './behaviour.ts';
import { ExpectCheck } from './expect-check.ts';
import { LimitCheck } from './limit-check.ts';
import type { CheckResult, Rule, RuleResult, RuleSeverity } from './rule.ts';
import { wholeResult } from './whole-check.ts';

/** The check of one rule. */
export interface RuleCheck {
  /** True if {@link segment} must be told of segments: those of the connections that {@link begins} is true of. */
  readonly wantsSegments: boolean;
  /** See FlowSelection. */
  readonly asksOpening: boolean;
  begins(stream: number, packet: Packet, trace: TcpTrace, isByTheBook: boolean): boolean;
  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void;
  flow(flow: FlowResult, captureEnd: number): void;
  finish(capture: CaptureResult): RuleResult;
}

export interface CheckOptions {
  rules: readonly Rule[];
  /** What is known to be wrong; without it everything wrong is new. */
  baseline?: Baseline | null;
  match?: ServiceMatch;
  /** From this severity on a rule that does not hold fails the run. */
  failOn?: RuleSeverity;
}

const GRAVITY: Readonly<Record<RuleSeverity, number>> = { note: 0, warn: 1, error: 2 };

export class CheckRun {
  /** What this run found wrong, for --update-baseline. */
  readonly found: BaselineWriter;
  /** As of a RuleCheck. */
  readonly wantsSegments: boolean;
  readonly asksOpening: boolean;
  readonly #rules: readonly Rule[];
  readonly #checks: readonly (RuleCheck | null)[];
  readonly #onSegments: readonly RuleCheck[];
  readonly #baseline: Baseline | null;
  readonly #failOn: RuleSeverity;
  #flows = 0;

  constructor({ rules, baseline = null, match = 'address', failOn = 'error' }: CheckOptions) {
    this.#rules = rules;
    this.#baseline = baseline;
    this.#failOn = failOn;
    this.found = new BaselineWriter(baseline?.match ?? match);
    const book = { known: baseline ?? new Baseline(match), found: this.found, match: baseline?.match ?? match };
    this.#checks = rules.map((rule) => {
      if (rule.kind === 'expect') return new ExpectCheck(rule, book);
      return rule.kind === 'limit' ? new LimitCheck(rule, book) : null;
    });
    this.#onSegments = this.#checks.filter((check) => check !== null).filter(({ wantsSegments }) => wantsSegments);
    this.wantsSegments = this.#onSegments.length > 0;
    this.asksOpening = this.#onSegments.every(({ asksOpening }) => asksOpening);
  }

  /** See FlowSelection; to be called only where `asksOpening`. */
  begins(stream: number, packet: Packet, trace: TcpTrace, isByTheBook: boolean): boolean {
    let isWanted = false;
    // Each keeps what it has seen.
    for (const check of this.#onSegments) if (check.begins(stream, packet, trace, isByTheBook)) isWanted = true;
    return isWanted;
  }

  segment(frame: Frame, packet: Packet, trace: TcpTrace, clock: CaptureClock): void {
    if (trace.current < 0) return;
    const checks = this.#onSegments;
    for (let i = 0; i < checks.length; i++) checks[i]!.segment(frame, packet, trace, clock);
  }

  /** `captureEnd`: seconds since the capture's start. */
  flow(flow: FlowResult, captureEnd: number): void {
    this.#flows++;
    for (const check of this.#checks) check?.flow(flow, captureEnd);
  }

  finish(capture: CaptureResult): CheckResult {
    const results = this.#rules.map((rule, i) => this.#checks[i]?.finish(capture) ?? wholeResult(rule, capture));
    const least = GRAVITY[this.#failOn];
    return {
      files: capture.files,
      start: capture.start,
      frames: capture.frames,
      segments: capture.tcpSegments,
      flows: this.#flows,
      durationSeconds: capture.duration,
      interrupted: capture.interrupted,
      results,
      failed: results.filter(({ holds, rule }) => !holds && GRAVITY[rule.severity] >= least).length,
      fixed: this.#baseline === null ? null : this.#baseline.fixed,
    };
  }
}
