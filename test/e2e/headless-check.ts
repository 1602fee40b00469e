import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ARTIFACTS } from '../../scripts/lib/paths.ts';
import { step } from '../../scripts/lib/say.ts';
import { ROAD } from './road/index.ts';
import { Road } from './road/road.ts';

/**
 * Walks the whole road once without a person and says what was done, with counts. Screenshots and the dataset stay in `keep`
 * (artifacts/headless-check), also when a step fails.
 * @throws what broke, after the step's name was printed.
 */
export async function headlessCheck(vsix: string, keep = join(ARTIFACTS, 'headless-check')): Promise<void> {
  const kept = resolve(keep);
  const home = await mkdtemp(join(tmpdir(), 'longhand-check-'));
  const folder = join(home, 'dataset');
  await rm(join(kept, 'dataset'), { recursive: true, force: true });
  await rm(join(kept, 'screenshots'), { recursive: true, force: true });
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
