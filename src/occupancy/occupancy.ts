// In: finished connections, in any order. Out: for each state and group of endpoints, how many sat in it over time.
//
//   flow ─▶ stays ─▶ columns (a million rows) ─▶ series of the largest groups, and one of all others
//                    rows that last stay behind ◀─┘  each time the columns are full, and at the end
//
// Bounded: what is kept grows with the endpoints that exist at one moment, not with all that ever did. As long as the columns
// have never been full (some 100,000 connections) everything is exact but the percentiles. Afterwards: counts at every instant,
// at the end, means, arrivals and departures stay exact; a peak may be too high by what its `error` says; and a group that was
// among the others before it became one of the largest lacks what it had counted there.

import type { FlowResult } from '../tcp/flow-result.ts';
import { STATES, State } from '../tcp/state.ts';
import { Grid } from './grid.ts';
import { addressAndPort, Grouping, type GroupName, Names } from './names.ts';
import { type OldestStay, Series } from './series.ts';
import { beganBefore, serviceSide } from './service.ts';
import { type Stay, toNanoseconds } from './stay.ts';
import { StayColumns } from './stay-columns.ts';

/** Stays gathered before they are counted: 39 MB. A connection makes eight or nine. */
const MOST_ROWS = 1 << 20;
/** Groups told apart per state and grouping; the rest is one row of others. More than anyone reads, few enough to keep. */
const MOST_GROUPS = 50;

const GROUPINGS = Object.values(Grouping);
const NO_NAME: GroupName = { host: null, role: null, service: null, peer: null };

export interface OccupancyOptions {
  /** Nanoseconds between two instants; grows where the capture would need too many. */
  step?: number;
  /** Only endpoints of these hosts are counted. */
  hosts?: ReadonlySet<string>;
  mostRows?: number;
  mostGroups?: number;
}

/** The series of one grouping, the largest area first within a state, in the order of the states. */
export interface GroupedSeries {
  series: Series[];
  /** What did not get a series of its own: one per state at most. */
  others: Series[];
}

export interface OccupancyResult {
  /** Nanoseconds from one instant to the next, and how many there are. */
  step: number;
  instants: number;
  /** Nanoseconds from the capture's first frame to its last. */
  duration: number;
  /** False once the columns have been full, see the top of this file. */
  isExact: boolean;
  byGrouping: Record<Grouping, GroupedSeries>;
}

/** A stay that nothing has ended. */
export interface LastingStay extends OldestStay {
  endpoint: 0 | 1;
  /** Its host, role and service. */
  name: GroupName;
}

export class Occupancy {
  readonly #hosts: ReadonlySet<string> | undefined;
  readonly #mostRows: number;
  readonly #mostGroups: number;
  readonly #grid: Grid;
  readonly #stays = new StayColumns();
  #names = new Names();
  #limit: number;
  #now = 0;
  #folds = 0;
  /** Per grouping and state: the series kept so far and the others'. */
  #kept = new Map<Grouping, Series[]>(GROUPINGS.map((grouping) => [grouping, []]));
  #others = new Map<Grouping, Series[]>(GROUPINGS.map((grouping) => [grouping, []]));

  constructor(options: OccupancyOptions = {}) {
    this.#hosts = options.hosts;
    this.#mostRows = options.mostRows ?? MOST_ROWS;
    this.#mostGroups = options.mostGroups ?? MOST_GROUPS;
    this.#grid = new Grid(options.step);
    this.#limit = this.#mostRows;
  }

  /** `stays` are those of both endpoints. */
  add(flow: FlowResult, stays: readonly [Stay[], Stay[]]): void {
    this.#now = Math.max(this.#now, toNanoseconds(flow.end));
    const serverIndex = serviceSide(flow);
    const serviceEnd = flow.endpoints[serverIndex];
    const service = addressAndPort(serviceEnd.addr, serviceEnd.port);
    const isOlder = beganBefore(flow);
    for (const index of [0, 1] as const) {
      const host = flow.endpoints[index].addr;
      if (this.#hosts !== undefined && !this.#hosts.has(host)) continue;
      const pair = this.#names.pair(host, index === serverIndex ? 'server' : 'client', service);
      const peer = this.#names.address(flow.endpoints[1 - index]!.addr);
      for (const { state, from, to, end, entry } of stays[index]) {
        // A frame may be stamped earlier than the capture's first.
        if (to <= 0) continue;
        this.#stays.append(
          Math.max(0, from),
          to,
          State[state],
          pair,
          peer,
          flow.stream,
          index,
          entry.frame,
          end,
          isOlder,
        );
      }
    }
    if (this.#stays.length >= this.#limit) {
      this.#fold(this.#now);
      // Where more than half of the rows last, there is nothing to gain from looking again soon.
      this.#limit = Math.max(this.#mostRows, 2 * this.#stays.length);
    }
  }

