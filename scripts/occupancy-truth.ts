// In: the kernel-truth recordings. Out: whether `sockets` and `buildup` say what the kernels' own socket tables said.
//
//   npm run occupancy-truth -- PATH [--perfect] [--only TEXT] [--moments N] [--list]
//
// For each recording and host, from that host's own capture: at N moments spread evenly from its first frame to the
// end of the recording, and in the middle of each longer stay, every socket the kernel had is compared with what `sockets --at`
// lists, and the other way round. Left out: sockets within TOLERANCE of a change of their own (or within the truth's own
// uncertainty). Then the peak and the end of every (state, host, service) of `buildup`.
//
// --perfect compares with histories made from the truth itself: what is not equal then is a fault of the counting.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { analyze } from '../src/analyze.ts';
import { addressAndPort, Grouping } from '../src/occupancy/names.ts';
import { Occupancy } from '../src/occupancy/occupancy.ts';
import { SendQueues } from '../src/occupancy/send-queues.ts';
import { type Socket, SocketsAt } from '../src/occupancy/sockets.ts';
import { bothStays, type Stay } from '../src/occupancy/stay.ts';
import { TimeWaitLengths } from '../src/occupancy/time-wait.ts';
import { type FlowResult, livesOf } from '../src/tcp/flow-result.ts';
import { perfectFlow, readTruth, type TrueEndpoint, type Truth } from './true-histories.ts';

/** Seconds around a change that are left out: a busy machine stamps a frame that late (kernel-truth README). */
const TOLERANCE = 0.005;
/** Stays at least this long get a moment in their middle, up to so many per host. */
const LONG_STAY = 0.02;
const MOST_MIDDLES = 60;
/** Linux 60 s; in the recordings it is no setting. */
const TIME_WAIT = new TimeWaitLengths(60);
/** The kernel's timer may come late: at 60 s its timer wheel steps in 4 s at most (HZ=1000; kernel/time/timer.c). */
const TIMER_SLACK = 4.1;

const write = (text: string): void => void process.stdout.write(text);

class Count {
  compared = 0;
  equal = 0;
  silent = 0;
  moments = 0;
  momentsEqual = 0;
  /** Moments at which what is not equal is unknowable. */
  momentsUnknowable = 0;
  leftOut = 0;
  peaks = 0;
  peaksEqual = 0;
  peaksWithin = 0;
  peaksUnknowable = 0;
  ends = 0;
  endsEqual = 0;
  endsSilent = 0;

  add(other: Count): void {
    for (const key of Object.keys(this) as (keyof Count)[]) {
      if (key !== 'add') (this[key] as number) += other[key] as number;
    }
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      perfect: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      moments: { type: 'string', default: '40' },
      list: { type: 'boolean', default: false },
    },
  });
  const [folder] = positionals;
  if (folder === undefined) {
    process.stderr.write('usage: occupancy-truth PATH [--perfect] [--only TEXT] [--moments N] [--list]\n');
    return 2;
  }
  const names = readdirSync(folder).filter(
    (name) => name.includes(values.only) && existsSync(join(folder, name, 'truth.json')),
  );
  const total = new Count();
  for (const name of names.sort()) {
    const truth = readTruth(join(folder, name, 'truth.json'));
    for (const role of ['A', 'B'] as const) {
      const pcap = join(folder, name, role === 'A' ? 'at-a.pcap' : 'at-b.pcap');
      const moments = momentsOf(truth, role, Number(values.moments));
      const source = values.perfect ? perfect(truth, role, moments) : await analyzed(pcap, truth, moments);
      if (source === null) continue; // Nothing of this recording came to this host.
      const differences: string[] = [];
      const count = compare(truth, role, source, differences);
      total.add(count);
      if (values.list || differences.length > 0) write(`${name} ${role}: ${line(count)}\n`);
      for (const difference of differences.slice(0, values.list ? Infinity : 6)) write(`    ${difference}\n`);
    }
  }
  write(`\n${names.length} recordings, each from both hosts\n${line(total)}\n`);
  for (const [reason, n] of [...reasons].sort(([, a], [, b]) => b - a)) write(`  ${n} unknowable: ${reason}\n`);
  const { compared, equal, silent, peaks, peaksEqual, peaksWithin, peaksUnknowable, ends, endsEqual, endsSilent } =
    total;
  const isEqual =
    equal + silent === compared &&
    peaksEqual + peaksWithin + peaksUnknowable === peaks &&
    endsEqual + endsSilent === ends;
  return isEqual ? 0 : 1;
}

/** Unknowable sockets by reason, over all recordings. */
const reasons = new Map<string, number>();

