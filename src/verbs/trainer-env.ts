import { cacheFolder } from '../models/starter/cache.ts';
import { hasEnvironment, makeEnvironment } from '../system/make-environment.ts';
import { environmentPython, PYTHON_ENVIRONMENTS } from '../system/python-environment.ts';
import type { Verb } from './context.ts';

export const trainerEnv: Verb<'trainer-env'> = async ({ check }, { env, signal, progress }) => {
  const cache = cacheFolder(env);
  const doing = (message: string): void => progress({ done: 0, unit: 'packages', message });
  if (!check) await makeEnvironment(cache, 'trainer', { signal, doing });
  return {
    python: environmentPython(cache, 'trainer'),
    ready: await hasEnvironment(cache, 'trainer'),
    packages: [...PYTHON_ENVIRONMENTS.trainer],
  };
};
