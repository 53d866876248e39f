// In: the result of a check. Out: SARIF 2.1.0 (OASIS), as code scanning reads it: one result per connection.

import { createHash } from 'node:crypto';
import type { Location, Log, ReportingDescriptor, Result } from 'sarif';
import { jsonText } from '../../report/json-text.ts';
import { VERSION } from '../../version.ts';
import type { CheckResult, Rule, RuleResult, RuleSeverity, Violation } from '../rule.ts';
import { violationText } from './violation-text.ts';

const LEVELS: Readonly<Record<RuleSeverity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warn: 'warning',
  note: 'note',
};
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';

export function report(result: CheckResult): string {
  const hasBaseline = result.fixed !== null;
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'tcpstate',
            version: VERSION,
            semanticVersion: VERSION,
            rules: result.results.map(({ rule }) => descriptor(rule)),
          },
        },
        invocations: [{ executionSuccessful: !result.interrupted }],
        artifacts: result.files.map((file) => ({ location: { uri: uriOf(file) }, roles: ['analysisTarget'] })),
        columnKind: 'utf16CodeUnits',
        results: result.results.flatMap((one, ruleIndex) => [...resultsOf(one, ruleIndex, result, hasBaseline)]),
      },
    ],
  };
  return `${jsonText(log, 2)}\n`;
}

function descriptor(rule: Rule): ReportingDescriptor {
  return {
    id: ruleId(rule),
    shortDescription: { text: rule.name },
    ...(rule.reason !== null && { fullDescription: { text: rule.reason } }),
    defaultConfiguration: { level: LEVELS[rule.severity] },
  };
}

/** Rule ids are stable and have no blanks (SARIF 3.49.3). */
function ruleId(rule: Rule): string {
  const id = rule.name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return id === '' ? 'rule' : id;
}

function* resultsOf(one: RuleResult, ruleIndex: number, run: CheckResult, hasBaseline: boolean): Generator<Result> {
  if (one.holds && one.knownFlows === 0) return;
  const violations = one.violations.length > 0 ? one.violations : [null];
  for (const violation of violations) {
    const detail = violation === null ? '' : `: ${violationText(violation, one.unit)}`;
    yield {
      ruleId: ruleId(one.rule),
      ruleIndex,
      level: LEVELS[one.rule.severity],
      message: { text: `${one.rule.name} (${one.summary})${detail}` },
      locations: [location(one.rule, violation, run)],
      partialFingerprints: { 'tcpstateBehaviour/v1': fingerprint(one.rule, violation) },
      ...(hasBaseline && { baselineState: violation?.isKnown ? 'unchanged' : 'new' }),
      ...(violation?.stream != null && { properties: { stream: violation.stream, frame: violation.frame } }),
    };
  }
}

/** Where the rule is written, since viewers show text; the capture and the stream stand beside it. */
function location(rule: Rule, violation: Violation | null, run: CheckResult): Location {
  const stream = violation?.stream;
  const logicalLocations =
    stream == null
      ? {}
      : { logicalLocations: [{ name: `stream ${stream}`, fullyQualifiedName: `${run.files[0]}/stream ${stream}` }] };
  const physicalLocation =
    rule.origin === null
      ? { artifactLocation: { uri: uriOf(run.files[0] ?? '-') }, region: { startLine: 1 } }
      : { artifactLocation: { uri: uriOf(rule.origin.file) }, region: { startLine: rule.origin.line } };
  return { physicalLocation, ...logicalLocations };
}

function fingerprint(rule: Rule, violation: Violation | null): string {
  return createHash('sha256')
    .update([rule.name, violation?.service ?? '', violation?.behaviour ?? ''].join('\n'))
    .digest('hex')
    .slice(0, 32);
}

/** A path as a URI reference. */
function uriOf(path: string): string {
  const uri = path.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return uri.startsWith('/') ? `file://${uri}` : uri;
}
