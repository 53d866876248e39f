// In: pairs of captures that differ in one number. Out: proof that a rule about connections draws its line between them.

import { describe, expect, test } from 'vitest';
import { scriptCapture } from '../support/script-capture.ts';
import { findingsIn } from './support.ts';

const ENDS = 'A 10.0.0.1:40000  iss 1000000\nB 10.0.0.2:80     iss 5000000\nstep 0.01\n';
const SYN = 'A> S   0:0(0)  win 64240        <mss 1460,nop,wscale 7,sackOK>\n';
const SYN_ACK = 'B> S.  0:0(0)  ack 1 win 65160  <mss 1460,nop,wscale 7,sackOK>\n';
const HANDSHAKE = `${ENDS}${SYN}${SYN_ACK}A> .   1:1(0)  ack 1 win 502\n`;
const EXCHANGE = `${HANDSHAKE}A> P.  1:101(100)    ack 1 win 502\nB> P.  1:1001(1000)  ack 101 win 509\nA> .   101:101(0)    ack 1001 win 502\n`;
/** Something else at the end of the capture, so that it goes on until then. */
const later = (seconds: number): string =>
  `A 10.0.0.7:5000\nB 10.0.0.8:80\nat ${seconds}\nA> P.  1:11(10)  ack 1 win 100`;

/** `n` segments with data, the first `lost` of them sent again. */
function transfer(n: number, lost: number): string {
  let text = HANDSHAKE;
  for (let i = 0; i < n; i++) {
    const data = `A> .   ${1 + 10 * i}:${11 + 10 * i}(10)  ack 1 win 502\n`;
    text += `${data}${i < lost ? data.replace('\n', '  +0.03\n') : ''}B> .   1:1(0)  ack ${11 + 10 * i} win 509\n`;
  }
  return text;
}

/** `n` times 50,000 bytes that fill a window, acknowledged after `wait`; the next follow after `pause`. */
function bulk(n: number, wait: number, pause: number): string {
  let text = `${ENDS}A> S   0:0(0)  win 50000\nB> S.  0:0(0)  ack 1 win 65160\nA> .   1:1(0)  ack 1 win 50000\n`;
  for (let i = 0; i < n; i++) {
    const end = 1 + 50_000 * (i + 1);
    text += `B> .   ${end - 50_000}:${end}(50000)  ack 1 win 65160  cut 80 +${pause}\nA> .   1:1(0)  ack ${end} win 50000  +${wait}\n`;
  }
  return text;
}

/** The server's reset comes with another TTL, after `others` segments of its own with TTL 50. */
function resetFrom(ttl: number, others: number): string {
  let text = `${ENDS}${SYN}${SYN_ACK.replace('B> S.', 'B> S. ').replace('(0)', '(0) ttl 50')}A> .   1:1(0)  ack 1 win 502\n`;
  for (let i = 1; i < others; i++) {
    text += `A> P.  ${i}:${i + 1}(1)  ack 1 win 502\nB> .   1:1(0)  ack ${i + 1} win 509 ttl 50\n`;
  }
  return `${text}B> R   1:1(0)  win 0 ttl ${ttl}\n`;
}

/** A request of which `bytes` come after the client has closed. */
const afterClose = (bytes: number): string =>
  `${HANDSHAKE}A> P.  1:101(100)  ack 1 win 502\nA> F.  101:101(0)  ack 1 win 502\nB> .   1:1(0)  ack 102 win 509\nB> P.  1:${1 + bytes}(${bytes})  ack 102 win 509\nA> R   102:102(0)  win 0\n`;

const mss = (limit: number): string =>
  `${ENDS}A> S   0:0(0)  win 64240        <mss ${limit}>\nB> S.  0:0(0)  ack 1 win 65160  <mss 1460>\nA> .   1:1(0)  ack 1 win 64240\nB> P.  1:701(700)  ack 1 win 65160\n`;

