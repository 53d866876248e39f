// In: a frame asked about before the capture is read. Out: what it did to both ends, with variables before and after, the row of
// the table, and what the rules said.

import { expect, test } from 'vitest';
import { explainSegment } from '../support/state-script.ts';

const OPEN = `A> S  0:0(0) win 65535
B> S. 0:0(0) ack 1 win 5000
A> .  1:1(0) ack 1 win 65535
B> P. 1:11(10) ack 1 win 5000`;

test('a FIN moves its sender, and its receiver as far as can be supposed', () => {
  const { sender, receiver, notes } = explainSegment(`${OPEN}\nA> F. 1:1(0) ack 11 win 4000`, 5)!;
  expect(sender.before).toEqual({
    state: 'ESTABLISHED',
    iss: 1_000_000,
    sndUna: 1_000_001,
    sndNxt: 1_000_001,
    sndWnd: 5000,
    rcvNxt: 5_000_001,
    rcvWnd: 65535,
  });
  expect(sender.after).toEqual({
    state: 'FIN_WAIT_1',
    iss: 1_000_000,
    sndUna: 1_000_001,
    sndNxt: 1_000_002,
    sndWnd: 5000,
    rcvNxt: 5_000_011,
    rcvWnd: 4000,
  });
  expect(sender.steps).toMatchObject([
    {
      change: 'added',
      event: 'snd FIN',
      from: 'ESTABLISHED',
      to: 'FIN_WAIT_1',
      evidence: 'observed',
      frame: 5,
      rfc: '3.10.4',
    },
  ]);
  expect(receiver.steps).toMatchObject([
    {
      change: 'added',
      event: 'rcv FIN',
      from: 'ESTABLISHED',
      to: 'CLOSE_WAIT',
      evidence: 'inferred',
      frame: 5,
      rfc: '3.10.7.4',
    },
  ]);
  expect(notes).toEqual([]);
});

test('a FIN sent again holds back what the first was supposed to have done', () => {
  const { receiver, notes } = explainSegment(`${OPEN}\nA> F. 1:1(0) ack 11\nA> F. 1:1(0) ack 11 +0.3`, 6)!;
  expect(receiver.before.state).toBe('CLOSE_WAIT');
  expect(receiver.after.state).toBe('ESTABLISHED');
  expect(receiver.steps.map(({ change, frame }) => [change, frame])).toEqual([
    ['held', 5],
    ['held', 6],
  ]);
  expect(notes.join(' ')).toContain('sent again and was not acknowledged');
});

test('an ACK proves what its sender had received', () => {
  const { sender } = explainSegment(`${OPEN}\nA> F. 1:1(0) ack 11\nB> . 11:11(0) ack 2`, 6)!;
  expect(sender.steps).toMatchObject([{ change: 'confirmed', event: 'rcv FIN', frame: 5 }]);
});

test('the alternatives that lost: a RST that is not obeyed', () => {
  const { sender, receiver, notes } = explainSegment(`${OPEN}\nA> R 101:101(0)`, 5)!;
  expect([sender.after.state, receiver.after.state]).toEqual(['ESTABLISHED', 'ESTABLISHED']);
  expect(notes.join(' ')).toContain('RFC 5961 3.2');
});

test('plain data is explained, too; a frame that is not there is not', () => {
  expect(explainSegment(`${OPEN}\nA> P. 1:11(10) ack 11\nA> P. 11:21(10) ack 11`, 6)!.sender.after.sndNxt).toBe(
    1_000_021,
  );
  expect(explainSegment(OPEN, 9)).toBeNull();
});
