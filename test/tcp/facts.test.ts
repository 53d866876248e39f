// In: segments. Out: proof that facts cost healthy connections nothing, are given back whole, and that ticks do not run over.

import { describe, expect, test } from 'vitest';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { AnalysisFlag } from '../../src/tcp/analysis-flag.ts';
import { MAX_TICK } from '../../src/tcp/fact-rows.ts';
import { ticksBetween } from '../../src/tcp/facts.ts';
import { TcpTrace } from '../../src/tcp/trace.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet } from '../../src/wire/packet.ts';
import { frameOf } from '../support/frame-builder.ts';

/** The trace of a block of segments (fixtures/README.md), or `trace` going on with them. */
function traceOf(script: string, trace = new TcpTrace()): TcpTrace {
  const decoder = new Decoder();
  const packet = new Packet();
  framesOfScript(`\`\`\`segments\n${script}\n\`\`\`\n`).forEach(({ seconds, nanoseconds, bytes }, i) => {
    const frame = frameOf(bytes, { number: i + 1, timeNs: BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds) });
    decoder.decode(frame, packet);
    trace.observe(frame, packet);
  });
  return trace;
}

const HEALTHY = `
A 10.0.0.1:40000  iss 1000000
B 10.0.0.2:80     iss 5000000
repeat 100 every 0.001
A> S   0:0(0)        win 64240           <mss 1460,nop,wscale 7,sackOK>
B> S.  0:0(0)        ack 1 win 65160     <mss 1460,nop,wscale 7,sackOK>
A> .   1:1(0)        ack 1 win 502
A> P.  1:101(100)    ack 1 win 502
B> P.  1:1001(1000)  ack 101 win 509
A> .   101:101(0)    ack 1001 win 502
A> F.  101:101(0)    ack 1001 win 502
B> F.  1001:1001(0)  ack 102 win 509
A> .   102:102(0)    ack 1002 win 502`;

test('healthy connections take one row each and nothing else', () => {
  const { facts } = traceOf(HEALTHY);
  expect([facts.pool.live, facts.troubles.live, facts.oddities.live, facts.resets.live]).toEqual([100, 0, 0, 0]);
});

test('a connection gives back all it took', () => {
  // A retransmission, urgent data, and a reset: rows of each kind in both directions.
  const { facts } = traceOf(`
A 10.0.0.1:40000  iss 1000000
B 10.0.0.2:80     iss 5000000
A> S   0:0(0)      win 64240        <mss 1460>
B> S.  0:0(0)      ack 1 win 65160  <mss 1460>
A> .   1:1(0)      ack 1 win 64240
A> PU. 1:101(100)  ack 1 win 64240
A> P.  1:101(100)  ack 1 win 64240  +0.3
B> PU. 1:101(100)  ack 101 win 65160
B> P.  1:101(100)  ack 101 win 65160  +0.3
B> R.  101:101(0)  ack 101 win 65160
A> R   101:101(0)  win 0`);
  expect([facts.pool.live, facts.troubles.live, facts.oddities.live, facts.resets.live]).toEqual([1, 2, 2, 2]);
  facts.release(0);
  expect([facts.pool.live, facts.troubles.live, facts.oddities.live, facts.resets.live]).toEqual([0, 0, 0, 0]);
});

test('what a forgotten connection sent is not held against one that takes its place', () => {
  const ends = `
A 10.0.0.1:40000  iss 1000000
B 10.0.0.2:80     iss 5000000`;
  const trace = traceOf(`${ends}
B> .   1:1(0)      ack 1 win 509
A> P.  1:101(100)  ack 1 win 502
B> .   1:1(0)      ack 101 win 509
A> R.  101:101(0)  ack 1 win 0`);
  expect(trace.release(0)).toBe(true);
  // Another connection on the same numbers whose first segment was not captured, only the one sent again.
  traceOf(
    `${ends}
B> .   1:1(0)      ack 101 win 509
A> P.  1:101(100)  ack 1 win 502  other`,
    trace,
  );
  expect(trace.connections.capacity).toBe(1);
  expect(trace.analysis.flags & AnalysisFlag.SPURIOUS_RETRANSMISSION).not.toBe(0);
  expect(trace.facts.oddities.live).toBe(0);
});

describe('ticks', () => {
  test.each([
    ['a tenth of a millisecond', 10, 0, 10, 100_000, 1],
    ['less', 10, 0, 10, 99_999, 0],
    ['a second over the full second', 10, 999_950_000, 12, 950_000, 10_010],
    ['backwards', 10, 0, 9, 0, 0],
    ['59 hours', 0, 0, 59 * 3600, 0, 59 * 3600 * 10_000],
    ['two months', 0, 0, 5_000_000, 0, MAX_TICK],
    // Unix seconds are kept as int32, which they leave in 2038.
    ['over the end of int32', 0x7fffffff, 0, -0x80000000, 0, 10_000],
  ])('%s', (_what, fromSeconds, fromNanoseconds, toSeconds, toNanoseconds, ticks) => {
    expect(ticksBetween(fromSeconds, fromNanoseconds, toSeconds, toNanoseconds)).toBe(ticks);
  });
});
