// Conditions on connections, endpoints and findings.

import { describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { Filter } from '../../src/filter/filter.ts';
import { FlowSelection } from '../../src/filter/selection.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { flowsOf, SESSION, stdinOf } from '../support/filter-session.ts';
import { client, finding, flow, history, server } from '../support/flow.ts';

/** Closed by the client after 0.2 s; TIME_WAIT until the capture's end at 10 s. */
const CLOSED = flow({
  stream: 3,
  id: '1:abc=',
  verdict: 'closed-by-client',
  completeness: 31,
  start: 1,
  end: 1.2,
  segments: 10,
  app: 'HTTP',
  endpoints: [
    client({
      closer: 'active',
      payloadBytes: 1500,
      segments: 6,
      retransmittedSegments: 2,
      finalState: 'TIME_WAIT',
      states: history(
        'CLOSED',
        'SYN_SENT 1 #1 snd SYN',
        'ESTABLISHED ~ 1.01 #2 rcv SYN,ACK',
        'FIN_WAIT_1 1.1 #8 snd FIN',
        'FIN_WAIT_2 ~ 1.15 #9 rcv ACK of FIN',
        'TIME_WAIT ~ 1.18 #9 rcv FIN',
      ),
    }),
    server({
      closer: 'passive',
      payloadBytes: 500,
      segments: 4,
      finalState: 'CLOSED',
      states: history(
        'LISTEN',
        'SYN_RCVD 1.01 #2 snd SYN,ACK',
        'ESTABLISHED ~ 1.02 #3 rcv ACK of SYN',
        'CLOSE_WAIT ~ 1.1 #8 rcv FIN',
        'LAST_ACK 1.15 #9 snd FIN',
        'CLOSED ~ 1.2 #10 rcv ACK of FIN',
      ),
    }),
  ],
  findings: [
    finding({ code: 'retransmission', severity: 'note', frame: 5, time: 1.05 }),
    finding({ code: 'slow_answer', severity: 'warn', frame: 7, time: 1.09, endpoint: 1 }),
  ],
});

/** Refused: never opened. */
const REFUSED = flow({
  stream: 4,
  verdict: 'refused',
  endpoints: [
    client({
      addr: '2001:db8::1',
      finalState: 'CLOSED',
      states: history('CLOSED', 'SYN_SENT 2 #11 snd SYN', 'CLOSED ~ 2.001 #12 rcv RST'),
    }),
    server({ addr: '2001:db8::9', port: 5432, closer: 'reset', finalState: 'CLOSED', states: history('CLOSED') }),
  ],
});

const CAPTURE_END = 10;

const FACTS: readonly (readonly [filter: string, closed: boolean, refused: boolean])[] = [
  ['flow.stream == 3', true, false],
  ['flow.stream in {4..9}', false, true],
  ['flow.verdict == "refused"', false, true],
  ['flow.verdict == refused', false, true],
  ['flow.verdict in {closed-by-client, closed-by-server}', true, false],
  ['flow.verdict == CLOSED_BY_CLIENT', true, false],
  ['flow.verdict contains "by-client"', true, false],
  ['flow.verdict matches "^CLOSED"', true, false],
  ['flow.id == "1:abc="', true, false],
  ['flow.duration == 200ms', true, false],
  ['flow.duration > 0.2', false, false],
  ['flow.start >= 1s', true, false],
  ['flow.end < 1.5', true, true],
  ['flow.segments == 10', true, false],
  ['flow.bytes == 2KB', true, false],
  ['flow.bytes < 2KB', false, true],
  ['flow.retransmissions > 1', true, false],
  ['flow.completeness & 16', true, false],
  ['flow.app == "HTTP"', true, false],
  ['not flow.app', false, true],
  ['flow.opened', true, false],
  ['flow.opened == false', false, true],
  ['flow.closed', true, true],
  // 1.02 - 1: the later of the two endpoints.
  ['flow.handshake == 20ms', true, false],
  ['flow.handshake', true, false],
  ['flow.service == "10.0.0.2:80"', true, false],
  ['flow.service == "[2001:db8::9]:5432"', false, true],
  // Findings
  ['flow.finding', true, false],
  ['flow.finding == retransmission', true, false],
  ['flow.finding == slow_answer && flow.finding == retransmission', true, false],
  ['flow.finding != retransmission', false, false],
  ['flow.finding !== retransmission', true, false],
  ['not flow.finding == retransmission', false, true],
  ['flow.finding in {reused_ports, slow_answer}', true, false],
  ['count(flow.finding) == 2', true, false],
  ['flow.severity == warn', true, false],
  ['flow.severity == error', false, false],
  ['all flow.severity in {note, warn}', true, false],
  // Of the same finding
  ['finding.code == retransmission && finding.severity == note', true, false],
  ['finding.code == retransmission && finding.severity == warn', false, false],
  ['finding.time > 1.08s', true, false],
  ['finding.frame == 5 && finding.time > 1.08s', false, false],
  // Endpoints: either, both, one
  ['endpoint.port == 80', true, false],
  ['endpoint.addr == 10.0.0.0/8', true, false],
  ['endpoint.addr == 2001:db8::/32', false, true],
  ['all endpoint.addr == 2001:db8::/32', false, true],
  ['endpoint.addr != 10.0.0.2', false, true],
  ['endpoint.addr in {10.0.0.2..10.0.0.3}', true, false],
  ['endpoint.state == TIME_WAIT', true, false],
  ['endpoint.state == "TIME-WAIT"', true, false],
  ['endpoint.state == time_wait', true, false],
  ['endpoint.state == TIMEWAIT', true, false],
  ['all endpoint.state == CLOSED', false, true],
  ['all endpoint.state in {CLOSED, TIME_WAIT}', true, true],
  ['endpoint.state != CLOSED', false, false],
  ['a.state == TIME_WAIT', true, false],
  ['b.state == TIME_WAIT', false, false],
  ['a.endpoint.state == TIME_WAIT', true, false],
  ['a.closer == active', true, false],
  ['b.closer == reset', false, true],
  ['a.closer', true, false],
  ['a.opener == active && b.opener == passive', true, true],
  ['endpoint.visited == CLOSE_WAIT', true, false],
  ['a.visited == CLOSE_WAIT', false, false],
  ['a.visited == SYN_SENT', true, true],
  ['a.bytes > b.bytes', true, false],
  ['endpoint.bytes > 1KB', true, false],
  ['a.segments == 6 && b.segments == 4', true, false],
  ['a.retransmissions == 2', true, false],
  // The same endpoint
  ['endpoint.port == 80 && endpoint.state == TIME_WAIT', true, false],
  ['any (endpoint.port == 80 && endpoint.state == TIME_WAIT)', false, false],
  ['any (endpoint.port == 80 && endpoint.state == CLOSED)', true, false],
  ['all (endpoint.state == CLOSED || endpoint.closer == active)', true, true],
  // Times: FIN_WAIT_1 from 1.1 to 1.15, TIME_WAIT from 1.18 to the end at 10.
  ['a.time_in.FIN_WAIT_1 == 50ms', true, false],
  ['a.time_in.TIME_WAIT == 8.82', true, false],
  ['b.time_in.CLOSE_WAIT == 0.05', true, false],
  ['endpoint.time_in.CLOSE_WAIT > 0', true, false],
  ['all endpoint.time_in.CLOSE_WAIT <= 50ms', true, true],
  ['b.time_in.LISTEN == 0', true, true],
];

function selects(filter: string, one: FlowResult): boolean {
  return new FlowSelection(new Filter(filter)).selects(one, CAPTURE_END);
}

describe('facts of connections', () => {
  test.each(FACTS)('%s', (filter, closed, refused) => {
    expect([selects(filter, CLOSED), selects(filter, REFUSED)]).toEqual([closed, refused]);
  });
});

/** Streams 0 to 2 of the session. */
const MIXED: readonly (readonly [filter: string, streams: string])[] = [
  ['tcp.len > 0', '0'],
  ['tcp.flags.reset == 1', '1'],
  ['not tcp.flags.reset == 1', '0 1 2'],
  ['ipv6', '2'],
  ['tcp.analysis.spurious_retransmission', '0'],
  // One and the same segment fits.
  ['tcp.flags.syn == 1 && tcp.len > 0', ''],
  ['tcp.flags.syn == 1 && flow.duration > 1s', '2'],
  ['tcp.port == 443 or flow.duration > 1s', '1 2'],
  ['tcp.len > 0 && flow.closed', '0'],
  ['not (tcp.len > 0 && flow.closed)', '0 1 2'],
  ['tcp.flags.fin == 1 && not flow.closed', '2'],
  ['a.port == 40001 && tcp.flags.reset == 1 || b.port == 80 && tcp.len == 500', '0 1'],
  // Seven segment tests: more than fit one word of answers per connection.
  [
    [1, 2, 3, 4, 5, 6, 7].map((n) => `tcp.time_relative > ${n * 100}ms && flow.segments < ${5 - (n % 2)}`).join(' || '),
    '',
  ],
  [[1, 2, 3, 4, 5, 6, 7].map((n) => `tcp.time_relative > ${n * 100}ms && flow.segments < ${5 + n}`).join(' || '), '2'],
];

describe('segments and connections in one filter', () => {
  test.each(MIXED)('%s', async (filter, streams) => {
    const selection = new FlowSelection(new Filter(filter));
    const selected: number[] = [];
    await analyze(stdinOf(SESSION), {
      segment: (frame, packet, trace, clock) => selection.segment(frame, packet, trace, clock),
      flow: (one, clock) => {
        if (selection.selects(one, clock.duration())) selected.push(one.stream);
      },
    });
    expect(selected.join(' ')).toBe(streams);
    expect(selection).toMatchObject({ asked: 3, selected: selected.length });
  });

  test('the session is what the table above supposes', async () => {
    const { flows, captureEnd } = await flowsOf();
    expect(flows.map(({ segments }) => segments)).toEqual([11, 2, 5]);
    expect(captureEnd).toBe(4);
  });
});
