// Rules on connections, segments and findings: what is counted, what is told of it, what a baseline changes.

import { describe, expect, test } from 'vitest';
import { Baseline, parseBaseline } from '../../src/check/baseline.ts';
import { parseConfig } from '../../src/check/config.ts';
import type { CheckResult, RuleResult } from '../../src/check/rule.ts';
import { type CheckOptions, CheckRun } from '../../src/check/run.ts';
import { check, type RuleInput } from '../../src/check-captures.ts';
import { UsageError } from '../../src/errors.ts';
import type { CaptureFindingResult, CaptureResult, FlowResult } from '../../src/tcp/flow-result.ts';
import { SESSION, stdinOf } from '../support/filter-session.ts';
import { client, finding, flow, history, server } from '../support/flow.ts';

const CAPTURE: CaptureResult = {
  files: ['a.pcap'],
  start: '2024-05-06T09:57:23.000000000Z',
  duration: 10,
  frames: 100,
  tcpSegments: 90,
  bytes: 9000,
  linkTypes: ['ETHERNET'],
  formats: ['pcap'],
  truncated: false,
  warnings: [],
  interrupted: false,
  streams: 4,
  captureFindings: [],
  otherFrames: {},
};

/** Three connections to one service, one of them reset by it, and one to another that never closes. */
function flows(): FlowResult[] {
  const closed = (stream: number, port: number): FlowResult =>
    flow({
      stream,
      verdict: 'closed-by-client',
      frames: [stream * 10 + 1, stream * 10 + 9],
      endpoints: [
        client({
          port,
          closer: 'active',
          finalState: 'CLOSED',
          states: history('CLOSED', 'ESTABLISHED ~ 1 #2 rcv SYN,ACK', 'CLOSED 3 2MSL'),
        }),
        server({
          closer: 'passive',
          finalState: 'CLOSED',
          states: history('LISTEN', 'ESTABLISHED ~ 1 #3 rcv ACK of SYN', 'CLOSED ~ 2 #9 rcv ACK of FIN'),
        }),
      ],
    });
  return [
    closed(0, 40000),
    closed(1, 40001),
    flow({
      stream: 2,
      verdict: 'aborted-by-server',
      frames: [21, 25],
      endpoints: [
        client({
          port: 40002,
          closer: null,
          finalState: 'CLOSED',
          states: history('CLOSED', 'ESTABLISHED ~ 2 #22 rcv SYN,ACK', 'CLOSED ~ 2.5 #25 rcv RST'),
        }),
        server({
          closer: 'reset',
          finalState: 'CLOSED',
          states: history('LISTEN', 'ESTABLISHED ~ 2 #23 rcv ACK of SYN', 'CLOSED 2.5 #25 snd RST'),
        }),
      ],
      findings: [
        finding({
          code: 'connection_aborted',
          severity: 'error',
          frame: 25,
          time: 2.5,
          message: 'the server reset it',
        }),
      ],
    }),
    flow({
      stream: 3,
      verdict: 'half-closed-by-client',
      frames: [31, 39],
      endpoints: [
        client({
          port: 40003,
          closer: 'active',
          finalState: 'FIN_WAIT_2',
          states: history(
            'CLOSED',
            'ESTABLISHED ~ 3 #32 rcv SYN,ACK',
            'FIN_WAIT_1 4 #38 snd FIN',
            'FIN_WAIT_2 ~ 4 #39 rcv ACK of FIN',
          ),
        }),
        server({
          addr: '10.0.0.9',
          port: 8080,
          finalState: 'CLOSE_WAIT',
          states: history('LISTEN', 'ESTABLISHED ~ 3 #33 rcv ACK of SYN', 'CLOSE_WAIT ~ 4 #38 rcv FIN'),
        }),
      ],
      findings: [
        finding({ code: 'close_wait_held', severity: 'warn', frame: 39, time: 4, message: 'it never closed' }),
        finding({ code: 'retransmission', severity: 'note', frame: 35, time: 3.5, message: 'sent again' }),
      ],
    }),
  ];
}

