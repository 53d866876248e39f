// In: segments and histories made up by hand. Out: proof of which of them are said not to have arrived, and of which nothing is.

import { expect, test } from 'vitest';
import { AnalysisFlag } from '../../src/tcp/analysis-flag.ts';
import { lostFrames, type SentSegment } from '../../src/tcp/arrivals.ts';
import { Flag } from '../../src/wire/packet.ts';
import { client, flow, history, server } from '../support/flow.ts';

const MARKS = {
  dup: AnalysisFlag.DUPLICATE_ACK,
  again: AnalysisFlag.RETRANSMISSION,
  fast: AnalysisFlag.FAST_RETRANSMISSION,
  reordered: AnalysisFlag.OUT_OF_ORDER,
  spurious: AnalysisFlag.SPURIOUS_RETRANSMISSION,
} as const;

/** "A 1+100 dup", "B FIN 1+0 ack 101 sack 1-101": sender, flags, sequence number and payload, the rest. Frames from 1. */
function segments(...lines: string[]): SentSegment[] {
  return lines.map((line, index) => {
    const [, sender, names, seq, length, ack, left, right, marks] =
      /^([AB])((?: (?:SYN|FIN))*) (-?\d+)\+(\d+)(?: ack (-?\d+))?(?: sack (\d+)-(\d+))?(.*)$/.exec(line)!;
    let flags: number = ack === undefined ? 0 : Flag.ACK;
    if (names!.includes('SYN')) flags |= Flag.SYN;
    if (names!.includes('FIN')) flags |= Flag.FIN;
    let analysis = 0;
    for (const [name, flag] of Object.entries(MARKS)) if (marks!.split(' ').includes(name)) analysis |= flag;
    return {
      index,
      frame: index + 1,
      sender: sender === 'A' ? 0 : 1,
      flags,
      analysis,
      seq: Number(seq) | 0,
      ack: Number(ack ?? 0) | 0,
      length: Number(length),
      sack: left === undefined ? null : [Number(left), Number(right)],
    };
  });
}

test.each<[name: string, lines: string[], lost: number[]]>([
  ['asked for and sent again', ['A 1+100', 'A 101+100', 'B 1+0 ack 1 dup', 'A 1+100 fast', 'B 1+0 ack 201'], [1]],
  ['within a round trip Wireshark says out of order', ['A 1+100', 'B 1+0 ack 1 dup', 'A 1+100 reordered'], [1]],
  ['either direction', ['B 1+100', 'A 1+0 ack 1 dup', 'B 1+100 again'], [1]],
  ['twice', ['A 1+100', 'B 1+0 ack 1 dup', 'A 1+100 again', 'B 1+0 ack 1 dup', 'A 1+100 again'], [1, 3]],
  ['nobody asked: the acknowledgment may be what was lost', ['A 1+100', 'A 1+100 again', 'B 1+0 ack 101'], []],
  ['asked for other data', ['A 1+100', 'A 101+100', 'B 1+0 ack 101 dup', 'A 1+100 again'], []],
  ['asked for before it was sent', ['B 1+0 ack 1 dup', 'A 1+100', 'A 1+100 again'], []],
  ['acknowledged before it was sent again', ['A 1+100', 'B 1+0 ack 1 dup', 'B 1+0 ack 101', 'A 1+100 spurious'], []],
  ['acknowledged, though marked as sent again', ['A 1+100', 'B 1+0 ack 1 dup', 'B 1+0 ack 101', 'A 1+100 again'], []],
  [
    'came twice (D-SACK): late, not lost',
    ['A 1+100', 'B 1+0 ack 1 dup', 'A 1+100 fast', 'B 1+0 ack 101 sack 1-101'],
    [],
  ],
  ['D-SACK of other data', ['A 1+100', 'B 1+0 ack 1 dup', 'A 1+100 fast', 'B 1+0 ack 201 sack 101-201'], [1]],
  ['SACK of later data', ['A 1+100', 'B 1+0 ack 1 sack 101-201 dup', 'A 1+100 fast', 'B 1+0 ack 1 sack 101-301'], [1]],
  [
    'numbers wrap',
    [
      'A 2147483647+100',
      'B 1+0 ack 2147483647 dup',
      'A 2147483647+100 fast',
      'B 1+0 ack -2147483549 sack 2147483700-2147483747',
    ],
    [1],
  ],
])('data: %s', (_name, lines, lost) => {
  expect([...lostFrames(flow(), segments(...lines))]).toEqual(lost);
});

