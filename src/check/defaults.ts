// In: nothing. Out: the rules that are checked where nobody wrote any.

import { Filter } from '../filter/filter.ts';
import type { Rule } from './rule.ts';

/** A capture that is cut short proves nothing, so this rule stays beside rules of one's own, unless they say otherwise. */
export function wholeRule(): Rule {
  return { kind: 'whole', name: 'the capture is whole', severity: 'error', reason: null, origin: null };
}

/** The default set, without {@link wholeRule}. */
export function defaultRules(): Rule[] {
  const common = { severity: 'error', reason: null, origin: null } as const;
  return [
    {
      ...common,
      kind: 'limit',
      name: 'there are connections',
      reason: 'An empty capture would fit every other rule.',
      count: 'flows',
      where: null,
      of: null,
      min: { value: 1, isShare: false },
      max: null,
    },
    {
      ...common,
      kind: 'limit',
      name: 'no findings of severity error',
      count: 'findings',
      where: new Filter('finding.severity == error'),
      of: null,
      min: null,
      max: { value: 0, isShare: false },
    },
    {
      ...common,
      kind: 'expect',
      name: 'every connection is opened and closed',
      where: null,
      expect: new Filter('flow.opened and flow.closed'),
    },
  ];
}
