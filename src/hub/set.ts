import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { formatHubName, type HubName, knownSet, parseHubName } from '../core/dataset/index.ts';
import { defined } from '../core/defined.ts';
import type { HubOrigin } from '../core/schemas/index.ts';
import { plural } from '../core/text/format.ts';
import { readJson } from '../store/lines/files.ts';
import { sweepTemporaries, writeAtomic } from '../system/atomic-write.ts';
import { chooseFiles } from './choose.ts';
import { BY_HAND, HubError } from './endpoint.ts';
import { cachedPath, download, isCached } from './files.ts';
import { askFiles, askInfo, Repository } from './repository.ts';
import type { RequestOptions } from './request.ts';

/** Larger sets are not benchmarks. */
const MOST_BYTES = 500_000_000;
const PROGRESS_EVERY_MS = 100;

/** A problem set of the hub, in the cache. */
export interface HubSet {
  origin: HubOrigin;
  /** Local paths of its files, in order. */
  files: string[];
}

export interface HubOptions extends RequestOptions {
  /** The cache folder of Longhand. */
  cache: string;
  progress: (progress: { done: number; total?: number; unit: string; message?: string }) => void;
  /** Most bytes that are downloaded; `MOST_BYTES` when absent. */
  mostBytes?: number;
}

/** Last known commits of a repository's branches. */
const Refs = z.record(z.string(), z.string().regex(/^[0-9a-f]{40}$/));

/**
 * Fetches a problem set of the Hugging Face hub into the cache. A branch is resolved to its commit each time. A cached commit needs no network, and a branch
 * falls back to its last known commit when the hub can't be reached.
 * @param text a name for `parseHubName`. @throws HubError; the signal's reason.
 */
export async function fetchSet(text: string, options: HubOptions): Promise<HubSet> {
  const name = parseHubName(text);
  if ('reason' in name)
    throw new HubError('bad-name', name.reason, 'For example hf:openai/gsm8k or hf:HuggingFaceH4/MATH-500.');
  const { endpoint, cache } = options;
  const folder = join(cache, 'hub', endpoint.host.replaceAll(':', '_'), name.repo.replace('/', '--'));
  const repository = await repositoryAt(folder, name, options);
  const { config, split, files } = chooseFiles(repository, name, knownSet(name.repo));
  const place = join(folder, repository.commit);
  await downloadMissing(place, name.repo, repository.commit, files, options);
  const pinned: HubName = {
    repo: name.repo,
    ...(name.file === undefined ? { ...(config && { config }), ...(split && { split }) } : { file: name.file }),
    revision: repository.commit,
  };
  return {
    origin: {
      name: formatHubName(pinned),
      repo: name.repo,
      ...defined({ config, split }),
      commit: repository.commit,
      host: endpoint.host,
      files: files.map(({ path, hash }) => ({ path, hash })),
      ...defined({ licence: repository.licence }),
    },
    files: files.map((file) => cachedPath(place, file)),
  };
}

async function repositoryAt(
  folder: string,
  { repo, revision = 'main' }: HubName,
  options: HubOptions,
): Promise<Repository> {
  const listingOf = (commit: string): string => join(folder, commit, 'listing.json');
  if (/^[0-9a-f]{40}$/.test(revision)) {
    const known = await readJson(listingOf(revision), Repository);
    if (known?.commit === revision) return known;
  }
  const refs = (await readJson(join(folder, 'refs.json'), Refs)) ?? {};
  const before = Object.hasOwn(refs, revision) ? refs[revision] : undefined;
  try {
    if (options.endpoint.offline) throw offline(repo);
    options.progress({ done: 0, unit: 'bytes', message: `Requesting ${repo} from ${options.endpoint.host}` });
    const info = await askInfo(repo, revision, options);
    const listing = listingOf(info.commit);
    let found = await readJson(listing, Repository);
    if (found?.commit !== info.commit) {
      const { isPrivate: _isPrivate, ...known } = info;
      found = { version: 1, ...known, files: await askFiles(repo, info.commit, options) };
      await mkdir(join(folder, info.commit), { recursive: true });
      await writeAtomic(listing, `${JSON.stringify(found)}\n`);
    }
    if (before !== info.commit) {
      await writeAtomic(join(folder, 'refs.json'), `${JSON.stringify({ ...refs, [revision]: info.commit })}\n`);
    }
    return found;
  } catch (error) {
    const isTemporary = error instanceof HubError && (error.kind === 'unreachable' || error.kind === 'rate-limited');
    const found = isTemporary && before !== undefined ? await readJson(listingOf(before), Repository) : undefined;
    if (!isTemporary || found === undefined || found.commit !== before) throw error;
    options.log(`${error.message} Using ${repo} at commit ${before.slice(0, 12)} from the cache.`);
    return found;
  }
}

async function downloadMissing(
  place: string,
  repo: string,
  commit: string,
  files: Repository['files'],
  options: HubOptions,
): Promise<void> {
  const { endpoint, mostBytes = MOST_BYTES } = options;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > mostBytes) {
    throw new HubError(
      'too-large',
      `${repo} is ${(total / 1e6).toFixed(0)} MB (${plural(files.length, 'file')}); at most ${Math.ceil(mostBytes / 1e6)} MB are downloaded.`,
      `Name a smaller config, split or file, or ${BY_HAND}.`,
    );
  }
  await mkdir(place, { recursive: true });
  await sweepTemporaries(place);
  let done = 0;
  let reportedAt = 0;
  for (const file of files) {
    options.signal.throwIfAborted();
    const message = `Downloading ${repo} from ${endpoint.host}`;
    if (await isCached(place, file)) {
      done += file.size;
      continue;
    }
    if (endpoint.offline) throw offline(repo);
    const address = `${endpoint.url}/datasets/${repo}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
    options.progress({ done, total, unit: 'bytes', message });
    await download(address, place, file, options, (bytes) => {
      done += bytes;
      if (performance.now() - reportedAt < PROGRESS_EVERY_MS) return;
      reportedAt = performance.now();
      options.progress({ done, total, unit: 'bytes', message });
    });
  }
}

function offline(repo: string): HubError {
  return new HubError(
    'unreachable',
    `HF_HUB_OFFLINE is set, so nothing is requested, and ${repo} is not in the cache.`,
    `Unset it, or ${BY_HAND}.`,
  );
}
