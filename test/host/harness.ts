/**
 * The host suite: tests that run inside the extension host of a real VS Code, with the extension loaded from this checkout.
 *
 * To add a test, put `test/host/suite/<what>.test.ts` there; every file of that folder is found and bundled by itself:
 *
 *     import * as vscode from 'vscode';
 *     import { test } from '../harness.ts';
 *
 *     test('what is promised', async () => { … throw when it is not kept (node:assert) … });
 *
 * That workspace is not trusted; tests that start processes go into `test/host/suite/trusted/`.
 *
 * The workspace folder that is open is a temporary copy of the sample dataset; tests run one after the other, in file order.
 * `throw new Skipped('why')` (scripts/lib/results.ts) reports a test as skipped. `measure` reports a number without an assertion.
 * Run them with `npm run host`; LONGHAND_HOST=electron or =server sets the kind of VS Code.
 */
import { writeFileSync } from 'node:fs';
import { runTest, type TestResult } from '../../scripts/lib/results.ts';

const tests: { name: string; work: () => unknown }[] = [];
const measured: Record<string, string> = {};

export function test(name: string, work: () => unknown): void {
  tests.push({ name, work });
}

/** Reports a measured number, with its unit. */
export function measure(what: string, value: string): void {
  measured[what] = value;
  console.log(`measured ${what}: ${value}`);
}

export interface HostReport {
  tests: TestResult[];
  measured: Record<string, string>;
}

/**
 * Runs all tests and writes a `HostReport` to the file that LONGHAND_HOST_REPORT names. The file is how the result reaches the
 * outside in both VS Codes: what an extension host prints is not seen everywhere. The bundle of bundle.ts exports it.
 * @public
 */
export async function runAll(): Promise<void> {
  const report: HostReport = { tests: [], measured };
  for (const { name, work } of tests) report.tests.push(await runTest(name, work, (line) => console.log(line)));
  const file = process.env.LONGHAND_HOST_REPORT;
  if (!file) throw new Error('LONGHAND_HOST_REPORT is not set: start the host suite with npm run host');
  writeFileSync(file, JSON.stringify(report));
}
