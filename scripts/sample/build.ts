// Writes media/sample from the sources beside this file: `node scripts/sample/build.ts`.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sampleFiles } from './dataset.ts';

const folder = join(import.meta.dirname, '../../media/sample');
for (const [path, text] of sampleFiles()) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}
