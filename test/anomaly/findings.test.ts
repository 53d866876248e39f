// In: the pages of fixtures/findings. Out: proof that each rule raises its finding as written there, and not on the near miss.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CODES, type Code, entryOf } from '../../src/anomaly/catalog.ts';
import { findingsIn, fits, pageNames, readPage } from './support.ts';

const pages = pageNames();

test('every code of the catalog has a page, and every page a code', () => {
  expect(pages.map((name) => name.replace(/\.md$/, ''))).toEqual([...CODES].sort());
});

describe.each(pages)('%s', (name) => {
  const page = readPage(name);
  const codeOf = (line: string): string => line.split(' ')[1]!;

  test('raises the finding as written', async () => {
    const { lines } = await findingsIn(page.raises);
    const ofCode = lines.filter((line) => codeOf(line) === page.code);
    expect(ofCode.some((line) => fits(line, page.finding)) ? page.finding : ofCode).toEqual(page.finding);
    expect(page.finding.split(' ')[0]).toBe(entryOf(page.code as Code).severity);
  });

  test('not on the near miss', async () => {
    const { lines } = await findingsIn(page.nearMiss);
    expect(lines.filter((line) => codeOf(line) === page.code)).toEqual([]);
  });

  test.skipIf(!page.isKept)('its captures are what npm run fixtures makes of it', () => {
    const kept = (suffix: string): Buffer => readFileSync(`fixtures/captures/findings/${page.code}${suffix}.pcap`);
    expect(Buffer.compare(kept(''), Buffer.from(page.raises)), 'run npm run fixtures').toBe(0);
    expect(Buffer.compare(kept('.near-miss'), Buffer.from(page.nearMiss)), 'run npm run fixtures').toBe(0);
  });
});
