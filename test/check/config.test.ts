// Rule files: what is read, where a mistake is, and that the shipped JSON Schema and the reader agree.

import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/check/config.ts';
import { UsageError } from '../../src/errors.ts';

const FULL = `# yaml-language-server: $schema=../schema/config.schema.json
rules:
  - name: no resets
    where: endpoint.port == 443
    expect: not flow.verdict in {aborted-by-client, aborted-by-server}
    severity: warn
    reason: >
      The load balancer
      must close in order.
  - name: few retransmissions
    count: segments
    where: tcp.analysis.retransmission
    of: "tcp.len > 0"
    max: 1.5%
  - name: some traffic
    min: 10
  - name: folded
    expect: >-
      flow.opened and
      flow.closed
defaults: true
capture: any
baseline: known.json
match: port
fail-on: warn
reporters: [text, junit=out.xml]
time-wait: 240
`;

describe('a rule file', () => {
  const config = parseConfig(FULL, 'rules.yaml');

  test('gives its settings', () => {
    const { rules: _rules, ...settings } = config;
    expect(settings).toEqual({
      defaults: true,
      whole: false,
      baseline: 'known.json',
      match: 'port',
      failOn: 'warn',
      reporters: ['text', 'junit=out.xml'],
      timeWait: 240,
    });
  });

  test('gives its rules, each with its place', () => {
    expect(
      config.rules.map(({ name, kind, severity, origin, reason }) => [name, kind, severity, origin?.line, reason]),
    ).toEqual([
      ['no resets', 'expect', 'warn', 3, 'The load balancer must close in order.'],
      ['few retransmissions', 'limit', 'error', 10, null],
      ['some traffic', 'limit', 'error', 15, null],
      ['folded', 'expect', 'error', 17, null],
    ]);
    const [resets, few, some, folded] = config.rules;
    expect(resets).toMatchObject({
      where: { source: 'endpoint.port == 443' },
      expect: { source: 'not flow.verdict in {aborted-by-client, aborted-by-server}' },
      origin: { file: 'rules.yaml' },
    });
    expect(few).toMatchObject({
      count: 'segments',
      where: { source: 'tcp.analysis.retransmission' },
      of: { source: 'tcp.len > 0' },
      max: { value: 0.015, isShare: true },
      min: null,
    });
    expect(some).toMatchObject({
      count: 'flows',
      where: null,
      of: null,
      max: null,
      min: { value: 10, isShare: false },
    });
    expect(folded).toMatchObject({ expect: { source: 'flow.opened and flow.closed' } });
  });

  test('JSON is one too', () => {
    const { rules } = parseConfig('{"rules": [{"name": "closed", "expect": "flow.closed"}]}', 'rules.json');
    expect(rules).toHaveLength(1);
  });

  test('may be nothing but settings', () => {
    expect(parseConfig('capture: any\n', 'x')).toEqual({ rules: [], defaults: false, whole: false });
  });
});

