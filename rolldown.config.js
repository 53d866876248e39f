// In: src/. Out: dist/, a few files instead of a hundred and fifty: reading and linking that many modules took longer than
// analyzing a small capture (docs/PERFORMANCE.md). Each command and each format stays a chunk of its own, loaded when asked for.

import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default defineConfig({
  input: {
    index: 'src/index.ts',
    vitest: 'src/vitest.ts',
    'cli/main': 'src/cli/main.ts',
    'parallel/worker': 'src/parallel/worker.ts',
  },
  platform: 'node',
  external: Object.keys(dependencies),
  output: {
    dir: 'dist',
    format: 'esm',
    chunkFileNames: 'chunks/[name].js',
    cleanDir: true,
  },
});
