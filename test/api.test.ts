// The examples of docs/api.md: run with the package as it is built, what they print compared with the page.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** Each `js` block and the `text` block under it. */
const EXAMPLES = [
  ...readFileSync('docs/api.md', 'utf8').matchAll(
    /^## (.*)$[\s\S]*?^```js\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```/gm,
  ),
].map(([, title, code, output]) => ({ title: title!, code: code!, output: output! }));

let folder = '';

beforeAll(() => {
  const program = inject('program');
  if ('error' in program) throw new Error(program.error);
  // A project that has tcpstate installed.
  const root = dirname(dirname(program.path));
  folder = join(root, 'example');
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', 'tcpstate'), 'dir');
  copyFileSync('fixtures/captures/close-wait.pcap', join(folder, 'capture.pcap'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function outputOf(code: string): string {
  const path = join(folder, 'example.mjs');
  writeFileSync(path, code);
  const { stdout, stderr } = spawnSync(process.execPath, [path], { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

describe('docs/api.md', () => {
  test('has examples', () => {
    expect(EXAMPLES.map(({ title }) => title)).toEqual(['Connections', 'Segments', 'Filters', 'Checks', 'Errors']);
  });

  test.each(EXAMPLES)('$title', ({ code, output }) => {
    expect(outputOf(code)).toBe(output);
  });

  test('the package exports the matchers', () => {
    expect(
      outputOf("import { tcpMatchers } from 'tcpstate/vitest'; console.log(Object.keys(tcpMatchers).join(' '));"),
    ).toBe('toPassTcpChecks toHaveVerdicts\n');
  });
});
