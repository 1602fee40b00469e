import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { TestResult } from './results.ts';

/**
 * Writes every test as a `TestResult` to the file that LONGHAND_VITEST_RESULTS names. vitest's own JSON report omits why a
 * test was skipped (the note of `context.skip(note)`).
 */
export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { message: string }[]): void {
    const results = modules.flatMap((module) => [
      ...module.errors().map((error) => failure(module.relativeModuleId, error.message)),
      ...[...module.children.allTests()].map(resultOf),
    ]);
    for (const error of unhandled) results.push(failure('error outside of a test', error.message));
    const file = process.env.LONGHAND_VITEST_RESULTS;
    if (file) writeFileSync(file, JSON.stringify(results));
  }
}

function failure(name: string, reason: string): TestResult {
  return { name, status: 'failed', ms: 0, reason };
}

function resultOf(test: TestCase): TestResult {
  const result = test.result();
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  const ms = Math.round(test.diagnostic()?.duration ?? 0);
  if (result.state === 'passed') {
    const first = test.diagnostic()?.flaky ? result.errors?.[0]?.message : undefined;
    return { name, status: 'passed', ms, ...(first === undefined ? {} : { reason: first }) };
  }
  if (result.state === 'failed') return { name, status: 'failed', ms, reason: result.errors[0]?.message ?? '' };
  const note = (result.state === 'skipped' ? result.note : undefined) ?? reasonInName(test.fullName);
  return { name, status: 'skipped', ms, ...(note ? { reason: note } : {}) };
}

/** A test that is skipped before it runs has no note: its name, or that of its group, has the reason in brackets. */
export function reasonInName(name: string): string | undefined {
  return /\(((?:skipped:?|needs) [^()]*)\)/.exec(name)?.[1];
}
