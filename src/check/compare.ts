// In: what the services of two captures did. Out: what changed between them.
//
// Captures differ in how much they hold, so counts are compared as shares of a service's connections. A change is told where it is
// larger than what two recordings of the same thing usually differ by: the thresholds below.

import type { CaptureProfile, Counts, ServiceProfile, Times } from './profile.ts';

/** Shares this much apart are a change; a name that is new or gone always is. */
const SHARE_APART = 0.05;
/** Times are a change if they are apart by this factor and this many seconds. */
const TIME_FACTOR = 1.25;
const TIME_APART = 0.001;
/** The same for the share of segments sent again. */
const RESENT_APART = 0.005;

export interface CountChange {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

export interface TimeChange {
  readonly name: 'handshake' | 'duration';
  readonly quantile: 'median' | 'p95';
  /** Seconds; null where the capture has none. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface ServiceChange {
  readonly service: string;
  /** Connections. */
  readonly before: number;
  readonly after: number;
  readonly verdicts: readonly CountChange[];
  readonly histories: readonly CountChange[];
  readonly findings: readonly CountChange[];
  readonly times: readonly TimeChange[];
  /** Share of segments sent again, before and after; null if that did not change. */
  readonly resent: readonly [before: number, after: number] | null;
}

export interface Comparison {
  readonly flows: readonly [before: number, after: number];
  /** Services that occur in one of the captures only, with their connections. */
  readonly gone: readonly { service: string; flows: number }[];
  readonly appeared: readonly { service: string; flows: number }[];
  /** Services in both that behave otherwise than before. */
  readonly changed: readonly ServiceChange[];
  /** Services in both that behave as before. */
  readonly alike: readonly string[];
}

export function compareProfiles(before: CaptureProfile, after: CaptureProfile): Comparison {
  const changed: ServiceChange[] = [];
  const alike: string[] = [];
  const gone: { service: string; flows: number }[] = [];
  for (const [service, old] of sorted(before.services)) {
    const young = after.services.get(service);
    if (young === undefined) {
      gone.push({ service, flows: old.flows });
      continue;
    }
    const change = changeOf(old, young);
    if (hasChanged(change)) changed.push(change);
    else alike.push(service);
  }
  const appeared = sorted(after.services)
    .filter(([service]) => !before.services.has(service))
    .map(([service, { flows }]) => ({ service, flows }));
  return { flows: [before.flows, after.flows], gone, appeared, changed, alike };
}

function sorted(services: ReadonlyMap<string, ServiceProfile>): [string, ServiceProfile][] {
  return [...services].sort(([a], [b]) => (a < b ? -1 : 1));
}

function hasChanged({ verdicts, histories, findings, times, resent }: ServiceChange): boolean {
  return verdicts.length + histories.length + findings.length + times.length > 0 || resent !== null;
}

function changeOf(before: ServiceProfile, after: ServiceProfile): ServiceChange {
  return {
    service: before.service,
    before: before.flows,
    after: after.flows,
    verdicts: countChanges(before.verdicts, before.flows, after.verdicts, after.flows),
    histories: countChanges(before.histories, before.flows, after.histories, after.flows),
    findings: countChanges(before.findings, before.flows, after.findings, after.flows),
    times: [
      ...timeChanges('handshake', before.handshake, after.handshake),
      ...timeChanges('duration', before.duration, after.duration),
    ],
    resent: resentChange(before, after),
  };
}

/** The larger change first. */
function countChanges(before: Counts, beforeAll: number, after: Counts, afterAll: number): CountChange[] {
  const changes: (CountChange & { apart: number })[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(name) ?? 0;
    const young = after.get(name) ?? 0;
    const apart = Math.abs(old / beforeAll - young / afterAll);
    const isApart = areApart(old, beforeAll, young, afterAll, SHARE_APART);
    if (old === 0 || young === 0 || isApart) changes.push({ name, before: old, after: young, apart });
  }
  changes.sort((a, b) => b.apart - a.apart || (a.name < b.name ? -1 : 1));
  return changes.map(({ name, before: old, after: young }) => ({ name, before: old, after: young }));
}

function* timeChanges(name: 'handshake' | 'duration', before: Times, after: Times): Generator<TimeChange> {
  for (const [quantile, part] of [
    ['median', 0.5],
    ['p95', 0.95],
  ] as const) {
    const old = before.quantile(part);
    const young = after.quantile(part);
    if (old === null && young === null) continue;
    if (old !== null && young !== null) {
      const [small, large] = old < young ? [old, young] : [young, old];
      if (large - small < TIME_APART || large < small * TIME_FACTOR) continue;
    }
    yield { name, quantile, before: old, after: young };
  }
}

function resentChange(before: ServiceProfile, after: ServiceProfile): [number, number] | null {
  const [old, young] = [Math.max(1, before.segments), Math.max(1, after.segments)];
  if (!areApart(before.retransmissions, old, after.retransmissions, young, RESENT_APART)) return null;
  return [before.retransmissions / old, after.retransmissions / young];
}

/** True if two shares differ by `least`; in whole numbers, so that 10 % and 15 % are 5 % apart. */
function areApart(part: number, all: number, otherPart: number, otherAll: number, least: number): boolean {
  return Math.abs(part * otherAll - otherPart * all) >= least * all * otherAll;
}
