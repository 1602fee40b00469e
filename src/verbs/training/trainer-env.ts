import { cacheFolder } from '../../models/starter/cache.ts';
import { makeTrainerEnvironment, trainerEnvironment } from '../../trainers/environment.ts';
import { trainerOf } from '../../trainers/index.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'trainer-env'> = async ({ check, trainer }, { env, signal, progress }) => {
  const cache = cacheFolder(env);
  const { environment, title } = trainerOf(trainer ?? 'trl');
  if (environment === undefined) {
    throw new VerbError(
      `Longhand installs no environment for ${title}.`,
      'Install it manually, and name its interpreter with --python.',
    );
  }
  if (check) return trainerEnvironment(cache, environment);
  const onStep = (message: string, bytes?: number): void =>
    progress(bytes === undefined ? { done: 0, unit: 'packages', message } : { done: bytes, unit: 'bytes', message });
  return makeTrainerEnvironment(cache, { signal, onStep }, environment);
};

export const print: Print<'trainer-env'> = ({ python, ready, packages }) =>
  ready ? `${python} has ${packages.join(', ')}.` : `Not installed. It would be ${python}.`;
