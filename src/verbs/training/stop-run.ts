import { keyBoundTo } from '../../models/environment-key.ts';
import { Dataset } from '../../store/index.ts';
import { attemptsOf, readRun } from '../../store/runs.ts';
import { cancelHosted } from '../../trainers/hosted/cancel.ts';
import { trainerOf } from '../../trainers/index.ts';
import { readRunState } from '../../trainers/runs/report.ts';
import { VerbError } from '../context.ts';
import type { Print, Run } from '../index.ts';
import { formatReport } from './print.ts';
import { engineOf } from './run-context.ts';

export const run: Run<'stop-run'> = async ({ dataset: folder, run: id }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
  const engine = await engineOf(stored.record.engine, dataset.folder, context);
  const handle = (await attemptsOf(stored)).at(-1)?.handle;
  if (!handle) throw new VerbError(`Run ${id} was never submitted.`, 'There is nothing to stop.');
  await engine.stop(handle, context.signal);
  if (stored.record.training && trainerOf(stored.record.training.trainer).hosted) {
    await cancelHosted(stored, (baseURL) => keyBoundTo(baseURL, context.env), context.signal);
  }
  return (await readRunState(stored, dataset.folder, engine, context.signal)).report;
};

export const print: Print<'stop-run'> = formatReport;