const fins = (n: number): string => `${EXCHANGE}${'A> F.  101:101(0)    ack 1001 win 502  +0.3\n'.repeat(n)}`;
const closedBy = (client: boolean, seconds: number): string[] =>
  client
    ? [`${EXCHANGE}A> F.  101:101(0)  ack 1001 win 502\nB> .   1001:1001(0)  ack 102 win 509\n`, later(0.06 + seconds)]
    : [`${EXCHANGE}B> F.  1001:1001(0)  ack 101 win 509\nA> .   101:101(0)  ack 1002 win 502\n`, later(0.06 + seconds)];
const used = (silence: number): string =>
  `${EXCHANGE}A> P.  101:201(100)  ack 1001 win 502  +${silence}\nB> R   1001:1001(0)  win 0\n`;
const reusedAfter = (seconds: number, seq = 9_000_000): string[] => [
  `${EXCHANGE}A> F.  101:101(0)  ack 1001 win 502\nB> F.  1001:1001(0)  ack 102 win 509\nA> .   102:102(0)  ack 1002 win 502\n`,
  `${ENDS.replace('iss 1000000', `iss ${seq}`).replace('iss 5000000', 'iss 8000000')}at ${0.08 + seconds}\n${SYN}${SYN_ACK}`,
];
const shrunk = (by: number): string =>
  `${ENDS}A> S   0:0(0)  win 2800         <mss 1460>\nB> S.  0:0(0)  ack 1 win 65160  <mss 1460>\nA> .   1:1(0)  ack 1 win 2800\nB> .   1:1001(1000)  ack 1 win 65160\nA> .   1:1(0)  ack 1001 win ${1800 - by}\n`;
const waits = (seconds: number): string =>
  `${HANDSHAKE}A> P.  1:101(100)  ack 1 win 502\nA> P.  1:101(100)  ack 1 win 502  +${seconds}\nB> .   1:1(0)  ack 101 win 509\n`;
const ignoring = (seconds: number): string =>
  `${HANDSHAKE}A> P.  1:101(100)  ack 1 win 502\n${SYN_ACK.replace('\n', `  +${seconds}\n`)}A> .   101:101(0)  ack 1 win 502\n`;
const silentServer = (seconds: number): string =>
  `${HANDSHAKE}${SYN_ACK.replace('\n', `  +${seconds}\n`)}${SYN_ACK.replace('\n', '  +0.2\n')}A> .   1:1(0)  ack 1 win 502\n`;
const copy = (age: number, more = ''): string =>
  `${HANDSHAKE}A> P.  1:101(100)  ack 1 win 502\nA> P.  1:101(100)  ack 1 win 502  +${age} copy${more}\nB> .   1:1(0)  ack 101 win 509\n`;
const withoutId = (line: string): string =>
  `${HANDSHAKE}B> .   1:1(0)  ack 1 win 509  id 0\n${line}  id 0\n${line}  +0.0001 id 0\n`;
const jump = (bytes: number): string =>
  `${HANDSHAKE}A> P.  1:101(100)  ack 1 win 502\nB> .   1:1(0)  ack ${101 + bytes} win 509\n`;
const lateBy = (seconds: number): string =>
  `${HANDSHAKE}A> .   1:101(100)  ack 1 win 502\nB> .   1:1(0)  ack 201 win 509\nA> .   101:201(100)  ack 1 win 502  +${seconds}\n`;
const afterReset = (seconds: number): string =>
  `${EXCHANGE}B> R   1001:1001(0)  win 0\nA> P.  101:201(100)  ack 1001 win 502  +${seconds}\n`;

