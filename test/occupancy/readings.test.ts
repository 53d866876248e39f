import { describe, expect, test } from 'vitest';
import { BuildupCounter, type BuildupOptions, LINUX_EPHEMERAL } from '../../src/occupancy/buildup.ts';
import type { CloseWaitReading, Reading, TimeWaitReading } from '../../src/occupancy/readings.ts';
import { TimeWaitLengths } from '../../src/occupancy/time-wait.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { client, finding, flow, history, server } from '../support/flow.ts';
import { printed } from '../support/in-process.ts';
import { scriptCapture } from '../support/script-capture.ts';

function readings(flows: readonly FlowResult[], duration: number, options: Partial<BuildupOptions> = {}): Reading[] {
  const counter = new BuildupCounter({ timeWait: new TimeWaitLengths(60), ephemeral: LINUX_EPHEMERAL, ...options });
  for (const each of flows) counter.flow(each);
  return counter.finish(duration).readings;
}

const t = (seconds: number): string => seconds.toFixed(6);

/** A connection of 10 ms that `closer` closes first. */
function short(stream: number, start: number, closer: 'client' | 'server' = 'client'): FlowResult {
  const active = ['FIN_WAIT_1', 'snd FIN', 'TIME_WAIT ~', 'rcv FIN'];
  const passive = ['CLOSE_WAIT ~', 'rcv FIN', 'CLOSED ~', 'rcv ACK of FIN'];
  const [clientWay, serverWay] = closer === 'client' ? [active, passive] : [passive, active];
  const way = ([first, firstCause, last, lastCause]: string[]): string[] => [
    `${first} ${t(start + 0.005)} #5 ${firstCause}`,
    `${last} ${t(start + 0.01)} #6 ${lastCause}`,
  ];
  return flow({
    stream,
    start,
    end: start + 0.01,
    endpoints: [
      client({
        port: 32768 + (stream % 28232),
        closer: closer === 'client' ? 'active' : 'passive',
        states: history(
          'CLOSED',
          `SYN_SENT ${t(start)} #1 snd SYN`,
          `ESTABLISHED ~ ${t(start + 0.001)} #2 rcv SYN,ACK`,
          ...way(clientWay!),
        ),
      }),
      server({
        closer: closer === 'server' ? 'active' : 'passive',
        states: history(
          'LISTEN',
          `SYN_RCVD ${t(start + 0.001)} #2 snd SYN,ACK`,
          `ESTABLISHED ~ ${t(start + 0.002)} #3 rcv ACK of SYN`,
          ...way(serverWay!),
        ),
      }),
    ],
  });
}

/** `rate` connections a second for `seconds`. */
const shorts = (rate: number, seconds: number, closer: 'client' | 'server' = 'client'): FlowResult[] =>
  Array.from({ length: rate * seconds }, (_, i) => short(i, i / rate, closer));

