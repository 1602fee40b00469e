import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { SetupError, step } from '../../scripts/lib/say.ts';
import { ROAD } from './road/index.ts';
import { Road } from './road/road.ts';

/**
 * Runs the whole walk once without a person and reports what was done, with counts. Screenshots and the dataset stay in `keep`
 * (artifacts/headless-check), also when a step fails.
 * @param keep Must be empty or not exist.
 * @throws what broke, after the step's name was printed.
 */
export async function headlessCheck(vsix: string, keep?: string): Promise<void> {
  const kept = keep === undefined ? join(ARTIFACTS, 'headless-check') : resolve(keep);
  // Only what an earlier check left in our own folder is cleared away.
  if (keep === undefined) await rm(kept, { recursive: true, force: true });
  else if ((await readdir(kept).catch(() => [])).length > 0) {
    throw new SetupError(`${kept} is not empty: --keep must be an empty or new folder.`);
  }
  const home = await mkdtemp(join(tmpdir(), 'longhand-check-'));
  const folder = join(home, 'dataset');
  let road: Road | undefined;
  try {
    await step('Open VS Code with the extension and a copy of the sample dataset', async () => {
      road = await Road.begin({ vsix, folder, inputs: home, screenshots: join(kept, 'screenshots') });
      return undefined;
    });
    for (const { name, walk } of ROAD)
      await step(`${name[0]?.toUpperCase()}${name.slice(1)}`, async () => road && walk(road));
  } catch (error) {
    await road?.workbench.screenshot('broken');
    throw error;
  } finally {
    await road?.close();
    if (existsSync(folder)) await cp(folder, join(kept, 'dataset'), { recursive: true });
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    console.log(`Screenshots and the dataset are in ${kept}`);
  }
}
