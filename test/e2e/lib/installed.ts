import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../scripts/lib/process.ts';

let installedOnce: Promise<string> | undefined;

/** The folder of extensions after the packaged one was installed as a user would. Each window gets a copy of it. */
export function installed(vsix: string, entry: string): Promise<string> {
  installedOnce ??= (async () => {
    const home = await mkdtemp(join(tmpdir(), 'longhand-extensions-'));
    process.once('exit', () => rmSync(home, { recursive: true, force: true }));
    await run(process.execPath, [entry, ...placesOf(home), '--install-extension', vsix], { limit: 120 });
    return join(home, 'extensions');
  })();
  return installedOnce;
}

/** Everything code-server would otherwise put into the home of the person who runs the tests. */
export function placesOf(home: string): string[] {
  return [
    ...['--config', join(home, 'config.yaml')],
    ...['--user-data-dir', join(home, 'data')],
    ...['--extensions-dir', join(home, 'extensions')],
  ];
}
