// In: a connection and the fields a rule reads. Out: their values, and the frame that shows why.

import { findField } from '../filter/catalog.ts';
import type { Field } from '../filter/field.ts';
import type { Filter } from '../filter/filter.ts';
import { Subject } from '../filter/subject.ts';
import { valueTexts } from '../filter/value-text.ts';
import type { FindingResult, FlowResult } from '../tcp/flow-result.ts';
import type { StateName } from '../tcp/state.ts';

/** Values named; more would bury them. */
const MOST_VALUES = 4;
/** Printed beside every connection anyway. */
const TOLD_ELSEWHERE =
  /^(?:flow\.(?:stream|id|service|verdict)|(?:endpoint|[ab])\.(?:addr|port)|tcp\.stream|finding\..*)$/;

export interface Evidence {
  readonly text: string;
  readonly frame: number | null;
  readonly time: number | null;
}

/** Of a finished connection. */
export function flowEvidence(filters: readonly (Filter | null)[], flow: FlowResult, captureEnd: number): Evidence {
  const subject = new Subject();
  subject.flow = flow;
  subject.captureEnd = captureEnd;
  const texts: string[] = [];
  let place: { frame: number | null; time: number | null } | null = null;
  for (const name of fieldsOf(filters)) {
    const field = findField(name, null);
    if (field === undefined || field.scope !== 'flow') continue;
    const seen = placeOf(name, flow);
    // Of several places the latest: what was wrong is known there.
    if (seen !== null && (place === null || (seen.frame ?? 0) > (place.frame ?? 0))) place = seen;
    if (TOLD_ELSEWHERE.test(name) || texts.length === MOST_VALUES) continue;
    texts.push(factText(name, field, subject));
  }
  place ??= { frame: flow.frames[0], time: flow.start };
  return { text: texts.join('; '), ...place };
}

/** "flow.handshake 60 ms", "no a.closer", "endpoint.state a FIN_WAIT_2, b CLOSE_WAIT". */
function factText(name: string, field: Field, subject: Subject): string {
  const sides = name.startsWith('endpoint.') ? (['a', 'b'] as const) : [null];
  const parts = sides.map((side) => {
    const one = side === null ? field : findField(name, side)!;
    const values = [...new Set(valueTexts(one, subject))];
    const text = values.length === 0 ? 'none' : values.join(', ');
    return side === null ? text : `${side} ${text}`;
  });
  return parts[0] === 'none' ? `no ${name}` : `${name} ${parts.join(', ')}`;
}

/** Of the segment a subject holds. */
export function segmentEvidence(filters: readonly (Filter | null)[], subject: Subject): string {
  const texts: string[] = [];
  for (const name of fieldsOf(filters)) {
    const field = findField(name, null);
    if (field === undefined || field.scope !== 'segment' || TOLD_ELSEWHERE.test(name)) continue;
    if (texts.length === MOST_VALUES) break;
    const values = valueTexts(field, subject);
    texts.push(values.length === 0 ? `no ${name}` : `${name} ${values.join(', ')}`);
  }
  return texts.join('; ');
}

export function findingEvidence(finding: FindingResult): Evidence {
  return {
    text: `${finding.code}: ${finding.message}`,
    frame: finding.worstFrame ?? finding.frame,
    time: finding.time,
  };
}

function* fieldsOf(filters: readonly (Filter | null)[]): Generator<string> {
  const told = new Set<string>();
  for (const filter of filters) {
    for (const name of filter?.fields ?? []) {
      if (!told.has(name)) yield name;
      told.add(name);
    }
  }
}

/** Where a fact can be seen: the frame in which the state was entered, the connection ended, the finding was made. */
function placeOf(name: string, flow: FlowResult): { frame: number | null; time: number | null } | null {
  const [, side, fact] = /^(endpoint|[ab])\.(.*)$/.exec(name) ?? [];
  if (fact !== undefined) {
    const endpoints = side === 'endpoint' ? flow.endpoints : [flow.endpoints[side === 'a' ? 0 : 1]!];
    const state = /^time_in\.(.*)$/.exec(fact)?.[1] as StateName | undefined;
    if (state !== undefined) return entryOf(flow, endpoints, (entry) => entry.state === state);
    if (fact === 'state' || fact === 'closer' || fact === 'visited') return lastEntry(flow, endpoints);
    return null;
  }
  switch (name) {
    case 'flow.verdict':
    case 'flow.closed':
      return lastEntry(flow, flow.endpoints);
    case 'flow.handshake':
    case 'flow.opened':
      return lastEntry(flow, flow.endpoints, (entry) => entry.state === 'ESTABLISHED');
    case 'flow.finding':
    case 'flow.severity': {
      const finding = flow.findings.find(({ frame }) => frame !== null);
      return finding === undefined ? null : { frame: finding.frame, time: finding.time };
    }
    default:
      return null;
  }
}

type Entry = FlowResult['endpoints'][0]['states'][0];

function lastEntry(
  flow: FlowResult,
  endpoints: readonly FlowResult['endpoints'][0][],
  fits: (entry: Entry) => boolean = () => true,
): { frame: number | null; time: number | null } {
  let last: Entry | null = null;
  for (const { states } of endpoints) {
    for (const entry of states) {
      if (entry.frame !== null && fits(entry) && (last === null || entry.frame >= last.frame!)) last = entry;
    }
  }
  return last === null ? { frame: flow.frames[1], time: flow.end } : { frame: last.frame, time: last.time };
}

function entryOf(
  flow: FlowResult,
  endpoints: readonly FlowResult['endpoints'][0][],
  fits: (entry: Entry) => boolean,
): { frame: number | null; time: number | null } {
  for (const { states } of endpoints) {
    const entry = states.find((one) => fits(one) && one.frame !== null);
    if (entry !== undefined) return { frame: entry.frame, time: entry.time };
  }
  return { frame: flow.frames[0], time: flow.start };
}
