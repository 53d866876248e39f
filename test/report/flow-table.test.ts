// In: connections made up by hand. Out: proof of the packet table: states in their rows, gaps, timers, every width.

import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../src/report/columns.ts';
import { flowTableLines } from '../../src/report/flow-table.ts';
import { loadPalette, PLAIN } from '../../src/report/palette.ts';
import type { SegmentRow, SegmentRows } from '../../src/report/segment-rows.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { client, flow, history, server } from '../support/flow.ts';

/** Rows "1 A [SYN] Seq=0 | hint": frame, sender, Info, payload; a millisecond apart, `index` counted from the frame. */
function rows(...lines: string[]): SegmentRows {
  return {
    firstAddr: '10.0.0.1',
    firstPort: 40000,
    passed: lines.length,
    rows: lines.map((line): SegmentRow => {
      const [, frame, sender, info, app] = /^(\d+) ([AB]) ([^|]*?)(?: \| (.*))?$/.exec(line)!;
      const number = Number(frame);
      return {
        index: number - 1,
        frame: number,
        seconds: 0,
        nanoseconds: (number - 1) * 1_000_000,
        isFromFirst: sender === 'A',
        info: info!,
        app: app ?? '',
      };
    }),
  };
}

function lines(of: FlowResult, kept: SegmentRows, columns = Number.POSITIVE_INFINITY, palette = PLAIN): string[] {
  return [...flowTableLines(of, kept, { columns, palette, timeOf: (row) => row.nanoseconds / 1e9 })];
}

const handshake = rows('1 A [SYN] Seq=0', '2 B [SYN, ACK] Seq=0 Ack=1', '3 A [ACK] Seq=1 Ack=1 | HTTP GET /');

test('states stand in the rows that moved them', () => {
  expect(lines(flow(), handshake)).toEqual([
    ' No.      Time  10.0.0.1:40000                 10.0.0.2:80',
    '                CLOSED ~                       LISTEN ~',
    '   1  0.000000  SYN_SENT        ────────────▶                  [SYN] Seq=0',
    '   2  0.001000  ESTABLISHED ~   ◀────────────  SYN_RCVD        [SYN, ACK] Seq=0 Ack=1',
    '   3  0.002000                  ────────────▶  ESTABLISHED ~   [ACK] Seq=1 Ack=1  HTTP GET /',
  ]);
});

test('the endpoint that sent first may stand on the right', () => {
  const swapped = flow({ endpoints: [server(), client()] });
  const table = lines(swapped, handshake);
  expect(table[0]).toBe(' No.      Time  10.0.0.2:80                    10.0.0.1:40000');
  expect(table[2]).toBe('   1  0.000000                  ◀────────────  SYN_SENT        [SYN] Seq=0');
});

test('several states of one frame stand below each other', () => {
  const of = flow({
    endpoints: [
      client({ states: history('CLOSED', 'FIN_WAIT_2 ~ 0.001 #2 rcv ACK of FIN', 'TIME_WAIT ~ 0.001 #2 rcv FIN') }),
      server(),
    ],
  });
  expect(lines(of, handshake).slice(3, 5)).toEqual([
    '   2  0.001000  FIN_WAIT_2 ~    ◀────────────  SYN_RCVD        [SYN, ACK] Seq=0 Ack=1',
    '                TIME_WAIT ~',
  ]);
});

test('what an earlier frame did only now stands with the row at which it was done', () => {
  // Crossing segments: frame 1 reached the sender of frame 2 after it had sent.
  const of = flow({
    endpoints: [
      client({ states: history('CLOSED') }),
      server({ states: history('CLOSED', 'SYN_SENT 0.001 #2 snd SYN', 'SYN_RCVD ~ 0.001 #1 rcv SYN') }),
    ],
  });
  expect(lines(of, handshake).slice(3, 5)).toEqual([
    '   2  0.001000                  ◀────────────  SYN_SENT        [SYN, ACK] Seq=0 Ack=1',
    '                                               SYN_RCVD ~',
  ]);
});

test('a timer has a line of its own, between rows or behind them', () => {
  const of = flow({
    endpoints: [
      client({ states: history('TIME_WAIT', 'CLOSED 0.0015 2MSL', 'SYN_SENT 0.002 #3 snd SYN', 'CLOSED 0.5 2MSL') }),
      server(),
    ],
  });
  expect(lines(of, handshake).slice(3)).toEqual([
    '   2  0.001000                  ◀────────────  SYN_RCVD        [SYN, ACK] Seq=0 Ack=1',
    '      0.001500  CLOSED ~                                       (2MSL)',
    '   3  0.002000  SYN_SENT        ────────────▶  ESTABLISHED ~   [ACK] Seq=1 Ack=1  HTTP GET /',
    '      0.500000  CLOSED ~                                       (2MSL)',
  ]);
});

describe('segments left out are counted, and the states they moved', () => {
  test('in the middle', () => {
    const kept = rows('1 A [SYN] Seq=0', '3 A [ACK] Seq=1');
    expect(lines(flow(), kept)[3]).toBe('   ⋮            1 segment not shown, 2 changes of state among them');
  });
  test('at the end', () => {
    expect(lines(flow({ segments: 1500 }), handshake).at(-1)).toBe('   ⋮            1,497 segments not shown');
  });
  test('all of them', () => {
    expect(lines(flow(), rows()).slice(2)).toEqual([
      '   ⋮            3 segments not shown, 4 changes of state among them',
    ]);
  });
});

test('nanoseconds show where the capture has them', () => {
  const kept = rows('1 A [SYN] Seq=0');
  kept.rows[0]!.nanoseconds = 1;
  expect(lines(flow({ segments: 1 }), kept)[2]).toMatch(/^ {3}1 {2}0\.000000001 {2}SYN_SENT/);
});

describe('every width', () => {
  const long = rows(
    '1 A [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=4294967295 TSecr=0 WS=128',
    '2 B [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0 MSS=1460 SACK_PERM TSval=4294967295 TSecr=4294967295 WS=128',
    '3 A [PSH, ACK] Seq=1 Ack=1 Win=64256 Len=625 | HTTP GET /static/images/avatar.jpg?with=a&query=that-does-not-end',
  );
  const ipv6 = flow({
    endpoints: [
      client({ addr: '2001:db8:85a3:8d3:1319:8a2e:370:7348' }),
      server({ addr: '2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa' }),
    ],
  });
  const kept6 = { ...long, firstAddr: '2001:db8:85a3:8d3:1319:8a2e:370:7348' };

  test.each([60, 80, 100, 120, 200])('nothing is wider than %i columns, and nothing is lost', (columns) => {
    for (const [of, kept] of [
      [flow(), long],
      [ipv6, kept6],
    ] as const) {
      const table = lines(of, kept, columns);
      expect(table.filter((line) => displayWidth(line) > columns)).toEqual([]);
      const words = table.join(' ').split(/\s+/);
      for (const row of kept.rows) expect(words).toEqual(expect.arrayContaining(row.info.split(' ')));
    }
  });

  test('colour changes no layout', async () => {
    const palette = await loadPalette(true);
    for (const columns of [60, 80, 120, Number.POSITIVE_INFINITY]) {
      const colored = lines(flow(), long, columns, palette);
      expect(colored.join('')).toContain('\x1b[');
      expect(colored.map((line) => line.replace(/\x1b\[[0-9;]*m/g, '').trimEnd())).toEqual(
        lines(flow(), long, columns),
      );
    }
  });
});
