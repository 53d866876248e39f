// In: captures and rules. Out: which rules hold. The check as one call, for the library and for tests in JavaScript.

import { type AnalyzeListener, type AnalyzeOptions, analyze } from './analyze.ts';
import { defaultRules, wholeRule } from './check/defaults.ts';
import type { CheckResult, Rule, RuleSeverity, RuleUnit } from './check/rule.ts';
import { type CheckOptions, CheckRun } from './check/run.ts';
import { Filter } from './filter/filter.ts';

/** A rule as it stands in a rule file (docs/check.md). */
export interface RuleInput {
  name: string;
  /** Which connections, segments or findings it is about; all without it. */
  where?: string;
  /** Must hold for each of them. */
  expect?: string;
  /** What `max` and `min` count; connections without it. */
  count?: RuleUnit;
  /** What a share is a share of. */
  of?: string;
  /** A count, or a share such as "1%". */
  max?: number | string;
  min?: number | string;
  severity?: RuleSeverity;
  reason?: string;
}

export interface CheckCapturesOptions extends AnalyzeOptions, Omit<CheckOptions, 'rules'> {
  /** Expressions every connection, or segment, must fit. */
  expect?: string | readonly string[];
  rules?: readonly RuleInput[];
  /** The text of a rule file. */
  config?: string;
  /** Rules as they come from elsewhere. */
  compiled?: readonly Rule[];
  progress?: AnalyzeListener['progress'];
}

/**
 * Checks captures. Without rules of any kind: the default ones. A capture that is cut short fails, except by a rule file
 * that says `capture: any`.
 * @throws UsageError if a rule is wrong, CaptureError if a capture cannot be read
 */
export async function check(options: CheckCapturesOptions): Promise<CheckResult> {
  const run = new CheckRun({ ...options, rules: await rulesOf(options) });
  const { progress } = options;
  return run.finish(await analyze(options, { ...listenerOf(run), ...(progress !== undefined && { progress }) }));
}

/** What the rules are to be told. */
export function listenerOf(run: CheckRun): AnalyzeListener {
  return {
    flow: (flow, clock) => run.flow(flow, clock.duration()),
    ...(run.wantsSegments && { segment: run.segment.bind(run) }),
    ...(run.wantsSegments && run.asksOpening && { wantsSegments: run.begins.bind(run) }),
  };
}

async function rulesOf(options: CheckCapturesOptions): Promise<Rule[]> {
  const { expect = [], rules = [], config, compiled = [] } = options;
  const own: Rule[] = [...compiled, ...[expect].flat().map(expectRule)];
  let whole = true;
  if (config !== undefined || rules.length > 0) {
    const { parseConfig } = await import('./check/config.ts');
    // JSON is YAML: rules given as objects are read by the reader of rule files, and so fail with its sentences.
    if (rules.length > 0) own.push(...parseConfig(JSON.stringify({ rules }), 'rules').rules);
    if (config !== undefined) {
      const read = parseConfig(config, 'config');
      own.push(...(read.defaults ? defaultRules() : []), ...read.rules);
      whole = read.whole;
    }
  }
  if (own.length === 0) own.push(...defaultRules());
  return whole ? [...own, wholeRule()] : own;
}

/** The rule of --expect: it is called what it says. */
export function expectRule(source: string): Rule {
  return {
    kind: 'expect',
    name: source,
    severity: 'error',
    reason: null,
    origin: null,
    where: null,
    expect: new Filter(source),
  };
}
