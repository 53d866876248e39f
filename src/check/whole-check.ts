// In: the capture, read. Out: whether it was read to its end, undamaged.

import type { CaptureResult } from '../tcp/flow-result.ts';
import type { Rule, RuleResult, Violation } from './rule.ts';

/** For rules of kind `whole`. */
export function wholeResult(rule: Rule, capture: CaptureResult): RuleResult {
  const isWhole = !capture.truncated && !capture.interrupted;
  const reasons = capture.interrupted ? ['the run was interrupted', ...capture.warnings] : capture.warnings;
  const violations = isWhole ? [] : reasons.map((reason) => onCapture(reason));
  return {
    rule,
    unit: 'capture',
    holds: isWhole,
    checked: 1,
    violated: isWhole ? 0 : 1,
    flows: 0,
    knownFlows: 0,
    share: null,
    summary: isWhole ? 'read to its end' : (reasons[0] ?? 'cut short'),
    violations,
  };
}

function onCapture(reason: string): Violation {
  return {
    stream: null,
    endpoints: [],
    outcome: 'the capture as a whole',
    service: '',
    behaviour: '',
    frame: null,
    time: null,
    evidence: reason,
    count: 1,
    isKnown: false,
  };
}
