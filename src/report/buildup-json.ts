// In: counts over time and what they mean. Out: the document of schema/buildup.schema.json, a series a line; or rows of CSV.

import type { Buildup } from '../occupancy/buildup.ts';
import type { Peak } from '../occupancy/count-curve.ts';
import { Grouping } from '../occupancy/names.ts';
import type { OccupancyResult } from '../occupancy/occupancy.ts';
import type { Reading } from '../occupancy/readings.ts';
import type { OldestStay, Series } from '../occupancy/series.ts';
import { NANOSECONDS } from '../occupancy/stay.ts';
import { wordsOf } from './buildup-words.ts';
import { csvLine } from './csv.ts';

export const BUILDUP_SCHEMA = 'tcpstate.buildup/1';

/** The groupings beside (host, service), by the name of their list in the document. */
const FURTHER_LISTS = {
  hosts: Grouping.HOST,
  services: Grouping.SERVICE,
  peers: Grouping.PEER,
  total: Grouping.ALL,
} as const;

/** The document in pieces. `start`: the capture's, as ISO 8601, or null. */
export function* buildupJson({ occupancy, readings }: Buildup, start: string | null): Generator<string> {
  const { step, instants, duration, isExact } = occupancy;
  const head = {
    schema: BUILDUP_SCHEMA,
    step: step / NANOSECONDS,
    start,
    duration: duration / NANOSECONDS,
    instants,
    exact: isExact,
  };
  yield `${JSON.stringify(head).slice(0, -1)},\n"series":[`;
  yield* list(occupancy, Grouping.PAIR);
  yield `],\n"readings":[`;
  for (const [i, reading] of readings.entries()) {
    yield `${i === 0 ? '' : ','}\n${JSON.stringify(readingObject(reading, duration / NANOSECONDS))}`;
  }
  for (const [name, grouping] of Object.entries(FURTHER_LISTS)) {
    yield `],\n"${name}":[`;
    yield* list(occupancy, grouping);
  }
  yield ']}\n';
}

function* list(occupancy: OccupancyResult, grouping: Grouping): Generator<string> {
  const { series, others } = occupancy.byGrouping[grouping];
  let isFirst = true;
  for (const each of [...series, ...others]) {
    yield `${isFirst ? '' : ','}\n${JSON.stringify(seriesObject(each, occupancy))}`;
    isFirst = false;
  }
}

function seriesObject(series: Series, { instants, duration }: OccupancyResult): object {
  const { state, name, groups, arrivals, departures, expired, givenUp, beganBefore, atEnd, dwell, curve } = series;
  const seconds = duration / NANOSECONDS;
  const perSecond = (n: number) => (seconds > 0 ? rounded(n / seconds) : 0);
  return {
    state,
    ...name,
    groups,
    peak: peakObject(curve.peak()),
    mean: duration > 0 ? rounded(series.area / duration) : atEnd,
    end: atEnd,
    arrivals,
    departures,
    expired,
    presumedGone: givenUp,
    beganBefore,
    arrivalsPerSecond: perSecond(arrivals),
    departuresPerSecond: perSecond(departures),
    dwell: {
      p50: rounded(dwell.percentile(0.5) / NANOSECONDS),
      p95: rounded(dwell.percentile(0.95) / NANOSECONDS),
      max: dwell.max / NANOSECONDS,
      lasting: atEnd,
    },
    counts: curve.samples(instants),
  };
}

/** What every reading has, and the numbers behind its words; docs/buildup.md says what they are. */
function readingObject(reading: Reading, end: number): object {
  const { code, severity, host, service, role, state, atEnd, peak, trend, beganBefore, ...numbers } = reading;
  const { headline, details, advice } = wordsOf(reading, end);
  return {
    code,
    severity,
    host,
    service,
    role,
    state,
    message: [headline, ...details].join(' '),
    advice,
    trend,
    end: atEnd,
    peak: peakObject(peak),
    beganBefore,
    numbers: 'oldest' in numbers ? { ...numbers, oldest: oldestObject(numbers.oldest) } : numbers,
  };
}

function oldestObject(oldest: OldestStay | null): object | null {
  return oldest === null ? null : { stream: oldest.stream, frame: oldest.frame, since: oldest.from / NANOSECONDS };
}

function peakObject({ time, count, error }: Peak): object {
  return { time: time / NANOSECONDS, count, error };
}

/** To a millionth: what lies below is the arithmetic's, not the capture's. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** A row per series and instant, for plotting elsewhere: time, who, how many. */
export function* buildupCsv({ occupancy }: Buildup, grouping: Grouping): Generator<string> {
  yield csvLine(['time', 'state', 'host', 'role', 'service', 'peer', 'count']);
  const { series, others } = occupancy.byGrouping[grouping];
  for (const each of [...series, ...others]) {
    const { host, role, service, peer } = each.name;
    for (const [k, n] of each.curve.samples(occupancy.instants).entries()) {
      const time = (k * occupancy.step) / NANOSECONDS;
      yield csvLine([time, each.state, host, role, service, peer, n]);
    }
  }
}
