import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ARTIFACTS, ROOT } from '../../scripts/lib/paths.ts';

/** Bundles every test file of a folder into one CommonJS module that exports `run`, as VS Code wants it; returns its path. */
export async function bundleSuite(folder: string): Promise<string> {
  const suite = join(ROOT, 'test', 'host', folder);
  const files = readdirSync(suite)
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  const outfile = join(ARTIFACTS, 'host', `${folder.replace('/', '-')}.cjs`);
  const harness = join(ROOT, 'test', 'host', 'harness.ts').replaceAll('\\', '/');
  await build({
    stdin: {
      contents: [...files.map((name) => `import './${name}';`), `export { runAll as run } from '${harness}';`].join(
        '\n',
      ),
      resolveDir: suite,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['vscode'],
    sourcemap: 'inline',
    outfile,
    logLevel: 'warning',
  });
  return outfile;
}
