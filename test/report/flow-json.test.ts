// In: every connection of every fixture, and made-up ones. Out: their JSON as bytes compared with JSON.stringify's, byte for byte.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze.ts';
import { writeFlow } from '../../src/report/flow-json.ts';
import { jsonText } from '../../src/report/json-text.ts';
import { RowBytes } from '../../src/report/row-bytes.ts';
import { EVENTS } from '../../src/tcp/event.ts';
import type { EndpointResult, FindingResult, FlowResult, StateEntry } from '../../src/tcp/flow-result.ts';
import { EVIDENCE } from '../../src/tcp/history.ts';
import { STATES } from '../../src/tcp/state.ts';
import { VERDICTS } from '../../src/tcp/verdict.ts';

const decoder = new TextDecoder();

/** Written behind something else, into a block that has to grow. */
function written(flow: FlowResult): string {
  const out = new RowBytes(16);
  out.text('before ');
  writeFlow(out, flow);
  return decoder.decode(out.block.subarray(0, out.length));
}

function compare(flow: FlowResult): void {
  expect(written(flow)).toBe(`before ${jsonText(flow)}`);
}

describe('the JSON of a connection as bytes', () => {
  it.each([
    { asTheyEnd: false, crosswalk: false },
    { asTheyEnd: true, crosswalk: true, timeWaitSeconds: 1 },
  ])('is that of JSON.stringify for every fixture: %o', async (options) => {
    let flows = 0;
    let withFindings = 0;
    for (const entry of readdirSync('fixtures/captures', { recursive: true, encoding: 'utf8' })) {
      if (!/\.pcap(?:ng)?$/.test(entry)) continue;
      await analyze(
        { files: [join('fixtures/captures', entry)], ...options },
        {
          flow(flow) {
            compare(flow);
            flows++;
            if (flow.findings.length > 0) withFindings++;
          },
        },
      );
    }
    expect(flows).toBeGreaterThan(500);
    expect(withFindings).toBeGreaterThan(100);
    expect(withFindings).toBeLessThan(flows);
  });

  it('is that of JSON.stringify whatever the texts and numbers', () => {
    fc.assert(fc.property(anyFlow, compare), { numRuns: 2000 });
  });
});

/** Times as they come (whole nanoseconds) and as they must not (exponents, negative, no number at all). */
const seconds = fc.oneof(
  fc.maxSafeNat().map((nanoseconds) => nanoseconds / 1e9),
  fc.nat(10_000_000).map((nanoseconds) => nanoseconds / 1e9),
  fc.nat(1_000_000).map((micros) => micros / 1e6),
  fc.nat(100_000),
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    1e-9,
    9.99e-7,
    1e-6,
    1.5e-6,
    999_999.999999999,
    999_999.9999999999,
    1e6,
    1e15,
    1e21,
    4e9,
    -0.5,
  ),
);
const whole = fc.oneof(
  fc.nat(70_000),
  fc.maxSafeNat(),
  fc.integer(),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32, -1, 1e9, 1e10),
);
/** Payloads and names that were made to break a line, a string, a terminal. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\u001b[31m',
    'a\u202eb',
    '\u2028',
    '\ud800',
    'TLS ex\u00e4mple.com',
    '\u007f',
    '/',
    'x'.repeat(5000),
  ),
);
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { freq: 3 });
const count = fc.nat(2 ** 32);

const anyEntry: fc.Arbitrary<StateEntry> = fc.record(
  {
    state: fc.constantFrom(...STATES),
    time: orNull(seconds),
    frame: orNull(whole),
    cause: orNull(fc.constantFrom(...EVENTS)),
    evidence: fc.constantFrom(...EVIDENCE),
    confirmedBy: whole,
  },
  { requiredKeys: ['state', 'time', 'frame', 'cause', 'evidence'] },
);

const anyEndpoint: fc.Arbitrary<EndpointResult> = fc.record({
  addr: fc.oneof(fc.ipV4(), fc.ipV6(), text),
  port: whole,
  opener: fc.constantFrom('active', 'passive', 'simultaneous', 'unknown'),
  closer: fc.constantFrom('active', 'passive', 'simultaneous', 'reset', null),
  finalState: fc.constantFrom(...STATES),
  states: fc.array(anyEntry, { maxLength: 12 }),
  segments: count,
  payloadBytes: fc.maxSafeNat(),
  retransmittedSegments: count,
});

const anyFinding: fc.Arbitrary<FindingResult> = fc.record(
  {
    code: text,
    severity: fc.constantFrom('error', 'warn', 'note', 'chat'),
    frame: orNull(whole),
    time: orNull(seconds),
    endpoint: fc.constantFrom(0, 1, null),
    message: text,
    count,
    share: orNull(fc.double({ min: 0, max: 1 })),
    worstFrame: orNull(whole),
    confidence: fc.constantFrom('high', 'lowered'),
    because: text,
  },
  {
    requiredKeys: [
      'code',
      'severity',
      'frame',
      'time',
      'endpoint',
      'message',
      'count',
      'share',
      'worstFrame',
      'confidence',
    ],
  },
);

const anyCrosswalk = fc.record({ zeek: text, history: text, conntrack: orNull(text) });
const endpoints = fc.tuple(withRole(anyEndpoint), withRole(anyEndpoint));

function withRole(endpoint: fc.Arbitrary<EndpointResult>): fc.Arbitrary<EndpointResult> {
  return fc
    .tuple(endpoint, fc.option(fc.record({ role: fc.constantFrom('client', 'server'), because: text })))
    .map(([one, likelyRole]) => (likelyRole === null ? one : { ...one, likelyRole }));
}

/** The members in the order in which they are written. */
const anyFlow: fc.Arbitrary<FlowResult> = fc
  .tuple(
    fc.record({
      stream: whole,
      id: text,
      verdict: fc.oneof(fc.constantFrom(...VERDICTS), text),
      completeness: fc.nat(63),
      start: seconds,
      end: seconds,
      frames: fc.tuple(whole, whole),
      segments: count,
      endpoints,
      findings: fc.array(anyFinding, { maxLength: 3 }),
      app: text,
    }),
    orNull(anyCrosswalk),
    orNull(fc.array(fc.record({ verdict: text, endpoints }), { maxLength: 2 })),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([{ stream, id, verdict, ...rest }, crosswalk, furtherLives, isRevised, isEvicted]) => ({
    stream,
    id,
    verdict,
    ...(crosswalk !== null && { crosswalk }),
    ...rest,
    ...(furtherLives !== null && { furtherLives }),
    ...(isRevised && { revised: true as const }),
    ...(isEvicted && { evicted: true as const }),
  }));
