import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type Zippable, zipSync } from 'fflate';
import { EngineError, type JobFile } from '../engine.ts';
import { checkSource } from '../files.ts';

/** Ray keeps packages in the memory of its head, and newer versions take at most 500 MiB. */
export const LARGEST_PACKAGE = 500 * 1024 * 1024;
/** The first moment that a zip can tell; in local time, as zips have it, so that it is the same everywhere. */
const MODIFIED = new Date(1980, 0, 1);

export interface RayPackage {
  /** By the content: the same files have the same name. */
  name: string;
  uri: string;
  bytes: Uint8Array;
}

/**
 * The files of a job as one zip, the same bytes for the same files: sorted by path, all of one time.
 * @throws EngineError `unusable` for a file that is missing; `refused` when they are too large together. StoreError `symbolic-link`.
 */
export async function packFiles(files: readonly JobFile[], dataset: string): Promise<RayPackage> {
  const texts = await contentsOf(files, dataset);
  const entries: Zippable = {};
  for (const [path, content] of texts)
    entries[path] = [content, { mtime: MODIFIED, level: 6, os: 3, attrs: 0o644 << 16 }];
  const bytes = zipSync(entries);
  if (bytes.byteLength > LARGEST_PACKAGE) throw tooLarge(bytes.byteLength);
  const name = `_ray_pkg_${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}.zip`;
  return { name, uri: `gcs://${name}`, bytes };
}

async function contentsOf(files: readonly JobFile[], dataset: string): Promise<[string, Uint8Array][]> {
  const contents: [string, Uint8Array][] = [];
  let size = 0;
  for (const file of files) {
    const source = 'source' in file ? await checkSource(dataset, file.source) : undefined;
    size += source === undefined ? Buffer.byteLength('content' in file ? file.content : '') : (await stat(source)).size;
    // A zip of texts is rarely a tenth of them: what is larger than this would not fit into memory here.
    if (size > 4 * LARGEST_PACKAGE) throw tooLarge(size);
    const content = source === undefined ? Buffer.from('content' in file ? file.content : '') : await readFile(source);
    contents.push([file.path, content]);
  }
  return contents.sort(([a], [b]) => (a < b ? -1 : 1));
}

function tooLarge(size: number): EngineError {
  const mib = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return new EngineError(
    'refused',
    `The files of the job have ${mib(size)}; Ray takes at most ${mib(LARGEST_PACKAGE)} with a job, zipped.`,
    'Put the rows or the model into a folder that all nodes see, and let the command read them from there.',
  );
}