describe('TIME_WAIT', () => {
  test('400 a second for 3 s: 24,000 in the long run, 85 % of the ports', () => {
    const [reading] = readings(shorts(400, 3), 3.01) as [TimeWaitReading];
    expect(reading).toMatchObject({
      code: 'time-wait-buildup',
      severity: 'warn',
      host: '10.0.0.1',
      service: '10.0.0.2:80',
      role: 'client',
      atEnd: 1200,
      trend: 'rising',
      timeWait: 60,
      hasSettled: false,
      stoppedFor: null,
      replaced: 0,
      closing: { connections: 1200, here: 1200, there: 0, together: 0, reset: 0, notClosed: 0 },
    });
    // The first TIME_WAIT comes at 0.01 s: 1,200 in 3.00 s.
    expect([reading.rate, reading.observed, reading.steady, reading.settlesIn]).toEqual([400, 3, 24_000, 57]);
    expect(reading.ports).toMatchObject({ size: 28_232, taken: 1200, share: 24_000 / 28_232, exhaustedIn: null });
    expect([reading.ports!.lowestSeen, reading.ports!.highestSeen]).toEqual([32_768, 32_768 + 1199]);
  });

  test('600 a second need 36,000 ports: used up when 28,232 are taken, 45.05 s after the end', () => {
    const [reading] = readings(shorts(600, 2), 2.01) as [TimeWaitReading];
    expect(reading.severity).toBe('error');
    expect(reading.ports!.share).toBeCloseTo(36_000 / 28_232, 6);
    expect(reading.ports!.exhaustedIn).toBeCloseTo((28_232 - 1200) / 600, 6);
  });

  test('with a longer TIME_WAIT, and with more ports, the same load looks different', () => {
    const [windows] = readings(shorts(400, 3), 3.01, { timeWait: new TimeWaitLengths(120) }) as [TimeWaitReading];
    expect([windows.steady, windows.severity]).toEqual([48_000, 'error']);
    const [wide] = readings(shorts(400, 3), 3.01, { ephemeral: [1024, 65_535] }) as [TimeWaitReading];
    expect([wide.ports!.size, wide.severity]).toEqual([64_512, 'note']);
  });

  test('ports that are all taken at the end are exhausted now', () => {
    const [reading] = readings(shorts(400, 3), 3.01, { ephemeral: [32_768, 32_768 + 1199] }) as [TimeWaitReading];
    expect([reading.ports!.taken, reading.ports!.exhaustedIn, reading.severity]).toEqual([1200, 0, 'error']);
  });

  test('longer than 2MSL: settled, and the peak is what it settles at', () => {
    const [reading] = readings(shorts(20, 100), 100) as [TimeWaitReading];
    // 20 a second x 60 s; the 1,201st arrives at the very moment the first ends.
    expect([reading.hasSettled, reading.steady, reading.peak.count]).toEqual([true, 1200, 1200]);
    expect([reading.trend, reading.settlesIn]).toEqual(['level', 0]);
  });

  test('when none come any more, no steady state is promised', () => {
    const [reading] = readings(shorts(400, 3), 30) as [TimeWaitReading];
    expect([reading.steady, reading.atEnd, reading.trend]).toEqual([1200, 1200, 'level']);
    expect(reading.stoppedFor).toBeCloseTo(30 - 3.0075, 6);
    expect(reading.rate).toBeCloseTo(1200 / 2.9975, 3);
  });

  test('a server that closes first has them itself, and they cost it no port', () => {
    const [reading] = readings(shorts(400, 3, 'server'), 3.01) as [TimeWaitReading];
    expect(reading).toMatchObject({ host: '10.0.0.2', role: 'server', ports: null, severity: 'note' });
    expect(reading.closing.here).toBe(1200);
  });

  test('spread over many services it is the host that has them', () => {
    const flows = shorts(400, 3).map((each, i): FlowResult => {
      const [a, b] = each.endpoints;
      return { ...each, endpoints: [a, { ...b, port: 1000 + (i % 100) }] };
    });
    const found = readings(flows, 3.01) as TimeWaitReading[];
    expect(found.map(({ host, service, ports, services }) => [host, service, ports, services])).toEqual([
      ['10.0.0.1', null, null, 100],
    ]);
  });

  test.each([
    ['16 a second: 960 in the long run', 16, 3],
    ['too few to tell a rate from', 400, 0.04],
  ])('%s is not worth a word', (_name, rate, seconds) => {
    expect(readings(shorts(rate, seconds), seconds + 0.02)).toEqual([]);
  });

  test('17 a second, 1,020 in the long run, is', () => {
    expect(readings(shorts(17, 3), 3.01).map(({ code }) => code)).toEqual(['time-wait-buildup']);
  });

  test('4-tuples used again, as the rules allow and against them', () => {
    const flows = shorts(400, 3).map((each, i) => ({
      ...each,
      findings: i < 5 ? [finding({ code: i < 3 ? 'time_wait_reuse' : 'time_wait_reuse_unsafe' })] : [],
    }));
    const [reading] = readings(flows, 3.01) as [TimeWaitReading];
    expect([reading.reuseAllowed, reading.reuseUnsafe]).toEqual([3, 2]);
  });
});

/** The server has been in CLOSE_WAIT since `from`, and left it at `to`. */
function closeWait(stream: number, from: number, to: number | null): FlowResult {
  return flow({
    stream,
    start: from - 0.1,
    end: to ?? from + 0.01,
    endpoints: [
      client({
        closer: 'active',
        states: history(
          'CLOSED',
          `SYN_SENT ${t(from - 0.1)} #1 snd SYN`,
          `FIN_WAIT_1 ${t(from)} #7 snd FIN`,
          `FIN_WAIT_2 ~ ${t(from + 0.01)} #8 rcv ACK of FIN`,
          ...(to === null ? [] : [`TIME_WAIT ~ ${t(to)} #9 rcv FIN`]),
        ),
      }),
      server({
        closer: 'passive',
        states: history(
          'LISTEN',
          `SYN_RCVD ${t(from - 0.1)} #2 snd SYN,ACK`,
          `CLOSE_WAIT ~ ${t(from)} #7 rcv FIN`,
          ...(to === null ? [] : [`LAST_ACK ${t(to)} #9 snd FIN`, `CLOSED ~ ${t(to + 0.001)} #10 rcv ACK of FIN`]),
        ),
      }),
    ],
  });
}

