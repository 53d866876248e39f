// In: connections made up by hand, and the captures of fixtures/. Out: proof of the ladder: arrows, states, folding, silences,
// every width. test/report/ladder/ keeps whole diagrams; `npx vitest run test/report/ladder.test.ts -u` rewrites them.

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { asciiLine } from '../../src/report/ascii.ts';
import { displayWidth } from '../../src/report/columns.ts';
import { ladderLines } from '../../src/report/ladder.ts';
import { loadPalette, PLAIN } from '../../src/report/palette.ts';
import type { SegmentRow, SegmentRows } from '../../src/report/segment-rows.ts';
import { AnalysisFlag } from '../../src/tcp/analysis-flag.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { Flag } from '../../src/wire/packet.ts';
import { client, flow, history, server } from '../support/flow.ts';
import { printed } from '../support/in-process.ts';

/**
 * Rows "1 A 0.5 ACK 100 Dup ACK 1#1 | hint": frame, sender, time, flags, payload, mark, hint. Seq=1, Ack=1; `index` counted
 * from the frame.
 */
function rows(...lines: string[]): SegmentRows {
  return {
    firstAddr: '10.0.0.1',
    firstPort: 40000,
    passed: lines.length,
    rows: lines.map((line): SegmentRow => {
      const [, frame, sender, time, names, length, mark, app] =
        /^(\d+) ([AB]) ([\d.]+) ([A-Z, ]+?) (\d+)(?: ([^|]*?))?(?: \| (.*))?$/.exec(line)!;
      const isSyn = names!.includes('SYN');
      return {
        index: Number(frame) - 1,
        frame: Number(frame),
        seconds: 0,
        nanoseconds: Math.round(Number(time) * 1e9),
        isFromFirst: sender === 'A',
        info: '',
        app: app ?? '',
        parts: {
          flags:
            (names!.includes('ACK') ? Flag.ACK : 0) | (isSyn ? Flag.SYN : 0) | (names!.includes('FIN') ? Flag.FIN : 0),
          analysis: mark?.startsWith('Dup ACK') ? AnalysisFlag.DUPLICATE_ACK : mark ? AnalysisFlag.RETRANSMISSION : 0,
          seq: isSyn ? 0 : 1,
          ack: 1,
          length: Number(length),
          sack: null,
          names: names!,
          marks: mark ? [mark] : [],
        },
      };
    }),
  };
}

interface Drawn {
  columns?: number;
  palette?: typeof PLAIN;
  isFolded?: boolean;
}

function lines(of: FlowResult, kept: SegmentRows, options: Drawn = {}): string[] {
  const { columns = 80, palette = PLAIN, isFolded = true } = options;
  return [...ladderLines(of, kept, { columns, palette, isFolded, timeOf: (row) => row.nanoseconds / 1e9 })];
}

const handshake = ['1 A 0 SYN 0', '2 B 0.001 SYN, ACK 0', '3 A 0.002 ACK 0'];
/** What is in the lane: the diagram without its sides. */
const lanes = (drawn: readonly string[]): string[] =>
  drawn.map((line) => /[│├┊](.*?)[│┤┊]/.exec(line)?.[1]?.trim() ?? '').filter((text) => text !== '');
/** A line of the lane without its arrow. */
const label = (text: string): string => text.replace(/^(─|◀─*) | (─*▶|─)$/g, '');

test('time runs down, states stand at the ends of the arrows', () => {
  expect(lines(flow(), rows(...handshake))).toEqual([
    '              10.0.0.1:40000                                    10.0.0.2:80',
    'No.     Time      CLOSED ~ │                                    │ LISTEN ~',
    '  1 0.000000      SYN_SENT ├─ SYN Seq=0 ───────────────────────▶│',
    '  2 0.001000 ESTABLISHED ~ │◀──────────── SYN, ACK Seq=0 Ack=1 ─┤ SYN_RCVD',
    '  3 0.002000               ├─ ACK Seq=1 Ack=1 ─────────────────▶│ ESTABLISHED ~',
  ]);
});

