import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { StoreError } from './errors.ts';

/**
 * Refuses to write through a symbolic link: a stranger's dataset must not make us write outside of it. Looks at every part of
 * `path` below `root`; the root itself may be a link, since a person chose it.
 * @throws StoreError `symbolic-link`.
 */
export async function refuseLinks(root: string, path: string): Promise<void> {
  let part = root;
  for (const name of relative(root, path).split(sep)) {
    part = join(part, name);
    const found = await lstat(part).catch(() => undefined);
    // What is not there yet has nothing below it either.
    if (found === undefined) return;
    if (found.isSymbolicLink()) throw isLink(part);
  }
}

/**
 * As `refuseLinks`, for a folder and the files in it.
 * @throws StoreError `symbolic-link`.
 */
export async function refuseLinksIn(root: string, folder: string): Promise<void> {
  await refuseLinks(root, folder);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link) throw isLink(join(folder, link.name));
}

function isLink(path: string): StoreError {
  return new StoreError(
    'symbolic-link',
    `${path} is a symbolic link: what is written there would land outside of the dataset.`,
    'Put the file or folder itself in its place.',
  );
}
