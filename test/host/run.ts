// The host suite in the VS Code that this machine has: `npm run host`. Exit code 1 when a test failed.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../../scripts/lib/build.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { copySample } from '../../scripts/lib/sample.ts';
import { explain } from '../../scripts/lib/say.ts';
import { bundleSuite } from './bundle.ts';
import type { HostReport } from './harness.ts';

/** `LONGHAND_HOST` decides; otherwise Electron where there is a screen and it is no CI, and the server of code-server elsewhere. */
export function chooseHost(env = process.env, platform = process.platform): 'electron' | 'server' {
  const host = env.LONGHAND_HOST;
  if (host === 'electron' || host === 'server') return host;
  if (platform === 'win32' || platform === 'darwin') return 'electron';
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'electron' : 'server';
}

/** All tests: those of `suite` in an untrusted folder, and those of `suite/trusted` in a trusted one. */
export async function runHostSuite(): Promise<HostReport> {
  await ensureBuilt();
  const restricted = await runSuite('suite', { trusted: false });
  const trusted = await runSuite('suite/trusted', { trusted: true });
  return {
    tests: [...restricted.tests, ...trusted.tests],
    measured: { ...restricted.measured, ...trusted.measured },
  };
}

/** @param dataset whether the sample dataset is in the folder that is open */
export async function runSuite(
  folder: string,
  { trusted, dataset = true }: { trusted: boolean; dataset?: boolean },
): Promise<HostReport> {
  const home = await mkdtemp(join(tmpdir(), 'longhand-host-'));
  const report = join(home, 'report.json');
  try {
    const workspace = join(home, 'sample');
    if (dataset) await copySample(workspace);
    else await mkdir(workspace);
    await writeFile(report, '');
    const host = chooseHost();
    const { runInHost } = host === 'electron' ? await import('./electron.ts') : await import('./server.ts');
    console.log(`Host: ${host}`);
    const tests = await bundleSuite(folder);
    const log = await runInHost({
      extension: ROOT,
      provider: join(ROOT, 'test', 'host', 'provider'),
      tests,
      workspace,
      home,
      trusted,
      env: { ...process.env, LONGHAND_HOST_REPORT: report },
    });
    const text = await readFile(report, 'utf8');
    if (text === '') throw new Error(`the suite ended without a report, before its first test\n${log}`);
    return JSON.parse(text) as HostReport;
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

if (import.meta.main) {
  try {
    const { tests, measured } = await runHostSuite();
    for (const [what, value] of Object.entries(measured)) console.log(`${what}: ${value}`);
    const results = process.env.LONGHAND_HOST_RESULTS;
    if (results) await writeFile(results, JSON.stringify(tests));
    const failed = tests.filter(({ status }) => status === 'failed').length;
    console.log(`${tests.length - failed} of ${tests.length} did not fail`);
    process.exitCode = failed === 0 ? 0 : 1;
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}
