// The matchers of tcpstate/vitest, with Vitest's own expect.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { framesOfScript } from '../../scripts/segment-script.ts';
import { tcpMatchers } from '../../src/vitest.ts';
import { SESSION } from '../support/filter-session.ts';
import { writePcap } from '../support/pcap-writer.ts';

expect.extend(tcpMatchers);

const TEXTBOOK = 'fixtures/captures/textbook.pcap';
const FINE = writePcap(framesOfScript(readFileSync('fixtures/cookbook/fine.md', 'utf8')));

async function failureOf(assertion: Promise<void>): Promise<string> {
  try {
    await assertion;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the assertion held');
}

describe('toPassTcpChecks', () => {
  test('passes by the default rules, by expressions, by rules and by a rule file', async () => {
    await expect(FINE).toPassTcpChecks();
    await expect(FINE).toPassTcpChecks({ expect: ['flow.closed', 'flow.handshake < 50ms'] });
    await expect(FINE).toPassTcpChecks({ rules: [{ name: 'pool', where: 'b.port == 5432', max: 2 }] });
    await expect(FINE).toPassTcpChecks({ config: 'rules: [{name: closed, expect: flow.closed}]' });
    await expect(TEXTBOOK).toPassTcpChecks({ expect: 'flow.verdict == open-at-end' });
    await expect([TEXTBOOK]).not.toPassTcpChecks();
  });

  test('fails with the report of check', async () => {
    const message = await failureOf(expect(TEXTBOOK).toPassTcpChecks({ expect: 'flow.closed' }));
    expect(message).toContain(`${TEXTBOOK}:\n✗ flow.closed           1 of 1 connection\n`);
    expect(message).toContain(`look closer: tcpstate analyze ${TEXTBOOK} --stream 0`);
    expect(await failureOf(expect(FINE).not.toPassTcpChecks())).toContain('4 rules held');
  });

  test('a mistake in a rule is an error, not a failure', async () => {
    await expect(expect(FINE).toPassTcpChecks({ expect: 'flow.closd' })).rejects.toThrow('did you mean flow.closed?');
    await expect(expect('missing.pcap').toPassTcpChecks()).rejects.toThrow('missing.pcap');
  });
});

describe('toHaveVerdicts', () => {
  test('by number, or in the order of the streams', async () => {
    await expect(SESSION).toHaveVerdicts({ refused: 1, 'closed-by-client': 1, 'half-closed-by-client': 1 });
    await expect(SESSION).toHaveVerdicts(['closed-by-client', 'refused', 'half-closed-by-client']);
    await expect(SESSION).not.toHaveVerdicts({ refused: 3 });
    await expect(SESSION).not.toHaveVerdicts(['refused', 'closed-by-client', 'half-closed-by-client']);
    await expect(TEXTBOOK).toHaveVerdicts({ 'open-at-end': 1, refused: 0 });
  });

  test('a failure says both', async () => {
    const message = await failureOf(expect(TEXTBOOK).toHaveVerdicts({ refused: 1 }));
    expect(message).toBe(`${TEXTBOOK}: verdicts are {"open-at-end":1}, expected {"refused":1}`);
  });
});
