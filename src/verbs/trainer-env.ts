import { cacheFolder } from '../models/starter/cache.ts';
import { makeTrainerEnvironment, trainerEnvironment } from '../trainers/environment.ts';
import { trainerOf } from '../trainers/index.ts';
import { type Verb, VerbError } from './context.ts';

export const trainerEnv: Verb<'trainer-env'> = async ({ check, trainer }, { env, signal, progress }) => {
  const cache = cacheFolder(env);
  const { environment, title } = trainerOf(trainer ?? 'trl');
  if (environment === undefined) {
    throw new VerbError(
      `Longhand makes no environment for ${title}.`,
      'Install it by hand, and name its interpreter with --python.',
    );
  }
  if (check) return trainerEnvironment(cache, environment);
  const doing = (message: string): void => progress({ done: 0, unit: 'packages', message });
  return makeTrainerEnvironment(cache, { signal, doing }, environment);
};