test('segments that were not kept may have acknowledged it', () => {
  const [sent, asked, again] = segments('A 1+100', 'B 1+0 ack 1 dup', 'A 1+100 again');
  expect([...lostFrames(flow(), [sent!, asked!, again!])]).toEqual([1]);
  expect([...lostFrames(flow(), [sent!, asked!, { ...again!, index: 5 }])]).toEqual([]);
});

test('a FIN sent before the copy that moved its receiver', () => {
  const endpoints = [
    client({ states: history('ESTABLISHED', 'FIN_WAIT_1 0.1 #2 snd FIN') }),
    server({ states: history('ESTABLISHED', 'CLOSE_WAIT ~ 0.3 #4 rcv FIN') }),
  ] as const;
  const of = flow({ endpoints: [...endpoints] });
  const lines = [
    'A 1+100 ack 1',
    'A FIN 101+0 ack 1',
    'A FIN 101+0 ack 1 again',
    'A FIN 101+0 ack 1 again',
    'A FIN 101+0 ack 1',
  ];
  expect([...lostFrames(of, segments(...lines))]).toEqual([2, 3]);
});

test('the FIN of an earlier connection with the same numbers is not a copy', () => {
  const earlier = ['FIN_WAIT_1 0 #1 snd FIN', 'CLOSED 0.05 2MSL'];
  const endpoints = [
    client({ states: history('ESTABLISHED', ...earlier, 'FIN_WAIT_1 0.1 #2 snd FIN') }),
    server({ states: history('ESTABLISHED', 'CLOSE_WAIT ~ 0.3 #3 rcv FIN') }),
  ] as const;
  const lines = ['A FIN 1+0 ack 1', 'A FIN 1+0 ack 1', 'A FIN 1+0 ack 1 again'];
  expect([...lostFrames(flow({ endpoints: [...endpoints] }), segments(...lines))]).toEqual([2]);
});

test('a FIN that waited behind missing data arrived', () => {
  const endpoints = [
    client({ states: history('ESTABLISHED', 'FIN_WAIT_1 0.1 #2 snd FIN') }),
    server({ states: history('ESTABLISHED', 'CLOSE_WAIT ~ 0.3 #4 rcv FIN') }),
  ] as const;
  const lines = ['A 1+100 ack 1', 'A FIN 101+0 ack 1', 'B 1+0 ack 1 dup', 'A 1+100 ack 1 fast'];
  expect([...lostFrames(flow({ endpoints: [...endpoints] }), segments(...lines))]).toEqual([1]);
});

test('a SYN,ACK sent before the copy that moved its receiver; the SYNs may all have arrived', () => {
  const endpoints = [
    client({ states: history('CLOSED', 'SYN_SENT 0 #1 snd SYN', 'ESTABLISHED ~ 1 #4 rcv SYN,ACK') }),
    server({ states: history('LISTEN', 'SYN_RCVD 0.1 #2 snd SYN,ACK') }),
  ] as const;
  const lines = ['A SYN 0+0', 'B SYN 0+0 ack 1', 'A SYN 0+0 again', 'B SYN 0+0 ack 1 again', 'B SYN 0+0 ack 1 again'];
  expect([...lostFrames(flow({ endpoints: [...endpoints] }), segments(...lines))]).toEqual([2]);
});
