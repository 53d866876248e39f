// In: the result of a check. Out: the document of schema/check.schema.json.

import { jsonText } from '../../report/json-text.ts';
import type { CheckResult, Rule } from '../rule.ts';

export const CHECK_SCHEMA = 'tcpstate.check/1';

export function report(result: CheckResult): string {
  const { files, start, frames, segments, flows, durationSeconds, interrupted } = result;
  const document = {
    schema: CHECK_SCHEMA,
    capture: {
      files,
      start,
      duration: durationSeconds,
      frames,
      tcpSegments: segments,
      connections: flows,
      interrupted,
    },
    failed: result.failed,
    fixed: result.fixed,
    rules: result.results.map(({ rule, ...one }) => ({
      name: rule.name,
      severity: rule.severity,
      reason: rule.reason,
      ...conditions(rule),
      holds: one.holds,
      unit: one.unit,
      checked: one.checked,
      violated: one.violated,
      connections: one.flows,
      known: one.knownFlows,
      share: one.share,
      summary: one.summary,
      violations: one.violations.map(({ isKnown, ...violation }) => ({ ...violation, known: isKnown })),
    })),
  };
  return `${jsonText(document, 2)}\n`;
}

function conditions(rule: Rule): Record<string, string | number> {
  if (rule.kind === 'whole') return { capture: 'whole' };
  const where = rule.where === null ? {} : { where: rule.where.source };
  if (rule.kind === 'expect') return { ...where, expect: rule.expect.source };
  return {
    ...where,
    count: rule.count,
    ...(rule.of !== null && { of: rule.of.source }),
    ...(rule.max !== null && { max: rule.max.value }),
    ...(rule.min !== null && { min: rule.min.value }),
  };
}
