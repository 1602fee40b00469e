import { cacheFolder } from '../models/starter/cache.ts';
import { Dataset } from '../store/index.ts';
import { readRun } from '../store/runs.ts';
import { readRunState } from '../trainers/report.ts';
import { resumeTraining } from '../trainers/resume.ts';
import type { Verb } from './context.ts';
import { engineForJob, engineOf, followRun } from './run-context.ts';

export const resumeRun: Verb<'resume-run'> = async (
  { dataset: folder, run: id, from, follow, plan = false, ...args },
  context,
) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
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
