// In: pages of segments. Out: what Zeek would write in `history` and `conn_state`, by its documentation, and conntrack's last state.

import { expect, test } from 'vitest';
import { parseScript, play } from '../support/state-script.ts';

const CLOSE = `A> S  0:0(0)
B> S. 0:0(0) ack 1
A> .  1:1(0) ack 1
A> P. 1:101(100) ack 1
B> .  1:1(0) ack 101
B> P. 1:201(200) ack 101
A> .  101:101(0) ack 201
A> F. 101:101(0) ack 201
B> F. 201:201(0) ack 102
A> .  102:102(0) ack 202`;

// Zeek's documentation of conn.log gives ShADadFf for such a connection; the others follow its list of letters.
test.each([
  ['a whole connection', CLOSE, 'ShADadFf', 'SF', 'TIME_WAIT'],
  ['nobody answers', 'A> S 0:0(0)\nA> S 0:0(0) +1', 'S', 'S0', 'SYN_SENT'],
  ['refused', 'A> S 0:0(0)\nB> R. 0:0(0) ack 1', 'Sr', 'REJ', 'CLOSE'],
  [
    'data again',
    `${CLOSE.split('\n').slice(0, 4).join('\n')}\nA> P. 1:101(100) ack 1 +0.3`,
    'ShADT',
    'S1',
    'ESTABLISHED',
  ],
  ['zero window', 'A> S 0:0(0)\nB> S. 0:0(0) ack 1\nA> . 1:1(0) ack 1 win 0', 'ShAW', 'S1', 'ESTABLISHED'],
  ['aborted', 'A> S 0:0(0)\nB> S. 0:0(0) ack 1\nA> . 1:1(0) ack 1\nB> R. 1:1(0) ack 1', 'ShAr', 'RSTR', 'CLOSE'],
  ['only the answer', 'B> S. 0:0(0) ack 1', 'h', 'OTH', null],
])('%s', (_name, text, history, zeek, conntrack) => {
  const { flows } = play(parseScript(text).segments, { crosswalk: true });
  expect(flows[0]!.crosswalk).toEqual({ history, zeek, conntrack });
});
