import { hasEnvironment, type MakeOptions, makeEnvironment } from '../system/make-environment.ts';
import {
  ENVIRONMENT_BYTES,
  environmentPython,
  PYTHON_ENVIRONMENTS,
  type PythonEnvironment,
} from '../system/python-environment.ts';

/** An environment that Longhand creates for a trainer: its interpreter, whether it is complete, and its packages. */
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

/** Creates or completes it. @throws UserError `environment` */
export async function makeTrainerEnvironment(
  cache: string,
  options: MakeOptions,
  name: PythonEnvironment = 'trainer',
): Promise<TrainerEnvironment> {
  await makeEnvironment(cache, name, options);
  return trainerEnvironment(cache, name);
}

/** Disk space in bytes of a trainer's environment, without CUDA. */
export function installedBytes(environment: PythonEnvironment = 'trainer'): number {
  return ENVIRONMENT_BYTES[environment];
}
