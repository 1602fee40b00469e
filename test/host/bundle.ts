import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ARTIFACTS, ROOT } from '../../scripts/lib/paths.ts';

/** Bundles every test file of the suite into one CommonJS module that exports `run`, as VS Code wants it; returns its path. */
export async function bundleSuite(): Promise<string> {
  const suite = join(ROOT, 'test', 'host', 'suite');
  const files = readdirSync(suite)
    .filter((name) => name.endsWith('.test.ts'))
    .sort();
  const outfile = join(ARTIFACTS, 'host', 'tests.cjs');
  await build({
    stdin: {
      contents: [...files.map((name) => `import './${name}';`), "export { runAll as run } from '../harness.ts';"].join(
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
