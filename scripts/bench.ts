// `npm run bench [-- words] [--flags]`: runs every test/bench/*.ts in turn, or those whose name holds one of the words; flags are passed to them.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/paths.ts';
import { heading } from './lib/say.ts';

const folder = join(ROOT, 'test', 'bench');
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const all = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .sort()
  : [];
const chosen = all.filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) {
  console.error(`Unknown bench. Available: ${all.map((name) => name.replace('.ts', '')).join(', ') || 'none'}`);
  process.exitCode = 1;
}
for (const name of chosen) {
  heading(name.replace('.ts', ''));
  const { status } = spawnSync(process.execPath, [join(folder, name), ...flags], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