function runRules(
  rules: RuleInput[],
  options: Partial<CheckOptions> = {},
  capture: Partial<CaptureResult> = {},
): CheckResult & { run: CheckRun } {
  const compiled = parseConfig(JSON.stringify({ rules }), 'rules').rules;
  const run = new CheckRun({ ...options, rules: compiled });
  for (const one of flows()) run.flow(one, CAPTURE.duration);
  return { run, ...run.finish({ ...CAPTURE, ...capture }) };
}

function runRule(
  rule: Omit<RuleInput, 'name'>,
  options: Partial<CheckOptions> = {},
  capture: Partial<CaptureResult> = {},
): RuleResult {
  return runRules([{ name: 'rule', ...rule }], options, capture).results[0]!;
}

const streamsOf = ({ violations }: RuleResult): (number | null)[] => violations.map(({ stream }) => stream);

describe('rules on connections', () => {
  test.each([
    // rule, checked, streams that do not fit
    [{ expect: 'flow.closed' }, 4, [3]],
    [{ expect: 'flow.closed', where: 'b.port == 80' }, 3, []],
    [{ expect: 'a.closer == active' }, 4, [2]],
    [{ expect: 'not endpoint.time_in.CLOSE_WAIT > 5s' }, 4, [3]],
    [{ expect: 'not endpoint.time_in.CLOSE_WAIT > 6s' }, 4, []],
    [{ expect: 'flow.finding != connection_aborted', where: 'flow.finding' }, 2, [2]],
    [{ expect: 'flow.closed', where: 'b.port == 443' }, 0, []],
  ])('%j', (rule, checked, streams) => {
    const result = runRule(rule);
    expect(result).toMatchObject({
      unit: 'flows',
      checked,
      violated: streams.length,
      flows: streams.length,
      holds: streams.length === 0,
    });
    expect(streamsOf(result)).toEqual(streams);
  });

  test('a violation says who, what, where and why', () => {
    const { violations, summary } = runRule({ expect: 'not b.time_in.CLOSE_WAIT > 5s' });
    expect(summary).toBe('1 of 4 connections');
    expect(violations[0]).toEqual({
      stream: 3,
      endpoints: ['10.0.0.1:40003', '10.0.0.9:8080'],
      outcome: expect.stringContaining('half closed'),
      service: '10.0.0.9:8080',
      behaviour:
        'half-closed-by-client; CLOSED > ESTABLISHED > FIN_WAIT_1 > FIN_WAIT_2; LISTEN > ESTABLISHED > CLOSE_WAIT',
      frame: 38,
      time: 4,
      evidence: 'b.time_in.CLOSE_WAIT 6 s',
      count: 1,
      isKnown: false,
    });
  });

  test('severities decide what fails the run', () => {
    const rules: RuleInput[] = [
      { name: 'a', expect: 'flow.closed', severity: 'note' },
      { name: 'b', expect: 'flow.closed', severity: 'warn' },
      { name: 'c', expect: 'flow.closed' },
      { name: 'd', expect: 'flow.opened' },
    ];
    expect(runRules(rules).failed).toBe(1);
    expect(runRules(rules, { failOn: 'warn' }).failed).toBe(2);
    expect(runRules(rules, { failOn: 'note' }).failed).toBe(3);
  });
});

describe('limits', () => {
  test.each([
    // rule, counted, of all, holds, violating streams
    [{ where: 'flow.verdict == aborted-by-server', max: 0 }, 1, 4, false, [2]],
    [{ where: 'flow.verdict == aborted-by-server', max: 1 }, 1, 4, true, []],
    [{ where: 'flow.verdict == aborted-by-server', max: '25%' }, 1, 4, true, []],
    [{ where: 'flow.verdict == aborted-by-server', max: '24%' }, 1, 4, false, [2]],
    [{ where: 'flow.verdict == aborted-by-server', of: 'b.port == 80', max: '33%' }, 1, 3, false, [2]],
    [{ where: 'flow.verdict == aborted-by-server', of: 'b.port == 8080', max: 0 }, 0, 1, true, []],
    [{ where: 'flow.closed', min: '75%' }, 3, 4, true, []],
    [{ where: 'flow.closed', min: '76%' }, 3, 4, false, []],
    [{ min: 4 }, 4, 4, true, []],
    [{ min: 5 }, 4, 4, false, []],
    [{ min: 1, max: 3 }, 4, 4, false, [0, 1, 2, 3]],
    // Of nothing no share is too small.
    [{ where: 'flow.closed', of: 'b.port == 443', min: '100%' }, 0, 0, true, []],
  ])('%j', (rule, counted, all, holds, streams) => {
    const result = runRule(rule);
    expect(result).toMatchObject({ unit: 'flows', checked: all, holds });
    expect(result.summary).toMatch(new RegExp(`^${counted} `));
    expect(streamsOf(result)).toEqual(streams);
  });

  test('what was measured is told beside the limit', () => {
    expect(runRule({ where: 'flow.closed', min: '76%' })).toMatchObject({
      summary: '3 of 4 connections (75 %), at least 76 %',
      share: 0.75,
    });
    expect(runRule({ where: 'flow.closed', max: 2 }).summary).toBe('3 connections, at most 2');
    expect(runRule({ where: 'flow.closed', max: 3 })).toMatchObject({ summary: '3 connections', share: null });
  });
});

