// In: finished connections with their facts, one after another. Out: the findings of each, and those of the capture.

import type { FlowFacts } from '../tcp/flow-facts.ts';
import { doubtsOf } from './doubts.ts';
import { Findings } from './findings.ts';
import { FLOW_RULES } from './rules/index.ts';

export class Judge {
  readonly #found = new Findings();

  /** Fills the findings of `facts.flow`. */
  flow(facts: FlowFacts): void {
    const found = this.#found;
    found.begin(facts, doubtsOf(facts));
    for (const rule of FLOW_RULES) rule(facts, found);
    facts.flow.findings = found.end();
  }
}
