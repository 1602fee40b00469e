import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensureDebian } from './debian.ts';
import { SetupError } from './say.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'];
const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [
    join(process.env.PROGRAMFILES ?? 'C:\\Program Files', 'Google\\Chrome\\Application\\chrome.exe'),
    join(process.env['PROGRAMFILES(X86)'] ?? 'C:\\Program Files (x86)', 'Microsoft\\Edge\\Application\\msedge.exe'),
  ],
};

/** The full path of a program on the PATH, or nothing. */
export function which(name: string): string | undefined {
  const ending = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const end of ending) {
      const file = join(folder, name + end);
      if (folder && existsSync(file)) return file;
    }
  }
  return undefined;
}

/** A Chromium that Playwright can drive: `LONGHAND_CHROMIUM`, the PATH, the usual places. */
export function findBrowser(): string | undefined {
  const chosen = process.env.LONGHAND_CHROMIUM;
  if (chosen) {
    if (!existsSync(chosen)) throw new SetupError(`LONGHAND_CHROMIUM names ${chosen}, which does not exist.`);
    return chosen;
  }
  for (const name of NAMES) {
    const file = which(name);
    if (file) return file;
  }
  return PLACES[process.platform]?.find((file) => existsSync(file));
}

/** `findBrowser`, and on Debian as root or with sudo the package `chromium` when there is none. */
export async function ensureBrowser(): Promise<string> {
  const found = findBrowser();
  if (found) return found;
  await ensureDebian(['chromium'], 'the browser tests');
  const installed = findBrowser();
  if (!installed) throw new SetupError('No Chromium, Chrome or Edge was found: install one, or set LONGHAND_CHROMIUM.');
  return installed;
}
