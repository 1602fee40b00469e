import { randomBytes } from 'node:crypto';
import { defined } from '../../core/defined.ts';
import type { EvaluationPlan } from '../../core/evaluation/index.ts';
import { hasReadableGold } from '../../core/grading/index.ts';
import { policyOfPiece, resolvePolicy } from '../../core/grading/policies.ts';
import { isLocalModel, type ModelRef, type Problem } from '../../core/schemas/index.ts';
import {
  type ArmDraw,
  armsOf,
  type HeldOutSet,
  type SelectionArm,
  type SelectionsPlan,
} from '../../core/selections/index.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import { planEvaluation } from '../../runner/evaluation/plan-evaluation.ts';
import { contaminationAmong } from '../../runner/evaluation/trained.ts';
import { promptsHash } from '../../runner/plan-round.ts';
import { responsePrompts } from '../../runner/sampling/response-call.ts';
import { problemsHash } from '../../store/evaluations.ts';
import type { Dataset } from '../../store/index.ts';
import { slug } from '../../store/names.ts';
import { readPrompt } from '../../store/prompts.ts';
import { readRun } from '../../store/runs.ts';
import { nextComparisonNumber } from '../../store/selections/comparisons.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { problemSet } from '../evaluation/problems.ts';
import { run as listRuns } from '../training/runs.ts';
import { isSameModel, pinModel } from './base-model.ts';
import { checksOf, overlapOf } from './checks.ts';
import { pinnedOf } from './pinned.ts';
import { type ArmPool, armPools, drawRows, type PoolChain, type SeedDraw } from './pools.ts';
import { planPower } from './power.ts';

const TOLERANCE = 0.02;
const SEEDS = [1, 2, 3];
const K = 2;
/** Of names of exports, runs and evaluations, which have arm and seed behind it. */
const NAME_LENGTH = 16;
/** Never asked: only what an answer of a trained model will take is planned with it. */
const UNNAMED: ModelRef = { kind: 'openai', baseURL: 'http://127.0.0.1/v1', model: 'trained' };

/** A comparison before anything of it is stored. */
export interface PlannedSelections {
  plan: SelectionsPlan;
  /** Of each set of the plan. */
  problems: Problem[][];
  /** The prompt that only the base model is asked with. */
  basePrompt?: string;
}

/**
 * Plans a comparison. Nothing is written, and no request is sent. The same dataset and arguments give the same rows.
 * @throws QueryError, VerbError, and as problemSet and planEvaluation
 */
