import { keyBoundTo } from '../models/environment-key.ts';
import { cacheFolder } from '../models/starter/cache.ts';
import { Dataset } from '../store/index.ts';
import { readRun } from '../store/runs.ts';
import { takeOverJob } from '../trainers/hosted/take-over.ts';
import { trainerOf } from '../trainers/index.ts';
import { readRunState } from '../trainers/report.ts';
import { resumeTraining } from '../trainers/resume.ts';
import { type Verb, VerbError } from './context.ts';
import { engineForJob, engineOf, followRun } from './run-context.ts';

export const resumeRun: Verb<'resume-run'> = async (
  { dataset: folder, run: id, from, follow, plan = false, job, ...args },
  context,
) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
  if (job !== undefined && !(stored.record.training && trainerOf(stored.record.training.trainer).hosted)) {
    throw new VerbError(`Run ${id} is no training at a host.`, 'Resume it without --job.');
  }
  const engine = await (plan ? engineOf : engineForJob)(stored.record.engine, dataset.folder, context);
  const resumed = await resumeTraining(stored, {
    dataset: dataset.folder,
    mediaFolder: context.mediaFolder,
    distFolder: context.distFolder,
    cache: cacheFolder(context.env),
    engine,
    signal: context.signal,
    program: args.program ?? {},
    plan,
    from,
    ...(job === undefined
      ? {}
      : { before: () => takeOverJob(stored, job, (baseURL) => keyBoundTo(baseURL, context.env), context.signal) }),
    longer: {
      ...(args.epochs === undefined ? {} : { epochs: args.epochs }),
      ...(args.maxSteps === undefined ? {} : { maxSteps: args.maxSteps }),
    },
  });
  const report =
    follow && !plan
      ? await followRun(stored, dataset.folder, engine, context)
      : (await readRunState(stored, dataset.folder, engine, context.signal)).report;
  return { report, planned: plan, ...resumed };
};
