import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type Zippable, zipSync } from 'fflate';
import { readWhole } from '../../system/regular-file.ts';
import { EngineError, type JobFile } from '../engine.ts';
import { checkSource } from '../files.ts';

/** In bytes; Ray keeps packages in the memory of its head, and newer versions accept at most 500 MiB. */
const LARGEST_PACKAGE = 500 * 1024 * 1024;
/** The earliest date of the zip format; in local time, as zips store it, so that the bytes are the same everywhere. */
const MODIFIED = new Date(1980, 0, 1);

export interface RayPackage {
  /** From a hash of the content. */
  name: string;
  uri: string;
  bytes: Uint8Array;
}

/**
 * The files of a job as one reproducible zip, sorted by path.
 * @throws EngineError `unusable` for a missing file; `refused` when they are too large together. StoreError `symbolic-link`.
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
    const text = Buffer.from('content' in file ? file.content : '');
    size += source === undefined ? text.length : (await stat(source)).size;
    // Larger files would not fit into memory.
    if (size > 4 * LARGEST_PACKAGE) throw tooLarge(size);
    contents.push([file.path, source === undefined ? text : await readWhole(source, 4 * LARGEST_PACKAGE)]);
  }
  return contents.sort(([a], [b]) => (a < b ? -1 : 1));
}

function tooLarge(size: number): EngineError {
  const mib = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  return new EngineError(
    'refused',
    `The files of the job take ${mib(size)}. Ray accepts at most ${mib(LARGEST_PACKAGE)} for each job, zipped.`,
    'Put the rows or the model into a folder that all nodes share, and let the command read them from there.',
  );
}