function line(count: Count): string {
  return (
    `sockets ${count.equal} of ${count.compared} equal (${count.silent} of the rest unknowable), ` +
    `${count.momentsEqual} of ${count.moments} moments wholly equal (${count.momentsUnknowable} but for what is unknowable), ` +
    `${count.leftOut} left out near a change; ` +
    `peaks ${count.peaksEqual} of ${count.peaks} equal, ${count.peaksWithin} more within the truth's uncertainty, ${count.peaksUnknowable} unknowable; ` +
    `ends ${count.endsEqual} of ${count.ends} equal (${count.endsSilent} of the rest: silent changes)`
  );
}

/** What was found, with its clock: `offset` is what to add to its times to get seconds since the truth's start. */
interface Source {
  flows: FlowResult[];
  stays: [Stay[], Stay[]][];
  duration: number;
  offset: number;
  /** The sockets listed at each moment (seconds since the truth's start). */
  listed: { moment: number; sockets: Socket[] }[];
}

/** Evenly spread from the first connection on, and in the middle of longer stays; seconds since the truth's start. */
function momentsOf(truth: Truth, role: 'A' | 'B', evenly: number): number[] {
  const stays = truth.endpoints.filter((e) => e.role === role).flatMap(trueStays);
  const opened = stays.filter(({ state }) => exists(state)).map(({ from }) => from);
  const first = Math.max(
    0,
    opened.reduce((least, from) => Math.min(least, from), truth.duration),
  );
  const moments: number[] = [];
  for (let i = 0; i < evenly; i++) moments.push(first + ((i + 0.5) / evenly) * (truth.duration - first));
  const long = stays.filter(({ state, from, to }) => exists(state) && Math.min(to, truth.duration) - from > LONG_STAY);
  const every = Math.ceil(long.length / MOST_MIDDLES) || 1;
  for (const [i, { from, to }] of long.entries()) {
    if (i % every === 0) moments.push((Math.max(from, first) + Math.min(to, truth.duration)) / 2);
  }
  return moments;
}

/** One table per moment, the moment as a time by the clock. */
function tablesOf(truth: Truth, moments: readonly number[]): SocketsAt[] {
  return moments.map((moment) => {
    const unix = truth.start + BigInt(Math.round(moment * 1e9));
    const seconds = Number(unix / 1_000_000_000n);
    return new SocketsAt({ kind: 'absolute', seconds, nanoseconds: Number(unix % 1_000_000_000n) }, TIME_WAIT);
  });
}

function perfect(truth: Truth, role: 'A' | 'B', moments: readonly number[]): Source {
  const flows = truth.endpoints.filter((e) => e.role === role).map((e, i) => perfectFlow(e, i));
  const listed = moments.map((moment) => {
    const table = new SocketsAt({ kind: 'relative', nanoseconds: Math.round(moment * 1e9) }, TIME_WAIT);
    for (const flow of flows) table.flow(flow);
    return { moment, sockets: table.finish(truth.duration).sockets };
  });
  const stays = flows.map((flow) => bothStays(flow, TIME_WAIT));
  return { flows, stays, duration: truth.duration, offset: 0, listed };
}

async function analyzed(pcap: string, truth: Truth, moments: readonly number[]): Promise<Source | null> {
  const flows: FlowResult[] = [];
  const stays: [Stay[], Stay[]][] = [];
  const tables = tablesOf(truth, moments);
  const queues = new SendQueues();
  const capture = await analyze(
    { files: [pcap] },
    {
      segment(frame, packet, trace, clock) {
        for (const table of tables) table.segment(frame, packet, trace, clock);
        queues.observe(packet, trace, clock.nanosecondsSince(frame));
      },
      flow(stream) {
        for (const flow of livesOf(stream)) {
          for (const table of tables) table.flow(flow);
          flows.push(flow);
          stays.push(bothStays(flow, TIME_WAIT, queues));
        }
      },
    },
  );
  if (capture.start === null) return null;
  return {
    flows,
    stays,
    duration: capture.duration,
    offset: Number(unixNanoseconds(capture.start) - truth.start) / 1e9,
    listed: tables.map((table, i) => ({ moment: moments[i]!, sockets: table.finish(capture.duration).sockets })),
  };
}

function unixNanoseconds(iso: string): bigint {
  return BigInt(Date.parse(`${iso.slice(0, 19)}Z`)) * 1_000_000n + BigInt(iso.slice(20, 29));
}

interface TrueStay {
  endpoint: TrueEndpoint;
  state: string;
  from: number;
  to: number;
  /** Part of it cannot be known: it, or a state since the last that a segment showed, was entered or left in silence. */
  silentFrom: boolean;
  silentTo: boolean;
  fuzzFrom: number;
  fuzzTo: number;
}

