import { describe, expect, test } from 'vitest';
import { StayEnd, staysOf } from '../../src/occupancy/stay.ts';
import { TimeWaitLengths } from '../../src/occupancy/time-wait.ts';
import { client, flow, history, server } from '../support/flow.ts';

const LINUX = new TimeWaitLengths(60);
const CLOSING = [
  'CLOSED',
  'SYN_SENT 0 #1 snd SYN',
  'ESTABLISHED ~ 0.1 #2 rcv SYN,ACK',
  'FIN_WAIT_1 7.2 #9 snd FIN',
  'FIN_WAIT_2 ~ 7.3 #10 rcv ACK of FIN',
  'TIME_WAIT ~ 7.3 #10 rcv FIN',
];

/** "STATE from-to end", seconds; of endpoint 0. */
function stays(lines: string[], timeWait = LINUX, end = 7.3): string[] {
  const connection = flow({ end, endpoints: [client({ states: history(...lines) }), server()] });
  return staysOf(connection, 0, timeWait).map(
    ({ state, from, to, end: ended }) => `${state} ${from / 1e9}-${to / 1e9} ${ended}`,
  );
}

describe('the stays of a history', () => {
  test('CLOSED is no stay, and a state left in the moment it was entered is none either', () => {
    expect(stays(CLOSING)).toEqual([
      'SYN_SENT 0-0.1 2',
      'ESTABLISHED 0.1-7.2 2',
      'FIN_WAIT_1 7.2-7.3 2',
      'TIME_WAIT 7.3-67.3 1',
    ]);
  });

  test('LISTEN is the listener and not this connection, before and after SYN_RCVD', () => {
    const connection = flow({
      end: 0.2,
      endpoints: [
        client(),
        server({ states: history('LISTEN', 'SYN_RCVD 0.1 #2 snd SYN,ACK', 'LISTEN ~ 0.2 #3 rcv RST') }),
      ],
    });
    const found = staysOf(connection, 1, LINUX);
    expect(found.map(({ state, from, to }) => [state, from, to])).toEqual([['SYN_RCVD', 1e8, 2e8]]);
  });

  test('a start state that was there before the capture begins with the first frame', () => {
    const connection = flow({
      start: 3,
      end: 4,
      endpoints: [client({ states: history('UNKNOWN', 'ESTABLISHED 3 #7 mid-stream') }), server()],
    });
    expect(staysOf(connection, 0, LINUX).map(({ state, from, to }) => [state, from, to])).toEqual([
      ['ESTABLISHED', 3e9, Infinity],
    ]);
  });

  test('a clock that steps back makes no negative stay', () => {
    expect(stays(['CLOSED', 'SYN_SENT 1 #1 snd SYN', 'ESTABLISHED ~ 0.5 #2 rcv SYN,ACK'], LINUX, 1)).toEqual([
      'ESTABLISHED 1-Infinity 0',
    ]);
  });
});

describe('TIME_WAIT', () => {
  const timed = [...CLOSING, 'CLOSED 127.3 2MSL'];
  const replaced = [...CLOSING, 'CLOSED 30 #20 new connection'];
  test.each([
    ['Linux', CLOSING, LINUX, 'TIME_WAIT 7.3-67.3 1'],
    ['RFC 9293', CLOSING, new TimeWaitLengths(240), 'TIME_WAIT 7.3-247.3 1'],
    ['a host of its own', CLOSING, new TimeWaitLengths(60, new Map([['10.0.0.1', 120]])), 'TIME_WAIT 7.3-127.3 1'],
    ['another host of its own', CLOSING, new TimeWaitLengths(60, new Map([['10.0.0.2', 120]])), 'TIME_WAIT 7.3-67.3 1'],
    // The history was made with the longest of all, 120 s; this host's is 60.
    ['the history waited longer', timed, new TimeWaitLengths(60, new Map([['10.0.0.2', 120]])), 'TIME_WAIT 7.3-67.3 1'],
    ['ended by a new connection', replaced, LINUX, 'TIME_WAIT 7.3-30 2'],
    // 7.3 + 20 is before 30: the timer ran out first, and the new connection took over nothing.
    ['expired before the new connection', replaced, new TimeWaitLengths(20), 'TIME_WAIT 7.3-27.3 1'],
  ])('%s', (_name, lines, lengths, expected) => {
    expect(stays(lines, lengths, 200).at(-1)).toBe(expected);
  });

  test('knows when its timer would have ended it', () => {
    const connection = flow({ end: 30, endpoints: [client({ states: history(...replaced) }), server()] });
    expect(staysOf(connection, 0, LINUX).at(-1)).toMatchObject({ to: 30e9, expires: 67.3e9, end: StayEnd.SEGMENT });
  });

  test('the longest of all is what the states have to wait for', () => {
    expect(new TimeWaitLengths(60, new Map([['a', 240]])).longest()).toBe(240);
    expect(new TimeWaitLengths(60, new Map([['a', 30]])).longest()).toBe(60);
  });
});
