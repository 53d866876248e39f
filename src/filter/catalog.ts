// In: a name in a filter. Out: the field of that name, or the sentence that says which one was probably meant.

import { nearestName } from '../nearest-name.ts';
import { parseAddress } from './address.ts';
import type { Field } from './field.ts';
import { FLOW_FIELDS } from './flow-fields.ts';
import { integer } from './literal.ts';
import { SEGMENT_FIELDS } from './segment-fields.ts';

/** Every field there is. */
export const FIELDS: readonly Field[] = [...SEGMENT_FIELDS, ...FLOW_FIELDS];

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));

/** Which endpoint `endpoint.*` means inside `any (...)` and `all (...)`. */
export type Side = 'a' | 'b';

const ENDPOINT = 'endpoint.';

/** The field of that name. `a.endpoint.state` is `a.state`; inside `any (...)` so is `endpoint.state`. */
export function findField(name: string, side: Side | null): Field | undefined {
  if (side !== null && name.startsWith(ENDPOINT)) return BY_NAME.get(`${side}.${name.slice(ENDPOINT.length)}`);
  return BY_NAME.get(name) ?? BY_NAME.get(name.replace(/^([ab])\.endpoint\./, '$1.'));
}

/** Names people know from elsewhere. */
const KNOWN_ELSEWHERE: Readonly<Record<string, string>> = {
  'tcp.flags.rst': 'tcp.flags.reset',
  'tcp.flags.psh': 'tcp.flags.push',
  'tcp.analysis.rtt': 'tcp.analysis.ack_rtt',
  'tcp.analysis.dup_ack': 'tcp.analysis.duplicate_ack',
  'tcp.window': 'tcp.window_size',
  'frame.length': 'frame.len',
  'frame.timestamp': 'frame.time',
  port: 'tcp.port',
  host: 'ip.addr',
  net: 'ip.addr',
  src: 'ip.src',
  dst: 'ip.dst',
  syn: 'tcp.flags.syn == 1',
  fin: 'tcp.flags.fin == 1',
  rst: 'tcp.flags.reset == 1',
  reset: 'tcp.flags.reset == 1',
  http: 'flow.app == "HTTP"',
};

/** What to say of a name that is no field. */
export function unknownField(name: string): string {
  if (integer(name) !== null) return `${name} is a number; a condition begins with a field, as in tcp.port == ${name}`;
  if (parseAddress(name, 4) !== null)
    return `${name} is an address; a condition begins with a field, as in ip.addr == ${name}`;
  if (parseAddress(name, 6) !== null)
    return `${name} is an address; a condition begins with a field, as in ipv6.addr == ${name}`;
  if (/[A-Za-z0-9_]-\d+$/.test(name) && BY_NAME.has(name.replace(/-\d+$/, ''))) {
    return `there is no field ${name}; a subtraction needs spaces: ${name.replace(/-(\d+)$/, ' - $1')}`;
  }
  const meant = suggestion(name);
  if (meant !== null) return `there is no field ${name} (did you mean ${meant}?)`;
  return `there is no field ${name}; tcpstate fields lists them all`;
}

function suggestion(name: string): string | null {
  const elsewhere = KNOWN_ELSEWHERE[name.toLowerCase()];
  if (elsewhere !== undefined) return elsewhere;
  // One endpoint's facts are for those who ask for one; the others are told of endpoint.*.
  const candidates = [...BY_NAME.keys()].filter((known) => /^[ab]\./.test(name) || !/^[ab]\./.test(known));
  // The right word under the wrong prefix: retransmission, tcp.rto, flow.state.
  const last = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const sameEnd = candidates
    .filter((known) => known.toLowerCase().endsWith(`.${last}`))
    .sort((a, b) => a.length - b.length)[0];
  const near = nearestName(name, candidates);
  return (name.includes('.') ? (near ?? sameEnd) : (sameEnd ?? near)) ?? null;
}
