import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  const text = await readFile(join(jobFolderOf(run), config), 'utf8');
  for (const [, written = ''] of text.matchAll(/^[ \t]*"?output_dir"?[ \t]*:[ \t]*(.*?)[ \t]*,?[ \t]*\r?$/gm)) {
    if (unquoted(written) === out) continue;
    throw new TrainerError(
      'bad-config',
      `The configuration of run ${run.record.id} writes to ${written.replace(/\p{Cc}/gu, '?')}, and not to ${out}.`,
      'Was the dataset copied or moved? Train anew from its export, or set output_dir right in the configuration.',
    );
  }
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text.replace(/^'(.*)'$/, '$1');
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
