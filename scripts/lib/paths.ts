import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..', '..');
/** Screenshots, logs and results; ignored by git. */
export const ARTIFACTS = join(ROOT, 'artifacts');
