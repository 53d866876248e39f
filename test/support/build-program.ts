// In: src/. Out: the program as the package ships it, built once per test run into a folder of its own, so that the tests
// that run it never meet a stale or half-written dist/.

import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { assemble } from '../../scripts/assemble.js';
import { bundle } from '../../scripts/bundle.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the built bin/tcpstate.js, or why there is none: only the tests that run it shall fail then. */
    program: { path: string } | { error: string };
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  // Below node_modules, so that the program finds its dependencies.
  const folder = join(process.cwd(), 'node_modules', '.cache', `tcpstate-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // All tests need it, from src/.
  await assemble();
  try {
    await bundle(folder);
    cpSync('bin', join(folder, 'bin'), { recursive: true });
    cpSync('package.json', join(folder, 'package.json'));
    project.provide('program', { path: join(folder, 'bin', 'tcpstate.js') });
  } catch (error) {
    project.provide('program', { error: String(error) });
  }
  return () => rmSync(folder, { recursive: true, force: true });
}
