// Bundles: extension (loaded by VS Code), cli and the workers that grade (Node) as ES modules that share chunks, starter and supervisor of jobs (Node), webviews (browser).
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build, context } from 'esbuild';
import { activationChunks } from './scripts/lib/activation-chunks.ts';
import { bom, notices, thirdParty } from './scripts/lib/third-party.ts';

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');
/** `--webview`: builds the reader alone, for work on it in a plain browser. */
const webviewOnly = process.argv.includes('--webview');

const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'linked',
  metafile: true,
  logLevel: 'info',
  define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
};
// zod brings its messages in fifty languages; none of them is shown, and every process and page parses its script anew.
const withoutLocales = {
  name: 'without-locales',
  setup(builder) {
    builder.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

// Packages that look at `import.meta.url` or default to ES modules are resolved to their ES entry, so that esbuild can shake them.
const node = {
  ...shared,
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  plugins: [withoutLocales],
};

const bundles = [
  // Chunks, so that activation reads 120 KB and not some megabytes. VS Code loads
  // extensions that are ES modules since 1.100. The command line is built with it, so that both share the declarations of verbs and
  // no body is there twice: a verb loads its own code, and a grading worker the compute engine (3 MB) only when an answer needs it.
  {
    ...node,
    entryPoints: {
      extension: 'src/extension.ts',
      cli: 'src/cli.ts',
      'grading-worker': 'src/grading/worker.ts',
      'examine-worker': 'src/runner/examine/worker.ts',
      'file-worker': 'src/editor/files/worker.ts',
      'trace-worker': 'src/grading/trace-worker.ts',
      'template-worker': 'src/trainers/template/worker.ts',
      'row-worker': 'src/verbs/export/row-worker.ts',
      'scan-worker': 'src/store/chain-index/scan-worker.ts',
    },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    external: ['vscode'],
    plugins: [...node.plugins, await activationChunks(import.meta.dirname)],
    // `ws` is CommonJS and requires builtins, which ES modules know only by this.
    banner: { js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);" },
  },
  // node-llama-cpp is installed on request into a cache folder and imported from there: it is never bundled.
  {
    ...node,
    entryPoints: { starter: 'src/models/starter/server.ts', supervisor: 'src/engines/local/supervisor.ts' },
    format: 'esm',
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
  },
  {
    ...shared,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    entryPoints: Object.fromEntries(
      [
        'review',
        'calibrate',
        'workbench',
        'plan',
        'difficulty',
        'loss',
        'examine',
        'chains',
        'export',
        'dashboard',
        'selections',
      ].map((page) => [page, `webview/${page}/main.ts`]),
    ),
    outdir: 'dist/webview',
    loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'empty' },
    assetNames: 'fonts/[name]',
    plugins: [withoutLocales],
  },
  // The page of a shared review is one file, which the command line puts together with the fonts of the other pages. No module, since it is opened as a file.
  {
    ...shared,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    // The page leaves this machine, so it carries the licences of its parts.
    legalComments: 'inline',
    entryPoints: { share: 'webview/share/main.ts' },
    outdir: 'dist/webview',
    loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'empty' },
    assetNames: 'fonts/[name]',
  },
];

const chosen = webviewOnly ? bundles.filter(({ platform }) => platform === 'browser') : bundles;
rmSync(webviewOnly ? 'dist/webview' : 'dist', { recursive: true, force: true });
if (watch) {
  for (const options of chosen) await (await context(options)).watch();
} else {
  const built = await Promise.all(chosen.map((options) => build(options)));
  if (!webviewOnly) writeNotices(built.map(({ metafile }) => metafile));
}

/** What the bundles contain of other projects, for those who get the package and those who audit it. */
function writeNotices(metafiles) {
  const found = thirdParty(metafiles, import.meta.dirname);
  const own = JSON.parse(readFileSync('package.json', 'utf8'));
  writeFileSync('dist/metafiles.json', JSON.stringify(metafiles));
  writeFileSync('dist/ThirdPartyNotices.txt', notices(found));
  writeFileSync('dist/sbom.cdx.json', `${JSON.stringify(bom(found, own), null, 2)}\n`);
}
