import type { TrainerProgram } from '../protocol/training.ts';
import { environmentPython } from '../system/python-environment.ts';

/** Words that start Python with a trainer's packages. Longhand's own environment where the person names neither interpreter nor prefix. */
export function pythonWords({ python, prefix }: TrainerProgram, cache: string): string[] {
  const own = prefix === undefined ? environmentPython(cache, 'trainer') : 'python';
  return [...(prefix ?? []), python ?? own];
}
