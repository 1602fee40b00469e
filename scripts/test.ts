// `npm test`: sets up what is missing, then lint, types, unit, integration, host and e2e; a failure in one hides none of the later ones.
// The last line is `N passed, N failed`, with `, N skipped` and `, ended N processes: …` (what the tests left running) when there are any.
// `npm test -- unit host` runs only those. Tests of integration and e2e depend on a busy machine's processes: one that fails is tried once
// more, and listed as `passed on the second try` with its first error.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ensureBrowser } from './lib/browser.ts';
import { ensureVsix } from './lib/build.ts';
import { ensureCodeServer } from './lib/code-server.ts';
import { ARTIFACTS, ROOT } from './lib/paths.ts';
import { capture } from './lib/process.ts';
import type { TestResult } from './lib/results.ts';
import { explain, heading } from './lib/say.ts';
import { ensureStarter } from './lib/starter.ts';
import { TestRun } from './lib/test-run.ts';

const bin = (name: string): string => join(ROOT, 'node_modules', ...name.split('/'));

/** A whole command that counts as one test: its exit code decides. */
async function asOne(name: string, commands: readonly (readonly string[])[]): Promise<TestResult[]> {
  const started = Date.now();
  let reason = '';
  for (const args of commands) {
    const { code } = await capture(process.execPath, args, { cwd: ROOT, show: true });
    if (code !== 0) reason = `${args.map((word) => basename(word)).join(' ')} ended with code ${code}`;
  }
  const ms = Date.now() - started;
  return [reason ? { name, status: 'failed', ms, reason } : { name, status: 'passed', ms }];
}

/** A suite that writes its `TestResult[]` to a file; a suite that ends before that counts as one failed test. */
async function suite(name: string, args: readonly string[], minutes: number, variable: string): Promise<TestResult[]> {
  const report = join(ARTIFACTS, `${name}-results.json`);
  rmSync(report, { force: true });
  let died = '';
  try {
    const env = { ...process.env, [variable]: report };
    const { code } = await capture(process.execPath, args, { cwd: ROOT, env, show: true, limit: minutes * 60 });
    if (code !== 0) died = `it ended with code ${code}`;
  } catch (error) {
    died = explain(error);
  }
  const results = read(report);
  if (results.length === 0) return [{ name, status: 'failed', ms: 0, reason: died || 'it ran no test' }];
  // An exit code without a failed test: an error outside of the tests, which must be reported.
  if (died && !results.some(({ status }) => status === 'failed')) {
    results.push({ name: `${name}: end of the suite`, status: 'failed', ms: 0, reason: died });
  }
  return results;
}

function read(report: string): TestResult[] {
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as TestResult[];
  } catch {
    return [];
  }
}

/** The set-up of host and e2e. It adds a test only if it fails. */
async function setUp(): Promise<TestResult[]> {
  const parts: [string, () => Promise<unknown>][] = [
    ['package', ensureVsix],
    ['browser', ensureBrowser],
    ['code-server', ensureCodeServer],
    ['starter model', ensureStarter],
  ];
  const failed: TestResult[] = [];
  for (const [name, ensure] of parts) {
    try {
      await ensure();
    } catch (error) {
      console.log(explain(error));
      failed.push({ name: `set up: ${name}`, status: 'failed', ms: 0, reason: explain(error) });
    }
  }
  return failed;
}

function vitest(tier: string, minutes: number, ...more: string[]): Promise<TestResult[]> {
  const reporters = ['--reporter=default', '--reporter=./scripts/lib/vitest-reporter.ts'];
  const args = [bin('vitest/vitest.mjs'), 'run', '--project', tier, ...reporters, ...more];
  return suite(tier, args, minutes, 'LONGHAND_VITEST_RESULTS');
}

const SECTIONS: Record<string, () => Promise<TestResult[]>> = {
  setup: setUp,
  lint: async () => [
    ...(await asOne('lint', [[bin('@biomejs/biome/bin/biome'), 'check', '.']])),
    ...(await asOne('unused exports', [[bin('knip/bin/knip.js'), '--no-progress']])),
    ...(await asOne('language', [[join(ROOT, 'scripts', 'language', 'check.ts')]])),
  ],
  types: () =>
    asOne('types', [
      [bin('typescript/bin/tsc'), '-p', '.'],
      [bin('typescript/bin/tsc'), '-p', 'webview'],
    ]),
  unit: () => vitest('unit', 10),
  integration: () => vitest('integration', 45, '--retry=1'),
  host: () => suite('host', [join(ROOT, 'test', 'host', 'run.ts')], 10, 'LONGHAND_HOST_RESULTS'),
  e2e: () => suite('e2e', [join(ROOT, 'test', 'e2e', 'run.ts'), '--retry'], 60, 'LONGHAND_E2E_RESULTS'),
};

function list(title: string, results: readonly TestResult[]): void {
  if (results.length === 0) return;
  heading(title);
  for (const { name, reason } of results)
    console.log(`${name}\n    ${(reason ?? 'no reason given').replaceAll('\n', '\n    ')}`);
}

const chosen = process.argv.slice(2);
const results: TestResult[] = [];
const times: string[] = [];
const testRun = await TestRun.begin();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted = true;
    void testRun.endLeftovers();
  });
}
mkdirSync(ARTIFACTS, { recursive: true });
for (const [name, section] of Object.entries(SECTIONS)) {
  if (interrupted || (chosen.length > 0 && !chosen.includes(name))) continue;
  heading(name);
  const started = Date.now();
  results.push(...(await section()));
  times.push(`${name} ${((Date.now() - started) / 1000).toFixed(0)} s`);
  await testRun.endLeftovers();
}
await testRun.removeFolder();
const having = (status: TestResult['status']): TestResult[] => results.filter((result) => result.status === status);
const [passed, failed, skipped] = [having('passed'), having('failed'), having('skipped')];
const { ended } = testRun;
list('skipped', skipped);
list(
  'passed on the second try',
  passed.filter(({ reason }) => reason !== undefined),
);
list('failed', failed);
heading('all');
console.log(times.join(', '));
console.log(
  [
    `${passed.length} passed`,
    `${failed.length} failed`,
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
    ...(ended.length > 0
      ? [`ended ${ended.length} ${ended.length === 1 ? 'process' : 'processes'}: ${ended.join(', ')}`]
      : []),
  ].join(', '),
);
process.exitCode = failed.length > 0 ? 1 : 0;
