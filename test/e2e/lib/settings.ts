import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SETTINGS as LONGHAND_SETTINGS } from '../../../src/editor/contributions/settings.ts';

/** With a server, VS Code reads settings of the scope `machine` from the server's file alone, and all others from the user's. */
export async function writeSettings(home: string, settings: Record<string, unknown>): Promise<void> {
  const ofMachine = ([name]: [string, unknown]): boolean =>
    Object.entries(LONGHAND_SETTINGS).some(([id, { scope }]) => id === name && scope === 'machine');
  const all = Object.entries(settings);
  for (const [folder, part] of [
    ['User', all.filter((one) => !ofMachine(one))],
    ['Machine', all.filter(ofMachine)],
  ] as const) {
    const file = join(home, 'data', folder, 'settings.json');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(Object.fromEntries(part), null, 2));
  }
  // code-server writes a default config file where it finds none.
  await writeFile(join(home, 'config.yaml'), 'auth: none\n');
}