export async function planSelections(
  dataset: Dataset,
  given: CompareSelectionsArgs,
  context: VerbContext,
): Promise<PlannedSelections> {
  const { trainer = 'trl' } = given;
  const training = await pinModel({ trainer, ...defined({ model: given.model }) });
  const args = { ...given, model: training.model };
  refuseTraining(dataset, args);
  const pools = await armPools(dataset, args, context);
  const seeds = [...new Set(args.seeds ?? SEEDS)];
  const tolerance = args.tolerance ?? TOLERANCE;
  const matching = { rows: args.rows, tolerance, sameStrata: args.sameProblems ?? false };
  const draws = seeds.map((seed) => drawRows(pools, seed, matching, args.keepAll));
  const rows = draws[0]?.rows.get('a')?.length ?? 0;
  if (rows === 0)
    throw new VerbError('No number of rows fits every arm.', 'Widen the queries, or omit --same-problems.');
  const k = args.k ?? K;
  const found = await heldOutSets(dataset, args, { answers: seeds.length * k, k }, context);
  const sets = found.map(({ held }) => held);
  const [first] = found;
  const trainedIds = new Set(pools.flatMap(({ chains }) => chains.map(({ problemId }) => problemId)));
  const heldOut = found.flatMap(({ problems }) => problems);
  const hits = await contaminationAmong(dataset, heldOut, trainedIds, context.signal);
  const unreadable = found.map(({ problems }) =>
    problems.filter((one) => !isReadable(dataset, one)).map(({ id }) => id),
  );
  const overlap = overlapOf(pools, draws);
  const { keepAll, sameProblems = false } = args;
  const facts = {
    pools,
    draws,
    seeds,
    rows,
    overlap,
    hits,
    unreadable,
    sets,
    tolerance,
    keepAll,
    sameProblems,
    trainer,
  };
  const basePrompt = args.basePrompt === undefined ? undefined : await readPrompt(args.basePrompt);
  const plan: SelectionsPlan = {
    version: 1,
    comparison: `${await nextComparisonNumber(dataset.folder)}-${slug((args.name ?? 'selections').slice(0, NAME_LENGTH), 'selections')}`,
    id: args.id ?? randomBytes(4).toString('hex'),
    createdAt: new Date().toISOString(),
    arms: pools.map(armOf),
    base: args.base ?? false,
    ...defined({ basePrompt: basePrompt === undefined ? undefined : (true as const), against: args.against }),
    ...defined({ shareOf: args.shareOf, filter: args.filter, keepAll: args.keepAll, marker: args.marker }),
    ...{ seeds, rows, tolerance, sameProblems: args.sameProblems ?? false },
    draws: draws.flatMap((draw) => pools.map((pool) => drawOf(pool, draw))),
    ...{ overlap, sets, k },
    response: first.evaluation.response,
    conditions: await conditionsOf(dataset, args.model, args.basePrompt),
    ...defined({ concurrency: args.concurrency }),
    training: { ...training, ...defined({ settings: args.settings, engine: args.engine }) },
    ...defined({ server: args.server, serverType: args.serving?.serverType }),
    pinned: await pinnedOf(args),
    checks: checksOf(facts),
    expected: await expectedWork(dataset, args, { draws, seeds, arms: pools.length, rows, sets: found }, context),
  };
  refuseAgainst(plan);
  return { plan, problems: found.map(({ problems }) => problems), ...defined({ basePrompt }) };
}

/** @throws VerbError where the arguments name no model */
function refuseTraining({ settings: { model: own } }: Dataset, { model }: CompareSelectionsArgs): void {
  if (model === undefined && own?.kind !== 'starter')
    throw new VerbError(
      'No model named to train.',
      'Name it with --model: a folder, a GGUF file, a name of the hub or “starter”.',
    );
}

/** @throws VerbError where A is to be compared first with an arm that the plan does not have */
function refuseAgainst({ against, ...plan }: SelectionsPlan): void {
  if (against === undefined || armsOf(plan).includes(against)) return;
  throw new VerbError(`This comparison has no arm ${against}.`, 'Name another one with --against, or add that arm.');
}

interface PlannedSet {
  held: HeldOutSet;
  problems: Problem[];
  evaluation: EvaluationPlan;
  /** Of the base model in its own prompt. */
  prompted?: EvaluationPlan;
}

/** The sets of held-out problems, each with its evaluation and what it can find. @throws VerbError without one, and as problemSet */
async function heldOutSets(
  dataset: Dataset,
  args: CompareSelectionsArgs,
  { answers, k }: { answers: number; k: number },
  context: VerbContext,
): Promise<[PlannedSet, ...PlannedSet[]]> {
  const found: PlannedSet[] = [];
  for (const file of args.problems ?? []) {
    const { bad: _bad, ...set } = await problemSet(dataset, { problems: file }, context);
    const of = { ...args, prompt: undefined, k, model: modelToPlan(dataset, args.model) };
    const { plan, problems } = await planEvaluation(dataset, set, of);
    const evaluation = servedHere(plan);
    const hash = problemsHash(problems);
    const readable = problems.filter((one) => isReadable(dataset, one)).length;
    const design = { hash, problems: readable, answers, passRate: args.passRate, model: args.model };
    const power = await planPower(dataset, { ...design, promptsHash: evaluation.promptsHash });
    // A prompt that can't be used is found before the trainings.
    const prompted =
      args.basePrompt && servedHere((await planEvaluation(dataset, set, { ...of, prompt: args.basePrompt })).plan);
    const name = nameOfSet(set.set, new Set(found.map(({ held }) => held.name)));
    found.push({
      held: { name, set: set.set, problems: problems.length, hash, ...defined({ power }) },
      ...{ problems, evaluation, ...(prompted ? { prompted } : {}) },
    });
  }
  const [first, ...others] = found;
  if (first === undefined)
    throw new VerbError('No held-out problems are named.', 'Name a file or a set of the hub with --problems.');
  return [first, ...others];
}