/** Every state but transient ones, LISTEN and CLOSED included. */
function trueStays(endpoint: TrueEndpoint): TrueStay[] {
  const states = endpoint.states.filter(({ transient }) => !transient);
  let sinceSilent = false;
  return states.map((entry, i) => {
    const next = states[i + 1];
    sinceSilent = entry.silent || sinceSilent;
    return {
      endpoint,
      state: entry.state,
      from: i === 0 && entry.state === 'LISTEN' ? -Infinity : entry.t,
      to: next?.t ?? Infinity,
      silentFrom: sinceSilent,
      silentTo: next?.silent ?? false,
      fuzzFrom: TOLERANCE + entry.uncertainty,
      fuzzTo: TOLERANCE + (next?.uncertainty ?? 0),
    };
  });
}

function exists(state: string): boolean {
  return state !== 'LISTEN' && state !== 'CLOSED';
}

function compare(truth: Truth, role: 'A' | 'B', source: Source, differences: string[]): Count {
  const count = new Count();
  const mine = truth.endpoints.filter((e) => e.role === role);
  const addresses = new Set(mine.map(({ addr }) => addr));
  const stays = mine.flatMap(trueStays);
  const first = source.offset;

  for (const { moment, sockets } of source.listed) {
    const found = new Map<string, string>();
    for (const socket of sockets) {
      if (!addresses.has(socket.addr) || socket.state === 'UNKNOWN') continue;
      found.set(`${socket.addr} ${socket.port} ${socket.peerAddr} ${socket.peerPort}`, socket.state);
    }
    let isEqual = true;
    let isKnowable = true;
    const byTuple = groupedBy(stays, ({ endpoint: e }) => `${e.addr} ${e.port} ${e.peerAddr} ${e.peerPort}`);
    for (const [tuple, incarnations] of byTuple) {
      const ours = found.get(tuple) ?? 'none';
      found.delete(tuple);
      if (
        incarnations.some(({ from, to, fuzzFrom, fuzzTo }) => near(moment, from, fuzzFrom) || near(moment, to, fuzzTo))
      ) {
        count.leftOut++;
        continue;
      }
      const now = incarnations.filter(({ from, to }) => from <= moment && moment < to);
      const current = now.find(({ state }) => exists(state)) ?? now.at(-1);
      const theirs = current !== undefined && exists(current.state) ? current.state : 'none';
      count.compared++;
      if (ours === theirs) {
        count.equal++;
        continue;
      }
      const why = unknowable(moment, first, ours, current, incarnations, source);
      if (why !== null) {
        count.silent++;
        isKnowable = false;
        reasons.set(why, (reasons.get(why) ?? 0) + 1);
        differences.push(`${moment.toFixed(3)} ${tuple}: ${ours}, kernel ${theirs} (${why})`);
        continue;
      }
      isEqual = false;
      differences.push(`${moment.toFixed(3)} ${tuple}: ${ours}, kernel ${theirs}`);
    }
    for (const [tuple, state] of found) {
      count.compared++;
      isEqual = false;
      differences.push(`${moment.toFixed(3)} ${tuple}: ${state}, kernel none`);
    }
    count.moments++;
    if (isEqual && isKnowable) count.momentsEqual++;
    else if (isEqual) count.momentsUnknowable++;
  }
  compareBuildup(stays, addresses, source, count, differences);
  return count;
}

/** Why no capture can tell that the kernel's state is another than ours; null where it could. */
function unknowable(
  moment: number,
  first: number,
  ours: string,
  current: TrueStay | undefined,
  incarnations: readonly TrueStay[],
  source: Source,
): string | null {
  if (current?.silentFrom) return 'a timer or a call that sent nothing';
  if (current?.state === 'TIME_WAIT' && moment >= current.from + 60 && moment < current.from + 60 + TIMER_SLACK) {
    return 'the 60 s timer fired late';
  }
  if (moment < first && incarnations.some(({ endpoint }) => endpoint.states.some(({ t }) => t < 0))) {
    return 'older than the capture and not yet heard of';
  }
  const states = incarnations.flatMap(({ endpoint }) => endpoint.states);
  if (ours === 'SYN_RCVD' && states.some(({ state, transient }) => state === 'SYN_RCVD' && transient)) {
    return 'SYN cookie: the kernel keeps no socket';
  }
  // close() moves the kernel's state at once; the FIN leaves behind the data that is still queued.
  if (current?.state === 'FIN_WAIT_1' || current?.state === 'LAST_ACK') {
    const { endpoint } = current;
    const finIsLater = source.flows.some((flow) =>
      flow.endpoints.some(
        ({ addr, port, states }, i) =>
          addr === endpoint.addr &&
          port === endpoint.port &&
          flow.endpoints[1 - i]!.port === endpoint.peerPort &&
          states.some(
            ({ state, time, cause }) =>
              state === current.state && cause === 'snd FIN' && time !== null && time + source.offset > moment,
          ),
      ),
    );
    if (finIsLater) return 'closed, but the FIN waits behind unsent data';
  }
  return null;
}

