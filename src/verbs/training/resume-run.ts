import { defined } from '../../core/defined.ts';
import { formatCount } from '../../core/text/format.ts';
import { keyBoundTo } from '../../models/environment-key.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { Dataset } from '../../store/index.ts';
import { readRun } from '../../store/runs.ts';
import { takeOverJob } from '../../trainers/hosted/make-job.ts';
import { trainerOf } from '../../trainers/index.ts';
import { readRunState } from '../../trainers/runs/report.ts';
import { resumeTraining } from '../../trainers/runs/resume.ts';
import { VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { formatCommandLines, formatReportLine } from './print.ts';
import { engineForJob, engineOf, followRun } from './run-context.ts';

export const run: Run<'resume-run'> = async (
  { dataset: folder, run: id, from, follow, plan = false, allowCode, job, ...args },
  context,
) => {
  const dataset = await Dataset.open(folder, { index: false });
  const stored = await readRun(dataset.folder, id);
  if (job !== undefined && !(stored.record.training && trainerOf(stored.record.training.trainer).hosted)) {
    throw new VerbError(`Run ${id} is not a hosted training.`, 'Resume it without --job.');
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
    allowCode,
    from,
    ...(job === undefined
      ? {}
      : { before: () => takeOverJob(stored, job, (baseURL) => keyBoundTo(baseURL, context.env), context.signal) }),
    longer: {
      ...defined({ epochs: args.epochs, maxSteps: args.maxSteps }),
    },
  });
  const report =
    follow && !plan
      ? await followRun(stored, dataset.folder, engine, context)
      : (await readRunState(stored, dataset.folder, engine, context.signal)).report;
  return { report, planned: plan, ...resumed };
};

export const print: Print<'resume-run'> = ({ report, from, total, planned, command, env, risks }) => {
  const start = from === 0 ? 'starts again' : `resumes from step ${formatCount(from)}`;
  const end = total === null ? '' : `, and continues to step ${formatCount(total)}`;
  if (planned) {
    const warned =
      risks.length === 0
        ? []
        : [
            '',
            "These could run code that is not Longhand's, and require --allow-code:",
            ...risks.map((risk) => `  ${risk}`),
          ];
    return lines(
      `Nothing runs yet. Run ${report.run} ${start}${end}, by:`,
      ...formatCommandLines(command, env),
      ...warned,
    );
  }
  return lines(`Run ${report.run} ${start}${end}.`, formatReportLine(report));
};
