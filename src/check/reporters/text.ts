// In: the result of a check. Out: what people read: failures first, each with where to look and what to type.

import { displayWidth, padRight } from '../../report/columns.ts';
import { printable } from '../../report/printable.ts';
import { counted } from '../../units.ts';
import type { CheckResult, RuleResult, Violation } from '../rule.ts';
import type { ReportStyle } from './reporter.ts';
import { violationText } from './violation-text.ts';

/** Violations shown per rule; the command under them shows all. */
const SHOWN = 5;
/** Streams named in that command; a longer list is no longer typed. */
const MOST_STREAMS = 50;

export function report(result: CheckResult, style: ReportStyle): string {
  const { palette } = style;
  const lines: string[] = [];
  const broken = result.results.filter(({ holds }) => !holds);
  const held = result.results.filter(({ holds }) => holds);
  const width = Math.max(...result.results.map(({ rule }) => displayWidth(printable(rule.name))), 0);
  for (const one of broken) {
    const mark = one.rule.severity === 'error' ? palette.bad('✗') : palette.notable('!');
    lines.push(
      `${mark} ${palette.heading(padRight(printable(one.rule.name), width))}  ${printable(one.summary)}${knownText(one)}`,
    );
    if (one.rule.reason !== null) lines.push(palette.faint(`    ${printable(one.rule.reason)}`));
    lines.push(...violationLines(one, style));
  }
  for (const one of held) {
    lines.push(
      `${palette.good('✓')} ${padRight(printable(one.rule.name), width)}  ${palette.faint(printable(one.summary) + knownText(one))}`,
    );
  }
  lines.push(...closing(result, broken));
  return `${lines.join('\n')}\n`;
}

function knownText({ knownFlows, flows, holds }: RuleResult): string {
  if (knownFlows === 0) return '';
  return knownFlows === flows && holds
    ? ', all known to the baseline'
    : `, ${knownFlows} of ${counted(flows, 'connection')} known to the baseline`;
}

function* violationLines(result: RuleResult, { palette, operands }: ReportStyle): Generator<string> {
  const fresh = result.violations.filter(({ isKnown }) => !isKnown);
  for (const violation of fresh.slice(0, SHOWN)) yield `    ${violationText(violation, result.unit)}`;
  const left = result.flows - result.knownFlows - Math.min(SHOWN, fresh.length);
  if (left > 0) yield palette.faint(`    and ${counted(left, 'more connection')}`);
  const command = lookCloser(fresh, operands);
  if (command !== null) yield `    ${palette.faint('look closer:')} ${command}`;
}

function lookCloser(violations: readonly Violation[], operands: string): string | null {
  const streams = [...new Set(violations.map(({ stream }) => stream).filter((stream) => stream !== null))];
  if (streams.length === 0 || operands === '') return null;
  return `tcpstate analyze ${printable(operands)} --stream ${streams.slice(0, MOST_STREAMS).join(',')}`;
}

function closing({ results, failed, fixed, interrupted }: CheckResult, broken: readonly RuleResult[]): string[] {
  const weak = broken.length - failed;
  const rules = counted(results.length, 'rule');
  const lines = [broken.length === 0 ? `${rules} held` : `${failed} of ${rules} failed`];
  if (weak > 0)
    lines[0] += `, ${weak} ${weak === 1 ? 'does' : 'do'} not hold but only ${weak === 1 ? 'warns' : 'warn'}`;
  if (fixed !== null && fixed > 0) {
    const [occurs, it] = fixed === 1 ? ['occurs', 'it'] : ['occur', 'them'];
    lines.push(`${counted(fixed, 'connection')} of the baseline no longer ${occurs}; --update-baseline forgets ${it}`);
  }
  if (interrupted) lines.push('interrupted: only what had been read until then was checked');
  return lines;
}
