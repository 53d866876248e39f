// Every reporter on the same results: whole texts where people read them, the formats' own rules where programs do.

import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseConfig } from '../../src/check/config.ts';
import { loadReporter } from '../../src/check/reporters/index.ts';
import type { REPORTER_NAMES } from '../../src/check/reporters/names.ts';
import type { CheckResult, Rule, RuleResult, Violation } from '../../src/check/rule.ts';
import { PLAIN } from '../../src/report/palette.ts';
import { parseXml } from '../support/xml.ts';

const STYLE = { palette: PLAIN, operands: 'recorded.pcap' };

const RULES = parseConfig(
  `rules:
  - name: every connection is closed by the client
    expect: a.closer == active
    reason: The server must not run out of ports.
  - name: no CLOSE_WAIT longer than 5 s
    expect: not endpoint.time_in.CLOSE_WAIT > 5s
  - name: few retransmissions
    count: segments
    where: tcp.analysis.retransmission
    max: 1%
    severity: warn
  - name: "odd <name> & \\"quotes\\": 100%, #1\\\\"
    expect: flow.closed
`,
  'tcp rules.yaml',
).rules;

function violation(stream: number, fields: Partial<Violation> = {}): Violation {
  return {
    stream,
    endpoints: [`10.0.0.5:${40000 + stream}`, '10.0.0.9:8443'],
    outcome: 'reset by server',
    service: '10.0.0.9:8443',
    behaviour: 'aborted-by-server; CLOSED; LISTEN',
    frame: 300 + stream,
    time: 4.21,
    evidence: 'no a.closer',
    count: 1,
    isKnown: false,
    ...fields,
  };
}

function resultOf(rule: Rule, fields: Partial<RuleResult> = {}): RuleResult {
  return {
    rule,
    unit: 'flows',
    holds: true,
    checked: 40,
    violated: 0,
    flows: 0,
    knownFlows: 0,
    share: null,
    summary: '40 connections checked',
    violations: [],
    ...fields,
  };
}

const RESULT: CheckResult = {
  files: ['recorded.pcap'],
  start: '2024-05-06T09:57:23.123456789Z',
  frames: 500,
  segments: 480,
  flows: 40,
  durationSeconds: 12.5,
  interrupted: false,
  results: [
    resultOf(RULES[0]!, {
      holds: false,
      violated: 7,
      flows: 7,
      knownFlows: 1,
      summary: '7 of 40 connections',
      violations: [12, 17, 31, 32, 33, 34].map((stream) => violation(stream)).concat(violation(5, { isKnown: true })),
    }),
    resultOf(RULES[1]!),
    resultOf(RULES[2]!, {
      unit: 'segments',
      holds: false,
      checked: 480,
      violated: 12,
      flows: 1,
      share: 0.025,
      summary: '12 of 480 segments (2.5 %), at most 1 %',
      violations: [
        violation(3, { outcome: 'closed by client', evidence: 'tcp.analysis.retransmission yes', count: 12 }),
      ],
    }),
    resultOf(RULES[3]!, {
      holds: false,
      violated: 1,
      flows: 1,
      summary: '1 of 40 connections',
      violations: [violation(9, { evidence: 'flow.app "\u001b[31m<&>\u0000\ud800"\r\nx %', frame: null, time: null })],
    }),
  ],
  failed: 2,
  fixed: 3,
};

const HELD: CheckResult = { ...RESULT, results: [RESULT.results[1]!], failed: 0, fixed: null };

const reportOf = async (name: (typeof REPORTER_NAMES)[number], result = RESULT): Promise<string> =>
  (await loadReporter(name))(result, STYLE);

