// `npm start`: from a fresh clone to VS Code with the extension and a copy of the sample dataset. `npm start -- --help` for options.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder } from '../src/models/starter/cache.ts';
import { readStartArguments, START_USAGE } from './lib/arguments.ts';
import { ensureVsix } from './lib/build.ts';
import { openDesktop, openInBrowser, theDesktop } from './lib/open.ts';
import { copySample } from './lib/sample.ts';
import { explain, step } from './lib/say.ts';
import { ensureStarter } from './lib/starter.ts';

async function main(): Promise<void> {
  const options = readStartArguments(process.argv.slice(2));
  const vsix = await ensureVsix();
  if (options.headlessCheck) {
    await ensureStarter();
    const { headlessCheck } = await import('../test/e2e/headless-check.ts');
    await headlessCheck(vsix, options.keep);
    return;
  }
  const folder = options.folder ? resolve(options.folder) : join(cacheFolder(), 'work', 'sample');
  if (!existsSync(join(folder, 'longhand.json'))) {
    await step(`Copy the sample dataset into ${folder}`, async () => {
      await copySample(folder);
      return undefined;
    });
  }
  await ensureStarter();
  const desktop = options.browser ? undefined : theDesktop();
  if (desktop) await openDesktop(desktop, vsix, folder);
  else await openInBrowser(vsix, folder, options.port);
}

if (process.argv.includes('--help')) console.log(START_USAGE);
else {
  main().catch((error: unknown) => {
    console.error(explain(error));
    process.exitCode = 1;
  });
}
