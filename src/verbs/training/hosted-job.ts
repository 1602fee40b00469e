import { messageOf } from '../../core/errors.ts';
import { formatCommand } from '../../core/text/format.ts';
import { keyBoundTo } from '../../models/environment-key.ts';
import { Dataset } from '../../store/index.ts';
import { appendProgress, progressOf, readRun, type StoredRun } from '../../store/runs.ts';
import { HostedError, hostedErrorLine } from '../../trainers/hosted/errors.ts';
import { hostedNames } from '../../trainers/hosted/host.ts';
import { runHosted } from '../../trainers/hosted/hosted-run.ts';
import { HostedJournal } from '../../trainers/hosted/journal.ts';
import { alone, hostedConfig, hostedFile, openHost } from '../../trainers/hosted/open.ts';
import type { VerbContext } from '../context.ts';
import type { Print, Run } from '../index.ts';

/** The process of a training at a host. Started by the local engine; by hand it does the same. */
export const run: Run<'hosted-job'> = async ({ dataset: folder, run: id }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const run = await readRun(dataset.folder, id);
  try {
    return await alone(run, () => bringToEnd(run, dataset, context), context.signal);
  } catch (error) {
    if (error instanceof HostedError) context.log(hostedErrorLine(error));
    throw error;
  }
};

export const print: Print<'hosted-job'> = ({ model }) => `The trained model is ${model}.`;

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
    earlier: await progressOf(run),
    onProgress: (line) => appendProgress(run, line),
    log,
    takeOver: {
      host: new URL(config.baseURL).host,
      command: formatCommand(['longhand', 'resume-run', dataset.folder, run.record.id, '--job', 'ID']),
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
  log: (text: string) => void,
): Promise<void> {
  try {
    await dataset.saveSettings({ fineTuned: { kind: 'openai', baseURL, model } });
    log(`${model} at ${baseURL} is now the fine-tuned model of the dataset.`);
  } catch (error) {
    // The training has succeeded, so this failure is only logged.
    log(`Can’t set ${model} as the fine-tuned model of the dataset: ${messageOf(error)}`);
  }
}
