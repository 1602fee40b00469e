// `npm run e2e [-- words] [--retry]`: the end-to-end tests. Exit code 1 when one failed. With `--retry`, files with a failed test run once more.
import { readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureVsix } from '../../scripts/lib/build.ts';
import type { TestResult } from '../../scripts/lib/results.ts';
import { explain } from '../../scripts/lib/say.ts';
import { ensureStarter } from '../../scripts/lib/starter.ts';
import { defined } from '../../src/core/defined.ts';
import { Suite, type SuiteFile } from './lib/harness.ts';

/** Walks that run side by side: each waits more than it computes. */
const LANES = 2;
/** By time, so that none of these is alone at the end. */
const LONGEST = ['training', 'road', 'engines', 'workbench-page', 'accessibility'].map((name) => `${name}.e2e.ts`);

const { positionals: words, values } = parseArgs({ allowPositionals: true, options: { retry: { type: 'boolean' } } });
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.e2e.ts'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort((one, other) => place(one) - place(other));
await ensureStarter();
const vsix = await ensureVsix();
/** By file, in the order in which they ended. */
const results = new Map<string, TestResult[]>();
await Promise.all(Array.from({ length: LANES }, lane));
if (values.retry) await retry();
const all = [...results.values()].flat();
const report = process.env.LONGHAND_E2E_RESULTS;
if (report) writeFileSync(report, JSON.stringify(all));
const failed = all.filter(({ status }) => status === 'failed').length;
console.log(`${all.length - failed} of ${all.length} did not fail`);
process.exitCode = failed === 0 ? 0 : 1;

function place(file: string): number {
  return LONGEST.includes(file) ? LONGEST.indexOf(file) : LONGEST.length;
}

/** Runs one file after another until none is left. */
async function lane(): Promise<void> {
  for (let file = files.shift(); file !== undefined; file = files.shift()) results.set(file, await runFile(file));
}

async function runFile(file: string): Promise<TestResult[]> {
  console.log(`# ${file}`);
  const suite = new Suite(vsix);
  try {
    const { default: tests } = (await import(`./${file}`)) as SuiteFile;
    await tests(suite);
  } catch (error) {
    console.log(`not ok ${file}\n${explain(error)}`);
    suite.results.push({ name: file, status: 'failed', ms: 0, reason: explain(error) });
  }
  return suite.results;
}

/** The tests of a file build on each other, so the whole file runs again, with nothing beside it. */
async function retry(): Promise<void> {
  for (const [file, first] of results) {
    if (first.every(({ status }) => status !== 'failed')) continue;
    const second = await runFile(file);
    for (const { name, reason } of first.filter(({ status }) => status === 'failed')) {
      const now = second.find((result) => result.name === name);
      if (!now) second.push({ name, status: 'passed', ms: 0, ...defined({ reason }) });
      else if (now.status === 'passed') now.reason = reason ?? '';
    }
    results.set(file, second);
  }
}