describe('text', () => {
  test('failures come first, each with where to look and what to type', async () => {
    expect(await reportOf('text')).toBe(`\
✗ every connection is closed by the client  7 of 40 connections, 1 of 7 connections known to the baseline
    The server must not run out of ports.
    stream 12  10.0.0.5:40012 → 10.0.0.9:8443  reset by server, frame 312 at 4.210000 s: no a.closer
    stream 17  10.0.0.5:40017 → 10.0.0.9:8443  reset by server, frame 317 at 4.210000 s: no a.closer
    stream 31  10.0.0.5:40031 → 10.0.0.9:8443  reset by server, frame 331 at 4.210000 s: no a.closer
    stream 32  10.0.0.5:40032 → 10.0.0.9:8443  reset by server, frame 332 at 4.210000 s: no a.closer
    stream 33  10.0.0.5:40033 → 10.0.0.9:8443  reset by server, frame 333 at 4.210000 s: no a.closer
    and 1 more connection
    look closer: tcpstate analyze recorded.pcap --stream 12,17,31,32,33,34
! few retransmissions                       12 of 480 segments (2.5 %), at most 1 %
    stream 3  10.0.0.5:40003 → 10.0.0.9:8443  closed by client, frame 303 at 4.210000 s: tcp.analysis.retransmission yes (12 segments, the first here)
    look closer: tcpstate analyze recorded.pcap --stream 3
✗ odd <name> & "quotes": 100%, #1\\          1 of 40 connections
    stream 9  10.0.0.5:40009 → 10.0.0.9:8443  reset by server: flow.app "\\x1b[31m<&>\\x00\\ud800"\\x0d\\x0ax %
    look closer: tcpstate analyze recorded.pcap --stream 9
✓ no CLOSE_WAIT longer than 5 s             40 connections checked
2 of 4 rules failed, 1 does not hold but only warns
3 connections of the baseline no longer occur; --update-baseline forgets them
`);
  });

  test('when all is well, that is all', async () => {
    expect(await reportOf('text', HELD)).toBe('✓ no CLOSE_WAIT longer than 5 s  40 connections checked\n1 rule held\n');
  });
});

/**
 * What the schema of Ant's JUnitReport task demands (JUnit.xsd of windyroad/JUnit-Schema), as a table: attributes with their
 * form, children in their order with how often they may stand. Nothing else is allowed.
 */
const JUNIT: Readonly<
  Record<
    string,
    {
      attributes: Record<string, RegExp>;
      children: readonly [name: string, least: number, most: number][];
      text: boolean;
    }
  >
> = {
  testsuites: { attributes: {}, children: [['testsuite', 0, 99]], text: false },
  testsuite: {
    attributes: {
      package: /^/,
      id: /^\d+$/,
      name: /^\S/,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: /^\S/,
      tests: /^\d+$/,
      failures: /^\d+$/,
      errors: /^\d+$/,
      time: /^\d+(\.\d+)?$/,
    },
    children: [
      ['properties', 1, 1],
      ['testcase', 0, 999],
      ['system-out', 1, 1],
      ['system-err', 1, 1],
    ],
    text: false,
  },
  properties: { attributes: {}, children: [['property', 0, 99]], text: false },
  property: { attributes: { name: /^\S/, value: /^/ }, children: [], text: false },
  testcase: {
    attributes: { name: /^/, classname: /^/, time: /^\d+(\.\d+)?$/ },
    children: [['failure', 0, 1]],
    text: false,
  },
  failure: { attributes: { message: /^/, type: /^/ }, children: [], text: true },
  'system-out': { attributes: {}, children: [], text: true },
  'system-err': { attributes: {}, children: [], text: true },
};

function checkJunit(element: ReturnType<typeof parseXml>): void {
  const rule = JUNIT[element.name]!;
  expect(Object.keys(element.attributes).sort(), element.name).toEqual(Object.keys(rule.attributes).sort());
  for (const [name, form] of Object.entries(rule.attributes)) expect(element.attributes[name], name).toMatch(form);
  if (!rule.text) expect(element.text.trim(), element.name).toBe('');
  const names = element.children.map(({ name }) => name);
  const inOrder = rule.children.flatMap(([name]) => names.filter((one) => one === name));
  expect(names, element.name).toEqual(inOrder);
  for (const [name, least, most] of rule.children) {
    const count = names.filter((one) => one === name).length;
    expect(count >= least && count <= most, `${count} ${name}`).toBe(true);
  }
  for (const child of element.children) checkJunit(child);
}

