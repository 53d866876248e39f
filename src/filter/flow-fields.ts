// In: nothing. Out: the facts of a finished connection, of its two endpoints and of its findings, each with a reader.

import { CODES } from '../anomaly/catalog.ts';
import { SEVERITIES } from '../anomaly/entry.ts';
import type { EndpointResult, FlowResult } from '../tcp/flow-result.ts';
import { STATES, type StateName } from '../tcp/state.ts';
import { VERDICTS } from '../tcp/verdict.ts';
import { endpointText } from '../units.ts';
import { parseAddress } from './address.ts';
import type { Field, FieldType, Reader, Scope } from './field.ts';
import { STATE_ALIASES } from './state-names.ts';
import type { Subject } from './subject.ts';

type Value = number | string | readonly string[] | null | undefined;

interface Extra {
  isSize?: boolean;
  words?: readonly string[];
  aliases?: Readonly<Record<string, string>>;
}

function fact(
  scope: Scope,
  name: string,
  type: FieldType,
  meaning: string,
  many: boolean,
  reader: Reader,
  extra: Extra,
): Field {
  return { name, type, scope, meaning, reader, many, isWireshark: false, ...extra };
}

/** A reader for `values`, which gives one value per endpoint, finding or connection looked at. */
function readerOf(type: FieldType, values: (subject: Subject) => readonly Value[], single: boolean): Reader {
  switch (type) {
    case 'text':
    case 'word':
      return {
        form: 'texts',
        fill(subject, out) {
          let count = 0;
          for (const value of values(subject)) {
            if (typeof value === 'string') out[count++] = value;
            else if (Array.isArray(value)) for (const one of value as string[]) out[count++] = one;
          }
          return count;
        },
      };
    case 'address':
      return {
        form: 'addresses',
        fill(subject, out) {
          let count = 0;
          for (const value of values(subject)) {
            const text = String(value);
            const address = parseAddress(text, text.includes(':') ? 6 : 4);
            if (address !== null) out.set(address.words, count++ * address.words.length);
          }
          return count;
        },
      };
    default:
      if (single) {
        return {
          form: 'number',
          get: (subject) => {
            const [value] = values(subject);
            return typeof value === 'number' ? value : Number.NaN;
          },
        };
      }
      return {
        form: 'numbers',
        fill(subject, out) {
          let count = 0;
          for (const value of values(subject)) if (typeof value === 'number') out[count++] = value;
          return count;
        },
      };
  }
}

function flowFact(
  name: string,
  type: FieldType,
  meaning: string,
  get: (flow: FlowResult) => Value,
  extra: Extra = {},
  many = false,
): Field {
  return fact(
    'flow',
    name,
    type,
    meaning,
    many,
    readerOf(type, (s) => [get(s.flow)], true),
    extra,
  );
}

interface EndpointFact {
  /** Behind `endpoint.`, `a.` or `b.`. */
  readonly name: string;
  readonly type: FieldType;
  readonly meaning: string;
  readonly get: (endpoint: EndpointResult, subject: Subject) => Value;
  readonly extra?: Extra;
  readonly many?: boolean;
}

const OPENERS = ['active', 'passive', 'simultaneous', 'unknown'] as const;
const CLOSERS = ['active', 'passive', 'simultaneous', 'reset'] as const;
const CODE_WORDS: Extra = { words: CODES };
const STATE_WORDS: Extra = { words: STATES, aliases: STATE_ALIASES };

const ENDPOINT_FACTS: readonly EndpointFact[] = [
  { name: 'addr', type: 'address', meaning: 'its address', get: (e) => e.addr },
  { name: 'port', type: 'uint', meaning: 'its port', get: (e) => e.port },
  {
    name: 'opener',
    type: 'word',
    meaning: 'how it opened the connection',
    get: (e) => e.opener,
    extra: { words: OPENERS },
  },
  {
    name: 'closer',
    type: 'word',
    meaning: 'how it closed it; absent while it has not',
    get: (e) => e.closer,
    extra: { words: CLOSERS },
  },
  {
    name: 'state',
    type: 'word',
    meaning: "state at the capture's end, or when the connection was over",
    get: (e) => e.finalState,
    extra: STATE_WORDS,
  },
  {
    name: 'visited',
    type: 'word',
    meaning: 'every state it was in',
    get: (e) => e.states.map((entry) => entry.state),
    extra: STATE_WORDS,
    many: true,
  },
  { name: 'segments', type: 'uint', meaning: 'segments it sent', get: (e) => e.segments },
  {
    name: 'bytes',
    type: 'uint',
    meaning: 'payload bytes it sent, retransmitted ones again',
    get: (e) => e.payloadBytes,
    extra: { isSize: true },
  },
  { name: 'retransmissions', type: 'uint', meaning: 'segments it sent again', get: (e) => e.retransmittedSegments },
  ...STATES.map(
    (state): EndpointFact => ({
      name: `time_in.${state}`,
      type: 'duration',
      meaning: `time it spent in ${state}, 0 if it never was`,
      get: (e, s) => timeIn(e, state, s.captureEnd),
    }),
  ),
];

/** Seconds in `state`, all visits together. The state reached last counts to the capture's end. */
export function timeIn(endpoint: EndpointResult, state: StateName, captureEnd: number): number {
  let nanoseconds = 0;
  const { states } = endpoint;
  for (let i = 0; i < states.length; i++) {
    const { time } = states[i]!;
    if (states[i]!.state !== state || time === null) continue;
    const left = states[i + 1]?.time ?? captureEnd;
    // Whole nanoseconds, so that sums print and compare as they should.
    if (left > time) nanoseconds += Math.round((left - time) * 1e9);
  }
  return nanoseconds / 1e9;
}

