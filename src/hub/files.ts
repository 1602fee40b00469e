import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatCount, plural } from '../core/text/format.ts';
import { temporaryPath } from '../system/atomic-write.ts';
import { openReadStream } from '../system/regular-file.ts';
import { BY_HAND, HubError } from './endpoint.ts';
import type { HubFile } from './repository.ts';
import { asHubError, bodyOf, type RequestOptions, request } from './request.ts';

/** How often a broken download is resumed. */
const MOST_RESUMES = 5;

/** Path of a file in the cache, made only from hashes and the extension, since the repository's paths are not trusted. */
export function cachedPath(folder: string, { path, hash }: HubFile): string {
  const extension = /\.[a-z]{3,8}$/.exec(path.toLowerCase())?.[0] ?? '';
  return join(folder, `${createHash('sha256').update(`${path}\0${hash}`).digest('hex').slice(0, 32)}${extension}`);
}

/** Whether an undamaged file is in the cache; a damaged one is removed. */
export async function isCached(folder: string, file: HubFile): Promise<boolean> {
  const path = cachedPath(folder, file);
  if ((await stat(path).catch(() => undefined)) === undefined) return false;
  if (await isSame(path, file)) return true;
  await rm(path, { force: true });
  return false;
}

/** Whether a local file has the content that the hub lists. */
export async function isSame(path: string, file: HubFile): Promise<boolean> {
  const hash = hashFor(file);
  await pipeline(await openReadStream(path), hash);
  return hash.digest('hex') === file.hash;
}

/**
 * Downloads a file into the cache, where it appears once its size and hash match the hub's list. Broken downloads are resumed. `downloadFile` of
 * @huggingface/hub 2.17 does neither.
 * @param url the hub's own address of the file.
 * @throws HubError; the signal's reason. Leaves no partial file.
 */
export async function download(
  url: string,
  folder: string,
  file: HubFile,
  options: RequestOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const path = cachedPath(folder, file);
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryPath(path);
  const handle = await open(temporary, 'wx');
  try {
    const hash = hashFor(file);
    await fill(url, file, handle, hash, options, onBytes);
    if (hash.digest('hex') !== file.hash) throw notListed(file, 'its hash differs', options);
    await handle.sync();
    await handle.close();
    await rename(temporary, path);
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
}

async function fill(
  url: string,
  file: HubFile,
  handle: FileHandle,
  hash: Hash,
  options: RequestOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let have = 0;
  for (let broken = 0; have < file.size; ) {
    const from = have;
    const range = from === 0 ? {} : { range: `bytes=${from}-` };
    const { response, guard } = await request(url, { headers: range }, options);
    try {
      // A server without ranges sends everything again.
      let skip = response.status === 206 ? 0 : from;
      for await (const part of bodyOf(response)) {
        guard.touch();
        const fresh = part.subarray(Math.min(skip, part.length));
        skip -= part.length - fresh.length;
        if (fresh.length === 0) continue;
        have += fresh.length;
        if (have > file.size)
          throw notListed(file, `it is longer than the ${plural(file.size, 'byte')} of the list`, options);
        hash.update(fresh);
        await handle.writeFile(fresh);
        onBytes(fresh.length);
      }
      if (have < file.size)
        throw notListed(file, `it ended after ${formatCount(have)} of ${plural(file.size, 'byte')}`, options);
    } catch (error) {
      const problem = asHubError(error, options, guard);
      const canResume = problem instanceof HubError && (problem.kind === 'unreachable' || have < file.size);
      if (!canResume || have === from || ++broken > MOST_RESUMES) throw problem;
      options.log(`${problem.message} Resumed after ${formatCount(have)} of ${plural(file.size, 'byte')}.`);
    } finally {
      guard.dispose();
      // Closes a reply that was not read to its end.
      await response.body?.cancel().catch(() => undefined);
    }
  }
}

function notListed({ path }: HubFile, how: string, { endpoint }: RequestOptions): HubError {
  return new HubError(
    'damaged',
    `${path} is not what ${endpoint.host} lists: ${how}.`,
    `Nothing was kept. Start this again, or ${BY_HAND}.`,
  );
}

function hashFor({ hash, size }: HubFile): Hash {
  return hash.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}
