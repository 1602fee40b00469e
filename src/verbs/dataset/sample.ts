import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatasetSettings } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { writeGitFiles } from '../../store/git.ts';
import { Dataset } from '../../store/index.ts';
import { errorCode, readJson } from '../../store/lines/files.ts';
import { copyDefaultPrompts } from '../../store/prompts.ts';
import { SETTINGS_FILE, writeSettings } from '../../store/settings.ts';
import { temporaryPath } from '../../system/atomic-write.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'sample'> = async ({ dataset: folder }, { mediaFolder, log }) => {
  const target = resolve(folder);
  await mustBeFree(target);
  const settings = await readJson(join(mediaFolder, 'sample', SETTINGS_FILE), DatasetSettings);
  if (!settings) throw new VerbError('This installation lacks the sample dataset.', 'Install Longhand again.');
  await mkdir(dirname(target), { recursive: true });
  // Made aside and renamed: a copy that broke off would look like a dataset.
  const draft = temporaryPath(target);
  try {
    await cp(join(mediaFolder, 'sample'), draft, { recursive: true });
    await copyDefaultPrompts(mediaFolder, draft);
    await writeGitFiles(draft);
    // Two copies are two datasets.
    await writeSettings(draft, { ...settings, id: randomUUID() });
    await rmdir(target).catch(() => undefined);
    await rename(draft, target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  const dataset = await Dataset.open(target, { log });
  await dataset.close();
  const { index } = dataset;
  return { dataset: target, problems: index.problemCount, chains: index.chainCount };
};

export const print: Print<'sample'> = ({ dataset, problems, chains }) =>
  `${dataset}: ${plural(problems, 'problem')}, ${plural(chains, 'chain')}.`;

async function mustBeFree(target: string): Promise<void> {
  try {
    if ((await readdir(target)).length === 0) return;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    if (errorCode(error) !== 'ENOTDIR') throw error;
  }
  throw new VerbError(`${target} is not empty.`, 'Choose a folder that does not exist yet.');
}