const OPENED: ReadonlySet<StateName> = new Set<StateName>([
  'ESTABLISHED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
]);

/** True if both endpoints were at some time ESTABLISHED or beyond. */
export function isOpened(flow: FlowResult): boolean {
  return flow.endpoints.every((endpoint) => endpoint.states.some(({ state }) => OPENED.has(state)));
}

/** True if neither endpoint has anything left to do: CLOSED, or in TIME_WAIT, which ends by itself. */
export function isClosed(flow: FlowResult): boolean {
  return flow.endpoints.every(({ finalState }) => finalState === 'CLOSED' || finalState === 'TIME_WAIT');
}

/** Seconds from the first SYN until both endpoints were ESTABLISHED; null unless the capture shows all of it. */
export function handshakeTime(flow: FlowResult): number | null {
  let begin: number | null = null;
  let end = 0;
  for (const { states } of flow.endpoints) {
    let established = false;
    for (const { state, time } of states) {
      if (time === null) continue;
      if (state === 'SYN_SENT' && (begin === null || time < begin)) begin = time;
      if (OPENED.has(state)) {
        established = true;
        if (time > end) end = time;
        break;
      }
    }
    if (!established) return null;
  }
  return begin === null ? null : Math.round((end - begin) * 1e9) / 1e9;
}

const FLOW_FACTS: readonly Field[] = [
  flowFact('flow.stream', 'uint', 'number of the connection, as tcp.stream', (f) => f.stream),
  flowFact('flow.id', 'text', 'Community ID', (f) => f.id),
  flowFact(
    'flow.verdict',
    'word',
    'how it opened and how it ended, in one name (tcpstate explain tells more)',
    (f) => f.verdict,
    {
      words: VERDICTS,
    },
  ),
  flowFact('flow.start', 'duration', "first segment, since the capture's start", (f) => f.start),
  flowFact('flow.end', 'duration', "last segment, since the capture's start", (f) => f.end),
  flowFact(
    'flow.duration',
    'duration',
    'from the first segment to the last',
    (f) => Math.round((f.end - f.start) * 1e9) / 1e9,
  ),
  flowFact('flow.segments', 'uint', 'segments in both directions', (f) => f.segments),
  flowFact(
    'flow.bytes',
    'uint',
    'payload bytes in both directions, retransmitted ones again',
    (f) => f.endpoints[0].payloadBytes + f.endpoints[1].payloadBytes,
    { isSize: true },
  ),
  flowFact(
    'flow.retransmissions',
    'uint',
    'segments sent again, in both directions',
    (f) => f.endpoints[0].retransmittedSegments + f.endpoints[1].retransmittedSegments,
  ),
  flowFact(
    'flow.completeness',
    'uint',
    'what was seen of it: 1 SYN, 2 SYN/ACK, 4 ACK, 8 data, 16 FIN, 32 RST, added up',
    (f) => f.completeness,
  ),
  flowFact('flow.opened', 'boolean', 'both endpoints reached ESTABLISHED', (f) => (isOpened(f) ? 1 : 0)),
  flowFact('flow.closed', 'boolean', 'both endpoints ended in CLOSED or TIME_WAIT', (f) => (isClosed(f) ? 1 : 0)),
  flowFact(
    'flow.handshake',
    'duration',
    'from the first SYN until both endpoints were ESTABLISHED; absent unless all of it was captured',
    handshakeTime,
  ),
  flowFact('flow.service', 'text', 'address and port that was connected to, "10.0.0.2:80"', (f) =>
    endpointText(f.endpoints[1]),
  ),
  flowFact('flow.app', 'text', 'what the payload looks like: "HTTP", "TLS"', (f) => (f.app === '' ? null : f.app)),
  flowFact(
    'flow.finding',
    'word',
    'codes of its findings',
    (f) => f.findings.map((finding) => finding.code),
    CODE_WORDS,
    true,
  ),
  flowFact(
    'flow.severity',
    'word',
    'severities of its findings',
    (f) => f.findings.map((finding) => finding.severity),
    { words: SEVERITIES },
    true,
  ),
];

function findingFact(
  name: string,
  type: FieldType,
  meaning: string,
  get: (s: Subject) => Value,
  extra: Extra = {},
): Field {
  const reader = readerOf(type, (s) => [s.finding === null ? null : get(s)], true);
  return fact('finding', name, type, meaning, false, reader, extra);
}

const FINDING_FACTS: readonly Field[] = [
  findingFact('finding.code', 'word', 'code of a finding', (s) => s.finding!.code, CODE_WORDS),
  findingFact('finding.severity', 'word', 'severity of the same finding', (s) => s.finding!.severity, {
    words: SEVERITIES,
  }),
  findingFact('finding.frame', 'uint', 'frame it points to', (s) => s.finding!.frame),
  findingFact('finding.time', 'duration', "when, since the capture's start", (s) => s.finding!.time),
];

function endpointFields(): Field[] {
  const fields: Field[] = [];
  for (const { name, type, meaning, get, extra = {}, many = false } of ENDPOINT_FACTS) {
    const both = readerOf(type, (s) => [get(s.flow.endpoints[0], s), get(s.flow.endpoints[1], s)], false);
    fields.push(fact('flow', `endpoint.${name}`, type, meaning, true, both, extra));
    for (const [i, side] of (['a', 'b'] as const).entries()) {
      const one = readerOf(type, (s) => [get(s.flow.endpoints[i]!, s)], true);
      fields.push(fact('flow', `${side}.${name}`, type, meaning, many, one, extra));
    }
  }
  return fields;
}

/** In the order `tcpstate fields` lists them. */
export const FLOW_FIELDS: readonly Field[] = [...FLOW_FACTS, ...endpointFields(), ...FINDING_FACTS];
