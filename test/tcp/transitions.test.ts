// In: the transition table. Out: proof that it has no empty cell and no second opinion, and that its compiled form says the same.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mermaidDiagram, textDiagram } from '../../src/report/state-diagram.ts';
import { EVENT_KEYS, EVENTS, Event } from '../../src/tcp/event.ts';
import { STATES, State } from '../../src/tcp/state.ts';
import { EVENT_TERMS, STATE_TERMS, VERDICT_TERMS } from '../../src/tcp/terms.ts';
import { EVENT_COUNT, MOVES, NEXT_STATE, rowFor, STAYS } from '../../src/tcp/transitions.ts';
import { VERDICTS } from '../../src/tcp/verdict.ts';

const cells = STATES.flatMap((state) => EVENT_KEYS.map((event) => ({ state, event })));

test('every cell has exactly one verdict, a section and a reason', () => {
  for (const { state, event } of cells) {
    const moves = MOVES.filter((row) => row.event === event && row.from.includes(state));
    const stays = STAYS.filter((row) => row.event === event && row.in.includes(state));
    expect(moves.length + stays.length, `${state} ${event}`).toBe(1);
  }
  for (const row of [...MOVES, ...STAYS]) {
    expect(row.rfc).toMatch(/^(RFC \d+ )?\d+(\.\d+)+$/);
    expect(row.why.length).toBeGreaterThan(5);
  }
});

test('the compiled table moves where the rows do, and nowhere else', () => {
  expect(NEXT_STATE).toHaveLength(cells.length);
  for (const { state, event } of cells) {
    const row = rowFor(state, event)!;
    const to = 'to' in row ? row.to : state;
    expect(STATES[NEXT_STATE[State[state] * EVENT_COUNT + Event[event]]!], `${state} ${event}`).toBe(to);
  }
});

// RFC 9293 3.3.2, figure 5, arrow by arrow: what is drawn there must be drawn here.
const FIGURE = `
  CLOSED SYN_SENT, CLOSED LISTEN, LISTEN SYN_RCVD, LISTEN SYN_SENT, SYN_SENT SYN_RCVD, SYN_SENT ESTABLISHED,
  SYN_RCVD ESTABLISHED, SYN_RCVD FIN_WAIT_1, SYN_RCVD LISTEN, ESTABLISHED FIN_WAIT_1, ESTABLISHED CLOSE_WAIT,
  FIN_WAIT_1 FIN_WAIT_2, FIN_WAIT_1 CLOSING, FIN_WAIT_1 TIME_WAIT, FIN_WAIT_2 TIME_WAIT, CLOSING TIME_WAIT,
  CLOSE_WAIT LAST_ACK, LAST_ACK CLOSED, TIME_WAIT CLOSED`;

test('the arrows of the RFC figure, and no other, are drawn', () => {
  const drawn = new Set(
    MOVES.filter((move) => move.drawn).flatMap(({ from, to }) => from.map((state) => `${state} ${to}`)),
  );
  const figure = FIGURE.split(',').map((arrow) => arrow.trim());
  // A passive OPEN cannot be seen; FIN_WAIT_1 to TIME_WAIT is walked through FIN_WAIT_2, as Linux does.
  const unseen = ['CLOSED LISTEN', 'FIN_WAIT_1 TIME_WAIT'];
  expect([...drawn].sort()).toEqual(figure.filter((arrow) => !unseen.includes(arrow)).sort());
});

describe('the diagram comes from the table', () => {
  test('Mermaid', () => {
    const lines = mermaidDiagram().split('\n');
    expect(lines[0]).toBe('stateDiagram-v2');
    expect(lines).toContain('  LAST_ACK --> CLOSED: rcv ACK of FIN');
    expect(lines).toHaveLength(2 + MOVES.filter((move) => move.drawn).reduce((sum, { from }) => sum + from.length, 0));
    expect(mermaidDiagram(true)).toContain('TIME_WAIT --> CLOSED: rcv RST');
  });

  test('the one in docs/states.md', () => {
    expect(readFileSync('docs/states.md', 'utf8')).toContain(`\`\`\`mermaid\n${mermaidDiagram()}\n\`\`\``);
  });

  test('text', () => {
    expect(textDiagram()).toContain('CLOSE_WAIT\n  └─ snd FIN        ─▶ LAST_ACK');
  });
});

test('every state, event and verdict is explained', () => {
  expect(Object.keys(STATE_TERMS)).toEqual([...STATES]);
  expect(new Set(Object.keys(EVENT_TERMS))).toEqual(new Set(EVENTS));
  expect(Object.keys(VERDICT_TERMS).sort()).toEqual([...VERDICTS].sort());
});
