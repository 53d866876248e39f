// In: src/ and dist/. Out: dist/ built, unless it is newer than all of src/. npm runs this after an install, and once more when
// `npx tcpstate` is first called in a checkout: that shall not take another ten seconds.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BUILT = ['dist/program/main.cjs', 'dist/index.js', 'dist/index.d.ts'];
const SOURCES = ['package.json', 'rolldown.config.js', 'tsconfig.json', 'tsconfig.build.json'];

function changed(path) {
  return statSync(path).mtimeMs;
}

function isFresh() {
  if (!BUILT.every(existsSync)) return false;
  const oldest = Math.min(...BUILT.map(changed));
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name));
  return [...SOURCES, ...sources].every((path) => changed(path) <= oldest);
}

if (!isFresh()) {
  const { status } = spawnSync('npm', ['run', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' });
  process.exitCode = status ?? 1;
}
