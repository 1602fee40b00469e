// `npm run e2e [-- words]`: the end-to-end tests. Exit code 1 when one failed.
import { readdirSync, writeFileSync } from 'node:fs';
import { ensureVsix } from '../../scripts/lib/build.ts';
import { explain } from '../../scripts/lib/say.ts';
import { ensureStarter } from '../../scripts/lib/starter.ts';
import { Suite, type SuiteFile } from './harness.ts';

const words = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.e2e.ts'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();
await ensureStarter();
const suite = new Suite(await ensureVsix());
for (const file of files) {
  console.log(`# ${file}`);
  try {
    const { default: tests } = (await import(`./${file}`)) as SuiteFile;
    await tests(suite);
  } catch (error) {
    console.log(`not ok ${file}\n${explain(error)}`);
    suite.results.push({ name: file, status: 'failed', ms: 0, reason: explain(error) });
  }
}
const report = process.env.LONGHAND_E2E_RESULTS;
if (report) writeFileSync(report, JSON.stringify(suite.results));
const failed = suite.results.filter(({ status }) => status === 'failed').length;
console.log(`${suite.results.length - failed} of ${suite.results.length} did not fail`);
process.exitCode = failed === 0 ? 0 : 1;
