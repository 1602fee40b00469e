import { randomBytes } from 'node:crypto';
import { defined } from '../../core/defined.ts';
import type { EvaluationPlan } from '../../core/evaluation/index.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import type { ModelRef, Problem } from '../../core/schemas/index.ts';
import type { ArmDraw, SelectionArm, SelectionsPlan } from '../../core/selections/index.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { planEvaluation } from '../../runner/evaluation/plan-evaluation.ts';
import { contaminationAmong } from '../../runner/evaluation/trained.ts';
import { promptsHash } from '../../runner/plan-round.ts';
import { responsePrompts } from '../../runner/sampling/response-call.ts';
import { problemsHash } from '../../store/evaluations.ts';
import type { Dataset } from '../../store/index.ts';
import { slug } from '../../store/names.ts';
import { readRun } from '../../store/runs.ts';
import { nextComparisonNumber } from '../../store/selections/comparisons.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { problemSet } from '../evaluation/problems.ts';
import { run as listRuns } from '../training/runs.ts';
import { isSameModel } from './base-model.ts';
import { checksOf, overlapOf } from './checks.ts';
import { type ArmPool, armPools, drawRows, type PoolChain, type SeedDraw } from './pools.ts';
import { planPower } from './power.ts';

const TOLERANCE = 0.02;
const SEEDS = [1, 2, 3];
const K = 2;
/** Of names of exports, runs and evaluations, which have arm and seed behind it. */
const NAME_LENGTH = 16;
/** Never asked: only what an answer of a trained model will take is planned with it. */
const UNNAMED: ModelRef = { kind: 'openai', baseURL: 'http://127.0.0.1/v1', model: 'trained' };

/**
 * Plans a comparison. Nothing is written, and no request is sent. The same dataset and arguments give the same rows.
 * @throws QueryError, VerbError, and as problemSet and planEvaluation
 */
export async function planSelections(
  dataset: Dataset,
  args: CompareSelectionsArgs,
  context: VerbContext,
): Promise<{ plan: SelectionsPlan; problems: Problem[] }> {
  if (args.problems === undefined)
    throw new VerbError('No held-out problems are named.', 'Name a file or a set of the hub with --problems.');
  if (args.settings?.seed !== undefined)
    throw new VerbError('--seed is the seed of one training.', 'Give the seeds of all arms with --seeds.');
  const pools = await armPools(dataset, args, context);
  const empty = pools.find(({ chains }) => chains.length === 0);
  if (empty) throw new VerbError(`No chain matches ${nameOf(empty)}.`, 'Change its query.');
  const seeds = [...new Set(args.seeds ?? SEEDS)];
  const tolerance = args.tolerance ?? TOLERANCE;
  const matching = { rows: args.rows, tolerance, sameStrata: args.sameProblems ?? false };
  const draws = seeds.map((seed) => drawRows(pools, seed, matching));
  const rows = draws[0]?.rows.get('a')?.length ?? 0;
  if (rows === 0)
    throw new VerbError('The arms have no rows in common numbers.', 'Widen the queries, or omit --same-problems.');
  const { bad: _bad, ...set } = await problemSet(dataset, { problems: args.problems }, context);
  const evaluation = await planEvaluation(dataset, set, {
    ...args,
    k: args.k ?? K,
    model: modelToPlan(dataset, args.model),
  });
  const { problems } = evaluation;
  const trainedIds = new Set(pools.flatMap(({ chains }) => chains.map(({ problemId }) => problemId)));
  const hits = await contaminationAmong(dataset, problems, trainedIds, context.signal);
  const answers = seeds.length * (args.k ?? K);
  const hash = problemsHash(problems);
  const power = await planPower(dataset, {
    hash,
    problems: problems.length,
    answers,
    passRate: args.passRate,
    model: args.model,
  });
  const overlap = overlapOf(pools, draws);
  const facts = { pools, draws, seeds, rows, overlap, hits, power, tolerance, trainer: args.trainer ?? 'trl' };
  const plan: SelectionsPlan = {
    version: 1,
    comparison: `${await nextComparisonNumber(dataset.folder)}-${slug((args.name ?? 'selections').slice(0, NAME_LENGTH), 'selections')}`,
    id: randomBytes(4).toString('hex'),
    createdAt: new Date().toISOString(),
    arms: pools.map(armOf),
    base: args.base ?? false,
    ...defined({ shareOf: args.shareOf }),
    ...{ seeds, rows, tolerance, sameProblems: args.sameProblems ?? false, source: args.source ?? 'all' },
    draws: draws.flatMap((draw) => pools.map((pool) => drawOf(pool, draw))),
    overlap,
    ...{ set: set.set, problems: problems.length, problemsHash: hash, k: args.k ?? K },
    response: evaluation.plan.response,
    conditions: await conditionsOf(dataset, args.model),
    ...defined({ concurrency: args.concurrency }),
    training: {
      trainer: args.trainer ?? 'trl',
      ...defined({ model: args.model, settings: args.settings, engine: args.engine }),
    },
    ...defined({ server: args.server, power }),
    checks: checksOf(facts),
    expected: await expectedWork(
      dataset,
      args,
      { draws, seeds, arms: pools.length, rows, evaluation: evaluation.plan },
      context,
    ),
  };
  return { plan, problems };
}

