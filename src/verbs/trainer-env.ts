import { cacheFolder } from '../models/starter/cache.ts';
import { makeTrainerEnvironment, trainerEnvironment } from '../trainers/environment.ts';
import type { Verb } from './context.ts';

export const trainerEnv: Verb<'trainer-env'> = async ({ check }, { env, signal, progress }) => {
  const cache = cacheFolder(env);
  if (check) return trainerEnvironment(cache);
  const doing = (message: string): void => progress({ done: 0, unit: 'packages', message });
  return makeTrainerEnvironment(cache, { signal, doing });
};