describe('junit', () => {
  test.each([
    ['failures', RESULT],
    ['none', HELD],
  ])('is what the strictest schema in use allows: %s', async (_name, result) => {
    checkJunit(parseXml(await reportOf('junit', result)));
  });

  test('what XML cannot hold is replaced', async () => {
    const results = [{ ...RESULT.results[0]!, summary: 'a\u0000b\u001b' }];
    const [suite] = parseXml(await reportOf('junit', { ...RESULT, results })).children;
    const [failure] = suite!.children[1]!.children;
    expect(failure!.attributes.message).toBe('a\ufffdb\ufffd');
  });

  test('has a case per rule, failed where a rule fails the run', async () => {
    const [suite] = parseXml(await reportOf('junit')).children;
    expect(suite!.attributes).toMatchObject({
      name: 'recorded.pcap',
      tests: '4',
      failures: '2',
      timestamp: '2024-05-06T09:57:23',
    });
    const cases = suite!.children.filter(({ name }) => name === 'testcase');
    expect(cases.map(({ attributes, children }) => [attributes.name, children.length])).toEqual([
      ['every connection is closed by the client', 1],
      ['no CLOSE_WAIT longer than 5 s', 0],
      ['few retransmissions', 0],
      ['odd <name> & "quotes": 100%, #1\\', 1],
    ]);
    const [failure] = cases[0]!.children;
    expect(failure!.attributes.message).toBe('7 of 40 connections');
    expect(failure!.text.split('\n')).toHaveLength(7);
    expect(failure!.text).toContain('The server must not run out of ports.\nstream 12  10.0.0.5:40012 → ');
    expect(suite!.children.at(-1)!.text).toBe('warn: few retransmissions: 12 of 480 segments (2.5 %), at most 1 %');
  });
});

describe('sarif', () => {
  const read = (path: string): object => JSON.parse(readFileSync(`test/support/${path}`, 'utf8'));
  // The official schema, and a stricter one of the part that is used: a misspelt optional property would pass the first.
  const official = new Ajv2020({ strict: false, validateFormats: false }).compile(read('schemas/sarif-2.1.0.json'));
  const subset = new Ajv({ strict: true }).compile(read('sarif-subset.schema.json'));

  test.each([
    ['failures', RESULT],
    ['none', HELD],
  ])('is valid: %s', async (_name, result) => {
    const log = JSON.parse(await reportOf('sarif', result));
    official(log);
    expect(official.errors).toBeNull();
    subset(log);
    expect(subset.errors).toBeNull();
  });

  test('would be refused by the official schema without a message', async () => {
    const log = JSON.parse(await reportOf('sarif'));
    delete log.runs[0].results[0].message;
    expect(official(log)).toBe(false);
  });

  test('has a result per connection, with a fingerprint that outlives ports and times', async () => {
    const [run] = JSON.parse(await reportOf('sarif')).runs;
    const { rules } = run.tool.driver;
    expect(run.results).toHaveLength(9);
    for (const result of run.results) expect(rules[result.ruleIndex].id).toBe(result.ruleId);
    const [first, second] = run.results;
    expect(first).toMatchObject({
      ruleId: 'every-connection-is-closed-by-the-client',
      level: 'error',
      baselineState: 'new',
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'tcp%20rules.yaml' }, region: { startLine: 2 } },
          logicalLocations: [{ name: 'stream 12' }],
        },
      ],
    });
    expect(first.partialFingerprints).toEqual(second.partialFingerprints);
    expect(
      run.results.map(({ level }: { level: string }) => level).filter((level: string) => level === 'warning'),
    ).toHaveLength(1);
    expect(run.results[6].baselineState).toBe('unchanged');
    expect(rules[0].fullDescription.text).toBe('The server must not run out of ports.');
  });

  test('says nothing of baselines where there is none', async () => {
    const [run] = JSON.parse(await reportOf('sarif', { ...RESULT, fixed: null })).runs;
    expect(run.results[0].baselineState).toBeUndefined();
  });
});

