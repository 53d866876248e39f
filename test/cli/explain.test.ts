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

describe('explain --frame', () => {
  const CAPTURE = 'fixtures/captures/three-segment-close.pcap';
  const frame = (number: number, capture = CAPTURE): Promise<string> => text('--frame', String(number), capture);

  test('a FIN that carries the ACK of the FIN before moves its receiver twice (RFC 9293 3.10.7.4)', async () => {
    const explained = await frame(7);
    expect(explained).toContain('frame 7 · 0.050100 · stream 0 · 10.0.0.1:40004 → 10.0.0.2:80\n');
    expect(explained).toContain('snd FIN: moves  CLOSE_WAIT → LAST_ACK, observed');
    expect(explained).toContain('rcv FIN of frame 6 is confirmed  ESTABLISHED → CLOSE_WAIT, inferred');
    expect(explained).toContain('rcv ACK of FIN: moves  FIN_WAIT_1 → FIN_WAIT_2, inferred');
    expect(explained).toContain('rcv FIN: moves  FIN_WAIT_2 → TIME_WAIT, inferred');
    // The FIN is one sequence number: the client's ISS is 2300000, it has sent 100 bytes.
    expect(explained).toMatch(/SND\.NXT +2300101 +2300102 +\+1\n/);
  });

  test('a plain segment moves nobody', async () => {
    const explained = await frame(4);
    expect(explained.match(/stays in ESTABLISHED/g)).toHaveLength(2);
    // 100 bytes sent; that they arrived is not known before they are acknowledged.
    expect(explained).toMatch(/SND\.NXT +2300001 +2300101 +\+100\n/);
    expect(explained).toMatch(/RCV\.NXT +2300001 +2300001\n/);
  });

  test('frames that are none, or hold no segment', async () => {
    await expect(frame(99)).rejects.toThrow('there is no frame 99; the capture has 8, counted from 1');
    await expect(frame(0)).rejects.toThrow('there is no frame 0; frames are counted from 1');
    await expect(frame(1, 'fixtures/captures/no-tcp.pcap')).rejects.toThrow('frame 1 holds no TCP segment');
    await expect(text('--frame', '3')).rejects.toThrow('explain --frame 3 needs the capture it is in');
  });

  test('nothing is wider than the screen', async () => {
    for (const number of [1, 2, 6, 7, 8]) {
      expect((await frame(number)).split('\n').filter((line) => displayWidth(line) > 80)).toEqual([]);
    }
  });
});
