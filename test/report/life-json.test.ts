// In: lives by the book with any numbers. Out: their JSON as pieces and numbers compared with JSON.stringify's of their accounts, byte for byte.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { communityId } from '../../src/flow/community-id.ts';
import { textMemory } from '../../src/linear/memory.ts';
import { jsonText } from '../../src/report/json-text.ts';
import { writeLives } from '../../src/report/life-json.ts';
import { RowBytes } from '../../src/report/row-bytes.ts';
import { flowOf, LIFE_WORDS, Lives, MOST_LIVES, type Moment, TextbookLife } from '../../src/tcp/textbook-life.ts';
import { APP_PROTOCOLS } from '../../src/wire/app-protocol.ts';

const MOMENTS = 9;

/** Gives a life the names that its IPv4 addresses have. */
function nameIpv4(life: TextbookLife): void {
  const [a, b] = life.sides.map(({ ipv4 }) => Uint8Array.of(ipv4 >>> 24, ipv4 >>> 16, ipv4 >>> 8, ipv4)) as [
    Uint8Array,
    Uint8Array,
  ];
  life.addressA = a.join('.');
  life.addressB = b.join('.');
  life.id = communityId(a, life.sides[0].port, b, life.sides[1].port);
}

const usualWhole = fc.oneof(fc.nat(9), fc.nat(999), fc.nat(99_999), fc.integer({ min: 0, max: 0x7fff_ffff }));
const anyWhole = fc.oneof({ weight: 20, arbitrary: usualWhole }, { weight: 1, arbitrary: fc.maxSafeNat() });
/** Of 32 bits, the highest of which makes it negative. */
const anyWord = fc.oneof({ weight: 50, arbitrary: usualWhole }, { weight: 1, arbitrary: fc.integer() });
// Also where JSON has exponents, and where nanoseconds are near what a double can tell apart.
const anySeconds = fc.oneof(
  { weight: 10, arbitrary: fc.nat(1) },
  { weight: 10, arbitrary: fc.nat(100_000) },
  { weight: 1, arbitrary: fc.integer({ min: 999_990, max: 9_000_000 }) },
);
const anyNanoseconds = fc.oneof(
  { weight: 1, arbitrary: fc.nat(2000) },
  fc.constantFrom(0, 1000, 999_999_999),
  fc.nat(999).map((millis) => millis * 1_000_000),
  fc.nat(999_999_999),
);
const anyText = fc.constantFrom('10.0.0.1', '2001:db8:1111:2222:3333:4444:5555:6666', '::ffff:255.255.255.255', '::');
/** A few are met twice: the ports say then which end comes first in the Community ID. */
const anyIpv4 = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 0x0a000001, 0x7fffffff, -0x80000000));
const anyBytes = fc.oneof(
  { weight: 20, arbitrary: anyWhole },
  { weight: 1, arbitrary: fc.integer({ min: 2 ** 31 - 1, max: 2 ** 33 }) },
);
const anySide = fc.record({ ipv4: anyIpv4, port: fc.nat(65535), segments: anyWord, payloadBytes: anyBytes });

const anyLife = fc
  .record({
    numbers: fc.record({
      stream: anyWord,
      segments: anyWord,
      completeness: fc.nat(63),
      app: fc.nat(APP_PROTOCOLS.length - 1),
      closer: fc.constantFrom(0, 1),
      expired: fc.constantFrom(0, 1),
      addressA: anyText,
      addressB: anyText,
      hasIpv4: fc.constantFrom(0, 1),
      id: fc.constantFrom('1:/CclwHdQzgw7AsGVS7AWKuWcdR8=', '1:+vj7GIxmR/fQ67iGlBBVIGDisl0='),
    }),
    moments: fc.array(fc.tuple(anyWord, anySeconds, anyNanoseconds), { minLength: MOMENTS, maxLength: MOMENTS }),
    sides: fc.tuple(anySide, anySide),
  })
  .map(({ numbers, moments, sides }) => {
    const life = Object.assign(new TextbookLife(), numbers);
    for (const [moment, values] of moments.entries()) life.setMoment(moment as Moment, ...values);
    for (const [side, values] of sides.entries()) {
      Object.assign(life.sides[side]!, values);
      expect(life.sides[side]!.payloadBytes).toBe(values.payloadBytes);
    }
    if (life.hasIpv4 === 1) life.namer = { name: nameIpv4 };
    return life;
  });

/** The same lives side by side, of which those between `from` and the end are meant. */
function sideBySide(lives: readonly TextbookLife[], from: number): Lives {
  const some = new Lives();
  for (const [i, life] of lives.entries()) {
    const { words, frames, seconds, nanoseconds, sides, ...rest } = life;
    some.words.set(words, i * LIFE_WORDS);
    Object.assign(some.all[i]!, rest);
  }
  some.from = from;
  some.to = lives.length;
  return some;
}

test('the JSON of lives is that of their accounts', () => {
  const decoder = new TextDecoder();
  let written = 0;
  fc.assert(
    fc.property(
      fc.array(anyLife, { minLength: 1, maxLength: 9 }),
      fc.nat(8),
      fc.boolean(),
      fc.constantFrom(['', ''], ['', '\n'], [',\n', ''], ['<--[', ']-->']),
      (all, skipped, isThere, around) => {
        const from = Math.min(skipped, all.length - 1);
        const out = new RowBytes(16, isThere ? textMemory() : null);
        out.text('earlier ');
        const lives = sideBySide(all as TextbookLife[], from);
        writeLives(out, lives, around[0], around[1]);
        // Nobody has asked for the names that the program has made by itself.
        for (const life of lives) if (life.namer !== null) written++;
        const expected = [...lives].map((life) => around[0] + jsonText(flowOf(life)) + around[1]);
        expect(decoder.decode(out.block.subarray(0, out.length))).toBe(`earlier ${expected.join('')}`);
      },
    ),
    { numRuns: 1000 },
  );
  expect(written).toBeGreaterThan(200);
  expect(written).toBeLessThan(3000);
});

test('as many lives at once as there is room for', () => {
  const lives = new Lives();
  lives.to = MOST_LIVES;
  for (const life of lives) {
    for (let moment = 0; moment < MOMENTS; moment++)
      life.setMoment(moment as Moment, 0x7fff_ffff - moment, 999_999, 999_999_999 - moment);
    Object.assign(life, { hasIpv4: 1, stream: 0x7fff_ffff, segments: 0x7fff_ffff, completeness: 63, app: 4 });
    for (const side of life.sides) {
      Object.assign(side, { ipv4: -1, port: 65_535, segments: 0x7fff_ffff, payloadBytes: 0x7fff_ffff });
    }
    nameIpv4(life);
  }
  for (const memory of [null, textMemory()]) {
    const out = new RowBytes(16, memory);
    writeLives(out, lives, '', '\n');
    const text = new TextDecoder().decode(out.block.subarray(0, out.length));
    expect(text).toBe([...lives].map((life) => `${jsonText(flowOf(life))}\n`).join(''));
  }
});
