// In: filters about the ends of connections, and captures. Out: proof that they select what they would if every segment were asked, and that segments
// are asked only where they decide.

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { check } from '../../src/check-captures.ts';
import { selecting } from '../../src/cli/filter-option.ts';
import { Filter } from '../../src/filter/filter.ts';
import { FlowSelection } from '../../src/filter/selection.ts';
import { livesOf } from '../../src/tcp/flow-result.ts';
import { ENCAPSULATIONS } from '../support/encapsulations.ts';
import { ethernet, ipv4, join, tcpFrame, tcpPacket } from '../support/frame-builder.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';
import { randomFrames } from '../support/random-segments.ts';
import { TemporaryFiles } from '../support/read-capture.ts';
import { runs } from '../support/runs.ts';

const folder = new TemporaryFiles();
afterAll(() => folder.remove());
let written = 0;
const file = (frames: FrameToWrite[], linkType = 1): string =>
  folder.write(`${written++}.pcap`, writePcap(frames, { linkType }));

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];
const SERVER = '10.0.0.2';
const ROUTER = '192.0.2.9';
const TUNNEL = { src: '192.0.2.1', dst: '192.0.2.2', protocol: 4 };

/** One that closes by the book, with five bytes of data. `data`: around the packet that has them. */
function connection(client: string, port: number, data: (packet: Uint8Array) => Uint8Array = ethernet): Uint8Array[] {
  const c = { src: client, dst: SERVER, sport: port, dport: 80 };
  const s = { src: SERVER, dst: client, sport: 80, dport: port };
  return [
    tcpFrame({ ...c, flags: SYN, seq: 100 }),
    tcpFrame({ ...s, flags: SYN | ACK, seq: 500, ack: 101 }),
    tcpFrame({ ...c, flags: ACK, seq: 101, ack: 501 }),
    data(tcpPacket({ ...c, flags: ACK, seq: 101, ack: 501, payload: 'hello' })),
    tcpFrame({ ...s, flags: FIN | ACK, seq: 501, ack: 106 }),
    tcpFrame({ ...c, flags: FIN | ACK, seq: 106, ack: 502 }),
    tcpFrame({ ...s, flags: ACK, seq: 502, ack: 107 }),
  ];
}

/** An ICMP error about the SYN of a connection, of which no segment is in the capture. */
const quoted = ethernet(
  ipv4(
    { src: ROUTER, dst: '10.0.0.7', protocol: 1 },
    join(3, 3, 0, 0, 0, 0, 0, 0, tcpPacket({ src: '10.0.0.7', dst: SERVER, sport: 7000, dport: 80, flags: SYN })),
  ),
);

const at = (bytes: Uint8Array, i: number): FrameToWrite => ({ seconds: 1, nanoseconds: i * 1000, bytes });
/** Its data come twice, and a reset ends it. */
const strays = connection('10.0.0.5', 1005).slice(0, 4);
strays.push(
  strays[3]!,
  tcpFrame({ src: SERVER, dst: '10.0.0.5', sport: 80, dport: 1005, flags: ACK, seq: 501, ack: 106 }),
  tcpFrame({ src: '10.0.0.5', dst: SERVER, sport: 1005, dport: 80, flags: RST, seq: 106 }),
);
/** Streams: 0 plain, 1 with its data in a tunnel, 2 known by the ICMP error only, 3 plain, to the same client as 0; 4 and 5 in the second capture. */
const FRAMES = [
  ...connection('10.0.0.1', 1001),
  ...connection('10.0.0.3', 1002, (packet) => ethernet(ipv4(TUNNEL, packet))),
  quoted,
  ...connection('10.0.0.1', 1003),
].map(at);
const path = file(FRAMES);
/** One that is not by the book, and one that is: it begins right behind what is sent again. */
const more = file([...FRAMES, ...[...strays.slice(0, 5), ...connection('10.0.0.4', 1004), ...strays.slice(5)].map(at)]);

