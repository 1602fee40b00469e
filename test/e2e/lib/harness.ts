import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTest, type TestResult } from '../../../scripts/lib/results.ts';

/**
 * The end-to-end tests: real VS Code in Chromium with the packaged extension. To add some, put `test/e2e/<what>.e2e.ts` there; it
 * exports a default function that gets a `Suite`, starts what it needs, calls `suite.test(name, work)` for each promise and closes
 * what it started. Two files run side by side; `npm run e2e -- <words>` runs those whose name holds a word.
 */
export class Suite {
  readonly results: TestResult[] = [];
  /** Path of the packaged extension. */
  readonly vsix: string;

  constructor(vsix: string) {
    this.vsix = vsix;
  }

  /** Runs one test now. @returns Whether it passed. */
  async test(name: string, work: () => Promise<unknown>): Promise<boolean> {
    const result = await runTest(name, work, (line) => console.log(line));
    this.results.push(result);
    return result.status === 'passed';
  }
}

export type SuiteFile = { default: (suite: Suite) => Promise<void> };

/** Runs `work` with a new folder of its own, and removes the folder whatever happens. */
export async function inTemporaryFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `longhand-${name}-`));
  try {
    return await work(folder);
  } finally {
    // What VS Code started may write its last words a moment after it was stopped.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
