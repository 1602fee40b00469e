import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { ensureBrowser } from '../../../scripts/lib/browser.ts';
import { CHROMIUM_ARGS } from '../../e2e/lib/workbench.ts';

/** Builds the webviews as they are shipped and starts the browser of the end-to-end tests. */
export async function buildAndLaunch(): Promise<Browser> {
  const root = resolve(import.meta.dirname, '../../..');
  execFileSync(process.execPath, ['esbuild.mjs', '--webview', '--production'], { cwd: root, stdio: 'pipe' });
  return chromium.launch({ executablePath: await ensureBrowser(), args: CHROMIUM_ARGS });
}
