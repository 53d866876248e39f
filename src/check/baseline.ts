// In: the text of a baseline file, or the violations of a run. Out: what is known to be wrong, so that only what is new fails.

import { UsageError } from '../errors.ts';
import { SERVICE_MATCHES, type ServiceMatch } from './behaviour.ts';

export const BASELINE_SCHEMA = 'tcpstate.baseline/1';

interface Entry {
  service: string;
  behaviour: string;
  /** Connections that behaved so. */
  count: number;
}

interface RuleBaseline {
  /** For rules on connections, segments and findings. */
  violations?: Entry[];
  /** For limits that did not hold: what was measured, a count or a share. */
  measured?: number;
}

interface BaselineFile {
  schema: string;
  match: ServiceMatch;
  rules: Record<string, RuleBaseline>;
}

const SEPARATOR = '\n';

/** A baseline being compared with. Every connection it knows is used up once it has been met as often as then. */
export class Baseline {
  readonly match: ServiceMatch;
  /** By rule, then service and behaviour: connections not met yet. */
  readonly #left = new Map<string, Map<string, number>>();
  readonly #measured = new Map<string, number>();

  constructor(match: ServiceMatch, rules: Readonly<Record<string, RuleBaseline>> = {}) {
    this.match = match;
    for (const [rule, { violations = [], measured }] of Object.entries(rules)) {
      const left = new Map<string, number>();
      for (const { service, behaviour, count } of violations) left.set(service + SEPARATOR + behaviour, count);
      this.#left.set(rule, left);
      if (measured !== undefined) this.#measured.set(rule, measured);
    }
  }

  /** True if the baseline has one more connection like this under the rule. */
  takes(rule: string, service: string, behaviour: string): boolean {
    const left = this.#left.get(rule);
    const key = service + SEPARATOR + behaviour;
    const count = left?.get(key) ?? 0;
    if (count === 0) return false;
    left!.set(key, count - 1);
    return true;
  }

  /** What was measured for a limit that did not hold then, or null. */
  measured(rule: string): number | null {
    return this.#measured.get(rule) ?? null;
  }

  /** Connections the baseline knows of and this run has not met. */
  get fixed(): number {
    let sum = 0;
    for (const left of this.#left.values()) for (const count of left.values()) sum += count;
    return sum;
  }
}

/** What a run has found, to become a baseline. */
export class BaselineWriter {
  readonly #match: ServiceMatch;
  readonly #rules = new Map<string, { counts: Map<string, number>; measured: number | null }>();

  constructor(match: ServiceMatch) {
    this.#match = match;
  }

  add(rule: string, service: string, behaviour: string): void {
    const { counts } = this.#of(rule);
    const key = service + SEPARATOR + behaviour;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  measured(rule: string, value: number): void {
    this.#of(rule).measured = value;
  }

  /** Sorted throughout, so that a new baseline differs from the old one only where something changed. */
  toText(): string {
    const rules: Record<string, RuleBaseline> = {};
    for (const name of [...this.#rules.keys()].sort()) {
      const { counts, measured } = this.#rules.get(name)!;
      const violations = [...counts.keys()].sort().map((key) => {
        const [service, behaviour] = key.split(SEPARATOR) as [string, string];
        return { service, behaviour, count: counts.get(key)! };
      });
      rules[name] = { ...(violations.length > 0 && { violations }), ...(measured !== null && { measured }) };
    }
    const file: BaselineFile = { schema: BASELINE_SCHEMA, match: this.#match, rules };
    return `${JSON.stringify(file, null, 2)}\n`;
  }

  #of(rule: string): { counts: Map<string, number>; measured: number | null } {
    let found = this.#rules.get(rule);
    if (found === undefined) {
      found = { counts: new Map(), measured: null };
      this.#rules.set(rule, found);
    }
    return found;
  }
}

/** @throws UsageError naming the file and what is wrong with it. */
export function parseBaseline(text: string, file: string): Baseline {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
  const found = json as Partial<BaselineFile> | null;
  if (typeof found !== 'object' || found === null || found.schema !== BASELINE_SCHEMA) {
    throw new UsageError(
      `${file} is no baseline: "schema" is not "${BASELINE_SCHEMA}" (write one with --update-baseline)`,
    );
  }
  if (!SERVICE_MATCHES.includes(found.match!) || !isRules(found.rules)) {
    throw new UsageError(`${file} is a damaged baseline; write it anew with --update-baseline`);
  }
  return new Baseline(found.match!, found.rules);
}

function isRules(rules: unknown): rules is Record<string, RuleBaseline> {
  if (typeof rules !== 'object' || rules === null) return false;
  return Object.values(rules).every((rule: RuleBaseline | null) => {
    if (typeof rule !== 'object' || rule === null) return false;
    const { violations = [], measured = 0 } = rule;
    return Array.isArray(violations) && violations.every(isEntry) && typeof measured === 'number';
  });
}

function isEntry(entry: Entry | null): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  const { service, behaviour, count } = entry;
  return typeof service === 'string' && typeof behaviour === 'string' && Number.isInteger(count) && count > 0;
}
