import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import type { HostRun } from './host-run.ts';

/** Desktop VS Code, fetched by @vscode/test-electron: needs the network and a screen. */
export async function runInHost({ extension, provider, tests, workspace, home, env }: HostRun): Promise<string> {
  await runTests({
    extensionDevelopmentPath: [extension, provider],
    extensionTestsPath: tests,
    extensionTestsEnv: { LONGHAND_HOST_REPORT: env.LONGHAND_HOST_REPORT },
    launchArgs: [
      workspace,
      '--disable-extensions',
      '--disable-workspace-trust',
      ...['--user-data-dir', join(home, 'user-data')],
    ],
  });
  return 'see the output above';
}
