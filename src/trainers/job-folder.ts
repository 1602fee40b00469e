import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfigPlace, placesIn, UnreadablePlace } from '../core/training/config-places.ts';
import { refuseLinks } from '../store/links.ts';
import { jobFolderOf, type StoredRun } from '../store/runs.ts';
import { TrainerError } from './errors.ts';

/**
 * Lets a training go on only where its job's folder holds what Longhand put there. The folder is where the job works, and Python imports from there: in
 * a run that somebody else made, a `yaml.py` would be run, and so would compiled files, which are removed.
 * @param files paths within the folder.
 * @throws TrainerError `not-ready` that names the first other file; StoreError `symbolic-link`.
 */
export async function refuseOtherFiles(run: StoredRun, files: readonly string[]): Promise<void> {
  const folder = jobFolderOf(run);
  await refuseLinks(run.folder, folder);
  await rm(join(folder, '__pycache__'), { recursive: true, force: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/');
    if (entry.isFile() && files.includes(path)) continue;
    if (entry.isDirectory() && files.some((file) => file.startsWith(`${path}/`))) continue;
    throw new TrainerError(
      'not-ready',
      `The job’s folder of run ${run.record.id} holds “${path.replace(/\p{Cc}/gu, '?')}”, which Longhand did not put there; the training could run it.`,
      `Look at it, and move it out of ${folder}. What a training writes belongs under its out/.`,
    );
  }
}

/**
 * Lets a training go on only where its configuration still writes into the run: that of a copied or moved dataset names the old place, and somebody
 * else's may name any.
 * @param config name of the configuration within the job's folder.
 * @param out where results belong, as the job sees it.
 * @throws TrainerError `bad-config`; the error of the disk where there is no configuration.
 */
export async function refuseOtherOutput(run: StoredRun, config: string, out: string): Promise<void> {
  for (const { key, path } of await configPlaces(run, config)) {
    if (key === 'output_dir' ? path === out : path === null || isWithin(path, out)) continue;
    throw new TrainerError(
      'bad-config',
      `The configuration of run ${run.record.id} writes to ${printable(path ?? 'nowhere')} by ${key}, and not to ${out}.`,
      `Was the dataset copied or moved? Train anew from its export, or set ${key} right in the configuration.`,
    );
  }
}

async function configPlaces(run: StoredRun, config: string): Promise<ConfigPlace[]> {
  const text = await readFile(join(jobFolderOf(run), config), 'utf8');
  try {
    return placesIn(text, ['output_dir', 'dataset_prepared_path']);
  } catch (error) {
    if (!(error instanceof UnreadablePlace)) throw error;
    throw new TrainerError(
      'bad-config',
      `Where the configuration of run ${run.record.id} writes can't be told from line ${error.line} of ${config}.`,
      'Write output_dir and dataset_prepared_path each on a line of its own with its path in quotes, without escapes and aliases of YAML in keys.',
    );
  }
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || (path.startsWith(`${folder}/`) && !path.split('/').includes('..'));

const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?');
