import { hasEnvironment, type MakeOptions, makeEnvironment } from '../system/make-environment.ts';
import { environmentPython, PYTHON_ENVIRONMENTS } from '../system/python-environment.ts';

/** Longhand's own environment for training: its interpreter, whether it is whole, and what it is made of. */
export interface TrainerEnvironment {
  python: string;
  ready: boolean;
  packages: string[];
}

export async function trainerEnvironment(cache: string): Promise<TrainerEnvironment> {
  return {
    python: environmentPython(cache, 'trainer'),
    ready: await hasEnvironment(cache, 'trainer'),
    packages: [...PYTHON_ENVIRONMENTS.trainer],
  };
}

/** Makes it where it is not whole. @throws EnvironmentError with what to do. */
export async function makeTrainerEnvironment(cache: string, options: MakeOptions): Promise<TrainerEnvironment> {
  await makeEnvironment(cache, 'trainer', options);
  return trainerEnvironment(cache);
}
