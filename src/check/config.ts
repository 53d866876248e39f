// In: the text of a rule file (YAML, of which JSON is a part). Out: its rules, or the error that names line and column.

import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { UsageError } from '../errors.ts';
import { Filter } from '../filter/filter.ts';
import { FilterError } from '../filter/filter-error.ts';
import { nearestName } from '../nearest-name.ts';
import { SERVICE_MATCHES, type ServiceMatch } from './behaviour.ts';
import { wholeRule } from './defaults.ts';
import { isReporterName, REPORTER_NAMES } from './reporters/names.ts';
import { type Bound, RULE_SEVERITIES, RULE_UNITS, type Rule, type RuleSeverity, type RuleUnit } from './rule.ts';

/** A rule file as read. What it does not mention is absent. */
export interface CheckConfig {
  readonly rules: readonly Rule[];
  /** The default rules come on top. */
  readonly defaults: boolean;
  /** False: `capture: any`, a capture may be cut short. */
  readonly whole: boolean;
  readonly baseline?: string;
  readonly match?: ServiceMatch;
  readonly failOn?: RuleSeverity;
  /** As on the command line: NAME or NAME=FILE. */
  readonly reporters?: readonly string[];
  /** Seconds. */
  readonly timeWait?: number;
}

const KEYS = [
  'rules',
  'defaults',
  'capture',
  'baseline',
  'match',
  'fail-on',
  'reporters',
  'time-wait',
  '$schema',
] as const;
const RULE_KEYS = ['name', 'where', 'expect', 'count', 'of', 'max', 'min', 'severity', 'reason'] as const;

/** "3", "1 %", "0.5%". */
const BOUND = /^(\d+(?:\.\d+)?)\s*(%)?$/;

/** @throws UsageError that names file, line and column, with the line and a caret under it. */
export function parseConfig(text: string, file: string): CheckConfig {
  return new ConfigReader(text, file).read();
}