describe('CLOSE_WAIT', () => {
  const quick = (n: number) => Array.from({ length: n }, (_, i) => closeWait(100 + i, 1 + i / 100, 1.004 + i / 100));
  const stuck = (n: number, from = 1) => Array.from({ length: n }, (_, i) => closeWait(i, from + i / 10, null));

  test('some never close while the others do at once: a leak', () => {
    const [reading] = readings([...quick(30), ...stuck(5)], 10) as [CloseWaitReading];
    expect(reading).toMatchObject({
      code: 'close-wait-leak',
      severity: 'warn',
      host: '10.0.0.2',
      role: 'server',
      atEnd: 5,
      stuck: 5,
      arrived: 35,
      left: 30,
      pairedFinWait2: 5,
      sending: 0,
      unacknowledged: null,
      oldest: { stream: 0, frame: 7, from: 1e9 },
    });
    expect(reading.leftP95).toBeCloseTo(0.004, 6);
    // Ten times 4 ms would be too hasty: 0.2 s, Linux's shortest retransmission timeout.
    expect(reading.stuckAfter).toBe(0.2);
  });

  test('those that came last may still close', () => {
    const [reading] = readings([...quick(30), ...stuck(5), closeWait(50, 9.9, null)], 10) as [CloseWaitReading];
    expect([reading.atEnd, reading.stuck, reading.sending]).toEqual([6, 5, 0]);
  });

  test('none has closed and the capture is short: it is said that it cannot be told', () => {
    expect(readings(stuck(5), 10).map(({ code }) => code)).toEqual(['close-wait-stuck']);
    expect(readings(stuck(5), 70).map(({ code }) => code)).toEqual(['close-wait-leak']);
  });

  test('all close, but late: slow', () => {
    const slow = Array.from({ length: 12 }, (_, i) => closeWait(i, 1 + i / 10, 4 + i / 10));
    const [reading] = readings(slow, 10) as [CloseWaitReading];
    expect(reading).toMatchObject({ code: 'close-wait-slow', severity: 'note', left: 12, stuck: 0, atEnd: 0 });
    expect(reading.leftP50).toBeCloseTo(3, 6);
  });

  test.each<[string, FlowResult[], number]>([
    ['two may be a coincidence', stuck(2), 10],
    ['half a second is not stuck where nothing is known of the others', stuck(5, 9.2), 9.7],
    ['quick ones are what CLOSE_WAIT is for', quick(200), 10],
  ])('%s', (_name, flows, duration) => {
    expect(readings(flows, duration)).toEqual([]);
  });

  test('one that still sends is using the half-close, and is not stuck', async () => {
    const input = scriptCapture(
      `
A 10.0.0.1:40000  iss 1000
B 10.0.0.2:80     iss 5000
step 0.1
repeat 5 every 0.01
A> S   0:0(0)       win 65535         <mss 1460>
B> S.  0:0(0)       ack 1 win 65535   <mss 1460>
A> .   1:1(0)       ack 1 win 65535
A> F.  1:1(0)       ack 1 win 65535
B> .   1:1(0)       ack 2 win 65535`,
      `
A 10.0.0.3:50000  iss 1000
B 10.0.0.2:80     iss 5000
step 0.1
repeat 2 every 0.01
A> S   0:0(0)       win 65535         <mss 1460>
B> S.  0:0(0)       ack 1 win 65535   <mss 1460>
A> .   1:1(0)       ack 1 win 65535
A> F.  1:1(0)       ack 1 win 65535
B> .   1:1(0)       ack 2 win 65535
B> P.  1:11(10)     ack 2 win 65535   +3
A> .   2:2(0)       ack 11 win 65535`,
    );
    const { stdout } = await printed(['buildup', '--format', 'json', '-'], { input });
    const [reading] = JSON.parse(stdout).readings;
    expect(reading).toMatchObject({ code: 'close-wait-stuck', end: 7, numbers: { stuck: 5, sending: 2, arrived: 7 } });
    expect(reading.message).toMatch(/2 more in CLOSE_WAIT still send/);
  });

  test('FIN_WAIT_2 is told as its pair, not as a build-up of its own', () => {
    expect(readings(stuck(12), 70).map(({ code }) => code)).toEqual(['close-wait-leak']);
  });
});

