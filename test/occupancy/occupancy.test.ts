import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Grouping } from '../../src/occupancy/names.ts';
import { Occupancy, type OccupancyOptions, type OccupancyResult } from '../../src/occupancy/occupancy.ts';
import type { Series } from '../../src/occupancy/series.ts';
import { bothStays } from '../../src/occupancy/stay.ts';
import { TimeWaitLengths } from '../../src/occupancy/time-wait.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { State, type StateName } from '../../src/tcp/state.ts';
import { client, flow, history, server } from '../support/flow.ts';

const SECOND = 1e9;
const LINUX = new TimeWaitLengths(60);

/** The client closes first at `close`, the server 10 ms later; the client is then in TIME_WAIT. */
function closed(stream: number, open: number, close: number, from = '10.0.0.1', to = '10.0.0.2'): FlowResult {
  const t = (seconds: number): string => seconds.toFixed(6);
  return flow({
    stream,
    start: open,
    end: close + 0.01,
    endpoints: [
      client({
        addr: from,
        port: 40000 + (stream % 20000),
        closer: 'active',
        states: history(
          'CLOSED',
          `SYN_SENT ${t(open)} #1 snd SYN`,
          `ESTABLISHED ~ ${t(open + 0.001)} #2 rcv SYN,ACK`,
          `FIN_WAIT_1 ${t(close)} #7 snd FIN`,
          `TIME_WAIT ~ ${t(close + 0.01)} #8 rcv FIN`,
        ),
      }),
      server({
        addr: to,
        closer: 'passive',
        states: history(
          'LISTEN',
          `SYN_RCVD ${t(open + 0.001)} #2 snd SYN,ACK`,
          `ESTABLISHED ~ ${t(open + 0.002)} #3 rcv ACK of SYN`,
          `CLOSE_WAIT ~ ${t(close)} #7 rcv FIN`,
          `LAST_ACK ${t(close + 0.005)} #8 snd FIN`,
          `CLOSED ~ ${t(close + 0.01)} #9 rcv ACK of FIN`,
        ),
      }),
    ],
  });
}

function count(flows: readonly FlowResult[], duration: number, options: OccupancyOptions = {}): OccupancyResult {
  const occupancy = new Occupancy(options);
  for (const each of flows) occupancy.add(each, bothStays(each, LINUX));
  return occupancy.finish(duration);
}

function find(
  result: OccupancyResult,
  grouping: Grouping,
  state: StateName,
  name: Partial<Series['name']> = {},
): Series {
  const found = result.byGrouping[grouping].series.filter(
    (series) =>
      series.state === state &&
      Object.entries(name).every(([key, value]) => series.name[key as keyof typeof name] === value),
  );
  expect(found.length).toBe(1);
  return found[0]!;
}

