import { hasEnvironment, type MakeOptions, makeEnvironment } from '../system/make-environment.ts';
import { environmentPython, PYTHON_ENVIRONMENTS, type PythonEnvironment } from '../system/python-environment.ts';

/** An environment that Longhand makes for a trainer: its interpreter, whether it is whole, and what it is made of. */
export interface TrainerEnvironment {
  python: string;
  ready: boolean;
  packages: string[];
}

export async function trainerEnvironment(
  cache: string,
  name: PythonEnvironment = 'trainer',
): Promise<TrainerEnvironment> {
  return {
    python: environmentPython(cache, name),
    ready: await hasEnvironment(cache, name),
    packages: [...PYTHON_ENVIRONMENTS[name]],
  };
}

/** Makes it where it is not whole. @throws EnvironmentError with what to do. */
export async function makeTrainerEnvironment(
  cache: string,
  options: MakeOptions,
  name: PythonEnvironment = 'trainer',
): Promise<TrainerEnvironment> {
  await makeEnvironment(cache, name, options);
  return trainerEnvironment(cache, name);
}