describe('handshakes', () => {
  /** The client is ESTABLISHED at once; the server in SYN_RCVD until `to`. */
  const halfOpen = (stream: number, to: number): FlowResult =>
    flow({
      stream,
      end: to,
      endpoints: [
        client(),
        server({
          states: history('LISTEN', 'SYN_RCVD 0.001 #2 snd SYN,ACK', `ESTABLISHED ~ ${t(to)} #9 rcv ACK of SYN`),
        }),
      ],
    });
  const unanswered = (stream: number, port = 80): FlowResult =>
    flow({
      stream,
      end: 3,
      endpoints: [
        client({ segments: 3, states: history('CLOSED', 'SYN_SENT 0 #1 snd SYN') }),
        server({ port, segments: 0, opener: 'unknown', states: history('LISTEN') }),
      ],
    });

  test('completed handshakes that the server ignores: the accept queue overflows', () => {
    const flows = [halfOpen(0, 1.1), halfOpen(1, 3.1), ...shorts(20, 1)];
    expect(readings(flows, 5)).toMatchObject([
      { code: 'accept-queue-overflow', severity: 'warn', host: '10.0.0.2', halfOpen: 2, connections: 22 },
    ]);
  });

  test('one of many is a lost segment', () => {
    expect(readings([halfOpen(0, 1.1), ...shorts(10, 1)], 5)).toEqual([]);
    expect(readings([halfOpen(0, 0.3), halfOpen(1, 0.3)], 5)).toEqual([]);
  });

  test('handshakes that no one completes', () => {
    const flood = Array.from({ length: 12 }, (_, i) =>
      flow({
        stream: i,
        end: 3,
        endpoints: [
          client({ port: 1024 + i, states: history('CLOSED', 'SYN_SENT 0 #1 snd SYN') }),
          server({ states: history('LISTEN', 'SYN_RCVD 0.001 #2 snd SYN,ACK') }),
        ],
      }),
    );
    expect(readings(flood, 5)).toMatchObject([
      { code: 'syn-rcvd-unacknowledged', host: '10.0.0.2', neverAcknowledged: 12, connections: 12 },
    ]);
  });

  test('SYNs that nobody answers: filtered', () => {
    expect(readings([unanswered(0), unanswered(1), unanswered(2)], 10)).toMatchObject([
      { code: 'syn-sent-unanswered', host: '10.0.0.1', service: '10.0.0.2:80', unanswered: 3, answered: 0 },
    ]);
    expect(readings([unanswered(0), unanswered(1)], 10)).toEqual([]);
  });

  test('a SYN that was just sent is not unanswered yet', () => {
    const fresh = Array.from({ length: 5 }, (_, i) => ({ ...unanswered(i), end: 0 }));
    expect(readings(fresh, 0.05)).toEqual([]);
    expect(readings(fresh, 0.95)).toEqual([]);
  });

  test('where the same service answers others, they are dropped rather than filtered', () => {
    const found = readings([unanswered(0), unanswered(1), unanswered(2), ...shorts(10, 1)], 10);
    expect(found).toMatchObject([{ code: 'syn-sent-unanswered', unanswered: 3, answered: 10, connections: 13 }]);
  });

  test('one attempt each at many ports is the host that tries', () => {
    const scan = Array.from({ length: 20 }, (_, i) => unanswered(i, 1000 + i));
    expect(readings(scan, 10)).toMatchObject([
      { code: 'syn-sent-unanswered', host: '10.0.0.1', service: null, unanswered: 20, services: 20 },
    ]);
  });
});

test('FINs that nobody acknowledges', () => {
  const flows = Array.from({ length: 10 }, (_, i) =>
    flow({
      stream: i,
      end: 2,
      endpoints: [
        client({ closer: 'active', retransmittedSegments: 1, states: history('CLOSED', 'FIN_WAIT_1 1 #4 snd FIN') }),
        server(),
      ],
    }),
  );
  expect(readings(flows, 3)).toMatchObject([{ code: 'fin-unacknowledged', state: 'FIN_WAIT_1', atEnd: 10 }]);
});

test('the gravest comes first', () => {
  const leak = Array.from({ length: 5 }, (_, i) => closeWait(9000 + i, 0.1, null));
  const found = readings([...shorts(600, 2), ...leak], 2.5);
  expect(found.map(({ code, severity }) => [code, severity])).toEqual([
    ['time-wait-buildup', 'error'],
    ['close-wait-leak', 'warn'],
  ]);
});

test('an everyday capture has nothing to say', () => {
  expect(readings([short(0, 0), short(1, 1), halfClosed()], 10)).toEqual([]);
});

function halfClosed(): FlowResult {
  return closeWait(5, 2, null);
}
