import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type HubName, hubNameText, knownSet, parseHubName } from '../core/importing/index.ts';
import type { HubOrigin } from '../core/model/index.ts';
import { readJson, sweepTemporaries, writeAtomic } from '../store/files.ts';
import { chooseFiles } from './choose.ts';
import type { Endpoint } from './endpoint.ts';
import { BY_HAND, HubError } from './errors.ts';
import { cachedPath, download, isCached } from './files.ts';
import { askFiles, askInfo, Repository } from './repository.ts';
import type { RequestOptions } from './request.ts';

/** Larger sets are no benchmarks, and would be downloaded for a long time before anybody sees a problem. */
export const MOST_BYTES = 500_000_000;
const TOLD_EVERY_MS = 100;

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

/** Commits that the branches of a repository stood for when the hub was last asked. */
const Refs = z.record(z.string(), z.string().regex(/^[0-9a-f]{40}$/));

/**
 * Brings a problem set of the Hugging Face hub into the cache and says what it is. A branch is asked for each time, and pinned to the commit that it stands for;
 * what is in the cache of a commit is not asked for again, so that a named commit needs no network, and a branch falls back on what it was when the hub can't
 * be reached.
 * @param text As `parseHubName` reads it. @throws HubError; the signal's reason when it was aborted.
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
  await bring(place, name.repo, repository.commit, files, options);
  const pinned: HubName = {
    repo: name.repo,
    ...(name.file === undefined ? { ...(config ? { config } : {}), ...(split ? { split } : {}) } : { file: name.file }),
    revision: repository.commit,
  };
  return {
    origin: {
      name: hubNameText(pinned),
      repo: name.repo,
      ...(config === undefined ? {} : { config }),
      ...(split === undefined ? {} : { split }),
      commit: repository.commit,
      host: endpoint.host,
      files: files.map(({ path, hash }) => ({ path, hash })),
      ...(repository.licence === undefined ? {} : { licence: repository.licence }),
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
    if (options.endpoint.offline) throw offline(repo, options.endpoint);
    options.progress({ done: 0, unit: 'bytes', message: `Asking ${options.endpoint.host} for ${repo}` });
    const info = await askInfo(repo, revision, options);
    const listing = listingOf(info.commit);
    let found = await readJson(listing, Repository);
    if (found?.commit !== info.commit) {
      found = { version: 1, ...info, files: await askFiles(repo, info.commit, options) };
      await mkdir(join(folder, info.commit), { recursive: true });
      await writeAtomic(listing, `${JSON.stringify(found)}\n`);
    }
    if (before !== info.commit) {
      await writeAtomic(join(folder, 'refs.json'), `${JSON.stringify({ ...refs, [revision]: info.commit })}\n`);
    }
    return found;
  } catch (error) {
    const passes = error instanceof HubError && (error.problem === 'unreachable' || error.problem === 'rate-limited');
    const found = passes && before !== undefined ? await readJson(listingOf(before), Repository) : undefined;
    if (!passes || found === undefined || found.commit !== before) throw error;
    options.log(`${error.message} Taking ${repo} as it was at commit ${before.slice(0, 12)}, from the cache.`);
    return found;
  }
}

/** Downloads what is not in the cache yet. */
async function bring(
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
      `${repo} is ${(total / 1e6).toFixed(0)} MB (${files.length} files); at most ${mostBytes / 1e6} MB are downloaded.`,
      `Name a smaller config, split or file, or ${BY_HAND}.`,
    );
  }
  await mkdir(place, { recursive: true });
  await sweepTemporaries(place);
  let done = 0;
  let told = 0;
  for (const file of files) {
    options.signal.throwIfAborted();
    const message = `Downloading ${repo} from ${endpoint.host}`;
    if (await isCached(place, file)) {
      done += file.size;
      continue;
    }
    if (endpoint.offline) throw offline(repo, endpoint);
    const address = `${endpoint.url}/datasets/${repo}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
    options.progress({ done, total, unit: 'bytes', message });
    await download(address, place, file, options, (bytes) => {
      done += bytes;
      if (performance.now() - told < TOLD_EVERY_MS) return;
      told = performance.now();
      options.progress({ done, total, unit: 'bytes', message });
    });
  }
}

function offline(repo: string, { host }: Endpoint): HubError {
  return new HubError(
    'unreachable',
    `HF_HUB_OFFLINE is set, so ${host} is not asked, and ${repo} is not in the cache.`,
    `Unset it, or ${BY_HAND}.`,
  );
}
