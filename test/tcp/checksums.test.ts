// In: fixtures, with all their checksums made wrong, as anonymising leaves them. Out: proof that both ends' states are what they are with right ones.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { type AnalyzeOptions, analyze } from '../../src/analyze.ts';
import { openCapture } from '../../src/capture/open.ts';
import { tcpFrame } from '../support/frame-builder.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';
import { TemporaryFiles } from '../support/read-capture.ts';

const files = new TemporaryFiles();
afterAll(() => files.remove());

const FOLDER = 'fixtures/captures';
/** Of plain Ethernet, IPv4 and TCP: where the protocol and the checksum stand. */
const PROTOCOL_AT = 23;
const CHECKSUM_AT = 50;
const TCP = 6;

/** Where the source address stands. */
const SOURCE_AT = 26;

/** The capture, or what one end has sent of it, with all checksums of TCP made wrong unless they are to be `right`. */
async function spoil(path: string, end: (source: string) => boolean = () => true, right = false): Promise<Uint8Array> {
  const capture = await openCapture([path]);
  const frames: FrameToWrite[] = [];
  do {
    for (let frame = capture.next(); frame !== null; frame = capture.next()) {
      const { seconds, nanoseconds, start, capturedLength, originalLength } = frame;
      const bytes = frame.bytes.slice(start, start + capturedLength);
      if (!end(bytes.subarray(SOURCE_AT, SOURCE_AT + 4).join('.'))) continue;
      if (bytes[PROTOCOL_AT] === TCP && !right) bytes[CHECKSUM_AT]! ^= 0x55;
      frames.push({ seconds, nanoseconds, bytes, originalLength });
    }
  } while (await capture.fill());
  await capture.close();
  return writePcap(frames, { nanoseconds: true });
}

async function hosts(path: string): Promise<string[]> {
  const all: string[] = [];
  await analyze({ files: [path] }, { flow: ({ endpoints }) => void all.push(...endpoints.map(({ addr }) => addr)) });
  return all;
}

/** Of the connections of which there are so many segments. */
async function histories(options: AnalyzeOptions, least = 1): Promise<string[]> {
  const lines: string[] = [];
  await analyze(options, {
    flow: ({ stream, verdict, endpoints, segments }) => {
      if (segments < least) return;
      for (const { states, opener, closer } of endpoints)
        lines.push(JSON.stringify({ stream, verdict, opener, closer, states }));
    },
  });
  return lines;
}

const captures = readdirSync(FOLDER).filter((name) => name.endsWith('.pcap') && !name.startsWith('ipv6'));

test.each(captures)('all wrong, %s', async (name) => {
  const path = join(FOLDER, name);
  const bytes = await spoil(path);
  expect(await histories({ files: ['-'], stdin: Readable.from([bytes]) })).toEqual(await histories({ files: [path] }));
});

// Of a segment alone nobody can say.
test.each(captures)('all wrong, and one end alone in the capture, %s', async (name) => {
  const path = join(FOLDER, name);
  const [first] = (await hosts(path)) as [string];
  for (const end of [(source: string) => source === first, (source: string) => source !== first]) {
    const [wrong, right] = [await spoil(path, end), await spoil(path, end, true)];
    const [found, expected] = await Promise.all(
      [wrong, right].map((bytes) => histories({ files: ['-'], stdin: Readable.from([bytes]) }, 2)),
    );
    expect(found).toEqual(expected);
  }
});

const [client, server] = [
  { src: '10.0.0.1', dst: '10.0.0.2', sport: 40_000, dport: 80 },
  { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40_000 },
];

/** A capture of these frames, a millisecond apart. */
function captureOf(name: string, frames: readonly Uint8Array[]): string {
  const timed = frames.map((bytes, i) => ({ seconds: 1_700_000_000, nanoseconds: i * 1_000_000, bytes }));
  return files.write(name, writePcap(timed, { nanoseconds: true }));
}

