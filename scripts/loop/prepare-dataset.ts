// A dataset of an experiment, with its settings and the prompt of a response.
import { basename, join } from 'node:path';
import { DatasetSettings } from '../../src/core/schemas/index.ts';
import { readSettings, writeSettings } from '../../src/store/settings.ts';
import { writeAtomic } from '../../src/system/atomic-write.ts';
import type { Experiment } from './experiments.ts';
import { longhand, type VerbRunner } from './verbs.ts';

export interface DatasetOptions {
  folder: string;
  /** Its problems, as JSON Lines. */
  problems: string;
  prompt: string;
}

/** Creates a dataset with the settings of the experiment, and imports its problems once. */
export async function prepareDataset(
  runner: VerbRunner,
  experiment: Experiment,
  { folder, problems: file, prompt }: DatasetOptions,
): Promise<void> {
  const known = await readSettings(folder).catch(() => undefined);
  if (!known) await longhand(runner, 'init', { dataset: folder, name: basename(folder) });
  const settings = await readSettings(folder);
  const { sampling } = settings;
  const { keep, response, concurrency, marker, filtersOff } = experiment;
  const changed = {
    ...settings,
    promptSet: 'small',
    filters: { ...settings.filters, off: filtersOff },
    sampling: {
      ...sampling,
      ...{ selection: { keep }, response, concurrency },
      markers: { ...sampling.markers, sampling: marker },
    },
  };
  await writeSettings(folder, DatasetSettings.parse(changed));
  await writeAtomic(join(folder, 'prompts', 'small', 'response.md'), prompt);
  const { problems } = await longhand(runner, 'status', { dataset: folder });
  if (problems === 0) await longhand(runner, 'import', { dataset: folder, file });
}
