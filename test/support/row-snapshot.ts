// In: a trace and a connection of it. Out: every field of the connection's rows, by name, for comparing two traces.

import { Connection, ConnectionBit } from '../../src/tcp/connection.ts';
import { DIRECTION_WORDS, Direction } from '../../src/tcp/direction.ts';
import { Endpoint } from '../../src/tcp/endpoint.ts';
import { EVENTS } from '../../src/tcp/event.ts';
import {
  CONNECTION_FACT_WORDS,
  ConnectionFacts,
  DIRECTION_FACT_WORDS,
  DirectionFacts,
  ODDITY_WORDS,
  Oddities,
} from '../../src/tcp/fact-rows.ts';
import { Incarnation } from '../../src/tcp/incarnation.ts';
import type { TcpTrace } from '../../src/tcp/trace.ts';

/** Where rows lie, not what they say, and what only a record has. */
const PLACES = [
  ...[
    'phase',
    'bookTick',
    'bookBits',
    'rows',
    'first',
    'last',
    'older',
    'newer',
    'tally',
    'trouble',
    'oddities',
    'reset',
  ],
];
/** What only the text of a segment is made from (tshark's RTO, duplicate ACK, bytes in flight), and the list behind it. */
const FOR_TEXT = [
  ...['ackFrame', 'nextFrame', 'push', 'oldest', 'newest', 'strayOldest', 'strayNewest', 'strayLow', 'listed'],
  ...['listBits', 'listOrigin', 'flightLow', 'flightHigh'],
];
/** FLIGHT_HIDDEN and PUSHED of DirectionBit, likewise. */
const BITS_FOR_TEXT = 6;

/** The connection's rows as lines "row.field value". It must have rows (see TcpTrace.unfold). */
export function rowsOf(trace: TcpTrace, index: number): string[] {
  const lines: string[] = [];
  const connection = new Connection();
  connection.moveTo(trace.connections, index);
  put(lines, 'connection', connection, ['bits']);
  lines.push(`connection.bits ${connection.bits & ~ConnectionBit.EVERY_SEGMENT}`);
  const incarnation = new Incarnation();
  const ends = [new Endpoint(), new Endpoint()] as const;
  trace.states.first(index, incarnation, ends[0], ends[1]);
  put(lines, 'incarnation', incarnation, ['next']);
  const { histories } = trace.states;
  const { step } = histories;
  for (const [side, end] of ends.entries()) {
    put(lines, `endpoint ${side}`, end);
    for (let at = end.first; at !== 0; at = step.next) {
      step.moveTo(histories.pool, at - 1);
      const { event, to, evidence, held, moved, frame, confirmedBy, seconds, nanoseconds } = step;
      const about = JSON.stringify({ to, evidence, held, moved, frame, confirmedBy, seconds, nanoseconds });
      lines.push(`endpoint ${side} ${EVENTS[event]} ${about}`);
    }
  }
  const rows = connection.rows - 1;
  const flow = new ConnectionFacts();
  flow.moveTo(trace.facts.pool, rows);
  put(lines, 'flow', flow);
  for (const side of [0, 1]) {
    const direction = new Direction();
    direction.moveTo(trace.directions, rows);
    direction.at += side * DIRECTION_WORDS;
    put(lines, `direction ${side}`, direction, ['bits']);
    lines.push(`direction ${side}.bits ${direction.bits & ~BITS_FOR_TEXT}`);
    const facts = new DirectionFacts();
    facts.moveTo(trace.facts.pool, rows);
    facts.at += CONNECTION_FACT_WORDS + side * DIRECTION_FACT_WORDS;
    put(lines, `facts ${side}`, facts);
    if (facts.oddities === 0) continue;
    const odd = new Oddities();
    odd.moveTo(trace.facts.oddities, facts.oddities - 1);
    lines.push(`oddities ${side} ${odd.words.subarray(odd.at, odd.at + ODDITY_WORDS).join(' ')}`);
  }
  return lines;
}

function put(lines: string[], name: string, row: object, without: readonly string[] = []): void {
  const accessors = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(row)));
  for (const [field, { get, set }] of accessors) {
    if (get === undefined || set === undefined) continue;
    if (PLACES.includes(field) || FOR_TEXT.includes(field) || without.includes(field)) continue;
    lines.push(`${name}.${field} ${get.call(row)}`);
  }
}
