// In: random captures in which nearly everything goes wrong. Out: proof that what does not matter changes nothing: in which pieces
// and files the bytes come, which end is which, where sequence numbers begin, that a segment is seen twice. Each property is
// shown to be able to fail.

import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type AnalyzeOptions, analyze } from '../src/analyze.ts';
import type { CaptureResult, EndpointResult, FlowResult } from '../src/tcp/flow-result.ts';
import { tcpFrame } from './support/frame-builder.ts';
import { type FrameToWrite, writePcap, writePcapng } from './support/pcap-writer.ts';
import { randomFrames } from './support/random-segments.ts';
import { TemporaryFiles } from './support/read-capture.ts';
import { endsExchanged, numbersShifted } from './support/rewrite-frames.ts';
import { runs } from './support/runs.ts';
import { endpointOf, type Played, parseScript, play, type Segment } from './support/state-script.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

interface Told {
  capture: CaptureResult;
  flows: FlowResult[];
}

async function told(options: AnalyzeOptions): Promise<Told> {
  const flows: FlowResult[] = [];
  const capture = await analyze(options, { flow: (flow) => void flows.push(flow) });
  return { capture, flows };
}

function arriving(bytes: Uint8Array, sizes: readonly number[]): AnalyzeOptions {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return { files: ['-'], stdin: Readable.from(pieces, { objectMode: false }) };
}

const whole = (bytes: Uint8Array): Promise<Told> => told(arriving(bytes, [bytes.length]));
const nanoseconds = (frames: readonly FrameToWrite[]): Uint8Array => writePcap(frames, { nanoseconds: true });

const seed = fc.integer({ min: 1, max: 1_000_000 });
const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 8 });

describe('pieces', () => {
  const forms: Record<string, (frames: readonly FrameToWrite[]) => Uint8Array> = {
    pcap: nanoseconds,
    pcapng: writePcapng,
    'pcap, gzip': (frames) => gzipSync(nanoseconds(frames)),
  };

  test.each(Object.keys(forms))('%s: whatever pieces it comes in, the answer is the same', async (form) => {
    await fc.assert(
      fc.asyncProperty(seed, sizes, async (choice, pieces) => {
        const bytes = forms[form]!(randomFrames(choice, { segments: 60 }));
        expect(await told(arriving(bytes, pieces))).toEqual(await whole(bytes));
      }),
      { numRuns: runs(12) },
    );
  });

  test('a frame lost between two pieces would be seen', async () => {
    const frames = randomFrames(1, { segments: 60 });
    expect(await whole(nanoseconds(frames.toSpliced(30, 1)))).not.toEqual(await whole(nanoseconds(frames)));
  });
});

describe('files', () => {
  // What the files of a capture are called and written as is of the files.
  const content = ({ capture, flows }: Told) => ({ flows, capture: { ...capture, files: null, formats: null } });
  const inOrder = (frames: readonly FrameToWrite[]): FrameToWrite[] =>
    frames.toSorted((a, b) => a.seconds - b.seconds || a.nanoseconds - b.nanoseconds);
  const write = (name: string, frames: readonly FrameToWrite[]): string => files.write(name, nanoseconds(frames));

  test('a capture cut into files by time is the same capture', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(seed, cuts, async (choice, cut) => {
        const frames = inOrder(randomFrames(choice, { segments: 60 }));
        const places = [0, ...cut.toSorted((a, b) => a - b), frames.length];
        const names = cut.map((_, i) => write(`cut-${i}.pcap`, frames.slice(places[i], places[i + 1])));
        names.push(write('cut-last.pcap', frames.slice(places.at(-2), frames.length)));
        expect(content(await told({ files: names }))).toEqual(content(await whole(nanoseconds(frames))));
      }),
      { numRuns: runs(12) },
    );
  });

  test('dealt out to files frame by frame as well, where no two have the same time', async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }), async (choice, deal) => {
        const frames = inOrder(randomFrames(choice, { segments: 60 })).map((frame, i) => ({
          ...frame,
          seconds: 1_700_000_000 + i,
        }));
        const names = [0, 1, 2].map((file) =>
          write(
            `dealt-${file}.pcap`,
            frames.filter((_, i) => deal[i % deal.length] === file),
          ),
        );
        expect(content(await told({ files: names }))).toEqual(content(await whole(nanoseconds(frames))));
      }),
      { numRuns: runs(8) },
    );
  });

  test('files of other times would be seen', async () => {
    const frames = inOrder(randomFrames(2, { segments: 60 }));
    const late = frames.slice(30).map((frame) => ({ ...frame, seconds: frame.seconds + 1 }));
    const names = [write('early.pcap', frames.slice(0, 30)), write('late.pcap', late)];
    expect(content(await told({ files: names }))).not.toEqual(content(await whole(nanoseconds(frames))));
  });
});

