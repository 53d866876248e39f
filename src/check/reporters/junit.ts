// In: the result of a check. Out: JUnit XML, as CI servers read it: one test case per rule.
//
// The form is the strictest of those in use, the schema of Ant's JUnitReport task (github.com/windyroad/JUnit-Schema): what
// it demands, Jenkins and GitLab accept; what they add, it forbids.

import type { CheckResult, RuleResult } from '../rule.ts';
import { violationText } from './violation-text.ts';

/** Violations written out per rule. */
const SHOWN = 50;

export function report(result: CheckResult): string {
  const { results } = result;
  const suite = result.files.join(', ');
  const failures = results.filter(isFailure).length;
  const attributes = [
    ['name', suite],
    ['package', 'tcpstate'],
    ['id', '0'],
    ['timestamp', timestampOf(result)],
    ['hostname', 'localhost'],
    ['tests', String(results.length)],
    ['failures', String(failures)],
    ['errors', '0'],
    ['time', '0'],
  ] as const;
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${attributes.map(([name, value]) => ` ${name}="${attribute(value)}"`).join('')}>`,
    '    <properties>',
    ...properties(result).map(([name, value]) => `      <property name="${name}" value="${attribute(value)}"/>`),
    '    </properties>',
    ...results.flatMap((one) => [...testCase(one, suite)]),
    '    <system-out></system-out>',
    `    <system-err>${text(warnings(results))}</system-err>`,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`;
}

function isFailure({ holds, rule }: RuleResult): boolean {
  return !holds && rule.severity === 'error';
}

function* testCase(result: RuleResult, suite: string): Generator<string> {
  const { rule, summary, violations, unit } = result;
  const open = `    <testcase name="${attribute(rule.name)}" classname="${attribute(suite)}" time="0"`;
  if (!isFailure(result)) {
    yield `${open}/>`;
    return;
  }
  const lines = violations
    .filter(({ isKnown }) => !isKnown)
    .slice(0, SHOWN)
    .map((violation) => violationText(violation, unit));
  if (rule.reason !== null) lines.unshift(rule.reason);
  yield `${open}>`;
  yield `      <failure message="${attribute(summary)}" type="${rule.kind}">${text(lines.join('\n'))}</failure>`;
  yield '    </testcase>';
}

/** Rules that do not hold, but are not grave enough to be failures. */
function warnings(results: readonly RuleResult[]): string {
  return results
    .filter((one) => !one.holds && !isFailure(one))
    .map(({ rule, summary }) => `${rule.severity}: ${rule.name}: ${summary}`)
    .join('\n');
}

function properties(result: CheckResult): [string, string][] {
  return [
    ['frames', String(result.frames)],
    ['segments', String(result.segments)],
    ['connections', String(result.flows)],
  ];
}

/** "YYYY-MM-DDTHH:MM:SS": the schema allows neither fractions nor a zone. The capture's time, so that reports can be compared. */
function timestampOf({ start }: CheckResult): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(start ?? '')?.[0] ?? '1970-01-01T00:00:00';
}

// XML 1.0 2.2: these characters cannot be written at all, not even as references.
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

// Whoever looks at the file in a terminal must not have it obey, hide or reorder these (see printable.ts).
const BETTER_AS_REFERENCES = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function text(value: string): string {
  return value
    .replace(FORBIDDEN, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\r/g, '&#13;')
    .replace(BETTER_AS_REFERENCES, (character) => `&#${character.charCodeAt(0)};`);
}

/** A line end in an attribute would be read as a blank. */
function attribute(value: string): string {
  return text(value).replace(/"/g, '&quot;').replace(/\n/g, '&#10;').replace(/\t/g, '&#9;');
}
