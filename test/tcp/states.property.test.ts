// In: segments drawn at random between two ends, most of them senseless. Out: proof that the tracker never throws on them,
// that every history is a path of the table whose times never go back, and that exchanging the ends exchanges the answer.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOVES } from '../../src/tcp/transitions.ts';
import { runs } from '../support/runs.ts';
import { endpointOf, historyText, parseScript, play, type Segment } from '../support/state-script.ts';

const ISS = { A: 4_294_967_000, B: 77 } as const;

// Few numbers, so that segments often fit each other, and the wrap is among them.
const number = fc.constantFrom(0, 1, 2, 11, 12, 300, 301, 302, 70_000);
const segment: fc.Arbitrary<Segment> = fc
  .record({
    from: fc.constantFrom('A' as const, 'B' as const),
    flags: fc.constantFrom('S', 'S', 'S.', 'S.', '.', '.', '.', 'P.', 'F.', 'F.', 'R', 'R.', 'F', 'SF', 'SR'),
    seq: number,
    ack: number,
    length: fc.constantFrom(0, 0, 0, 10, 300),
    after: fc.constantFrom(0.0001, 0.01, 0.3, 1, 61),
    damaged: fc.constantFrom(false, false, false, false, true),
    ts: fc.option(fc.tuple(fc.nat(5), fc.nat(5)), { freq: 2 }),
    far: fc.constantFrom(0, 0, 0, 0, 0, 1_000_000_000),
  })
  .map(({ from, seq, ack, flags, length, far, ...rest }) => ({
    ...rest,
    from,
    flags,
    seq: (ISS[from] + seq + far) >>> 0,
    ack: flags.includes('.') ? (ISS[from === 'A' ? 'B' : 'A'] + ack) >>> 0 : null,
    length: flags.includes('S') || flags.includes('R') ? 0 : length,
    window: 500,
    unreachable: false,
    expected: null,
    line: '',
  }));

test('histories are paths of the table, in order of time', () => {
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 25 }), (segments) => {
      for (const { endpoints } of play(segments).flows) {
        for (const { states, finalState } of endpoints) {
          let time = 0;
          for (const [i, entry] of states.entries()) {
            if (i === 0) continue;
            const from = states[i - 1]!.state;
            expect(MOVES.some((move) => move.from.includes(from) && move.to === entry.state)).toBe(true);
            expect(entry.time).not.toBeNull();
            expect(entry.time!).toBeGreaterThanOrEqual(time);
            time = entry.time!;
          }
          expect(finalState).toBe(states.at(-1)!.state);
        }
      }
    }),
    { numRuns: runs(300) },
  );
});

test('exchanging the ends exchanges the answer', () => {
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 20 }), (segments) => {
      const straight = play(segments).flows;
      const swapped = play(segments, { swapped: true }).flows;
      expect(swapped).toHaveLength(straight.length);
      for (const turn of straight.keys()) {
        for (const side of ['A', 'B']) {
          const name = `${side}${turn + 1}`;
          expect(historyText(endpointOf(swapped, name, true).states)).toBe(
            historyText(endpointOf(straight, name).states),
          );
        }
        expect(swapped[turn]!.verdict).toBe(straight[turn]!.verdict);
      }
    }),
    { numRuns: runs(300) },
  );
});

test.each([1000, 2 ** 31 - 5, 2 ** 31 + 1000, 2 ** 32 - 1000])(
  'data behind a FIN whose receiver has said nothing take the FIN back, with numbers from %i on',
  (issA) => {
    // RCV.NXT of B is not known, which must not be taken for 0.
    const { flows } = play(
      parseScript('A> . 1:1(0) ack 1\nA> F. 1:1(0) ack 1\nA> P. 2:12(10) ack 1', { issA, issB: 5_000_000 }).segments,
    );
    expect(historyText(endpointOf(flows, 'A').states)).toBe('UNKNOWN ESTABLISHED~1');
  },
);
