// In: hand-made tallies on both sides of a rule's threshold. Out: proof that each rule about the capture draws its line there.

import { describe, expect, test } from 'vitest';
import { CaptureFindings } from '../../src/anomaly/capture-findings.ts';
import { CAPTURE_RULES } from '../../src/anomaly/capture-rules/index.ts';
import { CaptureView } from '../../src/anomaly/capture-view.ts';
import type { Examples } from '../../src/anomaly/tally/examples.ts';
import { CaptureFacts } from '../../src/tcp/capture-facts.ts';

function codes(fill: (view: CaptureView) => void): string[] {
  const view = new CaptureView(new CaptureFacts(), (id) => `10.0.0.${id}`);
  fill(view);
  const found = new CaptureFindings();
  for (const rule of CAPTURE_RULES) rule(view, found);
  return found.end().map(({ code }) => code);
}

function times(examples: Examples, n: number): void {
  for (let i = 0; i < n; i++) examples.note({ stream: i, frame: i + 1, time: i });
}

/** One service with so many attempts of each outcome. */
function service(
  view: CaptureView,
  outcomes: Partial<Record<'completed' | 'refused' | 'unanswered' | 'slow', number>>,
): void {
  let n = 0;
  for (const [outcome, count] of Object.entries(outcomes)) {
    for (let i = 0; i < count; i++) {
      const tally = view.services.count(1);
      tally.addr = '10.0.0.2';
      tally.port = 80;
      tally.all.note({ stream: n, frame: n + 1, time: n });
      tally[outcome as 'completed'].note({ stream: n, frame: n + 1, time: n });
      if (outcome === 'slow') {
        tally.completed.note({ stream: n, frame: n + 1, time: n });
        tally.slowSeconds.push(1.5);
      }
      tally.sources.add(7);
      n++;
    }
  }
}

/** So many attempts in vain at one service, spread over `seconds`, from so many sources. */
function flood(view: CaptureView, incomplete: number, seconds: number, sources: number, completed = 0): void {
  for (let i = 0; i < incomplete + completed; i++) {
    const tally = view.services.count(1);
    tally.all.note({ stream: i, frame: i + 1, time: i });
    tally.sources.add(i % sources);
    if (i < completed) tally.completed.note({ stream: i, frame: i + 1, time: i });
    else {
      tally.incomplete.note({ stream: i, frame: i + 1, time: i });
      tally.incompletePerSecond.add(((i - completed) * seconds) / incomplete);
    }
  }
}

function scan(view: CaptureView, kind: 'portScans' | 'hostScans', targets: number, succeeded: number): void {
  for (let i = 0; i < targets; i++) {
    const tally = view[kind].count(1);
    tally.failed.note({ stream: i, frame: i + 1, time: i });
    tally.targets.add(1000 + i);
  }
  for (let i = 0; i < succeeded; i++) view[kind].count(1);
}

function pair(view: CaptureView, connections: number, seconds: number): void {
  for (let i = 0; i < connections; i++) {
    view.pairs.count(1).add(i, 1, (i * seconds) / connections);
  }
}

function resets(view: CaptureView, n: number, seconds: number): void {
  for (let i = 0; i < n; i++) {
    const tally = view.resetters.count(1);
    tally.all.note({ stream: i, frame: i + 1, time: i });
    tally.perSecond.add((i * seconds) / n);
  }
}

function idle(view: CaptureView, ...seconds: number[]): void {
  for (const [stream, idle] of seconds.entries())
    view.idleResets.push({ idle, stream, frame: stream + 1, time: stream });
}

