import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Builds the reader as it is shipped and starts the browser at CHROMIUM, or Debian's. */
export async function buildAndLaunch(): Promise<Browser> {
  const root = resolve(import.meta.dirname, '../../..');
  execFileSync(process.execPath, ['esbuild.mjs', '--webview', '--production'], { cwd: root, stdio: 'pipe' });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}
