import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { type ConfigPlace, placesIn, UnreadablePlace } from '../../core/training/config-places.ts';
import { refuseLinks } from '../../store/links.ts';
import { jobFolderOf, type StoredRun } from '../../store/runs.ts';
import { LARGEST_STATE, readWholeText } from '../../system/regular-file.ts';

/**
 * Checks before a resume that the job's folder has only Longhand's files. Python imports from it, so a file such as `yaml.py` in a run from others
 * would be executed. Compiled files are removed.
 * @param files paths in the folder.
 * @throws UserError `not-ready` that names the first other file; StoreError `symbolic-link`.
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
    throw new UserError(
      'not-ready',
      `The job folder of run ${run.record.id} contains “${path.replace(/\p{Cc}/gu, '?')}”, which Longhand did not create. The training could run it.`,
      `Check it, and move it out of ${folder}. Output of a training belongs in its folder out.`,
    );
  }
}

/**
 * Checks before a resume that the configuration writes into the run. Copied or moved datasets have the old path, and others' runs may have any.
 * @param config name of the configuration in the job's folder.
 * @param out folder of results for the job.
 * @throws UserError `bad-config`; the error of the file system without a configuration.
 */
export async function refuseOtherOutput(run: StoredRun, config: string, out: string): Promise<void> {
  for (const { key, path } of await configPlaces(run, config)) {
    if (key === 'output_dir' ? path === out : path === null || isWithin(path, out)) continue;
    throw new UserError(
      'bad-config',
      `The configuration of run ${run.record.id} sets ${key} to ${printable(path ?? 'nothing')}, not to ${out}.`,
      `If the dataset was copied or moved, train again from its export, or correct ${key} in the configuration.`,
    );
  }
}

async function configPlaces(run: StoredRun, config: string): Promise<ConfigPlace[]> {
  const text = await readWholeText(join(jobFolderOf(run), config), LARGEST_STATE);
  try {
    return placesIn(text, ['output_dir', 'dataset_prepared_path']);
  } catch (error) {
    if (!(error instanceof UnreadablePlace)) throw error;
    throw new UserError(
      'bad-config',
      `Can't determine from line ${error.line} of ${config} where run ${run.record.id} writes.`,
      'Write output_dir and dataset_prepared_path on separate lines, with quoted paths and without YAML escapes or aliases in keys.',
    );
  }
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || (path.startsWith(`${folder}/`) && !path.split('/').includes('..'));

const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?');
