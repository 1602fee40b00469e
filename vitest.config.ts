import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/unit/build.ts',
    include: ['test/unit/**/*.test.ts'],
    // Two cores on the smallest machine that runs this; more workers only fight.
    maxWorkers: 2,
  },
});
