// In: the captures of all pages. Out: proof that where sequence numbers begin, and when the capture was made, changes no finding.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { ethernet, ipv4, join, tcpPacket } from '../support/frame-builder.ts';
import { type FrameToWrite, writePcap } from '../support/pcap-writer.ts';
import { findingsIn, PAGES, pageNames } from './support.ts';

/** Large, and nothing in it that the others lack. */
const LARGE = 'ephemeral_ports.md';

function raising(name: string): string {
  return readFileSync(`${PAGES}/${name}`, 'utf8').split(/^## (?:Raises|Near miss)$/m)[1]!;
}

async function linesOf(frames: FrameToWrite[]): Promise<string[]> {
  return (await findingsIn(writePcap(frames))).lines;
}

describe.each(pageNames().filter((name) => name !== LARGE))('%s', (name) => {
  // Data of A begins 56 below the wrap, so nearly every page crosses it; B's 2^31 away from where it was.
  const shifts = [2 ** 32 - 1_000_057, 2 ** 31];

  test.each(shifts)('all initial sequence numbers %i higher', async (shift) => {
    const text = raising(name);
    const shifted = text.replace(/\biss (\d+)/g, (_all, iss: string) => `iss ${(Number(iss) + shift) % 2 ** 32}`);
    const expected = await linesOf(framesOfScript(text));
    expect(await linesOf(framesOfScript(shifted))).toEqual(expected);
  });

  test('made in 1970 or in 2100', async () => {
    const frames = framesOfScript(raising(name));
    const start = frames[0]!.seconds;
    const moved = (to: number): FrameToWrite[] =>
      frames.map((frame) => ({ ...frame, seconds: frame.seconds - start + to }));
    const expected = await linesOf(frames);
    expect(await linesOf(moved(86_400))).toEqual(expected);
    expect(await linesOf(moved(4_102_444_800))).toEqual(expected);
  });
});

test('an ICMP error that quotes the SYN is told with it', async () => {
  const syn = { sport: 40000, dport: 80, seq: 1000, flags: 'S' };
  const quoted = tcpPacket(syn).slice(0, 40);
  const unreachable = ethernet(
    ipv4({ src: '10.0.0.254', dst: '10.0.0.1', protocol: 1 }, join(3, 13, 0, 0, 0, 0, 0, 0, quoted)),
  );
  const frames = [
    { seconds: 1, nanoseconds: 0, bytes: ethernet(tcpPacket(syn)) },
    { seconds: 1, nanoseconds: 1_000_000, bytes: unreachable },
    { seconds: 5, nanoseconds: 0, bytes: ethernet(tcpPacket({ sport: 5000, dport: 6000, flags: 'A', payload: 'x' })) },
  ];
  expect((await linesOf(frames)).filter((line) => line.includes('syn_unanswered'))).toEqual([
    'warn syn_unanswered 10.0.0.1:40000 #1 0: got no answer to its SYN in 4 s; an ICMP error came back instead',
  ]);
});
