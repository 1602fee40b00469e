import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { refuseLinks } from '../store/links.ts';
import { listRuns, progressOf } from '../store/runs.ts';
import { checkpointsOf } from '../trainers/checkpoints.ts';
import { VerbError } from './context.ts';

export interface Checkpoint {
  /** Its folder. */
  path: string;
  run: string;
  step: number;
}

/**
 * What a name means in a dataset: a training run, unless something of this name lies where the command was given.
 * @param step of the checkpoint; the last whole one when absent.
 * @returns undefined for what is no run.
 * @throws VerbError when the run has no such checkpoint; StoreError `symbolic-link`.
 */
export async function findCheckpoint(dataset: string, what: string, step?: number): Promise<Checkpoint | undefined> {
  const isPath = await stat(resolve(what)).then(
    () => true,
    () => false,
  );
  const run = isPath ? undefined : (await listRuns(dataset)).find(({ record }) => record.id === what);
  if (!run) {
    if (step === undefined) return undefined;
    throw new VerbError(`“${what}” is no run of the dataset.`, '--checkpoint goes with the name of a training run.');
  }
  const all = await checkpointsOf(run.folder, await progressOf(run));
  const whole = all.filter((one) => one.whole);
  const found = step === undefined ? whole.at(-1) : whole.find((one) => one.step === step);
  if (found) {
    const path = join(run.folder, found.path);
    // A link could have a GGUF file written beside a model elsewhere.
    await refuseLinks(dataset, path);
    return { path, run: what, step: found.step };
  }
  const there =
    whole.length === 0 ? 'It has none yet.' : `It has those of steps ${whole.map((one) => one.step).join(', ')}.`;
  const which = step === undefined ? 'whole checkpoint' : `whole checkpoint of step ${step}`;
  throw new VerbError(`Run ${what} has no ${which}.`, there);
}
