// In: nothing. Out: the shapes of a parsed filter, names and numbers still as written.

import type { Span } from './filter-error.ts';

/** How a comparison treats a field with several values, or a condition over both endpoints. */
export type Quantifier = 'any' | 'all';

export type CompareOperator = '==' | '!=' | 'all_eq' | 'any_ne' | '<' | '<=' | '>' | '>=' | 'contains' | 'matches';

/** Something that has a value. */
export type Term = Span &
  (
    | { readonly kind: 'word' | 'string' | 'character'; readonly text: string }
    /** `of[range]`; the range is read with the field's type known. */
    | { readonly kind: 'slice'; readonly of: Term; readonly range: string }
    | { readonly kind: 'call'; readonly name: string; readonly nameSpan: Span; readonly terms: readonly Term[] }
    | {
        readonly kind: 'arithmetic';
        readonly operator: '&' | '+' | '-' | '*' | '/' | '%';
        readonly left: Term;
        readonly right: Term;
      }
    | { readonly kind: 'negative'; readonly of: Term }
  );

/** One element of a set: a value, or a range with both ends in it. */
export interface SetElement {
  readonly low: Term;
  readonly high: Term | null;
}

/** Something that is true or false. */
export type Condition = Span &
  (
    | { readonly kind: 'and' | 'or' | 'xor'; readonly left: Condition; readonly right: Condition }
    | { readonly kind: 'not'; readonly of: Condition }
    /** `any (...)`, `all (...)`: `endpoint.*` inside means one and the same endpoint. */
    | { readonly kind: 'endpoints'; readonly quantifier: Quantifier; readonly of: Condition }
    /** A term alone: the field is there; a bit test is not zero. */
    | { readonly kind: 'present'; readonly of: Term }
    | {
        readonly kind: 'compare';
        readonly operator: CompareOperator;
        readonly quantifier: Quantifier | null;
        readonly left: Term;
        readonly right: Term;
      }
    | {
        readonly kind: 'in';
        readonly negated: boolean;
        readonly quantifier: Quantifier | null;
        readonly left: Term;
        readonly set: readonly SetElement[];
      }
  );
