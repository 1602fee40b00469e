import type { Contamination, EvaluationResult } from '../../core/evaluation/index.ts';
import {
  armComparisons,
  armResults,
  armsOf,
  type SelectionsPlan,
  SelectionsResult,
  selectionsReport,
} from '../../core/selections/index.ts';
import { isKnownEngine, placesOf, rememberEngine } from '../../engines/known.ts';
import { cacheFolder } from '../../models/starter/cache.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { readEvaluation } from '../../store/evaluations.ts';
import { Dataset } from '../../store/index.ts';
import {
  basePromptOf,
  createComparison,
  isRunning,
  listComparisons,
  lockComparison,
  readComparison,
  reportOf,
  type StoredComparison,
  writeComparison,
} from '../../store/selections/comparisons.ts';
import { Steps } from '../../store/selections/steps.ts';
import { type VerbContext, VerbError } from '../context.ts';
import type { Run, VerbResult } from '../index.ts';
import { trainingModel } from '../training/training-model.ts';
import { withDataset } from '../with-dataset.ts';
import { refuseOtherModel } from './base-model.ts';
import { refuseOtherFlags } from './pinned.ts';
import { conditionsOf, planSelections } from './plan.ts';
import { ArmRunner, type Programs, type SetEvaluation } from './run-arms.ts';

export { formatComparison as print } from './print.ts';

export const run: Run<'compare-selections'> = async (args, context) => {
  refuseOthers(args);
  const named = args.show ?? args.resume;
  const { folder: root } = await Dataset.open(args.dataset, { index: false });
  if (named !== undefined) {
    const stored = await readComparison(root, named);
    if (args.show !== undefined) return { ...shown(stored), isRunning: await isRunning(stored.folder) };
    await refuseUnknownEngine(stored, context);
    return await finish(root, stored, args, context);
  }
  await refuseUsedId(root, args.id);
  const planned = await withDataset(args.dataset, context, (dataset) => planSelections(dataset, args, context));
  if (args.plan) return { plan: brief(planned.plan) };
  refuseErrors(planned.plan, args);
  if (args.engine) await rememberEngine(args.engine, cacheFolder(context.env), context.env);
  return await finish(root, await createComparison(root, planned.plan, planned), args, context);
};

/** @throws VerbError where a plan exists, and flags would change it. */
function refuseOthers({ show, resume, ...args }: CompareSelectionsArgs): void {
  if (show === undefined && resume === undefined) return;
  const {
    dataset: _dataset,
    program: _program,
    config: _config,
    resources: _resources,
    serving: _serving,
    ...rest
  } = args;
  const { anyway: _anyway, ...fixed } = rest;
  const given = Object.entries(fixed).find(([, value]) => value !== undefined)?.[0];
  if (given === undefined && (show === undefined || resume === undefined)) return;
  throw new VerbError(
    `--${show === undefined ? 'resume' : 'show'} can’t be combined with ${given ?? 'resume'}.`,
    'The plan of the comparison has everything else.',
  );
}

/** @throws VerbError for the id of another comparison, whose trainings and answers would be taken for its own */
async function refuseUsedId(root: string, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const other = (await listComparisons(root)).find(({ plan }) => plan.id === id)?.plan.comparison;
  if (other === undefined) return;
  throw new VerbError(`Comparison ${other} has the id ${id}.`, `Resume it with --resume ${other}, or omit --id.`);
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

/** A stored comparison; its report only where it ended. */
function shown({ folder, plan, result }: StoredComparison): VerbResult<'compare-selections'> {
  return { plan: brief(plan), folder, ...(result ? { result, report: reportOf(folder) } : {}) };
}

/** Without the ids of all chains. */
function brief(plan: SelectionsPlan): VerbResult<'compare-selections'>['plan'] {
  return { ...plan, draws: plan.draws.map(({ chains, ...draw }) => ({ ...draw, rows: chains.length })) };
}

/** Runs a comparison to its end. @throws VerbError where a check found an error; StoreError `locked`; as its verbs. */
async function finish(
  root: string,
  stored: StoredComparison,
  args: Programs & Pick<CompareSelectionsArgs, 'anyway'>,
  context: VerbContext,
): Promise<VerbResult<'compare-selections'>> {
  const { folder, plan } = stored;
  if (stored.result) return shown(stored);
  refuseErrors(plan, args);
  await refuseOtherFlags(plan, args);
  const lock = await lockComparison(root, folder);
  try {
    const dataset = await Dataset.open(root, { index: false });
    if ((await conditionsOf(dataset, plan.training.model, basePromptOf(stored))) !== plan.conditions)
      throw new VerbError(
        `Prompts, grading policy or base model of the dataset have changed since comparison ${plan.comparison} was planned.`,
        'Undo the change and resume, or start another comparison: its arms must be alike.',
      );
    await refuseOtherModel(plan);
    const { path: base } = await trainingModel(plan.training.model, dataset.settings, context);
    const steps = await Steps.open(folder, context.log);
    const evaluations = await new ArmRunner({ dataset: root, base }, stored, steps, args, context).run();
    const result = await resultOf(root, plan, evaluations);
    await writeComparison(folder, selectionsReport(plan, result), result);
    return shown({ ...stored, result });
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new VerbError(
      `Comparison ${plan.comparison} was cancelled. Finished steps are kept.`,
      `“longhand compare-selections DATASET --resume ${plan.comparison}” resumes it.`,
    );
  } finally {
    await lock.release();
  }
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
    noAnswers: 'wrong',
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
