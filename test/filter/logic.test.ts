// Whatever a filter asks first and last, splitting it changes nothing: the plan's answer is the plain evaluation of the tree.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Logic, leaf, MOST_SEGMENT_TESTS, planOf } from '../../src/filter/logic.ts';
import { Subject } from '../../src/filter/subject.ts';

/** The truth of leaf n is bit n of a number, kept where the leaf's scope is known. */
interface Truths extends Subject {
  segment: number;
  connection: number;
}

const LEAVES = 6;

const leaves: fc.Arbitrary<Logic> = fc
  .tuple(fc.constantFrom('segment', 'flow', 'finding'), fc.nat(LEAVES - 1))
  .map(([scope, bit]) =>
    leaf(scope, (subject) => {
      const { segment, connection } = subject as Truths;
      return (((scope === 'segment' ? segment : connection) >> bit) & 1) === 1;
    }),
  );

const { logic } = fc.letrec<{ logic: Logic }>((tie) => ({
  logic: fc.oneof(
    { maxDepth: 5 },
    leaves,
    fc.record({ kind: fc.constant('not' as const), of: tie('logic') }),
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      of: fc.array(tie('logic'), { minLength: 2, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('xor' as const), left: tie('logic'), right: tie('logic') }),
  ),
}));

function plain(node: Logic, subject: Subject): boolean {
  switch (node.kind) {
    case 'leaf':
      return node.test(subject);
    case 'not':
      return !plain(node.of, subject);
    case 'and':
      return node.of.every((part) => plain(part, subject));
    case 'or':
      return node.of.some((part) => plain(part, subject));
    case 'xor':
      return plain(node.left, subject) !== plain(node.right, subject);
  }
}

const truths = fc.nat(2 ** LEAVES - 1);

function subjectOf(segment: number, connection: number): Subject {
  return Object.assign(new Subject(), { segment, connection });
}

/** The answers to the segment tests, asked while nothing is known of the connection. */
function answersOf(tests: readonly ((subject: Subject) => boolean)[], segment: number): number {
  const subject = subjectOf(segment, Number.NaN);
  return tests.reduce((answers, one, i) => (one(subject) ? answers | (1 << i) : answers), 0);
}

test('the plan decides as the tree says', () => {
  fc.assert(
    fc.property(logic, truths, truths, (tree, segment, connection) => {
      const plan = planOf(tree);
      fc.pre(plan !== null);
      const answers = answersOf(plan!.segmentTests, segment);
      const wanted = plain(tree, subjectOf(segment, connection));
      expect(plan!.decide(answers, subjectOf(-1, connection))).toBe(wanted);
      expect([null, wanted]).toContain(plan!.decideEarly(answers));
    }),
    { numRuns: 2000 },
  );
});

test('what needs no connection is decided early, and what one connection could change is not', () => {
  fc.assert(
    fc.property(logic, truths, (tree, segment) => {
      const plan = planOf(tree);
      fc.pre(plan !== null);
      const early = plan!.decideEarly(answersOf(plan!.segmentTests, segment));
      if (plan!.scopes.size === 1 && plan!.scopes.has('segment')) expect(early).not.toBeNull();
      if (early === null) return;
      for (let connection = 0; connection < 2 ** LEAVES; connection++) {
        expect(plain(tree, subjectOf(segment, connection))).toBe(early);
      }
    }),
    { numRuns: 500 },
  );
});

const segment = leaf('segment', () => true);
const flow = leaf('flow', () => true);
const and = (...of: Logic[]): Logic => ({ kind: 'and', of });
const or = (...of: Logic[]): Logic => ({ kind: 'or', of });
const not = (of: Logic): Logic => ({ kind: 'not', of });

test.each([
  ['one condition', segment, 1],
  ['conditions on connections need none', and(flow, not(flow)), 0],
  ['neighbours are joined, however nested', and(segment, and(segment, flow), or(segment, not(segment))), 1],
  ['across a connection they are not', or(and(segment, flow), and(segment, flow)), 2],
])('segment tests: %s', (_name, tree, count) => {
  expect(planOf(tree)!.segmentTests).toHaveLength(count);
});

test('too many segment tests are refused', () => {
  const pairs = (count: number): Logic => or(...Array.from({ length: count }, () => and(segment, flow)));
  expect(planOf(pairs(MOST_SEGMENT_TESTS))).not.toBeNull();
  expect(planOf(pairs(MOST_SEGMENT_TESTS + 1))).toBeNull();
});
