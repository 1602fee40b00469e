import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { DatasetSettings } from '../../core/schemas/index.ts';
import { cacheFolder, starterPaths } from '../../models/starter/cache.ts';
import { DEFAULT_STARTER, starterModel } from '../../models/starter/catalogue.ts';
import { installStarter, isInstalled } from '../../models/starter/install.ts';
import { type VerbContext, VerbError } from '../context.ts';

/** The model that is to be trained, as a path or a name of the hub, and Longhand's cache folder. */
export interface TrainingModel {
  path: string;
  cache: string;
}

/**
 * The name of a model at a host, which has models of its own.
 * @throws VerbError where none is named, or one of this machine.
 */
export async function hostedModel(
  given: string | undefined,
  host: string,
  env: NodeJS.ProcessEnv,
): Promise<TrainingModel> {
  const advice = `Give the name that the model has at ${host} with --model.`;
  if (given === undefined) throw new VerbError(`No model named for ${host} to train.`, advice);
  const isHere = given === 'starter' || /^[.~]|\.gguf$/i.test(given) || isAbsolute(given);
  if (isHere || (await stat(given).catch(() => undefined)) !== undefined) {
    throw new VerbError(`${given} is a local model; ${host} trains models of its own.`, advice);
  }
  return { path: given, cache: cacheFolder(env) };
}

/**
 * `starter`, or no model where the base model of the dataset is a starter, means the weights of the starter, which are installed when they are not
 * there yet.
 * @throws VerbError where no model is named. @throws UserError.
 */
export async function trainingModel(
  given: string | undefined,
  { model }: Pick<DatasetSettings, 'model'>,
  { env, signal, progress }: VerbContext,
): Promise<TrainingModel> {
  const cache = cacheFolder(env);
  if (given !== undefined && given !== 'starter') return { path: given, cache };
  if (given === undefined && model?.kind !== 'starter') {
    const advice =
      'Name it with --model: a folder of safetensors, a GGUF file, a name of the Hugging Face hub, or “starter”.';
    throw new VerbError('No model named to train.', advice);
  }
  const starter = starterModel(model?.kind === 'starter' ? model.model : DEFAULT_STARTER);
  const paths = starterPaths(cache, starter);
  if (!(await isInstalled(paths, starter))) {
    await installStarter({ model: starter.id, cache, signal, onProgress: progress });
  }
  return { path: paths.weights, cache };
}
