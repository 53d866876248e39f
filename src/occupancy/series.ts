// In: the stays of one group of endpoints in one state. Out: how many there were over time, how they came, went and stayed.

import type { StateName } from '../tcp/state.ts';
import { CountCurve } from './count-curve.ts';
import { DwellTimes } from './dwell.ts';
import type { Grid } from './grid.ts';
import type { GroupName } from './names.ts';
import { StayEnd } from './stay.ts';
import type { StayColumns } from './stay-columns.ts';

/** A stay that lasts at the capture's end, as a witness. */
export interface OldestStay {
  stream: number;
  /** The frame that led into the state; null where none is known. */
  frame: number | null;
  /** Nanoseconds since the capture's start. */
  from: number;
}

export class Series {
  readonly state: StateName;
  readonly name: GroupName;
  /** How many groups are in it: 1, or many in the row of the others. */
  groups = 1;
  readonly curve: CountCurve;
  readonly dwell = new DwellTimes();
  /**
   * Of the stays that have ended; those that last are in `dwell` only, with what they have lasted so far. Kept for CLOSE_WAIT,
   * where the difference tells a leak; null in other states.
   */
  readonly endedDwell: DwellTimes | null;
  arrivals = 0;
  departures = 0;
  /** Departures by a timer, and by silence (give-up.ts); the others were caused by segments. */
  expired = 0;
  givenUp = 0;
  /** Stays of endpoints whose connection began before the capture. */
  beganBefore = 0;
  /** Endpoint-nanoseconds: the sum of all stays within the capture. */
  area = 0;
  firstArrival = Infinity;
  lastArrival = 0;
  oldest: OldestStay | null = null;

  constructor(state: StateName, name: GroupName, cells: number) {
    this.state = state;
    this.name = name;
    this.endedDwell = state === 'CLOSE_WAIT' ? new DwellTimes() : null;
    this.curve = new CountCurve(cells);
  }

  /** Endpoints in the state at the capture's end. */
  get atEnd(): number {
    return this.arrivals - this.departures;
  }

  /** Takes in the stays `rows[from..to)` of `stays`; `now` is the latest moment known, and none of them ends behind it but by lasting. */
  add(stays: StayColumns, rows: Int32Array, now: number, grid: Grid): void {
    const begins = new Float64Array(rows.length);
    const ends = new Float64Array(rows.length);
    let ended = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const begin = stays.from(row);
      const end = stays.to(row);
      begins[i] = begin;
      this.arrivals++;
      if (begin < this.firstArrival) this.firstArrival = begin;
      if (begin > this.lastArrival) this.lastArrival = begin;
      if (stays.beganBefore(row)) this.beganBefore++;
      const isOver = end <= now;
      const lasted = (isOver ? end : now) - begin;
      this.area += lasted;
      this.dwell.add(lasted);
      if (isOver) {
        ends[ended++] = end;
        this.departures++;
        this.endedDwell?.add(lasted);
        if (stays.end(row) === StayEnd.TIMER) this.expired++;
        else if (stays.end(row) === StayEnd.GIVEN_UP) this.givenUp++;
      } else if (this.oldest === null || begin < this.oldest.from) {
        this.oldest = { stream: stays.stream(row), frame: stays.frame(row), from: begin };
      }
    }
    begins.sort();
    const sortedEnds = ends.subarray(0, ended).sort();
    this.curve.add(begins, sortedEnds, grid);
  }

  merge(other: Series): void {
    this.groups += other.groups;
    this.curve.merge(other.curve);
    this.dwell.merge(other.dwell);
    if (other.endedDwell !== null) this.endedDwell?.merge(other.endedDwell);
    this.arrivals += other.arrivals;
    this.departures += other.departures;
    this.expired += other.expired;
    this.givenUp += other.givenUp;
    this.beganBefore += other.beganBefore;
    this.area += other.area;
    this.firstArrival = Math.min(this.firstArrival, other.firstArrival);
    this.lastArrival = Math.max(this.lastArrival, other.lastArrival);
    if (other.oldest !== null && (this.oldest === null || other.oldest.from < this.oldest.from)) {
      this.oldest = other.oldest;
    }
  }
}
