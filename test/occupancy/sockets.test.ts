import { describe, expect, test } from 'vitest';
import { type Socket, SocketsAt, sortSockets } from '../../src/occupancy/sockets.ts';
import { TimeWaitLengths } from '../../src/occupancy/time-wait.ts';
import { client, flow, history, server } from '../support/flow.ts';
import { printed } from '../support/in-process.ts';
import { scriptCapture } from '../support/script-capture.ts';

const LINUX = new TimeWaitLengths(60);

/** The client closes first at 5 s; the server sits in CLOSE_WAIT until 6 s. */
const connection = flow({
  end: 6.02,
  endpoints: [
    client({
      closer: 'active',
      states: history(
        'CLOSED',
        'SYN_SENT 0 #1 snd SYN',
        'ESTABLISHED ~ 0.02 #2 rcv SYN,ACK',
        'FIN_WAIT_1 5 #7 snd FIN',
        'FIN_WAIT_2 ~ 5.02 #8 rcv ACK of FIN',
        'TIME_WAIT ~ 6.01 #9 rcv FIN',
      ),
    }),
    server({
      states: history(
        'LISTEN',
        'SYN_RCVD 0.01 #2 snd SYN,ACK',
        'ESTABLISHED ~ 0.03 #3 rcv ACK of SYN',
        'CLOSE_WAIT ~ 5.01 #7 rcv FIN',
        'LAST_ACK 6 #9 snd FIN',
        'CLOSED ~ 6.02 #10 rcv ACK of FIN',
      ),
    }),
  ],
});

function at(seconds: number | 'end', flows = [connection], duration = 6.02): Socket[] {
  const moment =
    seconds === 'end' ? ({ kind: 'end' } as const) : ({ kind: 'relative', nanoseconds: seconds * 1e9 } as const);
  const table = new SocketsAt(moment, LINUX);
  for (const each of flows) table.flow(each);
  return table.finish(duration).sockets;
}

const states = (sockets: readonly Socket[]): string[] => sockets.map(({ addr, state }) => `${addr} ${state}`);

describe('at a moment', () => {
  test.each<[number | 'end', string[]]>([
    [0, ['10.0.0.1 SYN_SENT']],
    [0.009, ['10.0.0.1 SYN_SENT']],
    [0.01, ['10.0.0.1 SYN_SENT', '10.0.0.2 SYN_RCVD']],
    [0.02, ['10.0.0.1 ESTABLISHED', '10.0.0.2 SYN_RCVD']],
    [3, ['10.0.0.1 ESTABLISHED', '10.0.0.2 ESTABLISHED']],
    [5.5, ['10.0.0.1 FIN_WAIT_2', '10.0.0.2 CLOSE_WAIT']],
    [6.005, ['10.0.0.1 FIN_WAIT_2', '10.0.0.2 LAST_ACK']],
    ['end', ['10.0.0.1 TIME_WAIT']],
    [66, ['10.0.0.1 TIME_WAIT']],
    [66.01, []],
    [-1, []],
  ])('%s s', (moment, expected) => {
    expect(states(at(moment))).toEqual(expected);
  });

  test('how long, what is left of the timer, and how it got there', () => {
    expect(at(36.01)[0]).toEqual({
      state: 'TIME_WAIT',
      addr: '10.0.0.1',
      port: 40000,
      peerAddr: '10.0.0.2',
      peerPort: 80,
      stream: 0,
      since: 6.01,
      timeInState: 30,
      timer: 30,
      evidence: 'inferred',
      cause: 'rcv FIN',
      frame: 9,
      beganBefore: false,
      sendQ: 0,
      recvQ: 0,
    });
  });

  test('a host has one socket per 4-tuple: the newer, and one that is known before one that is not', () => {
    const later = flow({
      stream: 1,
      start: 6,
      end: 6.02,
      endpoints: [
        client({ states: history('CLOSED', 'SYN_SENT 6.015 #11 snd SYN') }),
        server({ opener: 'unknown', states: history('UNKNOWN') }),
      ],
    });
    for (const flows of [
      [connection, later],
      [later, connection],
    ]) {
      expect(states(at(6.017, flows))).toEqual(['10.0.0.1 SYN_SENT', '10.0.0.2 LAST_ACK']);
    }
  });

  test('at the end, however many came and went before', () => {
    const many = Array.from({ length: 5_000 }, (_, i) =>
      flow({
        stream: i,
        start: i / 50,
        end: i / 50,
        endpoints: [
          client({
            port: 10_000 + i,
            states: history('CLOSED', `SYN_SENT 0 #1 snd SYN`, `TIME_WAIT ~ ${(i / 50).toFixed(2)} #8 rcv FIN`),
          }),
          server({ states: history('LISTEN', 'CLOSED 0 #3 rcv RST') }),
        ],
      }),
    );
    // The last 60 of 100 seconds: entered after 40 s.
    expect(at('end', many, 100).length).toBe(5_000 - 2001);
  });
});