interface Selected {
  streams: number[];
  /** Segments that the filter was asked about. */
  asked: number;
}

async function selected(files: string[], source: string): Promise<Selected> {
  const selection = new FlowSelection(new Filter(source));
  const ask = selection.segment.bind(selection);
  let asked = 0;
  selection.segment = (...args) => {
    asked++;
    ask(...args);
  };
  const streams: number[] = [];
  await analyze({ files }, selecting(selection, { flow: ({ stream }) => void streams.push(stream) }));
  return { streams, asked };
}

/** As `selected`, of every segment. */
async function selectedSlowly(files: string[], source: string): Promise<number[]> {
  const selection = new FlowSelection(new Filter(source));
  const streams: number[] = [];
  await analyze(
    { files },
    {
      segment: (...args) => selection.segment(...args),
      flow: (flow, clock) => {
        if (selection.selects(flow, clock.duration())) streams.push(flow.stream);
      },
    },
  );
  return streams;
}

/** Both ways; the fast one asks the filter about so many segments. */
async function expectSelected(path: string, source: string, streams: readonly number[], asked: number): Promise<void> {
  expect(await selectedSlowly([path], source)).toEqual(streams);
  expect(await selected([path], source)).toEqual({ streams, asked });
}

describe('what the first segment shows need not be asked of the others', () => {
  // The streams by hand, from the frames above. Asked: a connection has seven segments; in a tunnel there is another pair of addresses.
  test.each([
    ['tcp.port == 1001', [0], 0],
    ['tcp.stream == 3', [3], 0],
    ['tcp.stream in {0, 3} && ip', [0, 3], 0],
    ['ip.addr == 10.0.0.1', [0, 3], 0],
    ['!(ip.addr == 10.0.0.1)', [1], 0],
    ['tcp.port == 443', [], 0],
    // The segment in the tunnel alone; the router has sent no segment.
    ['ip.addr == 192.0.2.1', [1], 0],
    [`ip.addr == ${ROUTER}`, [], 0],
    ['tcp.port == 1001 && tcp.len == 5', [0], 7],
    ['ip.addr == 10.0.0.1 && tcp.len == 5', [0, 3], 14],
    // Not until that segment is it known that anything need be asked.
    ['ip.addr == 192.0.2.1 && tcp.len == 5', [1], 4],
    ['ip.addr == 192.0.2.1 && tcp.len == 6', [], 4],
    ['tcp.port == 1001 || tcp.len == 5', [0, 1, 3], 14],
    ['tcp.port == 1001 xor tcp.port == 80', [1, 3], 0],
    ['tcp.port == 1001 && flow.verdict == "closed-by-server"', [0], 7],
    ['tcp.port == 1001 && flow.verdict == "closed-by-client"', [], 7],
    // The end that sends is not the same for all.
    ['tcp.dstport == 1001', [0], 21],
    ['tcp.port + 1 == 1002', [0], 21],
    ['tcp.srcport < tcp.port && tcp.port == 1001', [0], 7],
  ])('%s', (source, streams, asked) => expectSelected(path, source, streams, asked));

  // What no segment by the book has is asked only where one is not: of the last three of stream 4, and of stream 1 from the one in the tunnel on, four. The
  // streams by hand.
  test.each([
    ['tcp.analysis.retransmission', [4], 7],
    ['tcp.analysis.flags', [4], 7],
    ['tcp.analysis.zero_window', [], 7],
    ['tcp.flags.reset == 1', [4], 7],
    ['tcp.flags.reset == True && tcp.port == 1005', [4], 3],
    ['tcp.flags.urg == 1', [], 7],
    // Decided by its first segment, which is by the book.
    ['not tcp.analysis.flags', [0, 1, 3, 4, 5], 0],
    ['tcp.flags.reset == 0', [0, 1, 3, 4, 5], 0],
    ['tcp.flags.reset', [0, 1, 3, 4, 5], 0],
    ['tcp.analysis.retransmission && tcp.port == 1004', [], 0],
    ['tcp.analysis.retransmission && tcp.len == 5', [4], 7],
    ['tcp.analysis.retransmission || tcp.port == 1001', [0, 4], 7],
    ['tcp.flags.reset == 1 && tcp.analysis.flags', [], 7],
    ['tcp.analysis.retransmission && flow.segments == 7', [4], 7],
    ['tcp.analysis.retransmission && flow.segments == 8', [], 7],
    // Where a value depends on the segments before, all are asked; but no later segment has other ports.
    ['tcp.analysis.retransmission && tcp.analysis.rto > 0', [4], 35],
    ['tcp.flags.reset == 1 && len(_ws.col.Info) > 1000', [], 35],
    ['ip.addr == 10.0.0.5 && tcp.analysis.acks_frame', [4], 35],
    ['tcp.port == 1005 && tcp.analysis.acks_frame', [4], 7],
    ['(tcp.port == 1001 || tcp.analysis.retransmission) && tcp.analysis.acks_frame', [0], 35],
    ['tcp.stream in {1, 2} && tcp.analysis.bytes_in_flight == 5', [1], 7],
  ])('%s', (source, streams, asked) => expectSelected(more, source, streams, asked));

  test('two fields are as constant as the less constant one', async () => {
    // Stream 0 has no reset, which is 0 as well; stream 1 has one.
    const two = file([...connection('10.0.0.1', 1001), ...strays].map(at));
    expect((await selected([two], 'tcp.flags.reset == tcp.stream')).streams).toEqual([0, 1]);
  });

  test('a listener to the segments of some connections gets them whole, and those of no other', async () => {
    const segmentsOf = async (source: string, wanted: (stream: number) => boolean): Promise<number[]> => {
      const frames: number[] = [];
      const selection = new FlowSelection(new Filter(source));
      const listener = {
        segment: (frame: { number: number }) => void frames.push(frame.number),
        wantsSegments: wanted,
      };
      await analyze({ files: [path] }, selecting(selection, listener));
      return frames;
    };
    const all = (): boolean => true;
    expect(await segmentsOf('tcp.port == 1001', all)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await segmentsOf('tcp.port == 1001', () => false)).toEqual([]);
    expect(await segmentsOf('tcp.port == 1001 && tcp.len == 5', all)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    // Its first segments have passed by the time it is known that it may be selected.
    expect(await segmentsOf('ip.addr == 192.0.2.1 && tcp.len == 5', all)).toEqual([]);
    expect(await segmentsOf('ip.addr == 192.0.2.1', all)).toEqual([]);
  });

  test('whatever the listener wants of it, a connection is asked', async () => {
    const selection = new FlowSelection(new Filter('tcp.port == 1003 && tcp.len == 5'));
    const streams: number[] = [];
    await analyze(
      { files: [path] },
      selecting(selection, {
        segment: () => {},
        wantsSegments: (stream) => stream < 1,
        wantsNoneFrom: 1,
        flow: ({ stream }) => void streams.push(stream),
      }),
    );
    expect(streams).toEqual([3]);
  });

  test('a listener to all segments gets them all', async () => {
    let segments = 0;
    const selection = new FlowSelection(new Filter('tcp.port == 1001'));
    await analyze({ files: [path] }, selecting(selection, { segment: () => void segments++ }));
    expect(segments).toBe(21);
  });
});

test('all connections count as asked, those that were not looked at, too', async () => {
  for (const source of ['tcp.port == 443', 'tcp.port == 1001', 'tcp.srcport == 443']) {
    const selection = new FlowSelection(new Filter(source));
    await analyze({ files: [path] }, selecting(selection, {}));
    expect(selection.asked).toBe(4);
  }
});

describe('rules of check', () => {
  // By hand: streams 0 and 3 are of 10.0.0.1, 1 has a segment in a tunnel; all close by the server.
  test.each([
    [{ where: 'tcp.port == 1001', expect: 'flow.verdict == "closed-by-server"' }, 1, 0],
    [{ where: 'ip.addr == 10.0.0.1', expect: 'flow.segments == 8' }, 2, 2],
    [{ where: 'ip.addr == 192.0.2.1 && tcp.len == 5', expect: 'flow.segments == 8' }, 1, 1],
    [{ where: 'ip.addr == 10.0.0.1', of: 'tcp.port == 80', count: 'flows', max: 1 }, 3, 2],
    [{ where: 'flow.segments == 7', of: 'ip.addr == 10.0.0.1', count: 'flows', max: 1 }, 2, 2],
    [{ where: 'tcp.port == 1001', of: 'ip.addr == 10.0.0.1 && tcp.len == 5', count: 'flows', max: 0 }, 2, 1],
    // Of segments each is asked: three have data, one of them to port 1001.
    [{ where: 'tcp.port == 1001 && tcp.len == 5', count: 'segments', max: 0 }, 21, 1],
    [{ where: 'tcp.port == 1001', expect: 'tcp.len < 5' }, 7, 1],
  ] as const)('%j', async (rule, checked, violated) => {
    const { results } = await check({ files: [path], rules: [{ name: 'rule', ...rule }] });
    expect(results[0]).toMatchObject({ checked, violated, holds: violated === 0 });
    // And beside a rule that asks every segment.
    const both = await check({ files: [path], rules: [{ name: 'rule', ...rule }], expect: 'tcp.len < 6' });
    expect(both.results.find(({ rule: { name } }) => name === 'rule')).toMatchObject({ checked, violated });
  });
});

describe('the same as asking every segment', () => {
  const TERMS = [
    'ip.addr == 10.0.0.1',
    'ip.addr != 10.0.0.2',
    'all ip.addr > 10.0.0.1',
    'ip.addr == 192.0.2.1',
    'ipv6.addr == 2001:db8::1',
    'ip',
    'ipv6',
    'tcp.port == 80',
    'tcp.port > 2000',
    'tcp.stream < 2',
    'tcp.len > 0',
    'tcp.flags.syn == 1',
    'ip.src == 10.0.0.1',
    'tcp.analysis.flags',
    'tcp.analysis.retransmission',
    'tcp.flags.reset == 1',
    'tcp.analysis.acks_frame',
    'tcp.analysis.rto > 0',
    'tcp.analysis.push_bytes_sent > 100',
    'len(_ws.col.Info) > 80',
    'flow.segments > 3',
    'endpoint.state == ESTABLISHED',
    'finding.code == "retransmission"',
  ];
  const filter: fc.Memo<string> = fc.memo((depth) =>
    depth <= 1
      ? fc.constantFrom(...TERMS)
      : fc.oneof(
          fc.constantFrom(...TERMS),
          filter(depth - 1).map((of) => `!(${of})`),
          fc
            .tuple(filter(depth - 1), fc.constantFrom('&&', '||', 'xor'), filter(depth - 1))
            .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
        ),
  );
  const tunnels = file(ENCAPSULATIONS.filter(({ linkType }) => linkType === 1).map(({ bytes }, i) => at(bytes, i)));

  test('random filters on random traffic, and on every encapsulation', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(filter(3), fc.integer(), async (source, seed) => {
        const random = file(randomFrames(seed, { segments: 120 }));
        for (const each of [path, more, tunnels, random]) {
          const { streams } = await selected([each], source);
          expect(streams, `${source} of ${each}`).toEqual(await selectedSlowly([each], source));
        }
      }),
      { numRuns: runs(40) },
    );
  });

  test('flows are told with the same account', async () => {
    const told = async (source: string): Promise<unknown[]> => {
      const flows: unknown[] = [];
      const selection = new FlowSelection(new Filter(source));
      await analyze({ files: [path] }, selecting(selection, { flow: (flow) => void flows.push(...livesOf(flow)) }));
      return flows;
    };
    expect(await told('tcp.port == 80')).toEqual(await told('tcp.srcport > 0'));
    expect((await told('tcp.port == 80')).length).toBe(3);
  });
});
