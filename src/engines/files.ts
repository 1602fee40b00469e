import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { temporaryPath, writeAtomic } from '../store/files.ts';
import { refuseLinks } from '../store/links.ts';
import { EngineError, type JobFile, type JobSpec } from './engine.ts';

/**
 * Says no to a job that no engine could run as it was meant: an empty command, a character 0, a file path that leaves the job's
 * folder or stands there twice.
 * @throws EngineError `refused`.
 */
export function checkJob(spec: JobSpec): void {
  const [program] = spec.command;
  if (!program) throw refused('The job has no command.');
  const texts = [...spec.command, ...Object.entries(spec.env).flat(), ...Object.entries(spec.metadata).flat()];
  if (texts.some((text) => text.includes('\0'))) throw refused('The command or its environment holds a character 0.');
  const wrong = Object.keys(spec.env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong !== undefined) throw refused(`“${wrong}” is no name of an environment variable.`);
  const seen = new Set<string>();
  for (const { path } of spec.files) {
    if (!isPlainPath(path)) throw refused(`“${path}” is no path of a file in the job's folder.`);
    if (seen.has(path.toLowerCase())) throw refused(`The job has two files “${path}”.`);
    seen.add(path.toLowerCase());
  }
}

/** Names below each other, with `/` between them, that mean the same file on every system. */
function isPlainPath(path: string): boolean {
  return path.split('/').every((name) => /^[^\\:\p{Cc}]+$/u.test(name) && name !== '.' && name !== '..');
}

function refused(message: string): EngineError {
  return new EngineError('refused', message, 'Change the command, the variables or the files of the job.');
}

/**
 * The file of this machine that a job's file is a copy of.
 * @throws EngineError `unusable` when it is no regular file; StoreError `symbolic-link` for one in the dataset that lies behind a link.
 */
export async function checkSource(dataset: string, source: string): Promise<string> {
  const path = resolve(source);
  const below = relative(resolve(dataset), path);
  if (!below.startsWith('..') && !isAbsolute(below)) await refuseLinks(resolve(dataset), path);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  const what = found ? 'is no plain file' : 'is not there';
  throw new EngineError('unusable', `${path}, which the job needs, ${what}.`, 'Make it again, or plan the job anew.');
}

/**
 * Puts the files of a job into its folder, each whole or not at all. A file that is its own source stays.
 * @param root nothing below it may be a symbolic link.
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
    // Where the file system can, both share their blocks until one is written to.
    await copyFile(source, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