class ConfigReader {
  readonly #text: string;
  readonly #file: string;
  readonly #lines = new LineCounter();

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): CheckConfig {
    const document = parseDocument(this.#text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = document.errors;
    if (error !== undefined) this.#fail(error.pos[0], error.message.replace(/\.$/, ''));
    const root = document.contents;
    if (!isMap(root)) return this.#fail(root?.range?.[0] ?? 0, 'a rule file is a mapping with the key "rules"');
    const entries = this.#entries(root, KEYS, 'a rule file');
    const rules = entries.get('rules');
    const capture = entries.get('capture');
    const whole = capture === undefined || this.#oneOf(capture, ['whole', 'any'] as const, 'capture') === 'whole';
    const defaults = entries.get('defaults');
    const match = entries.get('match');
    const failOn = entries.get('fail-on');
    const baseline = entries.get('baseline');
    const reporters = entries.get('reporters');
    const timeWait = entries.get('time-wait');
    return {
      rules: rules === undefined ? [] : this.#rules(rules),
      defaults: defaults !== undefined && this.#boolean(defaults, 'defaults'),
      whole,
      ...(match !== undefined && { match: this.#oneOf(match, SERVICE_MATCHES, 'match') }),
      ...(failOn !== undefined && { failOn: this.#oneOf(failOn, RULE_SEVERITIES, 'fail-on') }),
      ...(baseline !== undefined && { baseline: this.#string(baseline, 'baseline') }),
      ...(reporters !== undefined && { reporters: this.#reporters(reporters) }),
      ...(timeWait !== undefined && { timeWait: this.#seconds(timeWait) }),
    };
  }

  #rules(node: Node): Rule[] {
    if (!isSeq(node)) return this.#fail(startOf(node), '"rules" is a list');
    const names = new Set<string>([wholeRule().name]);
    return (node.items as Node[]).map((item) => {
      const rule = this.#rule(item);
      if (names.has(rule.name)) this.#fail(startOf(item), `there are two rules of the name "${rule.name}"`);
      names.add(rule.name);
      return rule;
    });
  }

  #rule(node: Node): Rule {
    if (!isMap(node)) return this.#fail(startOf(node), 'a rule is a mapping with a name and "expect", "max" or "min"');
    const entries = this.#entries(node, RULE_KEYS, 'a rule');
    const at = startOf(node);
    const nameNode = entries.get('name');
    const name = nameNode === undefined ? '' : this.#string(nameNode, 'name').trim();
    if (name === '') return this.#fail(at, 'a rule needs a name');
    const severity = entries.get('severity');
    const reason = entries.get('reason');
    const where = entries.get('where');
    const expect = entries.get('expect');
    const max = entries.get('max');
    const min = entries.get('min');
    const of = entries.get('of');
    const count = entries.get('count');
    const head = {
      name,
      severity: severity === undefined ? 'error' : this.#oneOf(severity, RULE_SEVERITIES, 'severity'),
      reason: reason === undefined ? null : this.#string(reason, 'reason').trim(),
      origin: { file: this.#file, line: this.#lines.linePos(at).line },
    } as const;
    const filter = where === undefined ? null : this.#filter(where, 'where');
    if (expect !== undefined) {
      for (const [key, other] of [
        ['max', max],
        ['min', min],
        ['count', count],
        ['of', of],
      ] as const) {
        if (other !== undefined)
          this.#fail(startOf(other), `a rule has either "expect" or a limit, not "${key}" as well`);
      }
      const rule = { ...head, kind: 'expect', where: filter, expect: this.#filter(expect, 'expect') } as const;
      if (rule.expect.asksFindings && (rule.expect.asksSegments || filter?.asksSegments)) {
        this.#fail(startOf(expect), 'a rule is about segments or about findings, not about both');
      }
      return rule;
    }
    if (max === undefined && min === undefined) {
      return this.#fail(at, `the rule "${name}" asks for nothing: it needs "expect", "max" or "min"`);
    }
    const unit: RuleUnit = count === undefined ? 'flows' : this.#oneOf(count, RULE_UNITS, 'count');
    const among = of === undefined ? null : this.#filter(of, 'of');
    if (unit !== 'findings') {
      for (const [asked, askedAt] of [
        [filter, where],
        [among, of],
      ] as const) {
        if (asked?.asksFindings)
          this.#fail(
            startOf(askedAt!),
            `finding.* has a value only where findings are counted; flow.finding names a connection's`,
          );
      }
    }
    return {
      ...head,
      kind: 'limit',
      count: unit,
      where: filter,
      of: among,
      max: max === undefined ? null : this.#bound(max, 'max'),
      min: min === undefined ? null : this.#bound(min, 'min'),
    };
  }

  #filter(node: Node, key: string): Filter {
    const source = this.#string(node, key).replace(/\s+$/, '');
    // Where a filter is folded over several lines, its line ends are blanks.
    const line = source.replace(/\r?\n/g, ' ');
    try {
      return new Filter(line);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      const start = this.#filterStart(node, source, error.span.start);
      if (start !== null) this.#fail(start, error.reason, Math.max(1, error.span.end - error.span.start));
      throw new UsageError(
        `${this.#place(startOf(node))}: in "${key}", column ${error.span.start + 1}: ${error.reason}`,
        error.detail,
      );
    }
  }

  /** Offset in the file of offset `at` in the filter; null where the YAML style hides it (folded lines, escapes). */
  #filterStart(node: Node, source: string, at: number): number | null {
    const begin = startOf(node);
    for (const quote of [0, 1]) {
      if (this.#text.startsWith(source, begin + quote)) return begin + quote + at;
    }
    return null;
  }

  #bound(node: Node, key: string): Bound {
    const value = isScalar(node) ? node.value : undefined;
    const parts = typeof value === 'number' || typeof value === 'string' ? BOUND.exec(String(value).trim()) : null;
    if (parts === null) return this.#fail(startOf(node), `"${key}" is a count such as 3, or a share such as 1%`);
    const isShare = parts[2] !== undefined;
    const number = Number(parts[1]);
    if (isShare && number > 100) this.#fail(startOf(node), `"${key}" is at most 100%`);
    if (!isShare && !Number.isInteger(number))
      this.#fail(startOf(node), `"${key}" is a whole number; a share is written with %`);
    return { value: isShare ? number / 100 : number, isShare };
  }

  #reporters(node: Node): string[] {
    const items = isSeq(node) ? (node.items as Node[]) : [node];
    return items.map((item) => {
      const reporter = this.#string(item, 'reporters');
      const name = reporter.split('=', 1)[0]!;
      if (!isReporterName(name)) this.#fail(startOf(item), wrongName(name, 'reporter', REPORTER_NAMES));
      return reporter;
    });
  }

  #seconds(node: Node): number {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'number' || !(value > 0))
      return this.#fail(startOf(node), '"time-wait" is a number of seconds above 0');
    return value;
  }

  #string(node: Node, key: string): string {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'string') return value;
    // "expect: true" and "name: 5" are what YAML makes of bare words.
    if (isScalar(node) && (typeof value === 'number' || typeof value === 'boolean') && node.source !== undefined)
      return node.source;
    return this.#fail(startOf(node), `"${key}" is text`);
  }

  #boolean(node: Node, key: string): boolean {
    const value = isScalar(node) ? node.value : undefined;
    return typeof value === 'boolean' ? value : this.#fail(startOf(node), `"${key}" is true or false`);
  }

  #oneOf<T extends string>(node: Node, words: readonly T[], key: string): T {
    const value = isScalar(node) ? String(node.value) : '';
    if (words.includes(value as T)) return value as T;
    return this.#fail(startOf(node), wrongName(value, `value of "${key}"`, words));
  }

  /** The values by key; unknown and repeated keys are errors. */
  #entries(map: YAMLMap, known: readonly string[], what: string): Map<string, Node> {
    const entries = new Map<string, Node>();
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (!known.includes(key)) this.#fail(startOf(pair.key), wrongName(key, `key of ${what}`, known));
      if (pair.value === null || (isScalar(pair.value) && pair.value.value === null)) {
        this.#fail(startOf(pair.key), `"${key}" has no value`);
      }
      entries.set(key, pair.value!);
    }
    return entries;
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }

  #fail(offset: number, reason: string, length = 1): never {
    const { line, col } = this.#lines.linePos(offset);
    const text = this.#text.split(/\r?\n/)[line - 1] ?? '';
    const caret = ' '.repeat(col - 1) + '^'.repeat(Math.max(1, Math.min(length, text.length - col + 1)));
    throw new UsageError(`${this.#place(offset)}: ${reason}`, [text, caret]);
  }
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

/** One sentence about a name that is none, with the nearest there is. */
function wrongName(name: string, what: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  if (nearest !== null) return `"${name}" is no ${what} (did you mean ${nearest}?)`;
  return `"${name}" is no ${what}; there are ${known.filter((one) => !one.startsWith('$')).join(', ')}`;
}
