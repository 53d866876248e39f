// In: fixtures, with all their checksums made wrong, as anonymising leaves them. Out: proof that both ends' states are what they are with right ones.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type AnalyzeOptions, analyze } from '../../src/analyze.ts';
import { openCapture } from '../../src/capture/open.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';

const FOLDER = 'fixtures/captures';
/** Of plain Ethernet, IPv4 and TCP: where the protocol and the checksum stand. */
const PROTOCOL_AT = 23;
const CHECKSUM_AT = 50;
const TCP = 6;

/** The capture with all checksums of TCP made wrong. */
async function spoil(path: string): Promise<Uint8Array> {
  const capture = await openCapture([path]);
  const frames: FrameToWrite[] = [];
  do {
    for (let frame = capture.next(); frame !== null; frame = capture.next()) {
      const { seconds, nanoseconds, start, capturedLength, originalLength } = frame;
      const bytes = frame.bytes.slice(start, start + capturedLength);
      if (bytes[PROTOCOL_AT] === TCP) bytes[CHECKSUM_AT]! ^= 0x55;
      frames.push({ seconds, nanoseconds, bytes, originalLength });
    }
  } while (await capture.fill());
  await capture.close();
  return writePcap(frames, { nanoseconds: true });
}

async function histories(options: AnalyzeOptions): Promise<string[]> {
  const lines: string[] = [];
  await analyze(options, {
    flow: ({ stream, verdict, endpoints }) => {
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