describe('listeners', () => {
  const listenersAt = (seconds: number, flows: readonly (typeof connection)[]): string[] => {
    const table = new SocketsAt({ kind: 'relative', nanoseconds: seconds * 1e9 }, LINUX);
    for (const each of flows) table.flow(each);
    return table.finish(100).listeners.map(({ addr, port, since, frame }) => `${addr}:${port} ${since} #${frame}`);
  };
  const refused = (time: number) =>
    flow({
      stream: 2,
      start: time,
      end: time,
      endpoints: [
        client({ states: history('CLOSED', `SYN_SENT ${time} #20 snd SYN`, `CLOSED ~ ${time} #21 rcv RST`) }),
        server({ opener: 'unknown', states: history('CLOSED') }),
      ],
    });

  test('proved by the first SYN,ACK, and not before', () => {
    expect(listenersAt(0.005, [connection])).toEqual([]);
    expect(listenersAt(3, [connection])).toEqual(['10.0.0.2:80 0.01 #2']);
  });

  test('a refusal ends it, an earlier one does not', () => {
    expect(listenersAt(20, [connection, refused(10)])).toEqual([]);
    expect(listenersAt(5, [connection, refused(10)])).toEqual(['10.0.0.2:80 0.01 #2']);
    expect(listenersAt(20, [refused(0.001), connection])).toEqual(['10.0.0.2:80 0.01 #2']);
  });

  test('one that is opened again listens again', () => {
    const again = flow({
      stream: 3,
      start: 12,
      end: 12,
      endpoints: [client(), server({ states: history('LISTEN', 'SYN_RCVD 12 #30 snd SYN,ACK') })],
    });
    expect(listenersAt(20, [connection, refused(10), again])).toEqual(['10.0.0.2:80 0.01 #2']);
    expect(listenersAt(11, [connection, refused(10), again])).toEqual([]);
  });
});

test('sorting: by host and state, or the largest first', () => {
  const socket = (fields: Partial<Socket>): Socket => ({ ...at(3)[0]!, ...fields });
  const sockets = [
    socket({ addr: '10.0.0.10', timeInState: 1, sendQ: null, port: 3 }),
    socket({ addr: '10.0.0.9', timeInState: 5, sendQ: 7, port: 1 }),
    socket({ addr: '10.0.0.9', timeInState: 9, sendQ: 0, state: 'SYN_SENT', port: 2 }),
  ];
  const ports = (key: Parameters<typeof sortSockets>[1]) => sortSockets([...sockets], key).map(({ port }) => port);
  expect(ports('host')).toEqual([2, 1, 3]);
  expect(ports('state')).toEqual([2, 1, 3]);
  expect(ports('time')).toEqual([2, 1, 3]);
  expect(ports('send-q')).toEqual([1, 2, 3]);
  expect(ports('local')).toEqual([1, 2, 3]);
});

