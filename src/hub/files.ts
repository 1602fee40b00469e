import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { temporaryPath } from '../store/files.ts';
import { BY_HAND, HubError } from './errors.ts';
import type { HubFile } from './repository.ts';
import { bodyOf, inWords, type RequestOptions, request } from './request.ts';

/** Times that a download which broke off goes on from where it was. */
const CONTINUED = 5;

/** Where a file of a commit is kept. Made from hashes and the extension alone: nothing of a stranger's path becomes a path here. */
export function cachedPath(folder: string, { path, hash }: HubFile): string {
  const extension = /\.[a-z]{3,8}$/.exec(path.toLowerCase())?.[0] ?? '';
  return join(folder, `${createHash('sha256').update(`${path}\0${hash}`).digest('hex').slice(0, 32)}${extension}`);
}

/** Whether a file is in the cache and is what it should be; a damaged one is removed. */
export async function isCached(folder: string, file: HubFile): Promise<boolean> {
  const path = cachedPath(folder, file);
  if ((await stat(path).catch(() => undefined)) === undefined) return false;
  const hash = hashFor(file);
  await pipeline(createReadStream(path), hash);
  if (hash.digest('hex') === file.hash) return true;
  await rm(path, { force: true });
  return false;
}

/**
 * Downloads a file into the cache; it appears there when it is whole and has the size and the hash that the hub lists. A download that breaks off goes on
 * from its last byte. `url`: the hub's own address of it.
 * @throws HubError; the signal's reason when it was aborted. Nothing is left behind.
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
    if (hash.digest('hex') !== file.hash) throw notListed(file, 'its hash is another one', options);
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
    const { response, guard } = await request(url, range, options);
    try {
      // A server that knows no ranges sends all of it again.
      let skip = response.status === 206 ? 0 : from;
      for await (const part of bodyOf(response)) {
        guard.touch();
        const news = part.subarray(Math.min(skip, part.length));
        skip -= part.length - news.length;
        if (news.length === 0) continue;
        have += news.length;
        if (have > file.size) throw notListed(file, `it is longer than the ${file.size} bytes of the list`, options);
        hash.update(news);
        await handle.writeFile(news);
        onBytes(news.length);
      }
      if (have < file.size) throw notListed(file, `it ended after ${have} of ${file.size} bytes`, options);
    } catch (error) {
      const told = inWords(error, options, guard);
      const goesOn = told instanceof HubError && (told.problem === 'unreachable' || have < file.size);
      if (!goesOn || have === from || ++broken > CONTINUED) throw told;
      options.log(`${told.message} Going on after ${have} of ${file.size} bytes.`);
    } finally {
      guard.dispose();
      // The rest of a reply that is not read to its end.
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
