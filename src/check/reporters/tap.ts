// In: the result of a check. Out: TAP version 14 (testanything.org), one test point per rule.

import { jsonText } from '../../report/json-text.ts';
import { printable } from '../../report/printable.ts';
import type { CheckResult, RuleResult } from '../rule.ts';
import { violationText } from './violation-text.ts';

/** Violations written out per rule. */
const SHOWN = 50;

export function report(result: CheckResult): string {
  const { results } = result;
  const lines = ['TAP version 14', `1..${results.length}`];
  for (const [i, one] of results.entries()) lines.push(...testPoint(one, i + 1));
  return `${lines.join('\n')}\n`;
}

function* testPoint(result: RuleResult, number: number): Generator<string> {
  const { rule, holds, summary } = result;
  // A rule that warns is no failure of the run: TODO test points may fail (TAP 14, "Directives").
  const directive = !holds && rule.severity !== 'error' ? ` # TODO ${rule.severity}` : '';
  yield `${holds ? 'ok' : 'not ok'} ${number} - ${escaped(rule.name)}${directive}`;
  yield '  ---';
  yield `  summary: ${jsonText(summary)}`;
  if (!holds) {
    yield `  severity: ${rule.severity}`;
    if (rule.reason !== null) yield `  reason: ${jsonText(rule.reason)}`;
    const fresh = result.violations.filter(({ isKnown }) => !isKnown).slice(0, SHOWN);
    if (fresh.length > 0) {
      yield '  violations:';
      for (const violation of fresh) yield `    - ${jsonText(violationText(violation, result.unit))}`;
    }
  }
  yield '  ...';
}

/** # would begin a directive, a line end another test point. */
function escaped(name: string): string {
  return printable(name.replace(/\s+/g, ' ')).replace(/\\/g, '\\\\').replace(/#/g, '\\#');
}