/** The file, where the mistake is, what is said, and the caret's line. */
const MISTAKES: readonly (readonly [yaml: string, place: string, says: string, carets: string])[] = [
  ['', '1:1', 'a mapping with the key "rules"', '^'],
  ['[]', '1:1', 'a mapping', '^'],
  ['rulez: []', '1:1', '"rulez" is no key of a rule file (did you mean rules?)', '^'],
  ['rules:\n', '1:1', '"rules" has no value', '^'],
  ['rules: 5', '1:8', '"rules" is a list', '       ^'],
  ['rules:\n  - 5', '2:5', 'a rule is a mapping', '    ^'],
  ['rules:\n  - expect: flow.closed', '2:5', 'a rule needs a name', '    ^'],
  ['rules:\n  - name: " "\n    expect: flow.closed', '2:5', 'a rule needs a name', '    ^'],
  ['rules:\n  - name: a', '2:5', 'asks for nothing', '    ^'],
  ['rules:\n  - name: a\n    expct: flow.closed', '3:5', 'did you mean expect?', '    ^'],
  ['rules:\n  - name: a\n    expect: [flow.closed]', '3:13', '"expect" is text', '            ^'],
  ['rules:\n  - name: a\n    expect: flow.closd', '3:13', 'did you mean flow.closed?', '            ^^^^^^^^^^'],
  [
    'rules:\n  - name: a\n    expect: "flow.closed and tcp.prt"',
    '3:30',
    'did you mean tcp.port?',
    `${' '.repeat(29)}^^^^^^^`,
  ],
  ['rules:\n  - name: a\n    where: tcp.port = 80\n    max: 3', '3:21', 'write == instead of =', `${' '.repeat(20)}^`],
  ['rules:\n  - name: a\n    expect: >\n      flow.closed and\n      tcp.prt', '3:13', 'in "expect", column 17', ''],
  ['rules:\n  - name: a\n    expect: flow.closed\n    max: 3', '4:10', 'either "expect" or a limit', '         ^'],
  ['rules:\n  - name: a\n    max: many', '3:10', 'a count such as 3, or a share', '         ^'],
  ['rules:\n  - name: a\n    max: 1.5', '3:10', 'a share is written with %', '         ^'],
  ['rules:\n  - name: a\n    max: 101%', '3:10', 'at most 100%', '         ^'],
  ['rules:\n  - name: a\n    max: -1', '3:10', 'a count such as 3', '         ^'],
  ['rules:\n  - name: a\n    max: 1\n    count: packets', '4:12', '"packets" is no value of "count"', '           ^'],
  ['rules:\n  - name: a\n    max: 1\n    severity: fatal', '4:15', 'there are error, warn, note', '              ^'],
  [
    'rules:\n  - name: a\n    max: 1\n    where: finding.code == retransmission',
    '4:12',
    'only where findings are counted',
    '           ^',
  ],
  [
    'rules:\n  - name: a\n    expect: finding.severity == note\n    where: tcp.len > 0',
    '3:13',
    'not about both',
    '            ^',
  ],
  ['rules:\n  - name: a\n    max: 1\n  - name: a\n    max: 2', '4:5', 'two rules of the name "a"', '    ^'],
  ['rules:\n  - name: the capture is whole\n    max: 1', '2:5', 'two rules of the name', '    ^'],
  ['capture: hole', '1:10', 'did you mean whole?', '         ^'],
  ['defaults: maybe', '1:11', '"defaults" is true or false', '          ^'],
  ['reporters: [junti=x.xml]', '1:13', 'did you mean junit?', '            ^'],
  ['time-wait: long', '1:12', 'a number of seconds above 0', '           ^'],
  ['rules: []\nrules: []', '2:1', 'Map keys must be unique', '^'],
  ['rules:\n - name: "a', '2:12', 'quote', '           ^'],
];

function mistakeIn(yaml: string): UsageError {
  try {
    parseConfig(yaml, 'rules.yaml');
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('no mistake');
}

describe('a mistake is told with line and column', () => {
  test.each(MISTAKES)('%j', (yaml, place, says, carets) => {
    const error = mistakeIn(yaml);
    expect(error.message).toContain(says);
    expect(error.message.slice(0, error.message.indexOf(': '))).toBe(`rules.yaml:${place}`);
    expect(error.message).not.toContain('\n');
    if (carets !== '') expect(error.detail).toEqual([yaml.split('\n')[Number(place.split(':')[0]) - 1], carets]);
  });
});

describe('the shipped schema', () => {
  const schema = JSON.parse(readFileSync('schema/config.schema.json', 'utf8'));
  const validate = new Ajv({ strict: true, strictRequired: false, allErrors: true }).compile(schema);

  test('accepts what the reader accepts', () => {
    expect(validate(parse(FULL)), JSON.stringify(validate.errors)).toBe(true);
    for (const bound of ['3', '0', '1%', '0.5 %', '100%', '12.25%']) {
      const yaml = `rules: [{name: a, max: ${bound}}]`;
      expect(() => parseConfig(yaml, 'x')).not.toThrow();
      expect(validate(parse(yaml)), bound).toBe(true);
    }
  });

  /** Mistakes no schema can see: the filters themselves, names used twice, scopes, broken YAML. */
  const BEYOND =
    /flow\.closd|tcp\.prt|tcp\.port = 80|finding\.|rules: \[\]\nrules|name: "a$|- name: a\n {4}max: 1\n {2}- name|capture is whole/;

  test.each(MISTAKES.filter(([yaml]) => !BEYOND.test(yaml)))('refuses %j', (yaml) => {
    expect(validate(parse(yaml))).toBe(false);
  });
});