function near(moment: number, change: number, fuzz: number): boolean {
  return Math.abs(moment - change) <= fuzz;
}

/** Peaks and ends per state, host and service. */
function compareBuildup(
  stays: TrueStay[],
  addresses: ReadonlySet<string>,
  source: Source,
  count: Count,
  differences: string[],
): void {
  const occupancy = new Occupancy({ hosts: addresses });
  for (const [i, flow] of source.flows.entries()) occupancy.add(flow, source.stays[i]!);
  const { byGrouping } = occupancy.finish(source.duration);
  // UNKNOWN is no state of a kernel's.
  const ours = new Map(
    byGrouping[Grouping.PAIR].series
      .filter(({ state }) => state !== 'UNKNOWN')
      .map((series) => [
        `${series.state} ${series.name.host} ${series.name.service}`,
        { peak: series.curve.peak().count, end: series.atEnd },
      ]),
  );
  const end = source.offset + source.duration;
  const theirs = groupedBy(
    stays.filter(({ state, from, to }) => exists(state) && from <= end + TOLERANCE && to > source.offset),
    ({ state, endpoint }) => {
      const isService = endpoint.port < endpoint.peerPort;
      const service = isService
        ? addressAndPort(endpoint.addr, endpoint.port)
        : addressAndPort(endpoint.peerAddr, endpoint.peerPort);
      return `${state} ${endpoint.addr} ${service}`;
    },
  );
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const mine = ours.get(key) ?? { peak: 0, end: 0 };
    const group = theirs.get(key) ?? [];
    const peak = peakOf(group, end, 0);
    const least = peakOf(group, end, TOLERANCE);
    const most = peakOf(group, end, -TOLERANCE);
    count.peaks++;
    if (mine.peak === peak) count.peaksEqual++;
    else if (least <= mine.peak && mine.peak <= most) {
      count.peaksWithin++;
      differences.push(`peak of ${key}: ${mine.peak}, kernel ${peak}, within ${least} to ${most}`);
    } else if (key.startsWith('SYN_RCVD ') && mine.peak === peakOf(cookieStays(stays), end, 0)) {
      count.peaksUnknowable++;
      differences.push(`peak of ${key}: ${mine.peak}, kernel ${peak} (SYN cookies: the kernel keeps no socket)`);
    } else differences.push(`peak of ${key}: ${mine.peak}, kernel ${peak} (${least} to ${most})`);
    // The last frame's effect comes just after it.
    const last = end + TOLERANCE;
    const atEnd = group.filter(({ from, to }) => from <= last && last < to).length;
    count.ends++;
    if (mine.end === atEnd) count.endsEqual++;
    else if (Math.abs(mine.end - atEnd) <= group.filter((stay) => stay.silentTo || stay.silentFrom).length) {
      count.endsSilent++;
      differences.push(`end of ${key}: ${mine.end}, kernel ${atEnd} (silent)`);
    } else differences.push(`end of ${key}: ${mine.end}, kernel ${atEnd}`);
  }
}

/** SYN_RCVD as the wire shows it where SYN cookies leave no socket: from the SYN's arrival, a moment before, to ESTABLISHED. */
function cookieStays(stays: readonly TrueStay[]): TrueStay[] {
  return stays
    .filter(
      ({ state, endpoint }) =>
        state === 'ESTABLISHED' && endpoint.states.some((entry) => entry.state === 'SYN_RCVD' && entry.transient),
    )
    .map((stay) => ({ ...stay, from: stay.from - 0.05, to: stay.from }));
}

/** The most stays at once up to `end`, each made shorter by `margin` seconds at both ends. */
function peakOf(stays: TrueStay[], end: number, margin: number): number {
  const changes = stays
    .filter(({ from, to }) => from + margin < to - margin && from + margin <= end + TOLERANCE)
    .flatMap(({ from, to }) => [
      { time: from + margin, by: 1 },
      { time: to - margin, by: -1 },
    ])
    .sort((a, b) => a.time - b.time || a.by - b.by);
  let level = 0;
  let peak = 0;
  for (const { by } of changes) {
    level += by;
    peak = Math.max(peak, level);
  }
  return peak;
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

process.exitCode = await main();
