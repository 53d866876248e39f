// In: what `npm run fuzz` found, made again by hand and made small. Out: proof that it stays mended.

import { describe, expect, test } from 'vitest';
import { CaptureClock } from '../src/tcp/clock.ts';
import { frameOf, tcpFrame } from './support/frame-builder.ts';
import { printed } from './support/in-process.ts';
import { concat, PcapngWriter } from './support/pcap-writer.ts';

describe('time stamps of the year 586,524 (2^64 µs), as some writers leave them', () => {
  const SECOND = 1_000_000n;
  const START = 1_400_000_000n * SECOND;
  const FAR = 2n ** 64n - 1_000n * SECOND;
  /** Away by a multiple of 2^32 s: as far as a row of int32 can tell, 34 s after the start. */
  const WRAPPED = START + (2n ** 32n + 34n) * SECOND;

  const ng = new PcapngWriter();
  const back = { src: '10.0.0.2', dst: '10.0.0.1', sport: 80, dport: 40000 };
  const frames = [
    tcpFrame({ sport: 50000, seq: 1, flags: 'S' }),
    tcpFrame({ seq: 1, flags: 'S' }),
    tcpFrame({ ...back, seq: 7, ack: 2, flags: 'SA' }),
    tcpFrame({ seq: 2, ack: 8, flags: 'A' }),
  ];
  /** Another connection's SYN at the first time; then a handshake. */
  const capture = (times: readonly bigint[]): Uint8Array =>
    concat([ng.section(), ng.interface(), ...times.map((time, i) => ng.enhancedPacket(time, frames[i]!))]);

  const CAPTURES = [
    [START, START + 40_000n * SECOND, START + 40_001n * SECOND, FAR],
    [FAR, START, START + SECOND],
    [START, WRAPPED, WRAPPED + SECOND, START + 5n * SECOND],
  ].map(capture);

  test('the duration is that of the others', () => {
    const clock = new CaptureClock();
    const see = (time: bigint): void => clock.see(frameOf(frames[0]!, { timeNs: time * 1000n }));
    see(START);
    see(START + (15n * SECOND) / 2n);
    see(FAR);
    expect(clock.duration()).toBe(7.5);
    see(START + 9n * SECOND);
    expect(clock.duration()).toBe(9);
  });

  test.each([
    'buildup',
    'buildup --format json',
    'sockets --format json',
    'analyze --format json',
    'check --no-config',
  ])('%s', async (words) => {
    for (const input of CAPTURES) {
      const { stdout } = await printed([...words.split(' '), '-'], { input });
      expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
      if (words.includes('json')) JSON.parse(stdout);
    }
  });
});
