import { dirname, join } from 'node:path';
import { UserError } from '../../src/core/errors.ts';
import { cacheFolder } from '../../src/models/starter/cache.ts';
import { makeEnvironment } from '../../src/system/make-environment.ts';
import type { PythonEnvironment } from '../../src/system/python-environment.ts';

export interface Python {
  python: string;
  /** Path of a program that a package of the environment installed. */
  program(name: string): string;
}

/**
 * One of Longhand's own Python environments in the cache folder, created if missing.
 * @returns a sentence if it can't be created, such as without PyPI: a test is then skipped with it.
 */
export async function pythonEnvironment(name: PythonEnvironment): Promise<Python | string> {
  try {
    const python = await makeEnvironment(cacheFolder(), name, { onStep: (text) => console.error(`${text} …`) });
    const end = process.platform === 'win32' ? '.exe' : '';
    return { python, program: (of) => join(dirname(python), `${of}${end}`) };
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