test('the endpoint that sent first may stand on the right', () => {
  const drawn = lines(flow({ endpoints: [server(), client()] }), rows(...handshake));
  expect(drawn[2]).toBe('  1 0.000000               │◀─────────────────────── SYN Seq=0 ─┤ SYN_SENT');
});

test('in ASCII the same, as wide', () => {
  const drawn = lines(flow(), rows(...handshake, '4 A 0.9 FIN, ACK 0 Retransmission | caf\u00e9'));
  const plain = drawn.map(asciiLine);
  expect(plain[3]).toBe('  2 0.001000 ESTABLISHED ~ |<------------- SYN, ACK Seq=0 Ack=1 -| SYN_RCVD');
  expect(plain[5]).toBe('     : 898 ms              :                                     :');
  expect(plain.at(-1)).toBe('                           |  Retransmission caf?                |');
  expect(plain.map((line) => line.length)).toEqual(drawn.map(displayWidth));
});

test('a segment that did not arrive ends in x, and x is explained', () => {
  const states = history('CLOSED', 'SYN_SENT 0 #1 snd SYN', 'ESTABLISHED ~ 1 #3 rcv SYN,ACK');
  const drawn = lines(
    flow({ endpoints: [client({ states }), server()] }),
    rows('1 A 0 SYN 0', '2 B 0.001 SYN, ACK 0', '3 B 0.002 SYN, ACK 0 Retransmission', '4 A 0.003 ACK 0'),
  );
  expect(drawn[3]).toBe('  2 0.001000               │    x───────── SYN, ACK Seq=0 Ack=1 ─┤ SYN_RCVD');
  expect(drawn.at(-1)).toBe('x: by what followed, the segment did not arrive.');
});

test('crossed segments: what arrived late says why', () => {
  const drawn = lines(
    flow({
      segments: 2,
      endpoints: [
        client({ states: history('ESTABLISHED', 'FIN_WAIT_1 0 #1 snd FIN', 'CLOSING ~ 0.001 #2 rcv FIN') }),
        server({ states: history('ESTABLISHED', 'FIN_WAIT_1 0.001 #2 snd FIN', 'CLOSING ~ 0.001 #1 rcv FIN') }),
      ],
    }),
    rows('1 A 0 FIN, ACK 0', '2 B 0.001 FIN, ACK 0'),
  );
  expect(drawn.slice(3)).toEqual([
    '  2 0.001000     CLOSING ~ │◀──────────── FIN, ACK Seq=1 Ack=1 ─┤ FIN_WAIT_1',
    '                           │                      (rcv FIN #1)  │ CLOSING ~',
  ]);
});

test('timers and frames that are no segments have lines of their own', () => {
  const of = flow({
    endpoints: [
      client({ states: history('SYN_SENT', 'CLOSED ~ 0.0005 #2 rcv ICMP error') }),
      server({ states: history('TIME_WAIT', 'CLOSED 60 2MSL') }),
    ],
    segments: 1,
  });
  const drawn = lines(of, rows('1 A 0 SYN 0'));
  expect(drawn.slice(3)).toEqual([
    '  2  0.000500   CLOSED ~ │  (rcv ICMP error)                  │',
    '        ⋮ 60 s           ┊                                    ┊',
    '    60.000000            │                            (2MSL)  │ CLOSED ~',
  ]);
});

describe('silences', () => {
  test.each<[second: string, end: number, words: string[]]>([
    ['0.199', 0.2, []],
    ['0.2', 0.2, ['⋮ 200 ms']],
    // Two hundredths of the connection's length are nothing special in it.
    ['1.9', 100, []],
    ['2.1', 100, ['⋮ 2.1 s']],
  ])('%s s in %d s', (second, end, words) => {
    const drawn = lines(flow({ end, segments: 2 }), rows('1 A 0 ACK 1 Keep-Alive', `2 A ${second} ACK 1 Keep-Alive`));
    expect(drawn.filter((line) => line.includes('┊')).map((line) => line.replace(/ *┊ */g, '').trim())).toEqual(words);
  });

  test('nobody knows whether there was one among segments left out', () => {
    const drawn = lines(flow({ segments: 9 }), rows('1 A 0 ACK 1', '9 A 5 ACK 1'));
    expect(lanes(drawn).join(' ')).toContain('... 7 segments not shown, 3 changes of state ...');
    expect(drawn.join('\n')).not.toContain('┊');
  });
});