const LINES: [code: string, what: string, raises: string | string[], nearMiss: string | string[]][] = [
  ['syn_unanswered', 'three seconds without an answer', [ENDS + SYN, later(3)], [ENDS + SYN, later(2.9)]],
  ['half_open', 'three seconds', [ENDS + SYN + SYN_ACK, later(3.01)], [ENDS + SYN + SYN_ACK, later(2.9)]],
  ['heavy_retransmission', 'one in a hundred', transfer(990, 10), transfer(1000, 10)],
  ['heavy_retransmission', 'ten', transfer(90, 10), transfer(90, 9)],
  ['timeout_stall', 'a second', waits(1), waits(0.99)],
  ['timeout_stall', 'but no timer takes longer than 130 s', waits(129), waits(131)],
  ['mss_exceeded', 'what every host takes', mss(536), mss(535)],
  ['receiver_limited', 'a megabyte', bulk(20, 0.1, 0.01), bulk(19, 0.1, 0.01)],
  ['receiver_limited', 'a second', bulk(20, 0.045, 0.01), bulk(20, 0.03, 0.01)],
  ['receiver_limited', 'half of the time', bulk(20, 0.1, 0.09), bulk(20, 0.1, 0.12)],
  ['reset_injected', 'two hops where the TTL is known', resetFrom(52, 3), resetFrom(51, 3)],
  ['reset_injected', 'in both directions', resetFrom(48, 3), resetFrom(49, 3)],
  ['reset_injected', 'five where it is not', resetFrom(55, 2), resetFrom(54, 2)],
  ['reset_injected', 'known from three segments on', resetFrom(53, 3), resetFrom(53, 2)],
  ['data_after_close', 'more than a farewell', afterClose(129), afterClose(128)],
  ['fin_unacknowledged', 'sent again twice', fins(3), fins(2)],
  ['close_wait_leak', 'a server, five seconds', closedBy(true, 5), closedBy(true, 4.9)],
  ['close_wait_leak', 'a client, two minutes', closedBy(false, 120), closedBy(false, 119)],
  ['fin_wait_2_stuck', 'waiting for a client', closedBy(false, 120.1), closedBy(false, 119)],
  ['close_wait_held', 'one second', closedBy(true, 1), closedBy(true, 0.9)],
  ['close_wait_held', 'shorter than a leak', closedBy(true, 4.9), closedBy(true, 5)],
  ['reset_after_idle', 'half a minute', used(30), used(29)],
  ['long_idle', 'a minute', used(60), used(59)],
  ['time_wait_reuse', 'within 2MSL', reusedAfter(59), reusedAfter(61)],
  ['time_wait_reuse_unsafe', 'at or below the last number', reusedAfter(10, 1_000_102), reusedAfter(10, 1_000_103)],
  ['window_shrunk', 'by a segment', shrunk(536), shrunk(535)],
  ['backlog_overflow', 'a timer after the handshake', ignoring(0.21), ignoring(0.15)],
  ['backlog_overflow', 'not as late as a deferred accept', silentServer(10), silentServer(20)],
  ['duplicate_frames', 'within a millisecond', copy(0.0009), copy(0.0012)],
  ['duplicate_frames', 'behind a router within fifty', copy(0.049, ' ttl 63'), copy(0.052, ' ttl 63')],
  [
    'duplicate_frames',
    'without identification only what has data',
    withoutId('B> P.  1:101(100)  ack 1 win 509'),
    withoutId('B> .   1:1(0)  ack 1 win 509'),
  ],
  ['capture_gap', 'up to sixteen megabytes', jump(2 ** 24), jump(2 ** 24 + 1)],
  ['capture_order', 'within ten milliseconds', lateBy(0.0099), lateBy(0.0102)],
  ['data_after_reset', 'after a second', afterReset(1.01), afterReset(0.99)],
];

describe.each(LINES)('%s: %s', (code, _what, raises, nearMiss) => {
  test('on this side of the line and on that', async () => {
    const codes = async (scripts: string | string[]): Promise<string[]> =>
      (await findingsIn(scriptCapture(...[scripts].flat()))).flows.flatMap(({ findings }) =>
        findings.map((f) => f.code),
      );
    expect(await codes(raises)).toContain(code);
    expect(await codes(nearMiss)).not.toContain(code);
  });
});
