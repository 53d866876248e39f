// docs/cookbook.md: every rule holds on the capture that is near all limits, fails on the one made for it, and says what the page says.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { report } from '../../src/check/reporters/text.ts';
import type { CheckResult } from '../../src/check/rule.ts';
import { check } from '../../src/check-captures.ts';
import { PLAIN } from '../../src/report/palette.ts';
import { stdinOf } from '../support/filter-session.ts';
import { writePcap } from '../support/pcap-writer.ts';

const FOLDER = 'fixtures/cookbook';

const SECTIONS = readFileSync('docs/cookbook.md', 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const title = section.split('\n', 1)[0]!;
    const block = (kind: string): string =>
      new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(section)?.[1] ?? '';
    return { title, slug: title.toLowerCase().replace(/[ _]/g, '-'), yaml: block('yaml'), output: block('text') };
  });

function checked(page: string, config: string): Promise<CheckResult> {
  const capture = writePcap(framesOfScript(readFileSync(`${FOLDER}/${page}.md`, 'utf8')));
  return check({ ...stdinOf(capture), config });
}

describe('the cookbook', () => {
  test('has at least ten rules, and a capture for each', () => {
    expect(SECTIONS.length).toBeGreaterThanOrEqual(10);
    const pages = readdirSync(FOLDER).map((name) => name.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual([...SECTIONS.map(({ slug }) => slug), 'fine'].sort());
  });

  test.each(SECTIONS)('$title holds near its limit', async ({ yaml }) => {
    const { failed, results } = await checked('fine', yaml);
    expect(results.filter(({ holds }) => !holds).map(({ summary, violations }) => [summary, violations])).toEqual([]);
    expect(failed).toBe(0);
    // It had something to look at.
    expect(results[0]!.checked).toBeGreaterThan(0);
  });

  test.each(SECTIONS)('$title fails where it should', async ({ slug, yaml, output }) => {
    const result = await checked(slug, yaml);
    expect(result.failed).toBe(1);
    expect(result.results.map(({ holds }) => holds)).toEqual([false, true]);
    expect(report(result, { palette: PLAIN, operands: 'recorded.pcap' })).toBe(output);
  });
});
