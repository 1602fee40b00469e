import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Third-party data in the folder `shared` beside the project, which few machines have; tests that need it are skipped without it. */
const root = resolve(import.meta.dirname, '../../../../shared/data');

export const sharedData = existsSync(root);
export const absent = 'the third-party data beside the project is absent';

export function rows(name: string): Record<string, unknown>[] {
  return readFileSync(resolve(root, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
