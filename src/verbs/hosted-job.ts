import { keyBoundTo } from '../models/environment-key.ts';
import { messageOf } from '../store/files.ts';
import { Dataset } from '../store/index.ts';
import { appendProgress, progressOf, readRun, type StoredRun } from '../store/runs.ts';
import { HostedError, hostedErrorLine } from '../trainers/hosted/errors.ts';
import { HostedJournal } from '../trainers/hosted/journal.ts';
import { hostedNames } from '../trainers/hosted/names.ts';
import { alone, hostedConfig, hostedFile, openHost } from '../trainers/hosted/open.ts';
import { runHosted } from '../trainers/hosted/run.ts';
import { commandOf } from './command-of.ts';
import type { Verb, VerbContext } from './context.ts';

/** The process of a training at a host. Started by the local engine; by hand it does the same. */
export const hostedJob: Verb<'hosted-job'> = async ({ dataset: folder, run: id }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const run = await readRun(dataset.folder, id);
  try {
    return await alone(run, () => bringToEnd(run, dataset, context), context.signal);
  } catch (error) {
    if (error instanceof HostedError) context.log(hostedErrorLine(error));
    throw error;
  }
};

async function bringToEnd(
  run: StoredRun,
  dataset: Dataset,
  { env, signal, log }: VerbContext,
): Promise<{ model: string }> {
  const config = await hostedConfig(run);
  const host = await openHost(config, (baseURL) => keyBoundTo(baseURL, env), signal);
  const file = await hostedFile(run);
  const model = await runHosted({
    host,
    journal: new HostedJournal(run.folder),
    names: hostedNames(run, file),
    file,
    told: await progressOf(run),
    tell: (line) => appendProgress(run, line),
    say: log,
    takeOver: {
      host: new URL(config.baseURL).host,
      command: commandOf('resume-run', { dataset: dataset.folder, run: run.record.id, job: 'ID' }),
    },
    pollSeconds: config.pollSeconds,
    signal,
  });
  if (config.setFineTuned) await setFineTuned(dataset, { baseURL: host.inferenceURL, model }, log);
  return { model };
}

async function setFineTuned(
  dataset: Dataset,
  { baseURL, model }: { baseURL: string; model: string },
  log: (words: string) => void,
): Promise<void> {
  try {
    await dataset.saveSettings({ fineTuned: { kind: 'openai', baseURL, model } });
    log(`${model} at ${baseURL} is the fine-tuned model of the dataset now.`);
  } catch (error) {
    // The training is done and paid for; that it is not written down must not make it a failed one.
    log(`${model} could not be made the fine-tuned model of the dataset: ${messageOf(error)}`);
  }
}
