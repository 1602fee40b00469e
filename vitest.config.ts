import { defineConfig } from 'vitest/config';
import LongestFirst from './scripts/lib/longest-first.ts';

/** `unit` starts no processes; `integration` starts some, and servers. `vitest run --project unit` runs one tier, `vitest run <path>` one file. */
export default defineConfig({
  test: {
    globalSetup: 'test/build.ts',
    // A hang is what this catches; how fast a test is on a busy machine is no finding.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // Two cores on the smallest machine that runs this; more workers only fight.
          maxWorkers: 2,
          isolate: false,
          setupFiles: ['test/unit/no-processes.ts', 'test/unit/clean-up.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          // These wait more than they compute.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