describe('ten connections, one a second, each a second long, in a capture of 100 s', () => {
  const flows = Array.from({ length: 10 }, (_, i) => closed(i, i, i + 0.99));
  const result = count(flows, 100, { step: SECOND });
  const timeWait = find(result, Grouping.PAIR, 'TIME_WAIT');

  test('TIME_WAIT: the first begins at 1 s and ends at 61 s, the last at 10 s and 70 s', () => {
    expect(timeWait.name).toEqual({ host: '10.0.0.1', role: 'client', service: '10.0.0.2:80', peer: null });
    expect(timeWait.curve.peak()).toEqual({ time: 10 * SECOND, count: 10, error: 0 });
    expect([timeWait.arrivals, timeWait.departures, timeWait.expired, timeWait.atEnd]).toEqual([10, 10, 10, 0]);
    expect([timeWait.firstArrival / SECOND, timeWait.lastArrival / SECOND]).toEqual([1, 10]);
  });

  test('the mean is the area over the time: 10 x 60 s in 100 s', () => {
    expect(timeWait.area / result.duration).toBe(6);
  });

  test('the counts at each second', () => {
    const counts = timeWait.curve.samples(result.instants);
    expect(result.instants).toBe(101);
    expect(counts.slice(0, 12)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
    expect(counts.slice(59, 72)).toEqual([10, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
  });

  test('each lasted 60 s', () => {
    expect([timeWait.dwell.percentile(0.5), timeWait.dwell.max]).toEqual([60 * SECOND, 60 * SECOND]);
  });

  test('the server has a series of its own, by the service; both ends share the service and the total', () => {
    expect(find(result, Grouping.PAIR, 'CLOSE_WAIT').name).toEqual({
      host: '10.0.0.2',
      role: 'server',
      service: '10.0.0.2:80',
      peer: null,
    });
    expect(find(result, Grouping.SERVICE, 'ESTABLISHED').arrivals).toBe(20);
    expect(find(result, Grouping.ALL, 'ESTABLISHED').curve.peak().count).toBe(2);
    expect(find(result, Grouping.HOST, 'ESTABLISHED', { host: '10.0.0.2' }).arrivals).toBe(10);
    expect(find(result, Grouping.PEER, 'TIME_WAIT', { peer: '10.0.0.2' }).arrivals).toBe(10);
  });

  test('only the hosts asked for', () => {
    const only = count(flows, 100, { hosts: new Set(['10.0.0.2']) });
    expect(new Set(only.byGrouping.pair.series.map(({ name }) => name.host))).toEqual(new Set(['10.0.0.2']));
  });
});

test('a capture that ends earlier: what lasts counts with the time it has lasted', () => {
  const result = count([closed(0, 0, 0.99), closed(1, 1, 1.99)], 11);
  const timeWait = find(result, Grouping.PAIR, 'TIME_WAIT');
  expect([timeWait.atEnd, timeWait.departures, timeWait.area / SECOND]).toEqual([2, 0, 10 + 9]);
  expect(timeWait.dwell.max / SECOND).toBe(10);
  expect(timeWait.oldest).toEqual({ stream: 0, frame: 8, from: SECOND });
});

test("what a clock before the capture's first frame says is cut off there", () => {
  const before = closed(0, 5, 9);
  for (const { states } of before.endpoints) for (const entry of states) if (entry.time !== null) entry.time -= 10;
  const result = count([{ ...before, start: -5, end: -0.99 }, closed(1, 0, 1)], 2);
  const timeWait = find(result, Grouping.PAIR, 'TIME_WAIT');
  expect([timeWait.arrivals, timeWait.area / SECOND]).toEqual([2, 2 + 0.99]);
  expect(find(result, Grouping.PAIR, 'ESTABLISHED', { role: 'client' }).arrivals).toBe(1);
});

test('who stops retransmitting has left, and is counted as such', () => {
  // SYNs at 0 and 1 s: the next was due at 3 s.
  const gone = flow({
    end: 1,
    endpoints: [
      client({ segments: 2, states: history('CLOSED', 'SYN_SENT 0 #1 snd SYN') }),
      server({ segments: 0, opener: 'unknown', states: history('LISTEN') }),
    ],
  });
  const series = find(count([gone], 10), Grouping.PAIR, 'SYN_SENT');
  expect([series.atEnd, series.departures, series.givenUp, series.area / SECOND]).toEqual([0, 1, 1, 3]);
  const still = find(count([gone], 2.9), Grouping.PAIR, 'SYN_SENT');
  expect([still.atEnd, still.departures, still.givenUp]).toEqual([1, 0, 0]);
});

test('on the loopback interface the ends are told apart by their role', () => {
  const result = count([closed(0, 0, 1, '127.0.0.1', '127.0.0.1')], 2);
  expect(find(result, Grouping.PAIR, 'ESTABLISHED', { role: 'client' }).arrivals).toBe(1);
  expect(find(result, Grouping.PAIR, 'ESTABLISHED', { role: 'server' }).arrivals).toBe(1);
});

test('a connection older than the capture is counted, and counted apart', () => {
  const older = flow({
    endpoints: [
      client({ opener: 'unknown', states: history('UNKNOWN', 'ESTABLISHED 0 #1 mid-stream') }),
      server({ opener: 'unknown', states: history('UNKNOWN', 'ESTABLISHED 0 #1 mid-stream') }),
    ],
  });
  const result = count([older, closed(1, 0, 1)], 2);
  const established = find(result, Grouping.PAIR, 'ESTABLISHED', { role: 'client' });
  expect([established.arrivals, established.beganBefore]).toEqual([2, 1]);
});

test('what is not among the largest groups is one row of others, with the number of groups', () => {
  // Hosts 1 to 6, host n with n connections at once.
  const flows = [1, 2, 3, 4, 5, 6].flatMap((n) =>
    Array.from({ length: n }, (_, i) => closed(n * 10 + i, 0, 1, `10.0.1.${n}`)),
  );
  const { series, others } = count(flows, 5, { mostGroups: 2 }).byGrouping.host;
  const timeWait = series.filter(({ state }) => state === 'TIME_WAIT');
  expect(timeWait.map(({ name, atEnd }) => [name.host, atEnd])).toEqual([
    ['10.0.1.6', 6],
    ['10.0.1.5', 5],
  ]);
  const rest = others.find(({ state }) => state === 'TIME_WAIT')!;
  expect([rest.groups, rest.atEnd, rest.curve.peak().count]).toEqual([4, 10, 10]);
  expect(rest.name).toEqual({ host: null, role: null, service: null, peer: null });
});

test('names beyond the largest groups are forgotten between parts, those that stay keep theirs', () => {
  const flows = Array.from({ length: 400 }, (_, i) => closed(i, i * 0.01, i * 0.01 + 0.5, `10.0.${i % 4}.1`));
  const { series } = count(flows, 10, { mostRows: 50 }).byGrouping.host;
  const timeWait = series.filter(({ state }) => state === 'TIME_WAIT');
  expect(timeWait.map(({ name, atEnd }) => [name.host, atEnd]).sort()).toEqual(
    [0, 1, 2, 3].map((i) => [`10.0.${i}.1`, 100]),
  );
});

describe('counted in parts', () => {
  const time = fc.integer({ min: 0, max: 400 }).map((n) => n / 4);
  const some = fc.array(
    fc.tuple(time, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 3 })),
    { minLength: 1, maxLength: 60 },
  );

  test('everything but peaks and percentiles is as if counted at once; peaks are within their error', () => {
    fc.assert(
      fc.property(some, (made) => {
        const flows = made.map(([open, length, from, to], i) =>
          closed(i, open, open + length / 4, `10.0.0.${from}`, `10.0.1.${to}`),
        );
        const whole = count(flows, 150);
        const parts = count(flows, 150, { mostRows: 40 });
        expect(whole.isExact).toBe(true);
        for (const grouping of Object.values(Grouping)) {
          const expected = whole.byGrouping[grouping].series;
          expect(parts.byGrouping[grouping].series.length).toBe(expected.length);
          for (const a of expected) {
            const b = find(parts, grouping, a.state, a.name);
            expect([b.arrivals, b.departures, b.expired, b.atEnd, b.firstArrival, b.lastArrival]).toEqual([
              a.arrivals,
              a.departures,
              a.expired,
              a.atEnd,
              a.firstArrival,
              a.lastArrival,
            ]);
            expect(b.area).toBeCloseTo(a.area, -3);
            expect(b.dwell.max).toBe(a.dwell.max);
            expect(b.curve.samples(parts.instants)).toEqual(a.curve.samples(whole.instants));
            const [peakA, peakB] = [a.curve.peak(), b.curve.peak()];
            expect(peakB.count).toBeGreaterThanOrEqual(peakA.count);
            expect(peakB.count - peakB.error).toBeLessThanOrEqual(peakA.count);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('the stays that last can be asked for one by one', () => {
  const occupancy = new Occupancy();
  const leak = flow({
    stream: 7,
    endpoints: [
      client({ states: history('CLOSED', 'SYN_SENT 0 #1 snd SYN', 'FIN_WAIT_2 ~ 2 #5 rcv ACK of FIN') }),
      server({ states: history('LISTEN', 'SYN_RCVD 0.1 #2 snd SYN,ACK', 'CLOSE_WAIT ~ 1 #4 rcv FIN') }),
    ],
  });
  for (const each of [leak, closed(8, 0, 1)]) occupancy.add(each, bothStays(each, LINUX));
  occupancy.finish(10);
  expect([...occupancy.lasting(State.CLOSE_WAIT)]).toEqual([
    {
      stream: 7,
      endpoint: 1,
      frame: 4,
      from: SECOND,
      name: { host: '10.0.0.2', role: 'server', service: '10.0.0.2:80', peer: null },
    },
  ]);
});
