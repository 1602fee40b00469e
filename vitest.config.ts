import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/unit/build.ts',
    include: ['test/unit/**/*.test.ts'],
    // A hang is what this catches; how fast a test is on a busy machine is no finding.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores on the smallest machine that runs this; more workers only fight.
    maxWorkers: 2,
  },
});
