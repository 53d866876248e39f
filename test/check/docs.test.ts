// The examples of docs/filters.md, docs/check.md and docs/ci.md are what they say: filters parse, rule files are read.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/check/config.ts';
import { Filter } from '../../src/filter/filter.ts';
import { FilterError } from '../../src/filter/filter-error.ts';

const page = (name: string): string => readFileSync(`docs/${name}.md`, 'utf8');
const blocks = (text: string, kind: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block]) => block!);

/** Behind -Y and --expect, in quotes. */
const QUOTED = /(?:-Y|--expect) '([^']+)'/g;
/** A filter and what it means, as two columns. */
const COLUMNS = /^ {4}((?:endpoint|all|a|b|any)[ .(].*?)(?: {2,}.*)?$/gm;

const FILTERS = ['filters', 'check', 'ci'].flatMap((name) => [
  ...[...page(name).matchAll(QUOTED)].map(([, filter]) => filter!),
  ...[...page(name).matchAll(COLUMNS)].map(([, filter]) => filter!),
]);

describe('filters in the documentation', () => {
  test('there are some', () => {
    expect(FILTERS.length).toBeGreaterThan(10);
  });

  test.each(FILTERS.filter((filter) => !filter.includes('retransmision')))('%s', (filter) => {
    const { notes } = new Filter(filter);
    expect(notes).toEqual([]);
  });

  test('the mistake in the example is the one that is shown', () => {
    const shown = /\$ tcpstate packets -Y '(.+)' capture\.pcap\n {4}tcpstate: (.+)\n {8}(.+)\n {8}(.+)\n/.exec(
      page('filters'),
    )!;
    const [, filter, message, ...detail] = shown;
    let error: unknown;
    try {
      new Filter(filter!);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FilterError);
    expect(error).toMatchObject({ message, detail });
  });

  test('the number of filters compared with tshark is the number there are', () => {
    const lines = readFileSync('scripts/filter-expressions.txt', 'utf8').split('\n');
    const count = lines.filter((line) => line !== '' && !line.startsWith('#')).length;
    expect(page('filters')).toContain(`the selections of ${count} filters`);
  });
});

describe('rule files in the documentation', () => {
  test.each(blocks(page('check'), 'yaml'))('%#', (yaml) => {
    expect(parseConfig(yaml, 'docs').rules.length).toBeGreaterThan(0);
  });

  test('pipelines are YAML', () => {
    const pipelines = blocks(page('ci'), 'yaml').map((yaml) => parse(yaml));
    expect(pipelines).toHaveLength(2);
    expect(JSON.stringify(pipelines)).toContain('npx tcpstate check');
  });
});
