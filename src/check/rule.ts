// In: nothing. Out: what a rule is, and what checking it gives.

import type { Filter } from '../filter/filter.ts';

/** How grave it is when a rule does not hold. Only errors make `check` fail, unless told otherwise. */
export const RULE_SEVERITIES = ['error', 'warn', 'note'] as const;
export type RuleSeverity = (typeof RULE_SEVERITIES)[number];

/** What a rule is about: it is these that must fit, and that are counted. */
export const RULE_UNITS = ['flows', 'segments', 'findings'] as const;
export type RuleUnit = (typeof RULE_UNITS)[number];

/** "1 connection", "3 segments". */
export const UNIT_WORDS: Readonly<Record<RuleUnit, string>> = {
  flows: 'connection',
  segments: 'segment',
  findings: 'finding',
};

/** A count, or a share of all from 0 to 1. */
export interface Bound {
  readonly value: number;
  readonly isShare: boolean;
}

/** Where a rule is written, for whoever has to change it. */
export interface RuleOrigin {
  readonly file: string;
  readonly line: number;
}

interface RuleHead {
  readonly name: string;
  readonly severity: RuleSeverity;
  /** Why there is such a rule, in the words of whoever wrote it. */
  readonly reason: string | null;
  readonly origin: RuleOrigin | null;
}

/** Every unit `where` selects must fit `expect`. The unit is what `expect` asks about. */
export interface ExpectRule extends RuleHead {
  readonly kind: 'expect';
  readonly where: Filter | null;
  readonly expect: Filter;
}

/** Of the units, no more than `max` and no fewer than `min` may be selected by `where`; shares are of those `of` selects. */
export interface LimitRule extends RuleHead {
  readonly kind: 'limit';
  readonly count: RuleUnit;
  readonly where: Filter | null;
  readonly of: Filter | null;
  readonly min: Bound | null;
  readonly max: Bound | null;
}

/** The capture was read to its end. */
export interface WholeRule extends RuleHead {
  readonly kind: 'whole';
}

export type Rule = ExpectRule | LimitRule | WholeRule;

/** A connection in which a rule does not hold; or, with `stream` null, the capture. */
export interface Violation {
  readonly stream: number | null;
  /** "10.0.0.1:40000" and "10.0.0.2:80"; empty for the capture. */
  readonly endpoints: readonly string[];
  /** What became of the connection: "reset by server". */
  readonly outcome: string;
  readonly service: string;
  /** Verdict and state histories: what a baseline knows a connection by. */
  readonly behaviour: string;
  /** Where to look first, and when that was (seconds since the capture's start). */
  readonly frame: number | null;
  readonly time: number | null;
  /** The values that decided it. */
  readonly evidence: string;
  /** Segments or findings of the connection that do not fit; 1 for a rule on connections. */
  readonly count: number;
  /** The baseline has it. */
  readonly isKnown: boolean;
}

export interface RuleResult {
  readonly rule: Rule;
  readonly unit: RuleUnit | 'capture';
  /** Nothing new is wrong. */
  readonly holds: boolean;
  /** Units looked at, and units that do not fit (or, for a limit, are counted). */
  readonly checked: number;
  readonly violated: number;
  /** Connections in which the rule does not hold, and how many of them the baseline knows. */
  readonly flows: number;
  readonly knownFlows: number;
  /** For a limit with a share: the measured one; else null. */
  readonly share: number | null;
  /** One sentence: what was measured. */
  readonly summary: string;
  /** The first of them in the order of the capture, new ones before known ones; at most {@link MOST_VIOLATIONS}. */
  readonly violations: readonly Violation[];
}

/** Violations kept with their evidence; beyond it they are counted. */
export const MOST_VIOLATIONS = 1000;

/** What became of a whole run. */
export interface CheckResult {
  readonly files: readonly string[];
  /** ISO 8601 time of the first frame, or null. */
  readonly start: string | null;
  readonly frames: number;
  readonly segments: number;
  readonly flows: number;
  readonly durationSeconds: number;
  readonly interrupted: boolean;
  readonly results: readonly RuleResult[];
  /** Rules that do not hold and are grave enough to fail the run. */
  readonly failed: number;
  /** Of the baseline's entries, those that no longer occur; null without a baseline. */
  readonly fixed: number | null;
}
