import { TrainingSettings } from '../../core/schemas/index.ts';
import { TrainArgs } from '../../protocol/training.ts';
import { Dataset } from '../../store/index.ts';
import { trainerOf } from '../../trainers/index.ts';
import { planTraining } from '../../trainers/plan-training.ts';
import { rememberTraining } from '../../trainers/preflight/busy.ts';
import { readRunState } from '../../trainers/runs/report.ts';
import { startTraining } from '../../trainers/runs/start.ts';
import { VerbError } from '../context.ts';
import { commandOf } from '../flags.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbArgs } from '../index.ts';
import { formatNext, formatPlan, formatReport } from './print.ts';
import { engineForJob, followRun } from './run-context.ts';
import { hostedModel, trainingModel } from './training-model.ts';

export const run: Run<'train'> = async ({ dataset: folder, ...args }, context) => {
  const dataset = await Dataset.open(folder, { index: false });
  const trainer = trainerOf(args.trainer ?? 'trl');
  const model = trainer.hosted
    ? await hostedModel(args.model, trainer.title, context.env)
    : await trainingModel(args.model, dataset.settings, context);
  const planned = await planTraining(
    { ...args, dataset: folder, model: model.path },
    {
      dataset: dataset.folder,
      exportsFolder: dataset.exportsFolder,
      mediaFolder: context.mediaFolder,
      distFolder: context.distFolder,
      cache: model.cache,
      env: context.env,
      signal: context.signal,
      onStep: (message) => context.progress({ done: 0, unit: 'steps', message }),
    },
  );
  const { plan } = planned;
  if (args.plan)
    return { plan, next: commandOf('train', TrainArgs, { dataset: folder, ...args, ...unusual(args), plan: false }) };
  const wrong = plan.checks.find(({ state }) => state === 'error');
  if (wrong && !args.anyway) throw new VerbError(wrong.message, wrong.advice ?? 'See the plan with --plan.');
  context.log(formatPlan(plan));
  const engine = await engineForJob(plan.engine, dataset.folder, context);
  const run = await startTraining(planned, dataset.folder, engine, context);
  if (plan.engine.engine === 'local') await rememberTraining(model.cache, dataset.folder, plan.run);
  if (args.follow) return { plan, report: await followRun(run, dataset.folder, engine, context) };
  return { plan, report: (await readRunState(run, dataset.folder, engine, context.signal)).report };
};

export const print: Print<'train'> = ({ plan, report, next }) =>
  report ? formatReport(report) : lines(formatPlan(plan), '', ...formatNext(plan, next));

/** The settings without those that are the default. */
function unusual({ settings = {} }: Pick<VerbArgs<'train'>, 'settings'>): Pick<VerbArgs<'train'>, 'settings'> {
  const usual: Record<string, unknown> = TrainingSettings.parse({});
  return { settings: Object.fromEntries(Object.entries(settings).filter(([name, value]) => usual[name] !== value)) };
}