  /** The stays that last at the capture's end, for whoever wants to look at each. */
  *lasting(state: State): Generator<LastingStay> {
    const stays = this.#stays;
    for (let row = 0; row < stays.length; row++) {
      if (stays.state(row) !== state || stays.to(row) <= this.#now) continue;
      yield {
        stream: stays.stream(row),
        endpoint: stays.endpoint(row),
        frame: stays.frame(row),
        from: stays.from(row),
        name: this.#names.nameOf(Grouping.PAIR, stays.pair(row)),
      };
    }
  }

  /** @param duration seconds from the capture's first frame to its latest. */
  finish(duration: number): OccupancyResult {
    const now = Math.max(this.#now, toNanoseconds(duration));
    this.#now = now;
    this.#fold(now, true);
    const byGrouping = Object.fromEntries(
      GROUPINGS.map((grouping) => [
        grouping,
        {
          series: this.#kept.get(grouping)!.sort(byStateThenArea),
          others: this.#others.get(grouping)!.sort(byStateThenArea),
        },
      ]),
    ) as Record<Grouping, GroupedSeries>;
    return {
      step: this.#grid.step,
      instants: Math.floor(now / this.#grid.step) + 1,
      duration: now,
      isExact: this.#folds === 1,
      byGrouping,
    };
  }

  /** Counts every stay that is over at `now`, or every stay at the end, and drops it from the columns. */
  #fold(now: number, isLast = false): void {
    this.#folds++;
    const factor = this.#grid.growTo(now);
    for (const all of [this.#kept, this.#others]) {
      for (const list of all.values()) for (const series of list) series.curve.coarsen(factor);
    }
    const stays = this.#stays;
    // Those that are over come first; those that last stay behind, or are counted as lasting at the end.
    const rows = new Int32Array(stays.length);
    let over = 0;
    let lasting = stays.length;
    for (let row = 0; row < stays.length; row++) {
      if (stays.to(row) <= now) rows[over++] = row;
      else rows[--lasting] = row;
    }
    const counted = isLast ? rows : rows.subarray(0, over);
    for (const grouping of GROUPINGS) this.#foldInto(grouping, counted, now);
    if (!isLast) this.#keepOnly(rows.subarray(over).reverse());
  }

  #foldInto(grouping: Grouping, rows: Int32Array, now: number): void {
    const stays = this.#stays;
    const names = this.#names;
    const kept = this.#kept.get(grouping)!;
    // The series of each (state, group), those kept before first; -1 where there is none.
    const earlier = new Map<number, Series>();
    for (const series of kept) {
      earlier.set(names.groupOf(grouping, series.name) * STATES.length + State[series.state], series);
    }
    const keys = names.count(grouping) * STATES.length;
    const count = new Int32Array(keys);
    const area = new Float64Array(keys);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const key = names.group(grouping, stays.pair(row), stays.peer(row)) * STATES.length + stays.state(row);
      count[key]!++;
      area[key]! += Math.min(stays.to(row), now) - stays.from(row);
    }
    for (const [key, series] of earlier) area[key]! += series.area;
    const chosen = this.#choose(count, area, earlier);

    const cells = this.#grid.cellsFor(now);
    const seriesOf = new Map<number, Series>();
    const nextKept: Series[] = [];
    for (const key of chosen) {
      const series =
        earlier.get(key) ??
        new Series(STATES[key % STATES.length]!, names.nameOf(grouping, Math.floor(key / STATES.length)), cells);
      seriesOf.set(key, series);
      nextKept.push(series);
    }
    for (const [key, series] of earlier) {
      if (!seriesOf.has(key)) this.#othersOf(grouping, series.state, cells).merge(series);
    }
    this.#kept.set(grouping, nextKept);

    // Rows in the order of their keys (counting sort); unchosen ones gather per state.
    const starts = new Int32Array(keys + 1);
    for (let key = 0; key < keys; key++) starts[key + 1] = starts[key]! + count[key]!;
    const at = starts.slice(0, keys);
    const sorted = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const key = names.group(grouping, stays.pair(row), stays.peer(row)) * STATES.length + stays.state(row);
      sorted[at[key]!++] = row;
    }
    const unchosen: number[][] = STATES.map(() => []);
    const unchosenGroups = new Int32Array(STATES.length);
    for (let key = 0; key < keys; key++) {
      if (count[key] === 0) continue;
      const mine = sorted.subarray(starts[key]!, starts[key + 1]!);
      const series = seriesOf.get(key);
      if (series !== undefined) {
        series.add(stays, mine, now, this.#grid);
        continue;
      }
      unchosenGroups[key % STATES.length]!++;
      const list = unchosen[key % STATES.length]!;
      for (const row of mine) list.push(row);
    }
    for (const [state, list] of unchosen.entries()) {
      if (list.length === 0) continue;
      const others = this.#othersOf(grouping, STATES[state]!, cells);
      others.groups += unchosenGroups[state]!;
      others.add(stays, Int32Array.from(list), now, this.#grid);
    }
  }

  /** Keys of the groups with the largest area, `mostGroups` per state. */
  #choose(count: Int32Array, area: Float64Array, earlier: ReadonlyMap<number, Series>): number[] {
    const perState: number[][] = STATES.map(() => []);
    for (let key = 0; key < count.length; key++) {
      if (count[key]! > 0 || earlier.has(key)) perState[key % STATES.length]!.push(key);
    }
    return perState.flatMap((keys) => keys.sort((a, b) => area[b]! - area[a]! || a - b).slice(0, this.#mostGroups));
  }

  #othersOf(grouping: Grouping, state: Series['state'], cells: number): Series {
    const list = this.#others.get(grouping)!;
    let others = list.find((series) => series.state === state);
    if (others === undefined) {
      others = new Series(state, NO_NAME, cells);
      others.groups = 0;
      list.push(others);
    }
    return others;
  }

  /** Drops the rows that were counted, and the names only they bore. */
  #keepOnly(rows: Int32Array): void {
    const stays = this.#stays;
    stays.keep(rows);
    const old = this.#names;
    const names = new Names();
    for (let row = 0; row < stays.length; row++) {
      const { host, role, service } = old.nameOf(Grouping.PAIR, stays.pair(row));
      const { peer } = old.nameOf(Grouping.PEER, stays.peer(row));
      stays.rename(row, names.pair(host!, role!, service!), names.address(peer!));
    }
    this.#names = names;
  }
}

function byStateThenArea(a: Series, b: Series): number {
  return State[a.state] - State[b.state] || b.area - a.area;
}
