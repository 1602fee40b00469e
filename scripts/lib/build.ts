import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ARTIFACTS, ROOT } from './paths.ts';
import { run } from './process.ts';
import { step } from './say.ts';

/** All inputs of a package. */
const INPUTS = [
  ...['src', 'webview', 'media', 'l10n'],
  ...[
    'esbuild.mjs',
    'scripts/lib/third-party.ts',
    'tsconfig.json',
    'package.json',
    'package.nls.json',
    'package-lock.json',
  ],
  ...['.vscodeignore', 'README.md', 'CHANGELOG.md', 'LICENSE'],
];
const BUILT = join(ROOT, 'dist', '.built');
const PACKAGED = join(ARTIFACTS, 'packaged');

/** SHA-256 over names and contents of the inputs; the stamps of what was made from them hold it. */
export function inputsHash(): string {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    for (const file of filesOf(join(ROOT, input))) hash.update(`${relative(ROOT, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}

const holds = (stamp: string, hash: string): boolean => existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;

/** The production build in dist/, made again only when a source changed. */
export async function ensureBuilt(): Promise<void> {
  const hash = inputsHash();
  if (holds(BUILT, hash)) return;
  await step('Build the extension, the command line and the webviews', async () => {
    await run(process.execPath, [join(ROOT, 'esbuild.mjs'), '--production'], { cwd: ROOT });
    // esbuild.mjs empties dist/, so that a development build removes this stamp.
    writeFileSync(BUILT, hash);
    return undefined;
  });
}

/** The VSIX of the production build, made again only when a source changed; returns its path. */
export async function ensureVsix(): Promise<string> {
  await ensureBuilt();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const vsix = join(ROOT, `longhand-${version}.vsix`);
  const hash = inputsHash();
  if (existsSync(vsix) && holds(PACKAGED, hash)) return vsix;
  await step('Package the extension', async () => {
    const vsce = join(ROOT, 'node_modules', '@vscode', 'vsce', 'vsce');
    const flags = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
    await run(process.execPath, [vsce, 'package', ...flags, '--out', vsix], { cwd: ROOT });
    mkdirSync(ARTIFACTS, { recursive: true });
    writeFileSync(PACKAGED, hash);
    return `${relative(ROOT, vsix)}, ${megabytes(vsix)}`;
  });
  return vsix;
}

export function megabytes(file: string): string {
  return `${(statSync(file).size / 1e6).toFixed(2)} MB`;
}
