import type { TrainerProgram } from '../protocol/training.ts';
import { environmentPython, type PythonEnvironment } from '../system/python-environment.ts';

/** Words that start Python with a trainer's packages. Longhand's own environment for it where the person names neither interpreter nor prefix. */
export function pythonWords(
  { python, prefix }: TrainerProgram,
  cache: string,
  environment: PythonEnvironment | undefined,
): string[] {
  const own = environment === undefined ? 'python3' : environmentPython(cache, environment);
  return [...(prefix ?? []), python ?? (prefix === undefined ? own : 'python')];
}