describe('ends', () => {
  /** The flow as told of the other ends: what names one names the other; what a port suggests goes with the port. */
  function exchanged(flow: FlowResult): FlowResult {
    const [a, b] = flow.endpoints;
    const names: Record<string, string> = { [textOf(a)]: textOf(b), [textOf(b)]: textOf(a) };
    const text = JSON.stringify(flow.findings).replace(/[\w.:[\]]+:\d+/g, (name) => names[name] ?? name);
    const ends = (endpoints: readonly EndpointResult[]) =>
      endpoints.map(({ likelyRole: _, ...one }, i) => {
        const { addr, port, likelyRole } = endpoints[1 - i]!;
        return { ...one, addr, port, ...(likelyRole && { likelyRole }) };
      }) as FlowResult['endpoints'];
    return {
      ...flow,
      endpoints: ends(flow.endpoints),
      findings: JSON.parse(text),
      ...(flow.furtherLives && {
        furtherLives: flow.furtherLives.map((life) => ({ ...life, endpoints: ends(life.endpoints) })),
      }),
    };
  }

  const textOf = ({ addr, port }: EndpointResult): string =>
    addr.includes(':') ? `[${addr}]:${port}` : `${addr}:${port}`;

  test('exchanging the ends of every connection exchanges them in the answer, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(seed, async (choice) => {
        const frames = randomFrames(choice, { segments: 120 });
        const { flows } = await whole(nanoseconds(frames));
        expect((await whole(nanoseconds(endsExchanged(frames)))).flows).toEqual(flows.map(exchanged));
      }),
      { numRuns: runs(20) },
    );
  });

  test('one packet that is not exchanged would be seen', async () => {
    const frames = randomFrames(3, { segments: 120 });
    const { flows } = await whole(nanoseconds(frames));
    const most = endsExchanged(frames).with(5, frames[5]!);
    expect((await whole(nanoseconds(most))).flows).not.toEqual(flows.map(exchanged));
  });
});

describe('sequence numbers', () => {
  const histories = ({ flows }: Told) =>
    flows.map(({ verdict, completeness, endpoints, furtherLives }) => ({
      verdict,
      completeness,
      ends: [{ endpoints }, ...(furtherLives ?? [])].map((life) =>
        life.endpoints.map(({ addr, port, opener, closer, states }) => ({ addr, port, opener, closer, states })),
      ),
    }));
  /** One shift for each end, from the two: an end is its address and port. */
  const shifts =
    (even: number, odd: number) =>
    (address: Uint8Array, port: number): number =>
      (address.at(-1)! + port) % 2 === 0 ? even : odd;
  const shift = fc.integer({ min: 0, max: 0xffff_ffff });
  /** A connection of a port with itself has the numbers of both ends in one direction, and any distance between them. */
  const isToItself = (bytes: Uint8Array): boolean => {
    const [at, length] = bytes[12] === 8 ? [26, 4] : [22, 16];
    return Buffer.compare(bytes.subarray(at, at + length), bytes.subarray(at + length, at + 2 * length)) === 0;
  };
  test('where they begin changes no state, through the wrap as well', async () => {
    await fc.assert(
      fc.asyncProperty(seed, shift, shift, shift, shift, async (choice, a, b, even, odd) => {
        // Random captures like numbers around 0, which for Wireshark may mean "none": away from there.
        const frames = numbersShifted(randomFrames(choice, { segments: 120, damage: false }), shifts(a, b));
        fc.pre(!frames.some(({ bytes }) => isToItself(bytes)));
        const shifted = numbersShifted(frames, shifts(even, odd));
        expect(histories(await whole(nanoseconds(shifted)))).toEqual(histories(await whole(nanoseconds(frames))));
      }),
      // The first: data in front of the peer's first acknowledgment, whose numbers are below or above 2^31.
      { numRuns: runs(20), examples: [[880492, 0, 0, 39159637, 0]] },
    );
  });

  test('behind a gap, too, where the other direction is not in the capture', async () => {
    const oneSided = async (isn: number) => {
      const end = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40000, ack: 1, checksum: 0 };
      const frames = [
        tcpFrame({ ...end, seq: isn, flags: 'SA' }),
        tcpFrame({ ...end, seq: isn + 1, flags: 'A', payload: 'hello' }),
        // Five bytes are missing before it.
        tcpFrame({ ...end, seq: isn + 11, flags: 'A', payload: 'world' }),
        tcpFrame({ ...end, seq: isn + 16, flags: 'FA' }),
      ].map((bytes, i) => ({ seconds: 1, nanoseconds: i * 1000, bytes }));
      return histories(await whole(nanoseconds(frames)));
    };
    const [below, above] = [await oneSided(0x10000000), await oneSided(0x90000000)];
    expect(above).toEqual(below);
    const ends = below[0]!.ends[0]!.map(({ port, states }) => `${port} ${states.at(-1)!.state}`);
    expect(ends.sort()).toEqual(['40000 CLOSE_WAIT', '80 FIN_WAIT_1']);
  });

  test('one number that is not shifted would be seen', async () => {
    // Without checksums, which would no longer be right.
    const back = { src: '10.0.0.2', dst: '10.0.0.1', sport: 81, dport: 40000 };
    const frames = [
      tcpFrame({ dport: 81, seq: 100, flags: 'S', checksum: 0 }),
      tcpFrame({ ...back, seq: 700, ack: 101, flags: 'SA', checksum: 0 }),
      tcpFrame({ dport: 81, seq: 101, ack: 701, flags: 'A', checksum: 0 }),
    ].map((bytes, i) => ({ seconds: 1, nanoseconds: i * 1000, bytes }));
    const shifted = numbersShifted(frames, shifts(1000, 5000));
    const good = histories(await whole(nanoseconds(frames)));
    expect(histories(await whole(nanoseconds(shifted)))).toEqual(good);
    expect(histories(await whole(nanoseconds(shifted.with(2, frames[2]!))))).not.toEqual(good);
  });
});

