import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-program.ts'],
    testTimeout: 30_000,
    // By default one core is left idle, which on two is half of them.
    maxWorkers: '100%',
  },
});
