// In: the catalog of findings. Out: proof that its entries are whole and that the page written from them is up to date.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CODES, entryOf, findEntry } from '../../src/anomaly/catalog.ts';
import { GROUPS, SEVERITIES } from '../../src/anomaly/entry.ts';
import { findingsPage } from '../../src/anomaly/reference.ts';
import { ANALYSIS_CODES } from '../../src/tcp/analysis-flag.ts';

/** Rules are one file each: the code is the file's name. */
function rules(folder: string): string[] {
  return readdirSync(`src/anomaly/${folder}`)
    .map((name) => name.replace(/\.ts$/, ''))
    .filter((name) => name !== 'index');
}

test('every code has one rule, and every rule a code', () => {
  expect([...rules('rules'), ...rules('capture-rules')].sort()).toEqual([...CODES].sort());
});

test('every rule is in its registry', () => {
  for (const folder of ['rules', 'capture-rules']) {
    const registry = readFileSync(`src/anomaly/${folder}/index.ts`, 'utf8');
    const lists = [...registry.matchAll(/RULES: readonly \w+\[\] = \[([^\]]*)\]/g)].map((match) => match[1]!);
    const called = lists.join(',').match(/\w+/g)!;
    expect(new Set(called).size).toBe(called.length);
    expect(called.length).toBe(rules(folder).length);
    for (const code of rules(folder)) expect(registry).toContain(`from './${code}.ts'`);
  }
});

test("Wireshark's flags are all findings, except the window update, which is nothing", () => {
  expect(ANALYSIS_CODES.filter((code) => findEntry(code) === null)).toEqual(['window_update']);
});

describe.each(CODES)('%s', (code) => {
  const entry = entryOf(code);

  test('says all there is to say', () => {
    expect(code).toMatch(/^[a-z0-9_]+$/);
    expect(SEVERITIES).toContain(entry.severity);
    expect(Object.keys(GROUPS)).toContain(entry.group);
    expect(entry.title).toMatch(/^[A-Z].*[^.]$/);
    expect(entry.meaning).toMatch(/^[A-Z].{40,}\.$/s);
    expect(entry.causes.length).toBeGreaterThan(0);
    for (const cause of entry.causes) expect(cause).toMatch(/\.$/);
    expect(entry.advice).toMatch(/\.$/);
    expect(entry.rfc).not.toBe('');
    for (const covered of entry.covers ?? []) expect(findEntry(covered), covered).not.toBeNull();
    // Known to be harmful, and gone from Linux since 4.12.
    expect(`${entry.meaning}${entry.advice}`).not.toContain('tcp_tw_recycle');
  });
});

test('a word that is no code has no entry', () => {
  expect(findEntry('nonsense')).toBeNull();
  expect(findEntry('toString')).toBeNull();
});

test('docs/findings.md is what npm run docs writes', () => {
  expect(readFileSync('docs/findings.md', 'utf8')).toBe(findingsPage());
});
