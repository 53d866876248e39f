// In: major versions of Node (default 20 22 24) and what vitest shall run (default everything). Out: the tests under each of them.
//
//   npm run test:nodes -- [20 22 24] [test/cli ...]
//
// The npm package "node" brings the versions; they are installed below build/ once.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const words = process.argv.slice(2);
const versions = words.filter((word) => /^\d+$/.test(word));
const paths = words.filter((word) => !/^\d+$/.test(word));
const failed = [];
for (const version of versions.length > 0 ? versions : ['20', '22', '24']) {
  const folder = resolve('build', 'nodes', version);
  const bin = join(folder, 'node_modules', 'node', 'bin');
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true });
    run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `node@${version}`], process.env);
  }
  const node = join(bin, 'node');
  const shown = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? `no Node ${version}`;
  process.stdout.write(`== ${shown.trim()}\n`);
  // First in the path, so that the programs the tests start run under it as well.
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  if (run(node, [resolve('node_modules', 'vitest', 'vitest.mjs'), 'run', ...paths], env) !== 0) failed.push(version);
}
process.stdout.write(failed.length === 0 ? 'all pass\n' : `failed under Node ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(command, args, env) {
  return spawnSync(command, args, { stdio: 'inherit', env }).status;
}
