// In: conditions as closures, joined by and, or, xor, not. Out: the same truth split by what must be known for it.
//
// Segments pass first, connections are known later, and a filter may ask about both: `tcp.len > 0 && flow.verdict == "..."`.
// So every condition on segments alone is gathered into one of a few *segment tests*. A segment's answers to them are one
// number, bit n for test n; what the whole filter says of that segment needs only this number and the connection.

import type { Test } from './comparison.ts';
import { Constancy, type Scope } from './field.ts';
import type { Subject } from './subject.ts';

export type Logic =
  | { readonly kind: 'leaf'; readonly scope: Scope; readonly test: Test; readonly opening?: OpeningTest }
  | { readonly kind: 'not'; readonly of: Logic }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Logic[] }
  | { readonly kind: 'xor'; readonly left: Logic; readonly right: Logic };

/** What the first segment of a connection answers for all its segments, or for some. */
export interface OpeningTest {
  readonly test: Test;
  readonly constancy: Constancy;
}

export function leaf(scope: Scope, test: Test): Logic {
  return { kind: 'leaf', scope, test };
}

export function not(of: Logic): Logic {
  return { kind: 'not', of };
}

/** What is left to decide once a segment's answers are known. */
type Rest = (answers: number, subject: Subject) => boolean;
/** The same without the connection: null where the answer depends on it. */
type Early = (answers: number) => boolean | null;

/** The same of any segment of a connection, given its first one: null where another segment, or the connection, decides. */
type Opening = (subject: Subject) => boolean | null;

export interface Plan {
  /** At most 30, so that the answers fit one small integer. */
  readonly segmentTests: readonly Test[];
  readonly decide: Rest;
  readonly decideEarly: Early;
  /** Null: no first segment decides anything. */
  readonly decideAtOpening: Opening | null;
  readonly scopes: ReadonlySet<Scope>;
}

export const MOST_SEGMENT_TESTS = 30;

/**
 * Null if there would be more segment tests than fit. `isOfAll`: whoever asks about some segment of a connection has to be told of all before it (see
 * Field): the first segment then decides only what none after it can change.
 */
export function planOf(logic: Logic, isOfAll = false): Plan | null {
  const scopes = new Set<Scope>();
  const gathered = gather(logic, scopes);
  const segmentTests: Test[] = [];
  const decide = restOf(gathered, segmentTests);
  if (segmentTests.length > MOST_SEGMENT_TESTS) return null;
  // The second walk meets the same segment tests in the same order, so their numbers agree.
  const decideEarly = earlyOf(gathered, { next: 0 });
  const least = isOfAll ? Constancy.ALWAYS : Constancy.NEVER;
  const decideAtOpening = asksOpening(logic, least) ? openingOf(logic, least) : null;
  return { segmentTests, decide, decideEarly, decideAtOpening, scopes };
}

/** `least`: the least constancy that counts. */
function asksOpening(logic: Logic, least: Constancy): boolean {
  switch (logic.kind) {
    case 'leaf':
      return logic.opening !== undefined && logic.opening.constancy <= least;
    case 'not':
      return asksOpening(logic.of, least);
    case 'xor':
      return asksOpening(logic.left, least) || asksOpening(logic.right, least);
    default:
      return logic.of.some((part) => asksOpening(part, least));
  }
}

/** Joins all that is about segments alone into single leaves, as far as the logic allows. */
function gather(logic: Logic, scopes: Set<Scope>): Logic {
  switch (logic.kind) {
    case 'leaf':
      scopes.add(logic.scope);
      return logic;
    case 'not': {
      const of = gather(logic.of, scopes);
      if (of.kind !== 'leaf') return not(of);
      const { test } = of;
      return leaf(of.scope, (subject) => !test(subject));
    }
    case 'xor': {
      const left = gather(logic.left, scopes);
      const right = gather(logic.right, scopes);
      if (left.kind !== 'leaf' || right.kind !== 'leaf' || isSegment(left) !== isSegment(right)) {
        return { kind: 'xor', left, right };
      }
      const [a, b] = [left.test, right.test];
      return leaf(left.scope, (subject) => a(subject) !== b(subject));
    }
    case 'and':
    case 'or': {
      const parts = flatten(logic).map((part) => gather(part, scopes));
      const segment = parts.filter((part) => part.kind === 'leaf' && isSegment(part));
      const other = parts.filter((part) => part.kind === 'leaf' && !isSegment(part));
      const mixed = parts.filter((part) => part.kind !== 'leaf');
      const of = [...joinLeaves(logic.kind, segment), ...joinLeaves(logic.kind, other), ...mixed];
      return of.length === 1 ? of[0]! : { kind: logic.kind, of };
    }
  }
}