describe('from a capture', () => {
  const capture = scriptCapture(`
A 10.0.0.1:40000  iss 4294967000
B 10.0.0.2:80     iss 5000
step 1
A> S   0:0(0)       win 65535         <mss 1460>
B> S.  0:0(0)       ack 1 win 65535   <mss 1460>
A> .   1:1(0)       ack 1 win 65535
A> P.  1:501(500)   ack 1 win 65535
A> P.  501:801(300) ack 1 win 65535
B> .   1:1(0)       ack 501 win 65535
B> .   1:1(0)       ack 801 win 65535
A> F.  801:801(0)   ack 1 win 65535
B> .   1:1(0)       ack 802 win 65535
B> F.  1:1(0)       ack 802 win 65535
A> .   802:802(0)   ack 2 win 65535
B> F.  1:1(0)       ack 802 win 65535 +20
A> .   802:802(0)   ack 2 win 65535
`);
  const json = async (...argv: string[]) =>
    JSON.parse((await printed(['sockets', '--format', 'json', ...argv, '-'], { input: capture })).stdout);
  const sendQs = async (moment: string): Promise<Record<string, number | null>> =>
    Object.fromEntries((await json('--at', moment)).sockets.map(({ state, sendQ }: Socket) => [state, sendQ]));

  // As `ss` counts: SYN and FIN take one each (RFC 9293 3.4), and a request socket and TIME_WAIT have no queue.
  test.each<[string, Record<string, number | null>]>([
    ['0.5', { SYN_SENT: 1 }],
    ['1.5', { ESTABLISHED: 0, SYN_RCVD: 0 }],
    ['3.5', { ESTABLISHED: 0 }],
    ['7.5', { FIN_WAIT_1: 1, CLOSE_WAIT: 0 }],
    ['9.5', { TIME_WAIT: 0, LAST_ACK: 1 }],
  ])('send-q at %s s', async (moment, expected) => {
    expect(await sendQs(moment)).toEqual(expected);
  });

  test('send-q counts what is not acknowledged yet, across the wrap of the sequence space', async () => {
    const clientAt = async (moment: string) =>
      (await json('--at', moment, '--host', '10.0.0.1')).sockets.map((socket: Socket) => socket.sendQ);
    expect([await clientAt('3.5'), await clientAt('4.5'), await clientAt('5.5'), await clientAt('6.5')]).toEqual([
      [500],
      [800],
      [300],
      [0],
    ]);
  });

  test('an old acknowledgment and a stray reset change no send-q', async () => {
    const input = scriptCapture(`
A 10.0.0.1:40000  iss 1000
B 10.0.0.2:80     iss 5000
step 1
A> S   0:0(0)       win 65535         <mss 1460>
B> S.  0:0(0)       ack 1 win 65535   <mss 1460>
A> .   1:1(0)       ack 1 win 65535
A> P.  1:501(500)   ack 1 win 65535
B> .   1:1(0)       ack 401 win 65535
B> .   1:1(0)       ack 101 win 65535
B> R.  90000:90000(0) ack 501 win 0
A> .   501:501(0)   ack 1 win 65535
`);
    for (const moment of ['4.5', '5.5', '6.5', '7']) {
      const { stdout } = await printed(['sockets', '--format', 'json', '--at', moment, '--host', '10.0.0.1', '-'], {
        input,
      });
      expect(JSON.parse(stdout).sockets.map((socket: Socket) => socket.sendQ)).toEqual([100]);
    }
  });

  test('a FIN that comes again restarts the 2MSL (RFC 9293 3.10.7.4)', async () => {
    // TIME_WAIT from 9 s on; the FIN again at 30 s, acknowledged at 31 s: it lasts until 91 s.
    const timer = async (moment: string) =>
      (await json('--at', moment, '--state', 'TIME_WAIT')).sockets.map((socket: Socket) => socket.timer);
    expect([await timer('15'), await timer('31'), await timer('80'), await timer('91')]).toEqual([
      [54],
      [60],
      [11],
      [],
    ]);
  });

  test('a moment by the clock is the same moment', async () => {
    const { time, sockets } = await json('--at', '4.5');
    expect((await json('--at', time)).sockets).toEqual(sockets);
    expect((await json('--at', `@${Date.parse(time) / 1000}`)).sockets).toEqual(sockets);
  });

  test('the moment is told where no connection is selected', async () => {
    // Of this one no segment is asked.
    const { stdout } = await printed([
      'sockets',
      '-Y',
      'flow.segments > 1000',
      'fixtures/captures/four-segment-close.pcap',
    ]);
    expect(stdout).toMatch(/^At [\d.]+ m?s \(2024-05-06 09:57:\d\d/);
  });

  test('outside the capture there is an answer and a word about it', async () => {
    const after = await printed(['sockets', '--at', '40', '-'], { input: capture });
    expect(after.warnings).toEqual([expect.stringMatching(/^that is 9 s after the capture's last frame/)]);
    const before = await printed(['sockets', '--at', '2020-01-01T00:00Z', '-'], { input: capture });
    expect(before.warnings).toEqual([
      expect.stringMatching(/before the capture's first frame: nothing is known of it$/),
    ]);
    expect(before.stdout).toMatch(/no socket/);
  });
});
