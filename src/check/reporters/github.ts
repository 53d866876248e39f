// In: the result of a check. Out: GitHub Actions workflow commands, which become annotations of the run.

import { printable } from '../../report/printable.ts';
import type { CheckResult, RuleResult, RuleSeverity } from '../rule.ts';
import { violationText } from './violation-text.ts';

/** GitHub shows ten annotations of a kind per step; a rule takes one, its connections stand in it. */
const SHOWN = 10;

const COMMANDS: Readonly<Record<RuleSeverity, 'error' | 'warning' | 'notice'>> = {
  error: 'error',
  warn: 'warning',
  note: 'notice',
};

export function report(result: CheckResult): string {
  const lines = result.results.filter(({ holds }) => !holds).map(annotation);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function annotation({ rule, summary, violations, unit }: RuleResult): string {
  const fresh = violations.filter(({ isKnown }) => !isKnown);
  const text = [
    `${rule.name}: ${summary}`,
    ...(rule.reason === null ? [] : [rule.reason]),
    ...fresh.slice(0, SHOWN).map((violation) => violationText(violation, unit)),
    ...(fresh.length > SHOWN ? ['...'] : []),
  ].join('\n');
  const place = rule.origin === null ? [] : [`file=${property(rule.origin.file)}`, `line=${rule.origin.line}`];
  const properties = [...place, `title=${property(`tcpstate: ${rule.name}`)}`].join(',');
  return `::${COMMANDS[rule.severity]} ${properties}::${data(text)}`;
}

/** Escapes of the runner (actions/toolkit, command.ts): what would end the command. Its log is read in terminals and browsers. */
function data(text: string): string {
  const lines = text.split('\n').map(printable).join('\n');
  return lines.replace(/%/g, '%25').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
