// `npm run e2e [-- words]`: the end-to-end tests. Exit code 1 when one failed.
import { readdirSync, writeFileSync } from 'node:fs';
import { ensureVsix } from '../../scripts/lib/build.ts';
import { explain } from '../../scripts/lib/say.ts';
import { ensureStarter } from '../../scripts/lib/starter.ts';
import { Suite, type SuiteFile } from './lib/harness.ts';

/** Walks that run side by side: each waits more than it computes. */
const LANES = 2;
/** By time, so that none of these is alone at the end. */
const LONGEST = ['training', 'road', 'engines', 'workbench-page', 'accessibility'].map((name) => `${name}.e2e.ts`);

const words = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.e2e.ts'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort((one, other) => place(one) - place(other));
await ensureStarter();
const suite = new Suite(await ensureVsix());
await Promise.all(Array.from({ length: LANES }, lane));
const report = process.env.LONGHAND_E2E_RESULTS;
if (report) writeFileSync(report, JSON.stringify(suite.results));
const failed = suite.results.filter(({ status }) => status === 'failed').length;
console.log(`${suite.results.length - failed} of ${suite.results.length} did not fail`);
process.exitCode = failed === 0 ? 0 : 1;

function place(file: string): number {
  return LONGEST.includes(file) ? LONGEST.indexOf(file) : LONGEST.length;
}

/** Runs one file after another until none is left. */
async function lane(): Promise<void> {
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    console.log(`# ${file}`);
    try {
      const { default: tests } = (await import(`./${file}`)) as SuiteFile;
      await tests(suite);
    } catch (error) {
      console.log(`not ok ${file}\n${explain(error)}`);
      suite.results.push({ name: file, status: 'failed', ms: 0, reason: explain(error) });
    }
  }
}
