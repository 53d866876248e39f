// In: nothing. Out: a small capture with something for every kind of filter, and what filters select in it.

import { Readable } from 'node:stream';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { analyze } from '../../src/analyze.ts';
import { Filter } from '../../src/filter/filter.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { writePcap } from './pcap-writer.ts';

/** Frames 1 to 11: an HTTP request; 12, 13: a refused connection; 14 to 18: IPv6, left open by one side. */
const PAGE = `
\`\`\`segments
A 10.0.0.1:40000  iss 1000000
B 10.0.0.2:80     iss 4000000000
step 0.01
A> S   0:0(0)      win 64240          <mss 1460,sackOK,nop,wscale 7>
B> S.  0:0(0)      ack 1 win 65160    <mss 1400,nop,wscale 8>
A> .   1:1(0)      ack 1 win 502
A> P.  1:101(100)  ack 1 win 502
B> .   1:1(0)      ack 101 win 255
B> P.  1:501(500)  ack 101 win 255
A> .   101:101(0)  ack 501 win 500
B> P.  1:501(500)  ack 101 win 255    +0.3
A> F.  101:101(0)  ack 501 win 500
B> F.  501:501(0)  ack 102 win 255
A> .   102:102(0)  ack 502 win 500
\`\`\`

\`\`\`bytes A
GET /index.html HTTP/1.1
Host: example.org
\`\`\`

\`\`\`segments
at 1
A 10.0.0.3:40001  iss 5000
B 192.0.2.7:443   iss 0
A> S   0:0(0)      win 1000           <mss 536>
B> R.  0:0(0)      ack 1 win 0
\`\`\`

\`\`\`segments
at 2
A [2001:db8::1]:50000  iss 7000
B [fe80::9]:8443       iss 9000
step 0.5
A> S   0:0(0)      win 64800          <mss 1440,sackOK,TS val 5000 ecr 0,nop,wscale 7>
B> S.  0:0(0)      ack 1 win 64260    <mss 1440,sackOK,TS val 9000 ecr 5000,nop,wscale 7>
A> .   1:1(0)      ack 1 win 507      <nop,nop,TS val 5500 ecr 9000>
A> F.  1:1(0)      ack 1 win 507      <nop,nop,TS val 6000 ecr 9000>
B> .   1:1(0)      ack 2 win 502      <nop,nop,TS val 10500 ecr 6000>
\`\`\`
`;

export const SESSION = writePcap(framesOfScript(PAGE));

export function stdinOf(bytes: Uint8Array): { files: string[]; stdin: Readable } {
  return { files: ['-'], stdin: Readable.from([bytes], { objectMode: false }) };
}

/** The frames whose segments each filter selects; the filters ask about segments alone. */
export async function selectedFrames(expressions: readonly string[], capture = SESSION): Promise<number[][]> {
  const filters = expressions.map((expression) => new Filter(expression));
  const frames: number[][] = filters.map(() => []);
  await analyze(stdinOf(capture), {
    segment(frame, packet, trace, clock) {
      for (const [i, filter] of filters.entries()) {
        const selected = filter.selectsEarly(filter.answers(frame, packet, trace, clock));
        if (selected === null) throw new Error(`${filter.source} asks about connections`);
        if (selected) frames[i]!.push(frame.number);
      }
    },
  });
  return frames;
}

/** The connections of the capture, and its end. */
export async function flowsOf(capture = SESSION): Promise<{ flows: FlowResult[]; captureEnd: number }> {
  const flows: FlowResult[] = [];
  const { duration } = await analyze(stdinOf(capture), { flow: (flow) => void flows.push(flow) });
  return { flows, captureEnd: duration };
}