/**
 * SHA-256 of what a comparison takes from the dataset each time: prompts, grading policy, and the starter where it is trained.
 * @param model that was named
 */
export async function conditionsOf(dataset: Dataset, model: string | undefined): Promise<string> {
  const { settings } = dataset;
  return promptsHash({
    ...(await responsePrompts(dataset)),
    'grading policy': JSON.stringify(resolvePolicy(settings.grading)),
    'base model': model === undefined || model === 'starter' ? JSON.stringify(settings.model) : model,
  });
}

const nameOf = ({ arm, where }: ArmPool): string => `${arm}${where === null || where === '' ? '' : ` (${where})`}`;

/** The base model of the dataset where it is the one that is trained, since its replies were measured. */
const modelToPlan = ({ settings: { model } }: Dataset, trained: string | undefined): ModelRef =>
  model && isSameModel(model, trained) ? model : UNNAMED;

function armOf({ arm, where, unmasked, share, chains }: ArmPool): SelectionArm {
  return {
    ...{ arm, where, unmasked, ...defined({ share }) },
    chains: chains.length,
    problems: new Set(chains.map(({ problem }) => problem)).size,
    tokens: chains.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

function drawOf({ arm, unmasked }: ArmPool, { seed, rows }: SeedDraw): ArmDraw {
  const of = rows.get(arm) ?? [];
  const sum = (number: (chain: PoolChain) => number): number => of.reduce((total, chain) => total + number(chain), 0);
  return {
    ...{ seed, arm, chains: of.map(({ id }) => id) },
    tokens: sum(({ tokens }) => tokens),
    trained: sum(({ trained, size }) => (unmasked ? size : trained)),
    characters: sum(({ size }) => size),
    problems: new Set(of.map(({ problem }) => problem)).size,
  };
}

async function expectedWork(
  dataset: Dataset,
  { base, settings, model, trainer = 'trl' }: CompareSelectionsArgs,
  of: { draws: readonly SeedDraw[]; seeds: readonly number[]; arms: number; rows: number; evaluation: EvaluationPlan },
  context: VerbContext,
): Promise<SelectionsPlan['expected']> {
  const { draws, seeds, arms, rows, evaluation } = of;
  const trainings = arms * seeds.length;
  const evaluations = trainings + (base ? seeds.length : 0);
  const { requests, completionTokens, cost, seconds } = evaluation.expected;
  const epochs = settings?.epochs ?? 2;
  const tokens = draws.flatMap((draw) => [...draw.rows.values()].flat()).reduce((sum, chain) => sum + chain.tokens, 0);
  const perRow = await secondsPerRow(dataset, { trainer, model }, context);
  return {
    ...{ trainings, evaluations, requests: evaluations * requests },
    completionTokens: evaluations * completionTokens,
    trainedTokens: epochs * tokens,
    ...defined({
      cost: cost === undefined ? undefined : evaluations * cost,
      evaluationSeconds: seconds === undefined ? undefined : evaluations * seconds,
      trainingSeconds: perRow === undefined ? undefined : trainings * rows * epochs * perRow,
    }),
  };
}

/** Seconds for one row in one epoch, from the latest training of this model by the trainer in this dataset; undefined without one. */
async function secondsPerRow(
  dataset: Dataset,
  { trainer, model }: { trainer: string; model: string | undefined },
  context: VerbContext,
): Promise<number | undefined> {
  const { runs } = await listRuns({ dataset: dataset.folder, kind: 'train' }, context);
  for (const { run, trainer: by, state, attempts, startedAt, endedAt } of runs.reverse()) {
    if (by !== trainer || state !== 'succeeded' || attempts !== 1 || startedAt === undefined || endedAt === undefined)
      continue;
    const { training } = (await readRun(dataset.folder, run)).record;
    if (!training || !isSameModel(training.model, model)) continue;
    const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
    return seconds / (training.rowCount * training.settings.epochs);
  }
  return undefined;
}