test('all wrong, a handshake that the client resets without acknowledging anything', async () => {
  const path = captureOf('aborted.pcap', [
    tcpFrame({ ...client, flags: 2, seq: 1000 }),
    tcpFrame({ ...server, flags: 18, seq: 2000, ack: 1001 }),
    tcpFrame({ ...client, flags: 4, seq: 1001 }),
  ]);
  const expected = await histories({ files: [path] });
  expect(expected[1]).toMatch(/"SYN_RCVD".*"LISTEN","time":0.002,"frame":3,"cause":"rcv RST"/);
  expect(await histories({ files: ['-'], stdin: Readable.from([await spoil(path)]) })).toEqual(expected);
});

test('those of the client mean nothing, those of the server do: its damaged FIN does not arrive', async () => {
  const frames = [
    tcpFrame({ ...client, flags: 2, seq: 1000 }),
    tcpFrame({ ...server, flags: 18, seq: 2000, ack: 1001 }),
    tcpFrame({ ...client, flags: 16, seq: 1001, ack: 2001 }),
    tcpFrame({ ...server, flags: 17, seq: 2001, ack: 1001 }),
  ];
  for (const frame of [0, 2]) frames[frame]![CHECKSUM_AT]! ^= 0x55;
  const [arrived] = await histories({ files: [captureOf('arrived.pcap', frames)] });
  frames[3]![CHECKSUM_AT]! ^= 0x55;
  const [damaged] = await histories({ files: [captureOf('damaged.pcap', frames)] });
  expect(arrived).toContain('CLOSE_WAIT');
  expect(damaged).toContain('ESTABLISHED');
  expect(damaged).not.toContain('CLOSE_WAIT');
});

test('who does not acknowledge what was damaged says nothing for it: a damaged FIN after it does not arrive', async () => {
  const frames = [
    tcpFrame({ ...client, flags: 2, seq: 1000 }),
    tcpFrame({ ...server, flags: 18, seq: 2000, ack: 1001 }),
    tcpFrame({ ...client, flags: 16, seq: 1001, ack: 2001 }),
    tcpFrame({ ...client, flags: 24, seq: 1001, ack: 2001, payload: Uint8Array.of(1) }),
    tcpFrame({ ...server, flags: 24, seq: 2001, ack: 1001, payload: Uint8Array.of(1) }),
    // As if it had given up what it had to send.
    tcpFrame({ ...client, flags: 17, seq: 1001, ack: 2002 }),
  ];
  const [, arrived] = await histories({ files: [captureOf('fin.pcap', frames)] });
  for (const frame of [3, 5]) frames[frame]![CHECKSUM_AT]! ^= 0x55;
  const [, damaged] = await histories({ files: [captureOf('damaged-fin.pcap', frames)] });
  expect(arrived).toContain('CLOSE_WAIT');
  expect(damaged).not.toContain('CLOSE_WAIT');
});

test.each([
  ['two in a row, between two ends that are both in the capture', { data: 1, wrong: [2, 3], hasServer: true }],
  ['one of an end alone in the capture, and the FIN', { data: 2, wrong: [2, 4], hasServer: false }],
])('%s: the FIN does not arrive', async (_, { data, wrong, hasServer }) => {
  const one = Uint8Array.of(1);
  const frames = [
    tcpFrame({ ...client, flags: 2, seq: 1000 }),
    tcpFrame({ ...client, flags: 16, seq: 1001, ack: 2001 }),
    ...Array.from({ length: data }, (_, i) =>
      tcpFrame({ ...client, flags: 24, seq: 1001 + i, ack: 2001, payload: one }),
    ),
    tcpFrame({ ...client, flags: 17, seq: 1001 + data, ack: 2001 }),
  ];
  for (const frame of wrong) frames[frame]![CHECKSUM_AT]! ^= 0x55;
  if (hasServer) frames.splice(1, 0, tcpFrame({ ...server, flags: 18, seq: 2000, ack: 1001 }));
  const [, found] = await histories({ files: [captureOf('damaged.pcap', frames)] });
  expect(found).toContain('ESTABLISHED');
  expect(found).not.toContain('CLOSE_WAIT');
});