describe('folding', () => {
  const run = (from: number, to: number, what: (frame: number) => string): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => what(from + i));
  const data = (frame: number): string => `${frame} A ${frame / 1000} ACK 1000`;

  test.each<[name: string, segments: string[], drawn: string[]]>([
    ['four are drawn', run(1, 4, data), run(1, 4, () => 'ACK 1000 B Seq=1 Ack=1')],
    ['five are folded', run(1, 5, data), ['... 5 segments, 5,000 B ▶ ...']],
    ['both directions', [...run(1, 5, data), '6 B 0.006 PSH, ACK 20'], ['... 6 segments, 5,000 B ▶, ◀ 20 B ...']],
    ['acknowledgments alone', run(1, 6, (frame) => `${frame} B 0 ACK 0`), ['... 6 segments ...']],
    [
      'a mark is seen',
      [...run(1, 5, data), '6 A 0.006 ACK 9 Window Full', ...run(7, 12, data)],
      ['... 5 segments, 5,000 B ▶ ...', 'ACK 9 B Seq=1 Ack=1 Window Full', '... 6 segments, 6,000 B ▶ ...'],
    ],
    [
      'so is what the payload looks like',
      [...run(1, 5, data), '6 A 0.006 PSH, ACK 9 | HTTP GET /'],
      ['... 5 segments, 5,000 B ▶ ...', 'PSH, ACK 9 B Seq=1 Ack=1 HTTP GET /'],
    ],
    [
      'a reset',
      [...run(1, 5, data), '6 A 0.006 RST, ACK 0'],
      ['... 5 segments, 5,000 B ▶ ...', 'RST, ACK Seq=1 Ack=1'],
    ],
    [
      'a silence parts runs',
      [...run(1, 5, data), ...run(6, 10, (frame) => `${frame} A 1 ACK 10`)],
      ['... 5 segments, 5,000 B ▶ ...', '... 5 segments, 50 B ▶ ...'],
    ],
    [
      'segments left out part runs',
      [...run(1, 5, data), ...run(11, 15, data)],
      ['... 5 segments, 5,000 B ▶ ...', '... 5 segments not shown ...', '... 5 segments, 5,000 B ▶ ...'],
    ],
    [
      'the same mark again and again is shown once',
      run(1, 6, (frame) => `${frame} B 0 ACK 0 Dup ACK 9#${frame}`),
      ['ACK Seq=1 Ack=1 Dup ACK 9#1', '... 5 more Dup ACKs ...'],
    ],
    [
      'another mark ends it',
      [...run(1, 6, (frame) => `${frame} B 0 ACK 0 Window Update`), '7 B 0 ACK 0 ZeroWindow'],
      ['ACK Seq=1 Ack=1 Window Update', '... 5 more Window Updates ...', 'ACK Seq=1 Ack=1 ZeroWindow'],
    ],
  ])('%s', (_name, segments, drawn) => {
    const last = Number.parseInt(segments.at(-1)!, 10);
    const of = flow({
      segments: last,
      end: 1,
      endpoints: [client({ states: history('ESTABLISHED') }), server({ states: history('ESTABLISHED') })],
    });
    const found = lanes(lines(of, rows(...segments), { columns: 100 }));
    expect(found.map((text) => label(text).replaceAll('  ', ' '))).toEqual(drawn);
  });

  test('a change of state ends a run, a timer too', () => {
    const states = history('ESTABLISHED', 'CLOSE_WAIT ~ 0.006 #6 rcv FIN', 'CLOSED 0.0085 2MSL');
    const of = flow({ segments: 12, endpoints: [client({ states }), server({ states: history('ESTABLISHED') })] });
    expect(lanes(lines(of, rows(...run(1, 12, data)))).map(label)).toEqual([
      '... 5 segments, 5,000 B ▶ ...',
      'ACK 1000 B Seq=1 Ack=1',
      'ACK 1000 B Seq=1 Ack=1',
      'ACK 1000 B Seq=1 Ack=1',
      '(2MSL)',
      ...run(9, 12, () => 'ACK 1000 B Seq=1 Ack=1'),
    ]);
  });

  test('not where all is asked for', () => {
    const drawn = lines(flow({ segments: 40 }), rows(...run(1, 40, data)), { isFolded: false });
    expect(drawn.filter((line) => line.includes('▶'))).toHaveLength(40);
  });
});

