// In: violations one by one. Out: those kept with their evidence, and how many of them the baseline knows.

import { outcomeOf } from '../report/outcome.ts';
import type { FlowResult } from '../tcp/flow-result.ts';
import { endpointText } from '../units.ts';
import type { Baseline, BaselineWriter } from './baseline.ts';
import { behaviourOf, type ServiceMatch, serviceName } from './behaviour.ts';
import type { Evidence } from './evidence.ts';
import { MOST_VIOLATIONS, type Violation } from './rule.ts';

/** What is known, and where what is found is written down. */
export interface Book {
  readonly known: Baseline;
  readonly found: BaselineWriter;
  readonly match: ServiceMatch;
}

export class Violations {
  /** Connections, and units in them. */
  flows = 0;
  units = 0;
  knownFlows = 0;
  readonly #rule: string;
  readonly #book: Book | null;
  readonly #fresh: Violation[] = [];
  readonly #known: Violation[] = [];

  /** `book` null: nothing of it goes into a baseline (limits are known by what was measured). */
  constructor(rule: string, book: Book | null) {
    this.#rule = rule;
    this.#book = book;
  }

  /** `evidence` is called only for violations that are kept. `trait`: what sets it apart besides the connection's behaviour. */
  add(flow: FlowResult, count: number, evidence: () => Evidence, trait = ''): void {
    this.flows++;
    this.units += count;
    const service = serviceName(flow, this.#book?.match ?? 'address');
    let behaviour = '';
    let isKnown = false;
    if (this.#book !== null) {
      behaviour = trait === '' ? behaviourOf(flow) : `${trait}; ${behaviourOf(flow)}`;
      this.#book.found.add(this.#rule, service, behaviour);
      isKnown = this.#book.known.takes(this.#rule, service, behaviour);
    }
    if (isKnown) this.knownFlows++;
    const kept = isKnown ? this.#known : this.#fresh;
    if (kept.length === MOST_VIOLATIONS) return;
    const { text, frame, time } = evidence();
    kept.push({
      stream: flow.stream,
      endpoints: flow.endpoints.map(endpointText),
      outcome: outcomeOf(flow).words,
      service,
      behaviour,
      frame,
      time,
      evidence: text,
      count,
      isKnown,
    });
  }

  /** New ones first. */
  get list(): Violation[] {
    return [...this.#fresh, ...this.#known].slice(0, MOST_VIOLATIONS);
  }
}
