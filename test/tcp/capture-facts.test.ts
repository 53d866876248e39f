// In: segments with right and wrong checksums, and runs of frames. Out: counts by host, the same however many are counted apart and by whom; of which
// runs nothing but their length is to be said.

import { expect, test } from 'vitest';
import { CaptureFacts } from '../../src/tcp/capture-facts.ts';
import { Decoder } from '../../src/wire/decode.ts';
import { Packet } from '../../src/wire/packet.ts';
import { frameOf, tcpFrame } from '../support/frame-builder.ts';
import { runOf } from '../support/run-of.ts';

const decoder = new Decoder();
const packet = new Packet();

/** Host number `host` sends a segment in frame `number`. */
function send(facts: CaptureFacts, host: number, number: number, isWrong: boolean): void {
  const src = `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
  const frame = frameOf(tcpFrame({ src, ...(isWrong && { checksum: 1 }) }), { number });
  decoder.decode(frame, packet);
  facts.segment(frame, packet, { sender: host });
}

test('each host has its own counts', () => {
  const facts = new CaptureFacts();
  send(facts, 2, 1, false);
  send(facts, 4, 2, true);
  send(facts, 2, 3, false);
  send(facts, 4, 4, true);
  send(facts, 5, 5, true);
  expect(
    [...facts.checksums].map(([host, { checked, wrong, wrongFrame }]) => [host, checked, wrong, wrongFrame]),
  ).toEqual([
    ['10.0.0.2', 2, 0, 0],
    ['10.0.0.4', 2, 2, 2],
    ['10.0.0.5', 1, 1, 5],
  ]);
});

test('hosts beyond the limit count together, and two halves together as one', () => {
  const limit = 3;
  const whole = new CaptureFacts(limit);
  const halves = [new CaptureFacts(Number.POSITIVE_INFINITY), new CaptureFacts(Number.POSITIVE_INFINITY)];
  let number = 0;
  for (let round = 0; round < 3; round++) {
    for (let host = 0; host < 6; host++) {
      number++;
      send(whole, host, number, host % 2 === 0);
      send(halves[host % 2]!, host, number, host % 2 === 0);
    }
  }
  expect([...whole.checksums.keys()]).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.2', 'other hosts']);
  expect(whole.checksums.get('other hosts')).toMatchObject({ checked: 9, wrong: 3, wrongFrame: 5 });
  const joined = new CaptureFacts(limit);
  joined.join(halves);
  expect([...joined.checksums]).toEqual([...whole.checksums]);
});

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
/** A run of frames so many nanoseconds after the start; `captured`: bytes of each. */
const runAt = (times: readonly bigint[], captured = 100) =>
  runOf(times.map((time) => frameOf(tcpFrame(), { timeNs: time, captured })));

test('a run is steady if no frame of it is cut, before another or long after it', () => {
  const steady = (...times: bigint[]): boolean => new CaptureFacts().isSteady(runAt(times));
  expect(steady(START, START, START + 1n, START + 86_399n * SECOND)).toBe(true);
  expect(steady(START, START + 1n, START)).toBe(false);
  expect(steady(START + SECOND, START + 2n)).toBe(false);
  expect(steady(START, START + 2n * SECOND, START + SECOND)).toBe(false);
  expect(steady(START, START + 86_400n * SECOND)).toBe(false);
  // Rows keep seconds as int32.
  expect(steady(2_147_483_647n * SECOND)).toBe(true);
  expect(steady(2_147_483_648n * SECOND)).toBe(false);
  expect(new CaptureFacts().isSteady(runAt([START], 53))).toBe(false);
});

test('the frames before a run count, too', () => {
  const facts = new CaptureFacts();
  facts.seeRun(runAt([START, START + 5n * SECOND]), 0, 2, 2);
  expect([facts.frames, facts.segments]).toEqual([2, 2]);
  expect(facts.isSteady(runAt([START + 5n * SECOND]))).toBe(true);
  expect(facts.isSteady(runAt([START + 5n * SECOND - 1n]))).toBe(false);
  expect(facts.isSteady(runAt([START + 86_405n * SECOND]))).toBe(false);
  facts.see(frameOf(tcpFrame(), { timeNs: START + 4n * SECOND, number: 3 }));
  expect([facts.backwards, facts.backwardsMost, facts.backwardsFrame]).toEqual([1, 1e9, 3]);
});