describe('rules on findings', () => {
  test.each([
    [{ count: 'findings', max: 0, where: 'finding.severity == error' }, 3, false, [2]],
    [{ count: 'findings', max: 1, where: 'finding.severity == error' }, 3, true, []],
    [{ count: 'findings', max: 0, where: 'b.port == 8080' }, 3, false, [3]],
    [{ count: 'findings', max: '34%', where: 'finding.code == retransmission' }, 3, true, []],
    [{ count: 'findings', max: '50%', where: 'finding.code == retransmission', of: 'b.port == 8080' }, 2, true, []],
    [{ count: 'findings', max: '49%', where: 'finding.code == retransmission', of: 'b.port == 8080' }, 2, false, [3]],
    [{ count: 'findings', max: 0, where: 'finding.severity == warn && b.port == 80' }, 3, true, []],
  ] as const)('%j', (rule, checked, holds, streams) => {
    const result = runRule(rule);
    expect(result).toMatchObject({ unit: 'findings', checked, holds });
    expect(streamsOf(result)).toEqual(streams);
  });

  test('each must fit an expectation on findings', () => {
    const result = runRule({ expect: 'finding.severity in {note, chat}' });
    expect(result).toMatchObject({ unit: 'findings', checked: 3, violated: 2, flows: 2, summary: '2 of 3 findings' });
    expect(result.violations.map(({ frame, evidence }) => [frame, evidence])).toEqual([
      [25, 'connection_aborted: the server reset it'],
      [39, 'close_wait_held: it never closed'],
    ]);
  });

  test('those on the capture as a whole count where no connection is asked about', () => {
    const onCapture = {
      code: 'capture_gap',
      severity: 'error',
      frame: 7,
      stream: null,
      time: 1,
      subject: null,
      host: null,
      service: null,
      message: 'frames are missing',
      count: 3,
      streams: [],
      confidence: 'high',
    } as CaptureFindingResult;
    const capture = { captureFindings: [onCapture] };
    const errors = runRule({ count: 'findings', max: 0, where: 'finding.severity == error' }, {}, capture);
    expect(errors).toMatchObject({ checked: 4, violated: 2 });
    expect(errors.violations[0]).toMatchObject({ stream: null, frame: 7, evidence: 'capture_gap: frames are missing' });
    const ofService = runRule(
      { count: 'findings', max: 0, where: 'finding.severity == error && b.port == 80' },
      {},
      capture,
    );
    expect(ofService).toMatchObject({ checked: 3, violated: 1 });
  });
});