const LINES: [code: string, what: string, raises: (v: CaptureView) => void, nearMiss: (v: CaptureView) => void][] = [
  ['service_refused', 'five refused', (v) => service(v, { refused: 5 }), (v) => service(v, { refused: 4 })],
  [
    'service_refused',
    'all of them',
    (v) => service(v, { refused: 9 }),
    (v) => service(v, { refused: 9, completed: 1 }),
  ],
  ['service_unanswered', 'five', (v) => service(v, { unanswered: 5 }), (v) => service(v, { unanswered: 4 })],
  ['service_unanswered', 'all', (v) => service(v, { unanswered: 5 }), (v) => service(v, { unanswered: 5, refused: 1 })],
  ['service_slow', 'five', (v) => service(v, { slow: 5 }), (v) => service(v, { slow: 4 })],
  ['service_slow', 'all of them', (v) => service(v, { slow: 5 }), (v) => service(v, { slow: 5, completed: 1 })],
  ['syn_flood', '128 in vain', (v) => flood(v, 128, 30, 20), (v) => flood(v, 127, 30, 20)],
  ['syn_flood', 'within a minute', (v) => flood(v, 128, 59, 20), (v) => flood(v, 128, 75, 20)],
  ['syn_flood', 'twenty sources', (v) => flood(v, 128, 30, 20), (v) => flood(v, 128, 30, 10)],
  ['syn_flood', 'or fifty a second', (v) => flood(v, 128, 2, 1), (v) => flood(v, 128, 4, 1)],
  ['syn_flood', 'a tenth completed', (v) => flood(v, 180, 30, 20, 20), (v) => flood(v, 180, 30, 20, 21)],
  ['port_scan', 'fifteen ports', (v) => scan(v, 'portScans', 15, 0), (v) => scan(v, 'portScans', 14, 0)],
  ['port_scan', 'four fifths in vain', (v) => scan(v, 'portScans', 16, 4), (v) => scan(v, 'portScans', 16, 5)],
  ['host_scan', '25 hosts', (v) => scan(v, 'hostScans', 26, 0), (v) => scan(v, 'hostScans', 24, 0)],
  ['host_scan', 'four fifths in vain', (v) => scan(v, 'hostScans', 32, 8), (v) => scan(v, 'hostScans', 32, 9)],
  ['ephemeral_ports', 'half the range', (v) => pair(v, 14_200, 40), (v) => pair(v, 14_115, 40)],
  ['ephemeral_ports', 'within 2MSL', (v) => pair(v, 14_200, 55), (v) => pair(v, 14_200, 90)],
  ['reset_storm', 'twenty', (v) => resets(v, 20, 0.9), (v) => resets(v, 19, 0.9)],
  ['reset_storm', 'within a second', (v) => resets(v, 40, 1.9), (v) => resets(v, 36, 1.9)],
  ['idle_timeout_resets', 'five', (v) => idle(v, 350, 351, 352, 353, 354), (v) => idle(v, 350, 351, 352, 353)],
  [
    'idle_timeout_resets',
    'within 5 %',
    (v) => idle(v, 100, 101, 102, 103, 105),
    (v) => idle(v, 100, 101, 102, 103, 106),
  ],
  [
    'idle_timeout_resets',
    'most of them',
    (v) => idle(v, 350, 350, 350, 350, 350, 350, 60, 90, 120, 200),
    (v) => idle(v, 350, 350, 350, 350, 350, 60, 90, 120, 200),
  ],
  [
    'capture_gaps',
    'one byte in a thousand',
    (v) => Object.assign(v, { missingBytes: 1000, missingPlaces: 3, payloadBytes: 999_000 }),
    (v) => Object.assign(v, { missingBytes: 999, missingPlaces: 3, payloadBytes: 999_001 }),
  ],
  [
    'capture_gaps',
    'three places',
    (v) => Object.assign(v, { missingBytes: 1000, missingPlaces: 3, payloadBytes: 1000 }),
    (v) => Object.assign(v, { missingBytes: 1000, missingPlaces: 2, payloadBytes: 1000 }),
  ],
  [
    'capture_duplicates',
    'one in twenty',
    (v) => Object.assign(v, { copies: 50, segments: 1000 }),
    (v) => Object.assign(v, { copies: 49, segments: 1000 }),
  ],
  [
    'capture_duplicates',
    'ten',
    (v) => Object.assign(v, { copies: 10, segments: 20 }),
    (v) => Object.assign(v, { copies: 9, segments: 20 }),
  ],
  [
    'capture_one_sided',
    'more than half',
    (v) => times(Object.assign(v, { telling: 9 }).oneSided, 5),
    (v) => times(Object.assign(v, { telling: 10 }).oneSided, 5),
  ],
  ['capture_filtered', 'two', (v) => times(v.controlOnly, 2), (v) => times(v.controlOnly, 1)],
  [
    'capture_filtered',
    'all of them',
    (v) => times(v.controlOnly, 9),
    (v) => times(Object.assign(v, { fuller: 1 }).controlOnly, 9),
  ],
  [
    'capture_time_backwards',
    'a millisecond',
    (v) => Object.assign(v.facts, { backwards: 1, backwardsMost: 1_000_000, backwardsFrame: 2 }),
    (v) => Object.assign(v.facts, { backwards: 1, backwardsMost: 999_999, backwardsFrame: 2 }),
  ],
];

describe.each(LINES)('%s: %s', (code, _what, raises, nearMiss) => {
  test('on this side of the line and on that', () => {
    expect(codes(raises)).toContain(code);
    expect(codes(nearMiss)).not.toContain(code);
  });
});

test('a capture of which nothing is known has no findings', () => {
  expect(codes(() => {})).toEqual([]);
});

test('a service that only a scanner tried is no service that refuses', () => {
  const scanned = (view: CaptureView): void => {
    service(view, { refused: 6 });
    for (let i = 0; i < 20; i++) {
      const tally = view.portScans.count(7);
      tally.host = '10.0.0.2';
      tally.failed.note({ stream: i, frame: i + 1, time: i });
      tally.targets.add(i);
    }
  };
  expect(codes(scanned)).toEqual(['port_scan']);
});

test('of thousands of services with the same trouble twenty are told', () => {
  const many = (view: CaptureView): void => {
    for (let port = 1; port <= 1000; port++) {
      for (let i = 0; i < 5; i++) {
        const tally = view.services.count(port);
        tally.all.note({ stream: i, frame: i + 1, time: i });
        tally.refused.note({ stream: i, frame: i + 1, time: i });
      }
    }
  };
  expect(codes(many).length).toBe(20);
});
