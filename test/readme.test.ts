// In: README.md. Out: proof that what it shows is what the program prints, and that what it names exists.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/registry.ts';
import { analyze } from '../src/index.ts';
import { printed } from './support/in-process.ts';

const readme = readFileSync('README.md', 'utf8');
/** As wide as GitHub shows a code block without a scroll bar. */
const COLUMNS = 100;

/** The lines of the code block that begins with `first`. */
function block(first: string): string {
  const found = [...readme.matchAll(/^```text\n([\s\S]*?)^```$/gm)]
    .map((match) => match[1]!)
    .filter((text) => text.startsWith(first));
  expect(found).toHaveLength(1);
  return found[0]!;
}

test('the first screen: what the first command prints on a terminal of 100 columns', async () => {
  expect(readme).toContain('\n    npm ci && npx tcpstate analyze fixtures/captures/textbook.pcap\n');
  const { stdout } = await printed(['analyze', 'fixtures/captures/textbook.pcap'], { columns: COLUMNS });
  expect(block('fixtures/captures/textbook.pcap')).toBe(stdout);
});

test('the answer about many connections', async () => {
  const [command, ...shown] = block('$ tcpstate fixtures/captures/many-connections.pcap').trimEnd().split('\n');
  const { stdout } = await printed(command!.split(' ').slice(2), { columns: COLUMNS });
  expect(shown.at(-1)).toBe('...');
  expect(stdout.startsWith(`${shown.slice(0, -1).join('\n')}\n`)).toBe(true);
});

test('every command is in the table, and no other', () => {
  const named = [...readme.matchAll(/^\| `tcpstate (\w+)/gm)].map((match) => match[1]!);
  expect(named.sort()).toEqual(COMMANDS.map((command) => command.name).sort());
});

test('links into the repository lead somewhere', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});

test('the library example', async () => {
  // Same calls as in the README; there they print.
  expect(readme).toContain("{ files: ['fixtures/captures/refused.pcap'] }");
  const told: unknown[] = [];
  const capture = await analyze(
    { files: ['fixtures/captures/refused.pcap'] },
    { flow: (flow) => void told.push([flow.stream, flow.verdict, flow.endpoints.map((end) => end.finalState)]) },
  );
  expect(told).toEqual([[0, 'refused', ['CLOSED', 'CLOSED']]]);
  expect(capture.frames).toBe(2);
});