/** On the session of test/support/filter-session.ts: 18 segments in streams 0 (11), 1 (2) and 2 (5). */
describe('rules on segments', () => {
  const segmentRule = async (rule: Omit<RuleInput, 'name'>): Promise<RuleResult> =>
    (await check({ ...stdinOf(SESSION), rules: [{ name: 'rule', ...rule }] })).results[0]!;

  test.each([
    // rule, checked, violated, streams, first frame
    [{ expect: 'not tcp.flags.reset == 1' }, 18, 1, [1], 13],
    [{ expect: 'tcp.len <= 100' }, 18, 2, [0], 6],
    [{ expect: 'tcp.len <= 100', where: 'tcp.srcport == 40000' }, 6, 0, [], null],
    [{ expect: 'tcp.options.mss_val >= 1400', where: 'tcp.flags.syn == 1' }, 5, 1, [1], 12],
    // Known only when the connection is over.
    [{ expect: 'tcp.window_size > 1000', where: 'flow.duration > 1s' }, 5, 0, [], null],
    [{ expect: 'tcp.window_size > 64500', where: 'flow.duration > 1s' }, 5, 2, [2], 15],
    [{ expect: 'tcp.len == 0 or flow.closed' }, 18, 0, [], null],
    [{ expect: 'tcp.len == 0 or not flow.closed' }, 18, 3, [0], 4],
  ])('%j', async (rule, checked, violated, streams, frame) => {
    const result = await segmentRule(rule);
    expect(result).toMatchObject({ unit: 'segments', checked, violated, flows: streams.length });
    expect(streamsOf(result)).toEqual(streams);
    if (frame !== null) expect(result.violations[0]).toMatchObject({ frame, count: violated });
  });

  test('evidence is read off the first of them', async () => {
    const { violations } = await segmentRule({ expect: 'tcp.len <= 100 && tcp.flags.push == 0' });
    expect(violations[0]).toMatchObject({ frame: 4, time: 0.03, evidence: 'tcp.len 100; tcp.flags.push true' });
  });

  test.each([
    [{ count: 'segments', where: 'tcp.analysis.retransmission', max: '1%' }, 1, 18, false],
    [{ count: 'segments', where: 'tcp.analysis.retransmission', max: '6%' }, 1, 18, true],
    [{ count: 'segments', where: 'tcp.analysis.retransmission', of: 'tcp.len > 0', max: '33%' }, 1, 3, false],
    [{ count: 'segments', where: 'tcp.analysis.retransmission', of: 'tcp.len > 0', max: '34%' }, 1, 3, true],
    [
      { count: 'segments', where: 'tcp.analysis.retransmission', of: 'tcp.len > 0 && b.port == 443', max: 0 },
      0,
      0,
      true,
    ],
    [{ count: 'segments', where: 'b.port == 443', max: 1 }, 2, 18, false],
    [{ count: 'segments', min: 18, max: 18 }, 18, 18, true],
  ] as const)('%j', async (rule, counted, all, holds) => {
    const result = await segmentRule(rule);
    expect(result).toMatchObject({ unit: 'segments', checked: all, holds });
    expect(result.summary).toMatch(new RegExp(`^${counted} `));
  });

  test('a rule on connections may be about those with a certain segment', async () => {
    const result = await segmentRule({ expect: 'flow.closed', where: 'tcp.flags.fin == 1' });
    expect(result).toMatchObject({ unit: 'flows', checked: 2, violated: 1 });
    expect(streamsOf(result)).toEqual([2]);
  });
});

describe('the default rules', () => {
  test('hold for connections opened, closed and free of errors', () => {
    const run = new CheckRun({ rules: [] });
    expect(run.finish(CAPTURE).failed).toBe(0);
  });

  test('fail on the session: one refused, one never closed', async () => {
    const { results, failed } = await check(stdinOf(SESSION));
    expect(results.map(({ rule, holds }) => [rule.name, holds])).toEqual([
      ['there are connections', true],
      ['no findings of severity error', expect.any(Boolean)],
      ['every connection is opened and closed', false],
      ['the capture is whole', true],
    ]);
    expect(streamsOf(results[2]!)).toEqual([1, 2]);
    expect(failed).toBeGreaterThan(0);
  });

  test('fail on a capture that is cut short, unless a rule file allows it', async () => {
    const cut = SESSION.subarray(0, SESSION.length - 20);
    const whole = await check({ ...stdinOf(cut), expect: 'flow.stream >= 0' });
    expect(whole.results.at(-1)).toMatchObject({ holds: false, rule: { name: 'the capture is whole' } });
    expect(whole.failed).toBe(1);
    const any = await check({ ...stdinOf(cut), config: 'capture: any\nrules: [{name: a, min: 1}]' });
    expect(any.failed).toBe(0);
  });

  test('fail on a capture without connections', async () => {
    const empty = await check(stdinOf(SESSION.subarray(0, 24)));
    expect(empty.results[0]).toMatchObject({ holds: false, summary: '0 connections, at least 1' });
  });
});

