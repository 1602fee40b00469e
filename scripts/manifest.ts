// Writes package.json's contributions, package.nls.json, the schema of longhand.json and the generated pages of docs/reference.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifestFiles } from '../src/editor/contributions/manifest.ts';
import { referencePages } from './lib/reference-pages.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const files = { ...manifestFiles(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))), ...referencePages() };
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
const formatted = spawnSync(process.execPath, [biome, 'format', '--write', ...Object.keys(files)], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = formatted.status ?? 1;