describe('segments seen twice', () => {
  /** Ways two ends that behave open, talk and close. Each line may come again. */
  const TALKS = [
    // Active and passive close.
    'A> S 0:0(0)\nB> S. 0:0(0) ack 1\nA> . 1:1(0) ack 1\nA> P. 1:11(10) ack 1\nB> . 1:1(0) ack 11\nB> P. 1:301(300) ack 11\nA> . 11:11(0) ack 301\nA> F. 11:11(0) ack 301\nB> . 301:301(0) ack 12\nB> F. 301:301(0) ack 12\nA> . 12:12(0) ack 302',
    // Three segments, begun by the server.
    'A> S 0:0(0)\nB> S. 0:0(0) ack 1\nA> . 1:1(0) ack 1\nB> F. 1:1(0) ack 1\nA> F. 1:1(0) ack 2\nB> . 2:2(0) ack 2',
    // Both at once.
    'A> S 0:0(0)\nB> S. 0:0(0) ack 1\nA> . 1:1(0) ack 1\nA> F. 1:1(0) ack 1\nB> F. 1:1(0) ack 1\nA> . 2:2(0) ack 2\nB> . 2:2(0) ack 2',
    // Opened by both.
    'A> S 0:0(0)\nB> S 0:0(0)\nA> S. 0:0(0) ack 1\nB> S. 0:0(0) ack 1\nA> P. 1:11(10) ack 1\nB> . 1:1(0) ack 11',
    // Refused, reset, left open.
    'A> S 0:0(0)\nB> R. 0:0(0) ack 1',
    'A> S 0:0(0)\nB> S. 0:0(0) ack 1\nA> . 1:1(0) ack 1\nA> P. 1:11(10) ack 1\nB> R. 1:1(0) ack 11',
    'A> S 0:0(0)\nB> S. 0:0(0) ack 1\nA> . 1:1(0) ack 1\nB> P. 1:301(300) ack 1\nA> . 1:1(0) ack 301',
  ].map((text) => parseScript(text).segments);

  const histories = ({ flows }: Played) =>
    ['A', 'B'].map((side) => endpointOf(flows, side).states.map(({ state }) => state));
  const statesOf = (segments: readonly Segment[]) => histories(play(segments));
  const EXPECTED = new Map(TALKS.map((talk) => [talk, statesOf(talk)]));

  /** How far on the way a state is; CLOSED is the end of it but for those that begin there. */
  const WAY = [
    'LISTEN',
    'SYN_SENT',
    'SYN_RCVD',
    'ESTABLISHED',
    'CLOSE_WAIT',
    'FIN_WAIT_1',
    'FIN_WAIT_2',
    'CLOSING',
    'LAST_ACK',
  ];
  const way = (state: string): number => (WAY.includes(state) ? WAY.indexOf(state) : WAY.length);

  test('move no state forward, however late they come again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TALKS), fc.nat(), fc.nat(), (talk, which, when) => {
        const at = which % talk.length;
        const again = at + 1 + (when % (talk.length - at));
        const twice = talk.toSpliced(again, 0, { ...talk[at]!, after: 0.001 });
        const played = play(twice);
        const { states } = played;
        for (const side of ['A', 'B'] as const) {
          const [before, after] = [states[again - 1]![side], states[again]![side]];
          // Back it may go: who sends again may not have been heard.
          if (after !== before) expect(way(after)).toBeLessThan(way(before));
        }
        // On the way to the same end the other order of a FIN and the ACK behind it may become likelier.
        const ends = (histories: string[][]): unknown => histories.map((history) => history.at(-1));
        expect(ends(histories(played))).toEqual(ends(EXPECTED.get(talk)!));
      }),
      { numRuns: runs(80) },
    );
  });

  test('all of them twice, too', () => {
    for (const talk of TALKS) {
      const twice = talk.flatMap((segment) => [segment, { ...segment, after: 0.0001 }]);
      expect(statesOf(twice)).toEqual(EXPECTED.get(talk));
    }
  });

  test('one with a FIN would be seen', () => {
    const talk = TALKS.at(-1)!;
    const fin = { ...talk.at(-1)!, flags: 'F.' };
    expect(statesOf([...talk, fin])).not.toEqual(statesOf(talk));
    expect(play([...talk, fin]).states.at(-1)).not.toEqual(play(talk).states.at(-1));
  });
});
