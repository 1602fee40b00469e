import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { refuseLinks } from '../store/links.ts';
import { temporaryPath, writeAtomic } from '../system/atomic-write.ts';
import { copyRegular } from '../system/regular-file.ts';
import { EngineError, type JobFile, type JobSpec } from './engine.ts';

/**
 * Checks a job that any engine would run wrongly: an empty command, a null character, a file path outside the job's folder or listed twice.
 * @throws EngineError `refused`.
 */
export function checkJob(spec: JobSpec): void {
  const [program] = spec.command;
  if (!program) throw refused('The job has no command.');
  const texts = [...spec.command, ...Object.entries(spec.env).flat(), ...Object.entries(spec.metadata).flat()];
  if (texts.some((text) => text.includes('\0')))
    throw refused('The command or its environment contains a null character.');
  const wrong = Object.keys(spec.env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong !== undefined) throw refused(`“${wrong}” is not a valid name of an environment variable.`);
  const seen = new Set<string>();
  for (const { path } of spec.files) {
    if (!isPlainPath(path)) throw refused(`“${path}” is not a path in the job folder.`);
    if (seen.has(path.toLowerCase())) throw refused(`The job has two files “${path}”.`);
    seen.add(path.toLowerCase());
  }
}

/** A relative path with `/` that means the same file on every system. */
function isPlainPath(path: string): boolean {
  return path.split('/').every((name) => /^[^\\:\p{Cc}]+$/u.test(name) && name !== '.' && name !== '..');
}

function refused(message: string): EngineError {
  return new EngineError('refused', message, 'Change the command, the variables or the files of the job.');
}

/**
 * The absolute path of a job's source file.
 * @throws EngineError `unusable` when it is not a regular file; StoreError `symbolic-link` for one in the dataset behind a link.
 */
export async function checkSource(dataset: string, source: string): Promise<string> {
  const path = resolve(source);
  const below = relative(resolve(dataset), path);
  if (!below.startsWith('..') && !isAbsolute(below)) await refuseLinks(resolve(dataset), path);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  const what = found ? 'is not a regular file' : 'is missing';
  throw new EngineError(
    'unusable',
    `${path}, which the job needs, ${what}.`,
    'Create it again, or plan the run again.',
  );
}

/**
 * Writes the files of a job into its folder, each atomically. A file that is its own source stays.
 * @param root a folder below which no symbolic links are allowed.
 * @throws StoreError `symbolic-link`; EngineError `unusable`.
 */
export async function placeFiles(
  files: readonly JobFile[],
  place: { dataset: string; root: string; folder: string; signal: AbortSignal },
): Promise<void> {
  await refuseLinks(place.root, place.folder);
  await mkdir(place.folder, { recursive: true });
  for (const file of files) {
    place.signal.throwIfAborted();
    const path = join(place.folder, ...file.path.split('/'));
    await refuseLinks(place.root, path);
    if ('content' in file) await writeAtomic(path, file.content);
    else await copyWhole(await checkSource(place.dataset, file.source), path);
  }
}

async function copyWhole(source: string, path: string): Promise<void> {
  if (source === resolve(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = temporaryPath(path);
  try {
    await copyRegular(source, draft);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
