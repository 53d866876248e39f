// In: src/. Out: dist/, a few files instead of a hundred and fifty: reading and linking that many modules took longer than
// analyzing a small capture (docs/PERFORMANCE.md). Each command and each format stays a chunk of its own, loaded when asked for.

import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/** Matches the modules of src/ that one of the patterns, separated by spaces, describes. */
function files(patterns) {
  return new RegExp(`[\\\\/]src[\\\\/](?:${patterns.replaceAll(' ', '|').replaceAll('/', '[\\\\/]')})\\.ts$`);
}

const groups = [
  // Any command line, `--version` too.
  {
    name: 'base',
    priority: 3,
    test: files('errors nearest-name units version report/(printable|row-bytes|sink) cli/(exit-code|output)'),
  },
  // Any capture, but for how it may be packed.
  {
    name: 'core',
    priority: 2,
    test: files('analyze telling (capture|wire|flow|tcp|anomaly|linear)/(?!gzip|zstd).*'),
  },
  // Any report for people.
  {
    name: 'text',
    priority: 1,
    test: files(
      'report/(ascii|columns|endpoint-text|grid|outcome|palette|unicode|term-text) cli/(options|filter-option|pacer|workers)',
    ),
  },
];

/** What is needed together lies together: each file more takes about a millisecond. The first group that a module fits has it. */
const common = { platform: 'node', external: Object.keys(dependencies) };

export default defineConfig([
  {
    ...common,
    input: { index: 'src/index.ts', vitest: 'src/vitest.ts' },
    output: {
      dir: 'dist',
      format: 'esm',
      chunkFileNames: 'chunks/[name].js',
      cleanDir: true,
      codeSplitting: { groups },
    },
  },
  {
    // The program once more as CommonJS, which Node reads in less time, and before it starts its pool of threads (bin/tcpstate.js).
    ...common,
    input: { main: 'src/cli/main.ts', worker: 'src/parallel/worker.ts' },
    output: {
      dir: 'dist/program',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: 'chunks/[name].cjs',
      codeSplitting: { groups },
    },
  },
]);
