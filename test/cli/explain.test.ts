// In: words of tcpstate's vocabulary. Out: proof that `explain` knows every one of them, however it is spelled.

import { describe, expect, test } from 'vitest';
import { CODES } from '../../src/anomaly/catalog.ts';
import { displayWidth } from '../../src/report/columns.ts';
import { findTerms, TERM_KINDS, termNames } from '../../src/report/term-text.ts';
import { EVENTS } from '../../src/tcp/event.ts';
import { STATES } from '../../src/tcp/state.ts';
import { VERDICTS } from '../../src/tcp/verdict.ts';
import { printed } from '../support/in-process.ts';

const text = async (...words: string[]): Promise<string> =>
  (await printed(['explain', ...words], { columns: 80 })).stdout;

test('every state, event, verdict and finding there is can be looked up', () => {
  expect(termNames('state').sort()).toEqual([...STATES].sort());
  expect(termNames('event').sort()).toEqual([...new Set(EVENTS)].sort());
  expect(termNames('verdict').sort()).toEqual([...VERDICTS].sort());
  expect(termNames('finding').sort()).toEqual([...CODES].sort());
});

test.each(TERM_KINDS)('each %s has a text that fits the screen', async (kind) => {
  for (const name of termNames(kind)) {
    const lines = (await text(name)).trimEnd().split('\n');
    expect(lines[0], name).toContain(name);
    expect(lines.length, name).toBeGreaterThan(1);
    expect(lines.filter((line) => displayWidth(line) > 80)).toEqual([]);
  }
});

test.each([
  ['time-wait', 'TIME_WAIT'],
  ['TIME_WAIT', 'TIME_WAIT'],
  ['timewait', 'TIME_WAIT'],
  ['ESTAB', 'ESTABLISHED'],
  ['SYN-RECV', 'SYN_RCVD'],
  ['fin_wait1', 'FIN_WAIT_1'],
  ['snd syn', 'snd SYN'],
  ['rcv SYN,ACK', 'rcv SYN,ACK'],
  ['2msl', '2MSL'],
  ['Refused', 'refused'],
  ['close-wait-leak', 'close_wait_leak'],
])('%j is %s', (typed, name) => {
  expect(findTerms(typed).map((term) => term.name)).toContain(name);
});

describe('explain', () => {
  test('a term of two words is one term, two terms are two', async () => {
    expect(await text('rcv', 'FIN')).toBe(await text('rcv FIN'));
    const both = await text('TIME_WAIT', 'CLOSE_WAIT');
    expect(both).toBe(`${await text('TIME_WAIT')}\n${await text('CLOSE_WAIT')}`);
  });

  test('a state names what leads into it and out of it (RFC 9293 3.3.2, figure 5)', async () => {
    const closing = await text('CLOSING');
    expect(closing).toMatch(/entered\n {4}FIN_WAIT_1 +rcv FIN\n/);
    expect(closing).toMatch(/left\n {4}TIME_WAIT +rcv ACK of FIN\n/);
  });

  test('alone it draws the diagram', async () => {
    const diagram = await text();
    expect(diagram).toMatch(/^LAST_ACK\n {2}└─ rcv ACK of FIN ─▶ CLOSED$/m);
  });

  test('--list names every term once', async () => {
    const list = await text('--list');
    for (const kind of TERM_KINDS) for (const name of termNames(kind)) expect(list).toContain(`\n  ${name} `);
  });

  test('a near miss gets a suggestion', async () => {
    await expect(text('TIMEWIAT')).rejects.toThrow('there is no term "TIMEWIAT" (did you mean TIME_WAIT?)');
    await expect(text('teapot')).rejects.toThrow('there is no term "teapot" (tcpstate explain --list names them all)');
  });
});