describe('a baseline', () => {
  const rules: RuleInput[] = [
    { name: 'closed', expect: 'flow.closed' },
    { name: 'calm', where: 'flow.finding', max: '10%' },
  ];
  const written = (): string => runRules(rules).run.found.toText();

  test('holds what was found wrong, in one order', () => {
    expect(JSON.parse(written())).toEqual({
      schema: 'tcpstate.baseline/1',
      match: 'address',
      rules: {
        calm: { measured: 0.5 },
        closed: {
          violations: [
            {
              service: '10.0.0.9:8080',
              behaviour:
                'half-closed-by-client; CLOSED > ESTABLISHED > FIN_WAIT_1 > FIN_WAIT_2; LISTEN > ESTABLISHED > CLOSE_WAIT',
              count: 1,
            },
          ],
        },
      },
    });
  });

  test('lets what it knows pass, whatever its port and time', () => {
    const { failed, fixed, results } = runRules(rules, { baseline: parseBaseline(written(), 'b') });
    expect([failed, fixed]).toEqual([0, 0]);
    expect(results[0]).toMatchObject({ holds: true, flows: 1, knownFlows: 1 });
    expect(results[0]!.violations[0]!.isKnown).toBe(true);
    expect(results[1]).toMatchObject({
      holds: true,
      summary: '2 of 4 connections (50 %), at most 10 %, no worse than the baseline',
    });
  });

  test('fails on what behaves otherwise, on more of the same, and on a worse measure', () => {
    const baseline = (
      change: (
        rules: Record<string, { measured?: number; violations?: { behaviour: string; count: number }[] }>,
      ) => void,
    ): Baseline => {
      const file = JSON.parse(written());
      change(file.rules);
      return parseBaseline(JSON.stringify(file), 'b');
    };
    const other = runRules(rules, {
      baseline: baseline(({ closed }) => {
        closed!.violations![0]!.behaviour = 'open-at-end; a; b';
      }),
    });
    expect(other.results[0]).toMatchObject({ holds: false, knownFlows: 0 });
    expect(other.fixed).toBe(1);
    const worse = runRules(rules, {
      baseline: baseline(({ calm }) => {
        calm!.measured = 0.4;
      }),
    });
    expect(worse.results[1]).toMatchObject({ holds: false });

    const run = new CheckRun({
      rules: parseConfig(JSON.stringify({ rules }), 'r').rules,
      baseline: parseBaseline(written(), 'b'),
    });
    for (const one of [...flows(), ...flows().slice(3)]) run.flow(one, CAPTURE.duration);
    const [closed] = run.finish(CAPTURE).results;
    expect(closed).toMatchObject({ holds: false, flows: 2, knownFlows: 1 });
    // What is new comes first.
    expect(closed!.violations.map(({ isKnown }) => isKnown)).toEqual([false, true]);
  });

  test('by port, an address may change', () => {
    const moved = flows().map((one) => ({
      ...one,
      endpoints: [one.endpoints[0], { ...one.endpoints[1], addr: '172.17.0.5' }] as FlowResult['endpoints'],
    }));
    for (const match of ['address', 'port'] as const) {
      const text = runRules(rules, { match }).run.found.toText();
      const run = new CheckRun({
        rules: parseConfig(JSON.stringify({ rules }), 'r').rules,
        baseline: parseBaseline(text, 'b'),
      });
      for (const one of moved) run.flow(one, CAPTURE.duration);
      expect(run.finish(CAPTURE).results[0]!.holds).toBe(match === 'port');
    }
  });

  test.each([
    ['', 'b.json is not JSON'],
    ['{}', '"schema" is not "tcpstate.baseline/1"'],
    ['null', 'is no baseline'],
    ['{"schema":"tcpstate.baseline/1"}', 'damaged'],
    ['{"schema":"tcpstate.baseline/1","match":"port","rules":{"a":5}}', 'damaged'],
    [
      '{"schema":"tcpstate.baseline/1","match":"port","rules":{"a":{"violations":[{"service":"x","behaviour":"y","count":0}]}}}',
      'damaged',
    ],
  ])('refuses %j', (text, says) => {
    expect(() => parseBaseline(text, 'b.json')).toThrow(UsageError);
    expect(() => parseBaseline(text, 'b.json')).toThrow(says);
  });

  test('an empty one knows nothing', () => {
    expect(new Baseline('address').takes('a', 'b', 'c')).toBe(false);
  });
});
