// In: what `npm run fuzz` found, made again by hand and made small. Out: proof that it stays mended.

import { describe, expect, test } from 'vitest';
import { CaptureClock } from '../src/tcp/clock.ts';
import { frameOf, tcpFrame } from './support/frame-builder.ts';
import { printed } from './support/in-process.ts';
import { concat, PcapngWriter } from './support/pcap-writer.ts';

describe('time stamps of the year 586,524 (2^64 µs), as some writers leave them', () => {
  const SECOND = 1_000_000n;
  const FAR = 2n ** 64n - 1_000n * SECOND;
  const ng = new PcapngWriter();
  const syn = tcpFrame({ seq: 1, flags: 'S' });
  const back = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40000 };
  const synAck = tcpFrame({ ...back, seq: 7, ack: 2, flags: 'SA' });
  const ack = tcpFrame({ seq: 2, ack: 8, flags: 'A' });
  const capture = (...times: bigint[]): Uint8Array =>
    concat([
      ng.section(),
      ng.interface(),
      ...times.map((time, i) => ng.enhancedPacket(time, [syn, synAck, ack][i % 3]!)),
    ]);

  test('the duration is that of the others', () => {
    const clock = new CaptureClock();
    const see = (timeNs: bigint): void => clock.see(frameOf(syn, { timeNs }));
    see(1_400_000_000_000_000_000n);
    see(1_400_000_007_500_000_000n);
    see(FAR * 1000n);
    expect(clock.duration()).toBe(7.5);
    see(1_400_000_009_000_000_000n);
    expect(clock.duration()).toBe(9);
  });

  test.each([
    'buildup',
    'buildup --format json',
    'sockets --format json',
    'analyze --format json',
    'check --no-config',
  ])('%s', async (words) => {
    const start = 1_400_000_000n * SECOND;
    // Away by a whole number of 2^32 s, as far as a row can tell: 34 s after the start.
    const wrapped = start + (2n ** 32n + 34n) * SECOND;
    for (const input of [
      capture(start, start + SECOND, FAR, FAR, start + 3n * SECOND),
      capture(FAR, start, start + SECOND),
      capture(start, wrapped, wrapped + SECOND, start + 5n * SECOND),
    ]) {
      const { stdout } = await printed([...words.split(' '), '-'], { input });
      expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
      if (words.includes('json')) JSON.parse(stdout);
    }
  });
});
