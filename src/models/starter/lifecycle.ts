import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../core/errors.ts';
import { withLock } from '../../system/lock.ts';
import { isAlive } from '../../system/process.ts';
import { readWholeText } from '../../system/regular-file.ts';
import { cacheFolder, starterPaths } from './cache.ts';
import type { StarterModel } from './catalogue.ts';
import { cancelledStart, starterModel } from './catalogue.ts';
import { ownNode } from './command.ts';
import { type InstallProgress, installStarter, isInstalled, verifyWeights } from './install.ts';
import { buildOf, Health, readState, type StarterState } from './state.ts';

export interface EnsureOptions {
  /** Id in the catalogue. */
  model: string;
  /** Cache folder; `cacheFolder()` when absent. */
  cache?: string | undefined;
  /** The built server, `dist/starter.mjs`. */
  serverScript: string;
  /** At least 1; when absent LONGHAND_STARTER_THREADS, else one less than the cores. A running server keeps its own. */
  threads?: number | undefined;
  onProgress?: ((progress: InstallProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface RunningStarter {
  baseURL: string;
  token: string;
  pid: number;
  /** It was already running. */
  reused: boolean;
}

export interface StarterStatus {
  installed: boolean;
  running: boolean;
  pid?: number;
  port?: number;
  logFile: string;
}

const START_LIMIT_MS = 120_000;
const HEALTH_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** Size in bytes at which the log is deleted before a start. */
const LARGEST_LOG = 1e6;

/**
 * The server of a starter model: the running one, else a new one, installed if necessary. Concurrent callers in all processes share one. The
 * server outlives this process and ends after a time without requests.
 * @throws UserError
 */
export async function ensureStarter(options: EnsureOptions): Promise<RunningStarter> {
  const model = starterModel(options.model);
  const cache = options.cache ?? cacheFolder();
  const paths = starterPaths(cache, model);
  const { signal } = options;
  const build = await buildOf(options.serverScript);
  const find = async () => {
    const state = await readState(paths.state(build));
    return state && (await isHealthy(state, build)) ? state : undefined;
  };
  const running = await find();
  if (running) return connection(running, true);
  await installStarter(options);
  options.onProgress?.({ message: `Starting ${model.name}`, done: 0, unit: 'bytes' });
  try {
    return await withLock(
      paths.startLock(build),
      async () => {
        const other = await find();
        if (other) return connection(other, true);
        await verifyWeights(paths.weights, model);
        return connection(await start(options, model, paths, build), false);
      },
      { signal },
    );
  } catch (error) {
    if (signal?.aborted) throw cancelledStart();
    throw error;
  }
}

export interface WhichStarter {
  /** Id in the catalogue. */
  model: string;
  /** Cache folder; `cacheFolder()` when absent. */
  cache?: string | undefined;
  /** The built server; when absent, servers of all builds. */
  serverScript?: string | undefined;
}

/** Stops the servers of a model and waits until they are gone. @returns how many there were. @throws UserError */
export async function stopStarter(which: WhichStarter): Promise<number> {
  const running = await findRunning(which);
  for (const state of running) {
    await fetch(`http://127.0.0.1:${state.port}/shutdown`, {
      method: 'POST',
      headers: { authorization: `Bearer ${state.token}` },
      signal: AbortSignal.timeout(HEALTH_LIMIT_MS),
    }).catch(() => {});
    const until = Date.now() + STOP_LIMIT_MS;
    while (isAlive(state.pid) && Date.now() < until) await sleep(POLL_MS);
    if (isAlive(state.pid)) {
      throw new UserError('start', `Process ${state.pid} of the starter model does not end.`, 'End it manually.');
    }
  }
  return running.length;
}

/** The status of a starter model. @throws UserError when there is no such model. */
export async function starterStatus(which: WhichStarter): Promise<StarterStatus> {
  const model = starterModel(which.model);
  const paths = starterPaths(which.cache ?? cacheFolder(), model);
  const installed = await isInstalled({ runtime: paths.runtime, weights: paths.weights }, model);
  const [state] = await findRunning(which);
  const running = state !== undefined;
  return { installed, running, ...(state && { pid: state.pid, port: state.port }), logFile: paths.log };
}

async function findRunning({ model: id, cache, serverScript }: WhichStarter): Promise<StarterState[]> {
  const model = starterModel(id);
  const paths = starterPaths(cache ?? cacheFolder(), model);
  const names = (await readdir(paths.run).catch(() => [])).filter((name) => stateName(model).test(name));
  const files = serverScript ? [paths.state(await buildOf(serverScript))] : names.map((name) => join(paths.run, name));
  const running: StarterState[] = [];
  for (const file of files) {
    const state = await readState(file);
    if (state && (await isHealthy(state))) running.push(state);
  }
  return running;
}

function stateName(model: StarterModel): RegExp {
  return new RegExp(`^${model.id.replaceAll('.', '\\.')}\\.[0-9a-f]{16}\\.json$`);
}

function connection(state: StarterState, reused: boolean): RunningStarter {
  return { baseURL: `http://127.0.0.1:${state.port}/v1`, token: state.token, pid: state.pid, reused };
}

/** Whether the server of a state still answers on its port, and has the given build. */
async function isHealthy(state: StarterState, build?: string): Promise<boolean> {
  if (!isAlive(state.pid)) return false;
  try {
    const signal = AbortSignal.timeout(HEALTH_LIMIT_MS);
    const response = await fetch(`http://127.0.0.1:${state.port}/health`, { signal });
    const health = Health.parse(await response.json());
    return health.instance === state.instance && (build === undefined || health.build === build);
  } catch {
    return false;
  }
}

async function start(
  options: EnsureOptions,
  model: StarterModel,
  paths: ReturnType<typeof starterPaths>,
  build: string,
): Promise<StarterState> {
  await mkdir(paths.run, { recursive: true });
  const instance = randomBytes(12).toString('hex');
  const stateFile = paths.state(build);
  await rm(stateFile, { force: true });
  await sweep(paths.run);
  const threads = options.threads ?? defaultThreads();
  const logStart = await openLog(paths.log);
  const log = openSync(paths.log, 'a', 0o600);
  const node = ownNode();
  const child = spawn(
    node.command,
    [
      ...[...node.args, resolve(options.serverScript), '--model', model.id, '--instance', instance],
      ...['--runtime', paths.runtime, '--weights', paths.weights, '--state', stateFile],
      ...['--scratch', join(paths.run, `prefixes-${instance}`)],
      ...['--threads', String(threads), '--context', String(model.contextSize)],
      ...idleFlag(),
    ],
    {
      detached: true,
      stdio: ['ignore', log, log],
      windowsHide: true,
      cwd: paths.run,
      env: serverEnvironment(node.environment),
    },
  );
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, name) => {
    ended = `it ended with ${name ?? `code ${code}`}`;
  });
  closeSync(log);
  child.unref();
  try {
    for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(POLL_MS)) {
      options.signal?.throwIfAborted();
      const state = await readState(stateFile);
      if (state?.instance === instance) return state;
      if (ended !== undefined) throw await startFailure(ended, paths.log, logStart);
    }
    throw await startFailure(`it was not ready after ${START_LIMIT_MS / 1000} s`, paths.log, logStart);
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** Leaves one core to the editor: threads waiting for a busy core slow down all others. */
export function defaultThreads(): number {
  const asked = Number(process.env.LONGHAND_STARTER_THREADS);
  return asked >= 1 ? Math.floor(asked) : Math.max(1, availableParallelism() - 1);
}

/** The idle limit in seconds, if the environment sets it. */
function idleFlag(): string[] {
  const seconds = Number(process.env.LONGHAND_STARTER_IDLE_SECONDS);
  return seconds > 0 ? ['--idle-seconds', String(seconds)] : [];
}

/** The environment without keys and debugger options. */
function serverEnvironment(more: NodeJS.ProcessEnv | undefined): NodeJS.ProcessEnv {
  const { LONGHAND_API_KEY: _own, OPENAI_API_KEY: _openai, NODE_OPTIONS: _options, ...rest } = process.env;
  return { ...rest, ...more, LONGHAND_STARTER_TOKEN: randomBytes(24).toString('hex') };
}

/** Removes states and saved prompts of killed servers. */
async function sweep(run: string): Promise<void> {
  const names = await readdir(run);
  const alive = new Set<string>();
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const state = await readState(join(run, name));
    if (state && isAlive(state.pid)) alive.add(state.instance);
    else await rm(join(run, name), { force: true });
  }
  for (const name of names.filter((one) => one.startsWith('prefixes-'))) {
    if (!alive.has(name.slice('prefixes-'.length))) await rm(join(run, name), { recursive: true, force: true });
  }
}

/** @returns where the lines of the next server begin. */
async function openLog(file: string): Promise<number> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size < LARGEST_LOG) return size;
  await rm(file, { force: true });
  return 0;
}

async function startFailure(why: string, logFile: string, from: number): Promise<UserError> {
  const lines = (await readWholeText(logFile).catch(() => '')).slice(from).trim();
  const reason = lines.split('\n').find((line) => line.includes('failed:')) ?? lines.split('\n').at(-1) ?? '';
  return new UserError(
    'start',
    `The starter model did not start: ${why}. ${reason.replace(/^\S+ \d+ /, '').slice(0, 400)}`.trim(),
    `See its log, ${logFile}.`,
  );
}
