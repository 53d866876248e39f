// In: a violation. Out: it in words, for reporters that print text.

import { printable } from '../../report/printable.ts';
import { timestamp } from '../../units.ts';
import type { RuleResult, Violation } from '../rule.ts';

/** Decimals of times since the capture's start. */
const DECIMALS = 6;

/** "stream 12  10.0.0.5:40122 → 10.0.0.9:8443  reset by server at 4.210000 s (frame 311): evidence". */
export function violationText(violation: Violation, unit: RuleResult['unit']): string {
  const { stream, endpoints, outcome, evidence, count, isKnown } = violation;
  const who = [stream === null ? '' : `stream ${stream}`, endpoints.join(' → '), outcome]
    .filter((text) => text !== '')
    .join('  ');
  const more = count > 1 && unit !== 'flows' ? ` (${count} ${unit}, the first here)` : '';
  const known = isKnown ? ' [known]' : '';
  return `${who}${placeText(violation)}${evidence === '' ? '' : `: ${printable(evidence)}`}${more}${known}`;
}

/** " at 4.210000 s (frame 311)", or as much of it as there is. */
export function placeText({ frame, time }: Violation): string {
  if (frame === null && time === null) return '';
  if (frame === null) return `, at ${timestamp(time!, DECIMALS)} s`;
  return time === null ? `, frame ${frame}` : `, frame ${frame} at ${timestamp(time, DECIMALS)} s`;
}
