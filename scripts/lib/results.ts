/** One test of any suite, as scripts/test.ts adds them up. */
export interface TestResult {
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  ms: number;
  /** What went wrong, or why it was skipped; of one that passed, what went wrong in its first try. */
  reason?: string;
}

/** Throw it inside a test of the host or e2e suite: the test is reported as skipped, with the reason. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** Runs one test and prints its line: `ok`, `not ok` with what went wrong, or `skipped` with the reason. */
export async function runTest(name: string, work: () => unknown, print: (line: string) => void): Promise<TestResult> {
  const started = Date.now();
  try {
    await work();
    const ms = Date.now() - started;
    print(`ok ${name} (${ms} ms)`);
    return { name, status: 'passed', ms };
  } catch (error) {
    const ms = Date.now() - started;
    if (error instanceof Skipped) {
      print(`skipped ${name}: ${error.message}`);
      return { name, status: 'skipped', ms, reason: error.message };
    }
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    print(`not ok ${name} (${ms} ms)\n${reason.replace(/^/gm, '    ')}`);
    return { name, status: 'failed', ms, reason };
  }
}
