import { stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { formatCount, formatNumbers } from '../../core/text/format.ts';
import { refuseLinks } from '../../store/links.ts';
import { listRuns } from '../../store/runs.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { reportOrWhyNot } from '../training/run-context.ts';

/** What of a training run is served. */
export interface Checkpoint {
  /** Its folder. */
  path: string;
  run: string;
  /** The run and its checkpoint, or its trained model, in one word. */
  folderName: string;
}

/**
 * What a name means in a dataset: a training run, unless something of this name lies where the command was given.
 * @param step of the checkpoint; when absent, the trained model of a training that came to its end, else the last whole checkpoint.
 * @returns undefined for what is no run.
 * @throws VerbError when the run has no such checkpoint; StoreError `symbolic-link`.
 */
export async function findCheckpoint(
  dataset: string,
  what: string,
  step: number | undefined,
  context: VerbContext,
): Promise<Checkpoint | undefined> {
  const isPath = await stat(resolve(what)).then(
    () => true,
    () => false,
  );
  const run = isPath ? undefined : (await listRuns(dataset)).find(({ record }) => record.id === what);
  if (!run) {
    if (step === undefined) return undefined;
    throw new VerbError(`“${what}” is not a run of the dataset.`, '--checkpoint goes with the name of a training run.');
  }
  const { output, checkpoints, folder, results = folder } = await reportOrWhyNot(run, dataset, context);
  // A link could have a GGUF file written beside a model elsewhere.
  const root = results === folder ? dataset : results;
  if (step === undefined && output !== undefined && !relative(results, output).startsWith('..')) {
    await refuseLinks(root, output);
    return { path: output, run: what, folderName: `${what}-${basename(output)}` };
  }
  const whole = checkpoints.filter((one) => one.whole);
  const found = step === undefined ? whole.at(-1) : whole.find((one) => one.step === step);
  if (found) {
    const path = join(results, found.path);
    await refuseLinks(root, path);
    return { path, run: what, folderName: `${what}-checkpoint-${found.step}` };
  }
  const there =
    whole.length === 0
      ? 'It has none yet.'
      : `Complete checkpoints: steps ${formatNumbers(whole.map((one) => one.step))}.`;
  const which = step === undefined ? 'complete checkpoint' : `complete checkpoint of step ${formatCount(step)}`;
  throw new VerbError(`Run ${what} has no ${which}.`, there);
}
