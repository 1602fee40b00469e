import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contamination, EvaluationResult } from '../../core/evaluation/index.ts';
import {
  armComparisons,
  armResults,
  armsOf,
  type SelectionsPlan,
  SelectionsResult,
  selectionsReport,
} from '../../core/selections/index.ts';
import { formatCommand } from '../../core/text/format.ts';
import { isKnownEngine, placesOf, rememberEngine } from '../../engines/known.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import { endLimitMs } from '../../protocol/runner.ts';
import { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { watchCancel } from '../../runner/watch-cancel.ts';
import { readEvaluation } from '../../store/evaluations.ts';
import { Dataset } from '../../store/index.ts';
import { readdirIfExists } from '../../store/lines/files.ts';
import { refuseLinksIn } from '../../store/links.ts';
import {
  basePromptOf,
  createComparison,
  isRunBy,
  isRunning,
  listComparisons,
  lockComparison,
  progressOf,
  readComparison,
  reportOf,
  requestCancel,
  type StoredComparison,
  writeComparison,
  writeFailure,
} from '../../store/selections/comparisons.ts';
import { Steps } from '../../store/selections/steps.ts';
import { readSettings } from '../../store/settings.ts';
import { detach as Detach } from '../arguments.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { firstFlag } from '../flags.ts';
import type { Run, VerbArgs, VerbResult } from '../index.ts';
import { trainingModel } from '../training/training-model.ts';
import { withDataset } from '../with-dataset.ts';
import { refuseOtherModel } from './base-model.ts';
import { refuseOtherFlags } from './pinned.ts';
import { conditionsOf, planSelections } from './plan.ts';
import { ArmRunner, type Programs, type SetEvaluation, STOP_LIMIT_MS } from './run-arms.ts';

export { formatComparison as print } from './print.ts';

type Args = VerbArgs<'compare-selections'>;

const CANCEL_POLL_MS = 200;

export const run: Run<'compare-selections'> = async (args, context) => {
  refuseOthers(args);
  const named = args.show ?? args.resume ?? args.cancel;
  const { folder: root } = await Dataset.open(args.dataset, { index: false });
  if (named !== undefined) {
    const stored = await readComparison(root, named);
    if (args.cancel !== undefined) await cancel(root, stored, context);
    if (args.resume === undefined) return await shown(stored);
    await refuseUnknownEngine(stored, context);
    return await start(root, stored, args, context);
  }
  await refuseUsedId(root, args.id);
  const planned = await withDataset(args.dataset, context, (dataset) => planSelections(dataset, args, context));
  if (args.plan) return { plan: brief(planned.plan) };
  refuseErrors(planned.plan, args);
  if (args.engine) await rememberEngine(args.engine, cacheFolder(context.env), context.env);
  return await start(root, await createComparison(root, planned.plan, planned), args, context);
};

/** @throws VerbError where a plan exists, and flags would change it, or start what is only shown or cancelled. */
function refuseOthers({ dataset: _dataset, show, resume, cancel: cancelled, ...given }: Args): void {
  const [named, second] = Object.entries({ show, resume, cancel: cancelled }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (named === undefined) return;
  const { program, config, resources, serving, anyway, detach, ...fixed } = given;
  const other =
    second ?? firstFlag(CompareSelectionsArgs.extend({ detach: Detach }), named === 'resume' ? fixed : given);
  if (other === undefined) return;
  throw new VerbError(
    `--${named} can’t be combined with --${other}.`,
    'The plan of the comparison has everything else.',
  );
}

/** Cancels a comparison that another process runs, and waits until that has ended. */
async function cancel(root: string, { folder }: StoredComparison, { signal }: VerbContext): Promise<void> {
  if (!(await isRunning(folder))) return;
  await requestCancel(root, folder);
  const { calls } = await readSettings(root);
  for (const until = Date.now() + endLimitMs(calls.graceSeconds) + STOP_LIMIT_MS; Date.now() < until; ) {
    if (!(await isRunning(folder))) return;
    await sleep(CANCEL_POLL_MS, undefined, { signal });
  }
}

/** @throws VerbError for the id of another comparison, also of a deleted one whose exports, runs or evaluations are left: they would be taken for its own */
async function refuseUsedId(root: string, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const other = (await listComparisons(root)).find(({ plan }) => plan.id === id)?.plan.comparison;
  if (other !== undefined)
    throw new VerbError(`Comparison ${other} has the id ${id}.`, `Resume it with --resume ${other}, or omit --id.`);
  for (const folder of ['exports', 'runs', 'evaluations']) {
    const left = (await readdirIfExists(join(root, folder))).find((name) => name.includes(`compare-${id}-`));
    if (left !== undefined)
      throw new VerbError(
        `${folder}/${left} is of a deleted comparison with the id ${id}.`,
        'Delete it, or omit --id.',
      );
  }
}

/** @throws VerbError where a check found an error, unless `anyway` */
function refuseErrors({ checks }: SelectionsPlan, { anyway = false }: Pick<CompareSelectionsArgs, 'anyway'>): void {
  const wrong = checks.find(({ state }) => state === 'error');
  if (wrong && !anyway) throw new VerbError(wrong.message, wrong.advice ?? 'See the plan with --plan.');
}

/** A dataset of others may name any address. @throws VerbError for one to which this user has never sent a run */
async function refuseUnknownEngine({ plan }: StoredComparison, { env }: VerbContext): Promise<void> {
  const { engine } = plan.training;
  if (engine === undefined || (await isKnownEngine(engine, cacheFolder(env), env))) return;
  throw new VerbError(
    `Comparison ${plan.comparison} trains at ${placesOf(engine).join(' and ')}, where no run was ever sent from here: no request was sent there.`,
    'If that place is yours, compare the selections again with --engine. If not, don’t resume this comparison.',
  );
}

/** A stored comparison: how far it is, or its report where it ended. */
async function shown(stored: StoredComparison): Promise<VerbResult<'compare-selections'>> {
  const { folder, plan, result } = stored;
  const state = result ? { result, report: reportOf(folder) } : { progress: await progressOf(stored) };
  return { plan: brief(plan), folder, ...state };
}

/** Without the ids of all chains. */
function brief(plan: SelectionsPlan): VerbResult<'compare-selections'>['plan'] {
  return { ...plan, draws: plan.draws.map(({ chains, ...draw }) => ({ ...draw, rows: chains.length })) };
}

/** Runs a comparison here, or in a process of its own. @throws as finish; UserError `round` with the last output of a process that does not start */
async function start(
  root: string,
  stored: StoredComparison,
  { detach, ...args }: Args,
  context: VerbContext,
): Promise<VerbResult<'compare-selections'>> {
  if (!detach || stored.result) return await finish(root, stored, args, context);
  const { spawnVerb } = await import('../../runner/spawn.ts');
  const { folder, plan } = stored;
  const { program, config, resources, serving, anyway } = args;
  const work = {
    ...{ verb: 'compare-selections', what: `comparison ${plan.comparison}`, folder },
    args: { dataset: root, resume: plan.comparison, program, config, resources, serving, anyway },
    isStarted: (pid: number) => isRunBy(folder, pid),
  };
  await refuseLinksIn(root, folder);
  await spawnVerb(work, context);
  return await shown(stored);
}

/** Runs a comparison to its end. @throws VerbError where a check found an error; StoreError `locked`; as its verbs. */
async function finish(
  root: string,
  stored: StoredComparison,
  args: Programs & Pick<CompareSelectionsArgs, 'anyway'>,
  context: VerbContext,
): Promise<VerbResult<'compare-selections'>> {
  const { folder, plan } = stored;
  if (stored.result) return await shown(stored);
  refuseErrors(plan, args);
  await refuseOtherFlags(plan, args);
  const lock = await lockComparison(root, folder);
  const { end, ...signals } = await watchCancel(folder, context);
  try {
    await writeFailure(folder);
    const result = await measured(root, stored, args, { ...context, ...signals });
    return await shown({ ...stored, result });
  } catch (error) {
    if (!signals.signal.aborted) {
      await writeFailure(folder, error);
      throw error;
    }
    throw new VerbError(
      `Comparison ${plan.comparison} was cancelled. Finished steps are kept.`,
      `“${formatCommand(['longhand', 'compare-selections', 'DATASET', '--resume', plan.comparison])}” resumes it.`,
    );
  } finally {
    end();
    await lock.release();
  }
}

/** Trains, measures and stores the result. @throws VerbError where what the arms are made with has changed; as its verbs */
async function measured(
  root: string,
  stored: StoredComparison,
  programs: Programs,
  context: VerbContext,
): Promise<SelectionsResult> {
  const { folder, plan } = stored;
  const dataset = await Dataset.open(root, { index: false });
  if ((await conditionsOf(dataset, plan.training.model, basePromptOf(stored))) !== plan.conditions)
    throw new VerbError(
      `Prompts, grading policy or base model of the dataset have changed since comparison ${plan.comparison} was planned.`,
      'Undo the change and resume, or start another comparison: its arms must be alike.',
    );
  await refuseOtherModel(plan);
  const { path: base } = await trainingModel(plan.training.model, dataset.settings, context);
  const steps = await Steps.open(folder, context.log);
  const evaluations = await new ArmRunner({ dataset: root, base }, stored, steps, programs, context).run();
  const result = await resultOf(root, plan, evaluations);
  await writeComparison(folder, selectionsReport(plan, result), result);
  return result;
}

async function resultOf(
  root: string,
  plan: SelectionsPlan,
  evaluations: readonly SetEvaluation[],
): Promise<SelectionsResult> {
  const names = armsOf(plan);
  const results = new Map<string, EvaluationResult>();
  for (const { evaluation } of evaluations) {
    const { result } = await readEvaluation(root, evaluation);
    if (result) results.set(evaluation, result);
  }
  const all = [...results.values()];
  const sum = (number: (result: EvaluationResult) => number): number =>
    all.reduce((total, result) => total + number(result), 0);
  return SelectionsResult.parse({
    version: 1,
    comparison: plan.comparison,
    finishedAt: new Date().toISOString(),
    sets: plan.sets.map(({ name }, place) => {
      const own = evaluations.filter(({ set }) => set === place);
      return {
        name,
        arms: armResults(names, own),
        comparisons: armComparisons(names, own, plan.against),
        contamination: results.get(own.at(-1)?.evaluation ?? '')?.contamination ?? UNKNOWN,
      };
    }),
    calls: sum(({ calls }) => calls),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    cost: all.some(({ cost }) => cost === null) ? null : sum(({ cost }) => cost ?? 0),
  });
}

const UNKNOWN: Contamination = { trained: 0, exports: [], runs: [], unread: [], hits: [] };