describe('github', () => {
  test('one command a line, nothing that could end it early', async () => {
    const lines = (await reportOf('github')).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^::(?:error|warning) file=[^,:]+,line=\d+,title=[^,:]+::[^\r\n]+$/);
    expect(lines[0]).toContain(
      '::error file=tcp rules.yaml,line=2,title=tcpstate%3A every connection is closed by the client::every',
    );
    expect(lines[0]).toContain('7 of 40 connections%0AThe server must not run out of ports.%0Astream 12');
    expect(lines[1]).toMatch(/^::warning .*2\.5 %25\), at most 1 %25/);
    expect(lines[2]).toContain('title=tcpstate%3A odd <name> & "quotes"%3A 100%25%2C #1\\::');
  });

  test('nothing where every rule holds', async () => {
    expect(await reportOf('github', HELD)).toBe('');
  });
});

describe('json', () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync('schema/check.schema.json', 'utf8')),
  );

  test.each([
    ['failures', RESULT],
    ['none', HELD],
  ])('is what its schema says: %s', async (_name, result) => {
    const document = JSON.parse(await reportOf('json', result));
    validate(document);
    expect(validate.errors).toBeNull();
    expect(document.failed).toBe(result.failed);
    expect(document.rules).toHaveLength(result.results.length);
  });

  test('carries the rules and what stands against them', async () => {
    const { rules, capture, fixed } = JSON.parse(await reportOf('json'));
    expect(capture).toMatchObject({ files: ['recorded.pcap'], tcpSegments: 480, connections: 40 });
    expect(fixed).toBe(3);
    expect(rules[0]).toMatchObject({ expect: 'a.closer == active', holds: false, violated: 7, known: 1 });
    expect(rules[2]).toMatchObject({ count: 'segments', max: 0.01, share: 0.025, severity: 'warn' });
    expect(rules[0].violations[6]).toMatchObject({ stream: 5, known: true });
  });
});

describe('tap', () => {
  /** TAP version 14: the version, the plan, then test points, each with a YAML block indented by two. */
  function parseTap(
    text: string,
  ): { ok: boolean; number: number; description: string; yaml: Record<string, unknown> }[] {
    const lines = text.split('\n');
    expect(lines.shift()).toBe('TAP version 14');
    const plan = /^1\.\.(\d+)$/.exec(lines.shift()!);
    expect(lines.pop()).toBe('');
    const points: ReturnType<typeof parseTap> = [];
    while (lines.length > 0) {
      const point = /^(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])*)(?: # TODO .*)?$/.exec(lines.shift()!);
      expect(point).not.toBeNull();
      expect(lines.shift()).toBe('  ---');
      const block: string[] = [];
      for (let line = lines.shift(); line !== '  ...'; line = lines.shift()) {
        expect(line).toMatch(/^ {2}/);
        block.push(line!.slice(2));
      }
      points.push({
        ok: point![1] === undefined,
        number: Number(point![2]),
        description: point![3]!.trimEnd(),
        yaml: parseYaml(block.join('\n')),
      });
    }
    expect(points).toHaveLength(Number(plan![1]));
    expect(points.map(({ number }) => number)).toEqual(points.map((_, i) => i + 1));
    return points;
  }

  test('has a point per rule', async () => {
    const text = await reportOf('tap');
    const points = parseTap(text);
    expect(points.map(({ ok, description }) => [ok, description])).toEqual([
      [false, 'every connection is closed by the client'],
      [true, 'no CLOSE_WAIT longer than 5 s'],
      [false, 'few retransmissions'],
      [false, 'odd <name> & "quotes": 100%, \\#1\\\\'],
    ]);
    expect(points[0]!.yaml).toMatchObject({
      severity: 'error',
      reason: 'The server must not run out of ports.',
      summary: '7 of 40 connections',
    });
    expect(points[0]!.yaml.violations).toHaveLength(6);
    expect(text).toContain('not ok 3 - few retransmissions # TODO warn\n');
  });

  test('also where all hold', async () => {
    expect(parseTap(await reportOf('tap', HELD)).map(({ ok }) => ok)).toEqual([true]);
  });
});
