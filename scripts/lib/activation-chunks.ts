// What activation loads, in two chunks instead of forty: VS Code's loader takes about half a millisecond for each file.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

const ENTRY = 'src/extension.ts';
const OURS = /[\\/]src[\\/].*\.ts$/;

/**
 * Puts all modules that the extension imports statically into one chunk for those without VS Code, and one for the others. esbuild puts two modules into one
 * chunk if the same entry points reach them, so every other module imports all of them.
 * @param root folder of the project
 */
export async function activationChunks(root: string): Promise<Plugin> {
  const dynamic: Plugin = {
    name: 'without-dynamic-imports',
    setup: ({ onResolve }) =>
      onResolve({ filter: /./ }, ({ kind, path }) =>
        kind === 'dynamic-import' ? { path, external: true } : undefined,
      ),
  };
  const { metafile } = await build({
    ...{ absWorkingDir: root, entryPoints: [ENTRY], bundle: true, write: false, metafile: true, logLevel: 'error' },
    ...{ platform: 'node', format: 'esm', external: ['vscode'], plugins: [dynamic] },
  });
  const loaded = Object.keys(metafile.inputs).filter((path) => path !== ENTRY);
  const inEditor = (path: string): boolean => path.startsWith('src/editor/');
  const groups = {
    'activation:core': loaded.filter((path) => !inEditor(path)),
    'activation:editor': loaded.filter(inEditor),
  };
  return {
    name: 'activation-chunks',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^activation:/ }, ({ path }) => ({ path, namespace: 'activation' }));
      onLoad({ filter: /./, namespace: 'activation' }, ({ path }) => ({
        contents: groups[path as keyof typeof groups].map((one) => `import './${one}';`).join(''),
        resolveDir: root,
      }));
      onLoad({ filter: OURS }, async ({ path }) => {
        const name = relative(root, path).replaceAll('\\', '/');
        if (loaded.includes(name)) return undefined;
        const text = await readFile(join(root, name), 'utf8');
        // A worker of the editor has no VS Code.
        const first = `import 'activation:core';${/from 'vscode'/.test(text) ? "import 'activation:editor';" : ''}`;
        return { contents: first + text, loader: 'ts' };
      });
    },
  };
}