/** Whether answers to a problem can be graded. */
function isReadable({ settings }: Dataset, { answer }: Problem): boolean {
  return hasReadableGold(answer, policyOfPiece(resolvePolicy(settings.grading), 'response'));
}

/** Answers are served on this machine: prices and speed of an endpoint of the same model are none of theirs. */
function servedHere(plan: EvaluationPlan): EvaluationPlan {
  if (isLocalModel(plan.model)) return plan;
  const { cost: _cost, seconds: _seconds, ...expected } = plan.expected;
  return { ...plan, expected };
}

/** The file or set without folder and ending; a repeated name gets a number. */
function nameOfSet({ file, hub }: HeldOutSet['set'], taken: ReadonlySet<string>): string {
  const name =
    (file ?? hub?.repo)
      ?.split('/')
      .at(-1)
      ?.replace(/\.\w+$/, '') || 'held-out';
  for (let n = 1; ; n++) {
    const numbered = n === 1 ? name : `${name} (${n})`;
    if (!taken.has(numbered)) return numbered;
  }
}

/**
 * SHA-256 of what a comparison takes from files each time: prompts, grading policy, and the starter where it is trained.
 * @param model that was named
 * @param basePrompt file of the prompt that only the base model is asked with
 */
export async function conditionsOf(
  dataset: Dataset,
  model: string | undefined,
  basePrompt: string | undefined,
): Promise<string> {
  const { settings } = dataset;
  return promptsHash({
    ...(await responsePrompts(dataset)),
    ...(basePrompt === undefined ? {} : { 'base prompt': await readPrompt(basePrompt) }),
    'grading policy': JSON.stringify(resolvePolicy(settings.grading)),
    'base model': model === undefined || model === 'starter' ? JSON.stringify(settings.model) : model,
  });
}

/** The base model of the dataset where it is the one that is trained, since its replies were measured. */
const modelToPlan = ({ settings: { model } }: Dataset, trained: string | undefined): ModelRef =>
  model && isSameModel(model, trained) ? model : UNNAMED;

function armOf({ arm, where, unmasked, selected, share, chains }: ArmPool): SelectionArm {
  return {
    ...{ arm, where, unmasked, ...defined({ selected, share }) },
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
  of: {
    draws: readonly SeedDraw[];
    seeds: readonly number[];
    arms: number;
    rows: number;
    sets: readonly Pick<PlannedSet, 'evaluation' | 'prompted'>[];
  },
  context: VerbContext,
): Promise<SelectionsPlan['expected']> {
  const { draws, seeds, arms, rows, sets } = of;
  const trainings = arms * seeds.length;
  const models = trainings + (base ? seeds.length : 0);
  const evaluations = sets.flatMap(({ evaluation, prompted }) => [
    ...Array.from({ length: models }, () => evaluation),
    ...(prompted ? seeds.map(() => prompted) : []),
  ]);
  /** Undefined where it is unknown of any. */
  const sum = (number: (of: EvaluationPlan['expected']) => number | undefined): number | undefined =>
    evaluations.reduce<number | undefined>((total, { expected }) => {
      const one = number(expected);
      return total === undefined || one === undefined ? undefined : total + one;
    }, 0);
  const epochs = settings?.epochs ?? 2;
  const tokens = draws.flatMap((draw) => [...draw.rows.values()].flat()).reduce((all, chain) => all + chain.tokens, 0);
  const perRow = await secondsPerRow(dataset, { trainer, model }, context);
  return {
    ...{ trainings, evaluations: evaluations.length, requests: sum(({ requests }) => requests) ?? 0 },
    completionTokens: sum(({ completionTokens }) => completionTokens) ?? 0,
    trainedTokens: epochs * tokens,
    ...defined({
      cost: sum(({ cost }) => cost),
      evaluationSeconds: sum(({ seconds }) => seconds),
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