test('colour adds nothing but colour', async () => {
  const kept = rows(...handshake, '4 B 0.5 RST, ACK 0', '5 A 0.6 ACK 10 Retransmission | HTTP GET /');
  const colored = lines(flow({ segments: 5 }), kept, { palette: await loadPalette(true) });
  expect(colored.join('')).toContain('\x1b[');
  const bare = colored.map((line) => line.replace(/\x1b\[[0-9;]*m/g, ''));
  expect(bare.map((line) => line.trimEnd())).toEqual(lines(flow({ segments: 5 }), kept));
});

/** The diagrams of a report: from the line over "Time" to the blank line after. */
function diagrams(stdout: string): string[][] {
  const all = stdout.split('\n');
  const starts = all.flatMap((line, i) =>
    /^(No\. +| +)Time .*│/.test(line) ? [all[i - 2]!.startsWith('[') ? i - 2 : i - 1] : [],
  );
  return starts.map((start) => all.slice(start, all.indexOf('', start)));
}

const captures = readdirSync('fixtures/captures')
  .filter((file) => file.endsWith('.pcap') && file !== 'no-tcp.pcap')
  .sort();

describe('every capture at every width', () => {
  test.each(captures)('%s', async (file) => {
    const path = `fixtures/captures/${file}`;
    const json = JSON.parse((await printed(['analyze', '--format', 'json', path])).stdout);
    const bySize = json.flows as { segments: number }[];
    for (const columns of [60, 80, 120, 200]) {
      const { stdout } = await printed(['analyze', '--ladder', '--all', path], { columns });
      const drawn = diagrams(stdout);
      expect(drawn).toHaveLength(bySize.length);
      expect(drawn.flat().filter((line) => displayWidth(line) > columns)).toEqual([]);
      // Life lines run straight down.
      for (const lines of drawn) {
        const places = lines.flatMap((line) =>
          [...line].flatMap((character, i) => ('│├┤┊'.includes(character) ? [i] : [])).join(),
        );
        expect(new Set(places.filter((place) => place !== '')).size).toBe(1);
      }
      // An arrow for every segment of every connection.
      const arrows = drawn.map((lines) => lines.filter((line) => /[├┤]/.test(line)).length);
      expect(arrows.sort((a, b) => a - b)).toEqual(bySize.map(({ segments }) => segments).sort((a, b) => a - b));
    }
  });
});

const KEPT = [
  'close-wait',
  'four-segment-close',
  'half-close',
  'half-open',
  'ipv6',
  'mid-stream',
  'port-reuse',
  'refused',
  'reset-by-client',
  'retransmission',
  'simultaneous-open-and-close',
  'textbook',
  'time-wait',
  'unanswered',
  'zero-window',
];

test.each(KEPT.flatMap((name) => [60, 80, 120].map((columns) => [name, columns] as const)))(
  '%s in %d columns',
  async (name, columns) => {
    const { stdout } = await printed(['analyze', '--ladder', `fixtures/captures/${name}.pcap`], { columns });
    const text = diagrams(stdout)
      .map((lines) => `${lines.join('\n')}\n`)
      .join('\n');
    await expect(text).toMatchFileSnapshot(`ladder/${name}-${columns}.txt`);
  },
);

test('it is a table, not JSON', async () => {
  await expect(printed(['analyze', '--ladder', '--format', 'json', 'fixtures/captures/textbook.pcap'])).rejects.toThrow(
    '--ladder belongs to --format table',
  );
});

test('--ascii reaches the whole report', async () => {
  const { stdout } = await printed(['analyze', '--ladder', '--ascii', 'fixtures/captures/time-wait.pcap'], {
    columns: 80,
  });
  expect(stdout).not.toMatch(/[^\x00-\x7f]/);
  expect(stdout).toContain('SYN_SENT |- SYN Seq=0 ---');
});
