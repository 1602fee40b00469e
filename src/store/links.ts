import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { specialKind } from '../system/regular-file.ts';
import { StoreError } from './errors.ts';

/**
 * Refuses to write through a symbolic link, or to a FIFO, a socket or a device, so that a dataset from others can't cause writes outside of it. Checks every
 * part of `path` below `root`; the root itself may be a link.
 * @throws StoreError `symbolic-link` or `special-file`.
 */
export async function refuseLinks(root: string, path: string): Promise<void> {
  let part = root;
  for (const name of relative(root, path).split(sep)) {
    part = join(part, name);
    const found = await lstat(part).catch(() => undefined);
    if (found === undefined) return;
    refuseEntry(part, found);
  }
}

/**
 * As `refuseLinks`, for a folder and the files in it.
 * @throws StoreError `symbolic-link` or `special-file`.
 */
export async function refuseLinksIn(root: string, folder: string): Promise<void> {
  await refuseLinks(root, folder);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) refuseEntry(join(folder, entry.name), entry);
}

type Kind = Pick<Stats, 'isSymbolicLink' | 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>;

function refuseEntry(path: string, entry: Kind): void {
  if (entry.isSymbolicLink()) {
    throw new StoreError(
      'symbolic-link',
      `${path} is a symbolic link: files written there would be outside the dataset.`,
      'Replace it with the file or folder itself.',
    );
  }
  const kind = entry.isDirectory() ? undefined : specialKind(entry);
  if (kind === undefined) return;
  throw new StoreError(
    'special-file',
    `${path} is ${kind}: data written there would not be stored.`,
    'Remove it, or put a regular file in its place.',
  );
}
