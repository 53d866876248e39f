// In: the bundled captures behind every usual link header. Out: proof that connections are told of as in Ethernet, in runs and frame by frame.

import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type AnalyzeListener, analyze } from '../src/analyze.ts';
import { openCapture } from '../src/capture/open.ts';
import { join } from './support/frame-builder.ts';
import { ETHERNET_HEADER, LINK_HEADERS } from './support/link-headers.ts';
import { type FrameToWrite, writePcap } from './support/pcap-writer.ts';

const FOLDER = 'fixtures/captures';
const captures = readdirSync(FOLDER).filter((name) => name.endsWith('.pcap') && !/^(?:ipv6|no-tcp)/.test(name));

/** All frames of all captures, one capture after the other, without their link headers. */
async function datagrams(): Promise<FrameToWrite[]> {
  const frames: FrameToWrite[] = [];
  for (const [n, name] of captures.entries()) {
    const capture = await openCapture([`${FOLDER}/${name}`]);
    do {
      for (let frame = capture.next(); frame !== null; frame = capture.next()) {
        const { start, capturedLength, nanoseconds } = frame;
        const bytes = frame.bytes.slice(start + ETHERNET_HEADER, start + capturedLength);
        frames.push({ seconds: 1_700_000_000 + 10_000 * n + (frame.seconds % 10_000), nanoseconds, bytes });
      }
    } while (await capture.fill());
    await capture.close();
  }
  return frames;
}

const all = await datagrams();

/** Every connection, and what is found about them all. */
async function told(link: (typeof LINK_HEADERS)[number], listener: AnalyzeListener = {}): Promise<unknown[]> {
  const { header, linkType } = link;
  const frames = all.map((frame) => ({ ...frame, bytes: join(header, frame.bytes) }));
  const capture = writePcap(frames, { nanoseconds: true, linkType });
  const flows: unknown[] = [];
  const { captureFindings, otherFrames } = await analyze(
    { files: ['-'], stdin: Readable.from([capture]) },
    { ...listener, flow: (flow) => void flows.push(structuredClone(flow)) },
  );
  return [...flows, captureFindings, Object.values(otherFrames)];
}

const expected = await told(LINK_HEADERS[0]!);

test.each(LINK_HEADERS)('$name', async (link) => {
  expect(expected.length).toBeGreaterThan(20);
  expect(await told(link)).toEqual(expected);
  expect(await told(link, { segment() {} })).toEqual(expected);
});
