// In: captures with a flaw. Out: proof that the findings it touches say so, and the others do not.

import { expect, test } from 'vitest';
import { scriptCapture } from '../support/script-capture.ts';
import { findingsIn } from './support.ts';

const ENDS = `
A 10.0.0.1:40000  iss 1000000
B 10.0.0.2:80     iss 5000000
step 0.01`;
const HANDSHAKE = `
A> S   0:0(0)  win 64240        <mss 1460>
B> S.  0:0(0)  ack 1 win 65160  <mss 1460>
A> .   1:1(0)  ack 1 win 64240`;
const SENT_AGAIN = `
A> P.  1:101(100)  ack 1 win 64240
A> P.  1:101(100)  ack 1 win 64240  +0.3
B> .   1:1(0)      ack 101 win 65160`;

/** Code and reason of what is lowered, and codes of the rest. */
async function confidence(...blocks: string[]): Promise<{ lowered: Record<string, string>; high: string[] }> {
  const { flows } = await findingsIn(scriptCapture(...blocks));
  const findings = flows.flatMap((flow) => flow.findings);
  const lowered = findings.filter((finding) => finding.confidence === 'lowered');
  expect(findings.every((finding) => (finding.confidence === 'lowered') === (finding.because !== undefined))).toBe(
    true,
  );
  return {
    lowered: Object.fromEntries(lowered.map(({ code, because }) => [code, because!])),
    high: findings.filter(({ confidence }) => confidence === 'high').map(({ code }) => code),
  };
}

test('a capture without flaws', async () => {
  const { lowered, high } = await confidence(ENDS + HANDSHAKE + SENT_AGAIN);
  expect(lowered).toEqual({});
  expect(high).toContain('retransmission');
});

test('bytes acknowledged and never captured', async () => {
  const missing = 'A> .   201:301(100)  ack 1 win 64240\nB> .   1:1(0)  ack 301 win 65160';
  const { lowered, high } = await confidence(`${ENDS}${HANDSHAKE}${SENT_AGAIN}\n${missing}`);
  expect(lowered).toMatchObject({ retransmission: 'frames of this connection are missing from the capture' });
  // What says that they are missing is not less sure because of it.
  expect(high).toContain('capture_gap');
});

test('frames captured twice: one copy may be the network, three are the capture', async () => {
  const copies = (n: number): string =>
    Array.from(
      { length: n },
      (_, i) =>
        `A> P.  ${101 + i}:${102 + i}(1)  ack 1 win 64240\nA> P.  ${101 + i}:${102 + i}(1)  ack 1 win 64240  +0.0001 copy`,
    ).join('\n');
  const script = (n: number): string => `${ENDS}${HANDSHAKE}${SENT_AGAIN}\n${copies(n)}`;
  expect((await confidence(script(2))).lowered).toEqual({});
  expect((await confidence(script(3))).lowered).toMatchObject({ retransmission: 'frames are in the capture twice' });
});

test('time that goes backwards', async () => {
  const { lowered } = await confidence(`${ENDS}${HANDSHAKE}${SENT_AGAIN} stamp -0.5`);
  expect(lowered).toMatchObject({ retransmission: 'the capture is not in the order of the wire' });
});

test('segments joined by offload touch the loss rate', async () => {
  const joined = 'A> .   1:2921(2920)  ack 1 win 64240\nB> .   1:1(0)  ack 2921 win 65160';
  const losses = Array.from({ length: 10 }, (_, i) => {
    const data = `A> .   ${2921 + 2 * i}:${2923 + 2 * i}(2)  ack 1 win 64240`;
    return `${data}
${data}  +0.3
B> .   1:1(0)  ack ${2923 + 2 * i} win 65160`;
  });
  const { lowered } = await confidence(`${ENDS}${HANDSHAKE}\n${joined}\n${losses.join('\n')}`);
  expect(lowered).toMatchObject({ heavy_retransmission: 'segments were captured joined by an offload engine' });
});

test('a capture of one direction touches what is said of its hosts', async () => {
  const oneSided = Array.from(
    { length: 4 },
    (_, i) => `
A 10.0.0.1:${50000 + i}  iss 1000000
B 10.0.0.9:80     iss 5000000
A> P.  1:101(100)    ack 1 win 500
A> .   101:101(0)    ack 1001 win 500`,
  );
  const silent = `
A 10.0.0.1:40000  iss 1000000
B 10.0.0.2:80     iss 5000000
repeat 5 every 0.1
A> S   0:0(0)  win 64240
A> S   0:0(0)  win 64240  +1`;
  const { capture } = await findingsIn(scriptCapture(silent, ...oneSided));
  const finding = capture.captureFindings.find(({ code }) => code === 'service_unanswered')!;
  expect([finding.confidence, finding.because]).toEqual([
    'lowered',
    'only one direction of the connection was captured',
  ]);
});

test('totals, shares and worst frames', async () => {
  const { flows } = await findingsIn(
    scriptCapture(`${ENDS}${HANDSHAKE}${SENT_AGAIN}
A> P.  101:201(100)  ack 1 win 64240
A> P.  101:201(100)  ack 1 win 64240  +0.6
B> .   1:1(0)        ack 201 win 65160`),
  );
  const finding = flows[0]!.findings.find(({ code }) => code === 'retransmission')!;
  // Two of four data segments; the first is frame 5, the longer wait was before frame 8.
  expect(finding).toMatchObject({ count: 2, share: 0.5, frame: 5, worstFrame: 8, endpoint: 0 });
  expect(finding.message).toBe(
    'sent 2 segments again (50 % of those with data); 900 ms of silence before them, 600 ms at most',
  );
});

test('five thousand retransmissions are one finding', async () => {
  const lines = Array.from({ length: 5000 }, () => 'A> P.  1:101(100)  ack 1 win 64240  +0.3').join('\n');
  const { flows } = await findingsIn(
    scriptCapture(`${ENDS}${HANDSHAKE}\nA> P.  1:101(100)  ack 1 win 64240\n${lines}`),
  );
  const findings = flows[0]!.findings.filter(({ code }) => code === 'retransmission');
  expect(findings.map(({ count }) => count)).toEqual([5000]);
});
