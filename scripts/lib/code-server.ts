import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../src/models/starter/cache.ts';
import { withLock } from '../../src/system/lock.ts';
import { ensureDebian } from './debian.ts';
import { run } from './process.ts';
import { step } from './say.ts';

/** VS Code 1.139.1. Later than 4.133 it needs Node 24, which the project brings. */
const VERSION = '4.139.1';

export interface CodeServer {
  /** code-server itself: the workbench in a browser, and `--install-extension`. */
  readonly entry: string;
  /** The VS Code server inside it, which alone knows the test driver. */
  readonly serverMain: string;
}

/**
 * Real VS Code for the browser, in a cache folder that all clones share. The first install compiles native modules (about 90 s, 617 MB).
 * @throws SetupError when a compiler or a header is missing and can't be installed from here.
 */
export async function ensureCodeServer(): Promise<CodeServer> {
  const folder = join(cacheFolder(), `code-server-${VERSION}`);
  const found = at(folder);
  if (existsSync(found.entry)) return found;
  await mkdir(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(found.entry)) return;
    if (process.platform === 'linux') {
      await ensureDebian(['libkrb5-dev', 'g++', 'make', 'python3'], 'VS Code in the browser (code-server)');
    }
    await step(`Install code-server ${VERSION} into ${folder} (compiles native modules, about 90 s)`, () =>
      install(folder),
    );
  });
  return found;
}

function at(folder: string): CodeServer {
  const home = join(folder, 'node_modules', 'code-server');
  return {
    entry: join(home, 'out', 'node', 'entry.js'),
    serverMain: join(home, 'lib', 'vscode', 'out', 'server-main.js'),
  };
}

async function install(folder: string): Promise<undefined> {
  const half = `${folder}.${process.pid}.part`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true });
  // npm may refuse the install scripts of packages that are not approved; code-server and argon2 are built by theirs.
  const manifest = { name: 'longhand-code-server', private: true, allowScripts: { 'code-server': true, argon2: true } };
  await writeFile(join(half, 'package.json'), JSON.stringify(manifest));
  const env = { ...process.env };
  // Variables of an outer npm (its Node version, its project folder) must not reach this one.
  const ofOuter =
    /^npm_(?:config_(?:user_agent|prefix|local_prefix|global_prefix|npm_version)$|package_|lifecycle_|node_)/;
  for (const name of Object.keys(env)) if (ofOuter.test(name)) delete env[name];
  // node-gyp fetches headers from nodejs.org unless their folder is given. The modules use Node-API, so any version's do.
  if (existsSync('/usr/include/node/node_api.h')) env.npm_config_nodedir = '/usr';
  const args = ['install', '--no-audit', '--no-fund', '--save-exact', '--loglevel=error', `code-server@${VERSION}`];
  const own = process.env.npm_execpath;
  const [program, all] = own?.endsWith('.js') ? [process.execPath, [own, ...args]] : ['npm', args];
  await run(program, all, { cwd: half, env });
  await rename(half, folder);
  return undefined;
}
