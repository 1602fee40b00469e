import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { ensureBrowser } from '../../scripts/lib/browser.ts';
import { ensureCodeServer } from '../../scripts/lib/code-server.ts';
import { installFolder } from '../../scripts/lib/extension-folder.ts';
import { freePort } from '../../scripts/lib/net.ts';
import { startServer } from '../../scripts/lib/process.ts';
import { CHROMIUM_ARGS } from '../e2e/lib/workbench.ts';
import type { HostRun } from './host-run.ts';

const LIMIT_SECONDS = 300;

/**
 * The VS Code server that code-server brings, opened in Chromium. Its test driver (`--enable-smoke-test-driver`) honours the payload
 * that names an extension under development and its tests, and reports through two functions of the page. Gives the end of its log.
 */
export async function runInHost({
  extension,
  provider,
  tests,
  workspace,
  home,
  trusted,
  env,
}: HostRun): Promise<string> {
  const { serverMain } = await ensureCodeServer();
  const executablePath = await ensureBrowser();
  // The page takes one extension under development.
  await installFolder(provider, join(home, 'extensions'));
  const port = await freePort();
  const server = startServer(
    process.execPath,
    [
      serverMain,
      ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms'],
      ...(trusted ? ['--disable-workspace-trust'] : []),
      ...['--enable-smoke-test-driver', '--telemetry-level', 'off'],
      ...['--server-data-dir', join(home, 'server'), '--extensions-dir', join(home, 'extensions')],
    ],
    env,
  );
  try {
    await server.ready(`http://127.0.0.1:${port}/version`);
    const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS });
    try {
      const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${path}`;
      const payload = [
        ['extensionDevelopmentPath', remote(extension)],
        ['extensionTestsPath', remote(tests)],
      ];
      const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
      return await suiteEnds(await browser.newPage(), `http://127.0.0.1:${port}/?${query}`);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

/** Resolves when the suite has run, whatever its result: that is in the report. Gives the last lines of the window's log. */
async function suiteEnds(page: Page, url: string): Promise<string> {
  const log: string[] = [];
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
    const text = args.map(String).join(' ');
    log.push(text);
    if (/^(ok|not ok|skipped|measured) /.test(text)) console.log(text);
  });
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<void>((done, fail) => {
    const late = (): void =>
      fail(new Error(`the host suite did not end within ${LIMIT_SECONDS} s\n${log.slice(-20).join('\n')}`));
    timer = setTimeout(late, LIMIT_SECONDS * 1000);
    page
      .exposeFunction('codeAutomationExit', () => done())
      .then(() => page.goto(url))
      .catch(fail);
  });
  try {
    await ended;
  } finally {
    clearTimeout(timer);
  }
  return log.slice(-20).join('\n');
}
