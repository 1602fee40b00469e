// The datasets of an experiment, with their settings and the prompt of a response.
import { basename, join } from 'node:path';
import { FILTERS } from '../../src/core/filters/index.ts';
import { DatasetSettings } from '../../src/core/schemas/index.ts';
import { readSettings, writeSettings } from '../../src/store/settings.ts';
import { writeAtomic } from '../../src/system/atomic-write.ts';
import type { Experiment } from './experiments.ts';
import { longhand, type VerbRunner } from './verbs.ts';

const ALL_FILTERS = FILTERS.map(({ id }) => id);

export interface DatasetOptions {
  folder: string;
  /** Its problems, as JSON Lines. */
  problems: string;
  prompt: string;
  /** Its responses are imported and not filtered: a control arm. */
  imported?: boolean;
}

/** Creates a dataset with the settings of the experiment, and imports its problems once. */
export async function prepareDataset(
  runner: VerbRunner,
  experiment: Experiment,
  { folder, problems: file, prompt, imported = false }: DatasetOptions,
): Promise<void> {
  const known = await readSettings(folder).catch(() => undefined);
  if (!known) await longhand(runner, 'init', { dataset: folder, name: basename(folder) });
  const settings = await readSettings(folder);
  const { sampling } = settings;
  const { keep, response, concurrency, marker, filtersOff } = experiment;
  const changed = {
    ...settings,
    promptSet: 'small',
    filters: { ...settings.filters, off: imported ? ALL_FILTERS : filtersOff },
    sampling: {
      ...sampling,
      ...{ selection: { keep }, response, concurrency },
      // Imported responses count as chains of stage 1.
      markers: imported
        ? { dialogue: marker, sampling: 'No request was sent.' }
        : { ...sampling.markers, sampling: marker },
    },
  };
  await writeSettings(folder, DatasetSettings.parse(changed));
  await writePrompt(folder, prompt);
  const { problems } = await longhand(runner, 'status', { dataset: folder });
  if (problems === 0) await longhand(runner, 'import', { dataset: folder, file });
}

/** Replaces the prompt of a response. Rounds and evaluations keep the prompt that they began with. */
export async function writePrompt(folder: string, prompt: string): Promise<void> {
  await writeAtomic(join(folder, 'prompts', 'small', 'response.md'), prompt);
}
