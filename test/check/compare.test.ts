// Two captures compared: what counts as a change, and times sampled from any number of connections.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Comparison, compareProfiles } from '../../src/check/compare.ts';
import { CaptureProfile, Times } from '../../src/check/profile.ts';
import type { FlowResult } from '../../src/tcp/flow-result.ts';
import { client, finding, flow, server } from '../support/flow.ts';

function profileOf(flows: readonly FlowResult[]): CaptureProfile {
  const profile = new CaptureProfile('address');
  for (const one of flows) profile.add(one);
  return profile;
}

const many = (count: number, fields: (i: number) => Partial<FlowResult>): FlowResult[] =>
  Array.from({ length: count }, (_, i) => flow({ stream: i, ...fields(i) }));

function compare(before: readonly FlowResult[], after: readonly FlowResult[]): Comparison {
  return compareProfiles(profileOf(before), profileOf(after));
}

describe('a change', () => {
  test('of shares, not of counts', () => {
    const verdictOf = (i: number): Partial<FlowResult> => ({ verdict: i % 10 === 0 ? 'refused' : 'closed-by-client' });
    const { changed, alike, flows } = compare(many(100, verdictOf), many(1000, verdictOf));
    expect([changed, alike, flows]).toEqual([[], ['10.0.0.2:80'], [100, 1000]]);
  });

  test.each([
    // refused of 100 before and after; is it told?
    [10, 14, false],
    [10, 15, true],
    [15, 10, true],
    [0, 1, true],
    [1, 0, true],
  ])('of %i to %i in a hundred: %s', (before, after, told) => {
    const flows = (refused: number): FlowResult[] =>
      many(100, (i) => ({ verdict: i < refused ? 'refused' : 'open-at-end' }));
    const [change] = compare(flows(before), flows(after)).changed;
    expect(change?.verdicts.find(({ name }) => name === 'refused')).toEqual(
      told ? { name: 'refused', before, after } : undefined,
    );
  });

  test('of findings counts connections, not findings', () => {
    const twice = [finding({ code: 'retransmission' }), finding({ code: 'retransmission' })];
    const [change] = compare(
      many(4, () => ({})),
      many(4, (i) => ({ findings: i === 0 ? twice : [] })),
    ).changed;
    expect(change!.findings).toEqual([{ name: 'retransmission', before: 0, after: 1 }]);
  });

  test.each([
    // seconds before and after; is it told?
    [0.1, 0.12, false],
    [0.1, 0.125, true],
    [0.125, 0.1, true],
    // A factor of three, but less than a millisecond.
    [0.0003, 0.0009, false],
    [0.001, 0.003, true],
  ])('of durations, %f to %f: %s', (before, after, told) => {
    const { changed } = compare(
      many(3, () => ({ end: before })),
      many(3, () => ({ end: after })),
    );
    expect(changed.flatMap(({ times }) => times)).toEqual(
      told ? ['median', 'p95'].map((quantile) => ({ name: 'duration', quantile, before, after })) : [],
    );
  });

  test('of the share of segments sent again', () => {
    const resending = (n: number): FlowResult[] => [
      flow({ segments: 1000, endpoints: [client({ retransmittedSegments: n }), server()] }),
    ];
    expect(compare(resending(1), resending(5)).changed).toEqual([]);
    expect(compare(resending(1), resending(6)).changed[0]!.resent).toEqual([0.001, 0.006]);
  });

  test('services that are new or gone', () => {
    const at = (port: number): FlowResult => flow({ endpoints: [client(), server({ port })] });
    const { gone, appeared, alike } = compare([at(80), at(25), at(25)], [at(80), at(443)]);
    expect({ gone, appeared, alike }).toEqual({
      gone: [{ service: '10.0.0.2:25', flows: 2 }],
      appeared: [{ service: '10.0.0.2:443', flows: 1 }],
      alike: ['10.0.0.2:80'],
    });
  });
});

describe('times', () => {
  const timesOf = (values: readonly number[]): Times => {
    const times = new Times();
    for (const value of values) times.add(value);
    return times;
  };

  test('are exact while all are kept', () => {
    const seconds = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(seconds, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, part) => {
        const quantile = timesOf(values).quantile(part)!;
        expect(values).toContain(quantile);
        // Nearest rank: so many at or below it, and not one fewer would do.
        const needed = Math.ceil(part * values.length);
        expect(values.filter((value) => value <= quantile).length).toBeGreaterThanOrEqual(needed);
        expect(values.filter((value) => value < quantile).length).toBeLessThan(needed);
      }),
    );
  });

  test('stay spread over all of a long capture', () => {
    const count = 1_000_000;
    const times = timesOf(Array.from({ length: count }, (_, i) => i / count));
    expect(times.count).toBe(count);
    for (const part of [0.05, 0.5, 0.95]) expect(times.quantile(part)).toBeCloseTo(part, 2);
  });

  test('of nothing there is none', () => {
    expect(new Times().quantile(0.5)).toBeNull();
  });
});
