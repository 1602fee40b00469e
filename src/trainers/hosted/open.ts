import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback } from '../../core/models/base-url.ts';
import { readLines, readText } from '../../store/lines/files.ts';
import { jobFolderOf, type StoredRun } from '../../store/runs.ts';
import { withLock } from '../../system/lock.ts';
import { openReadStream } from '../../system/regular-file.ts';
import { HostedError } from './errors.ts';
import { fireworks } from './fireworks.ts';
import { type Host, type HostedConfig, type HostedFile, type MakeHost, readHostedConfig } from './host.ts';
import { Api } from './http.ts';
import { openai } from './openai.ts';
import { together } from './together.ts';
import { HOSTED_CONFIG } from './trainers.ts';

const HOSTS: Readonly<Record<HostedConfig['host'], MakeHost>> = { together, fireworks, openai };
const ROWS_FILE = 'rows.jsonl';

/** Runs `work` with the lock of a run. */
export function alone<T>({ folder }: StoredRun, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return withLock(join(folder, 'hosted.lock'), work, { signal });
}

/** The configuration of a run. @throws HostedError `refused` when it can't be read. */
export async function hostedConfig(run: StoredRun): Promise<HostedConfig> {
  const path = join(jobFolderOf(run), HOSTED_CONFIG);
  const read = readHostedConfig((await readText(path)) ?? '');
  if (typeof read !== 'string') return read;
  throw new HostedError('refused', `${HOSTED_CONFIG} ${read}.`, `Correct ${path}, and resume.`);
}

/**
 * The host of a run.
 * @param keyOf the key for an address, if any.
 * @throws HostedError `denied` without a key.
 */
export async function openHost(
  config: HostedConfig,
  keyOf: (baseURL: string) => string | undefined,
  signal: AbortSignal,
): Promise<Host> {
  const key = keyOf(config.baseURL);
  const { hostname, host } = new URL(config.baseURL);
  if (key === undefined && !isLoopback(hostname)) {
    const advice = `Set LONGHAND_API_KEY, with LONGHAND_API_HOST=${host}, or the host’s own variable (TOGETHER_API_KEY, FIREWORKS_API_KEY, OPENAI_API_KEY).`;
    throw new HostedError('denied', `API key required for ${host}.`, advice);
  }
  return HOSTS[config.host](config, new Api({ baseURL: config.baseURL, key, signal }));
}

/** The rows of a run as sent. */
export async function hostedFile(run: StoredRun): Promise<HostedFile> {
  const path = join(jobFolderOf(run), ROWS_FILE);
  const hash = createHash('sha256');
  for await (const chunk of await openReadStream(path)) hash.update(chunk as Buffer);
  let rows = 0;
  for await (const _ of readLines(path)) rows++;
  const { size: bytes } = await stat(path);
  return { path, name: `longhand-${hash.digest('hex').slice(0, 20)}.jsonl`, bytes, rows };
}