type Leaf = Extract<Logic, { kind: 'leaf' }>;

function isSegment(part: Leaf): boolean {
  return part.scope === 'segment';
}

/** Conditions on flows and on findings are both answered when the connection is over. */
function joinLeaves(kind: 'and' | 'or', parts: readonly Logic[]): Logic[] {
  const leaves = parts as readonly Leaf[];
  if (leaves.length === 0) return [];
  const tests = leaves.map(({ test }) => test);
  const wanted = kind === 'or';
  const { scope } = leaves[0]!;
  if (tests.length === 1) return [leaves[0]!];
  if (tests.length === 2) {
    const [a, b] = [tests[0]!, tests[1]!];
    return [leaf(scope, wanted ? (subject) => a(subject) || b(subject) : (subject) => a(subject) && b(subject))];
  }
  return [
    leaf(scope, (subject) => {
      for (let i = 0; i < tests.length; i++) if (tests[i]!(subject) === wanted) return wanted;
      return !wanted;
    }),
  ];
}

function flatten(logic: Extract<Logic, { kind: 'and' | 'or' }>): Logic[] {
  return logic.of.flatMap((part) => (part.kind === logic.kind ? flatten(part) : [part]));
}

function restOf(logic: Logic, segmentTests: Test[]): Rest {
  switch (logic.kind) {
    case 'leaf': {
      const { test } = logic;
      if (!isSegment(logic)) return (_answers, subject) => test(subject);
      const bit = 1 << segmentTests.length;
      segmentTests.push(test);
      return (answers) => (answers & bit) !== 0;
    }
    case 'not': {
      const of = restOf(logic.of, segmentTests);
      return (answers, subject) => !of(answers, subject);
    }
    case 'xor': {
      const left = restOf(logic.left, segmentTests);
      const right = restOf(logic.right, segmentTests);
      return (answers, subject) => left(answers, subject) !== right(answers, subject);
    }
    case 'and':
    case 'or': {
      const parts = logic.of.map((part) => restOf(part, segmentTests));
      const wanted = logic.kind === 'or';
      return (answers, subject) => {
        for (let i = 0; i < parts.length; i++) if (parts[i]!(answers, subject) === wanted) return wanted;
        return !wanted;
      };
    }
  }
}

function earlyOf(logic: Logic, numbering: { next: number }): Early {
  return knownOf(logic, (part) => {
    if (!isSegment(part)) return () => null;
    const bit = 1 << numbering.next++;
    return (answers) => (answers & bit) !== 0;
  });
}

function openingOf(logic: Logic, least: Constancy): Opening {
  return knownOf<Subject>(logic, ({ opening }) => {
    if (opening === undefined || opening.constancy > least) return () => null;
    const { test, constancy } = opening;
    return constancy >= Constancy.BOOK ? (subject) => (subject.isByTheBook ? test(subject) : null) : test;
  });
}

/** What is known already, given what is known of the leaves; null where that leaves it open. */
function knownOf<Given>(
  logic: Logic,
  ofLeaf: (part: Leaf) => (given: Given) => boolean | null,
): (given: Given) => boolean | null {
  switch (logic.kind) {
    case 'leaf':
      return ofLeaf(logic);
    case 'not': {
      const of = knownOf(logic.of, ofLeaf);
      return (given) => {
        const known = of(given);
        return known === null ? null : !known;
      };
    }
    case 'xor': {
      const left = knownOf(logic.left, ofLeaf);
      const right = knownOf(logic.right, ofLeaf);
      return (given) => {
        const a = left(given);
        const b = right(given);
        return a === null || b === null ? null : a !== b;
      };
    }
    case 'and':
    case 'or': {
      const parts = logic.of.map((part) => knownOf(part, ofLeaf));
      const wanted = logic.kind === 'or';
      return (given) => {
        let open = false;
        for (let i = 0; i < parts.length; i++) {
          const known = parts[i]!(given);
          if (known === wanted) return wanted;
          if (known === null) open = true;
        }
        return open ? null : !wanted;
      };
    }
  }
}
