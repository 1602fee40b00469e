import type { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { seedOf } from '../../core/dialogue/index.ts';
import { CHOOSE_MODEL, UserError } from '../../core/errors.ts';
import { resolvePolicy } from '../../core/grading/policies.ts';
import {
  type Beta,
  type Budget,
  emptyTally,
  type PlanProblem,
  type PlanTable,
  type PopulationPrior,
  planTable,
  populationPrior,
  SamplingSettings,
  type Tally,
} from '../../core/sampling/index.ts';
import {
  type ModelRef,
  type ModelRole,
  modelOf,
  pricesOf,
  RESPONSE_OF_PROMPT_SET,
  type RoundPlan,
  Sampling,
  type SamplingPlan,
} from '../../core/schemas/index.ts';
import type { PlanSamplingArgs, SamplingPlanReport } from '../../protocol/sampling.ts';
import type { ProblemRow } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import { slug } from '../../store/names.ts';
import { samplesPerRequestOf } from '../calls/samples-per-request.ts';
import { chooseProblems, promptsHash } from '../plan-round.ts';
import { assumedRate } from './rate.ts';
import { requestTokens, responsePrompts } from './response-call.ts';
import { roundsOf, talliesOf, unbiasedTallies } from './tallies.ts';

type Args = Omit<PlanSamplingArgs, 'dataset'>;

/** Settings of the requests: those given for this round, then the dataset's, then defaults for the endpoint. */
async function requestSettings({ settings: own, folder }: Dataset, args: Args, model: ModelRef) {
  const concurrency = args.concurrency ?? own.sampling.concurrency;
  const samplesPerRequest =
    args.samplesPerRequest ?? own.sampling.samplesPerRequest ?? (await samplesPerRequestOf(folder, model, concurrency));
  const response = Sampling.parse({
    ...(own.sampling.response ?? RESPONSE_OF_PROMPT_SET[own.promptSet]),
    ...args.response,
  });
  return { concurrency, samplesPerRequest, response };
}

function chosenRows(dataset: Dataset, args: Args, seed: number, tallies: ReturnType<typeof talliesOf>) {
  // A pilot is drawn from all problems, not only from the least sampled.
  const attempts = (id: string): number => (args.pilot === undefined ? (tallies.get(id)?.attempts ?? 0) : 0);
  return chooseProblems(dataset, args, seed, attempts);
}

/** The problems that the table samples, and those it excludes. */
function partedBy(table: PlanTable, problems: ReturnType<typeof planProblems>) {
  const gone = new Set(table.dropped);
  return {
    kept: problems.filter(({ problemId }) => !gone.has(problemId)),
    dropped: table.dropped.map((problemId) => ({ problemId, reason: 'not-worth-sampling' as const })),
  };
}

function foreseen(
  problems: ReturnType<typeof planProblems>,
  table: PlanTable,
  population: ReturnType<typeof populationPrior>,
  tableBy: (prior: Beta) => PlanTable,
) {
  return {
    evidence: evidenceOf(problems, population),
    interval: intervalOf(problems, table, tableBy(population.low), tableBy(population.high)),
    buckets: table.buckets,
    total: table.total,
    ...(table.endedBy ? { endedBy: table.endedBy } : {}),
  };
}

/**
 * Plans a sampling round before its first call, with its expected cost and yield. Nothing is written. It reads only the index, the plans of earlier
 * rounds and one summary, so that a page can call it at each change.
 * @throws UserError `round` when there is no model, no matching problem, or a setting out of range; UserError `prompt` when the prompt file can't be
 * used.
 */
export async function planSampling(
  dataset: Dataset,
  given: Args,
): Promise<{ plan: RoundPlan & { sampling: SamplingPlan }; report: SamplingPlanReport }> {
  const args = given.pilot === undefined ? given : pilotArgs(given, given.pilot);
  const { settings: own } = dataset;
  const { model, role } = sampledModel(dataset, args.role);
  const round = `${dataset.nextRoundNumber()}-${slug(args.name ?? 'sampling', 'round')}`;
  const seed = args.seed ?? seedOf(own.id, round);
  const { concurrency, samplesPerRequest, response } = await requestSettings(dataset, args, model);
  const settings = samplingSettings(dataset, { ...args, samplesPerRequest }, model, seed);
  const prompts = await responsePrompts(dataset);
  const plans = await roundsOf(dataset, model);
  const tallies = talliesOf(dataset, plans);
  const problems = planProblems(
    chosenRows(dataset, args, seed, tallies),
    prompts,
    (id) => tallies.get(id) ?? emptyTally(id),
  );
  const rate = await assumedRate(dataset, plans, response);
  const population = populationPrior(unbiasedTallies(dataset, plans).values());
  const tableBy = (prior: Beta): PlanTable => planTable(problems, settings, { ...rate, prior });
  const table = tableBy(population.prior);
  const { kept, dropped } = partedBy(table, problems);
  const plan = {
    version: 1 as const,
    round,
    kind: 'sampling' as const,
    createdAt: new Date().toISOString(),
    problemIds: kept.map(({ problemId }) => problemId),
    model,
    promptSet: own.promptSet,
    promptsHash: promptsHash(prompts),
    prompts,
    filters: own.filters,
    grading: resolvePolicy(own.grading),
    seed,
    sampling: {
      settings,
      response,
      concurrency,
      idleTimeoutSeconds: own.sampling.idleTimeoutSeconds,
      role,
      problems: kept.map(({ problemId, earlier, promptTokens }) => ({ problemId, ...earlier, promptTokens })),
      dropped,
      expected: table.total,
    },
  };
  const { prices, seed: _seed, ...choices } = settings;
  return {
    plan,
    report: {
      round,
      model,
      role,
      settings: choices,
      ...defined({ prices }),
      response,
      concurrency,
      seed,
      problems: kept.length,
      dropped,
      ...coverage(problems, table),
      rate,
      ...(args.pilot !== undefined && { pilot: true }),
      ...foreseen(problems, table, population, tableBy),
    },
  };
}

/** Samples per problem of a pilot: two show how problems differ, more make pass rates precise. */
const PILOT_SAMPLES = 4;

function pilotArgs(args: Args, problems: number): Args {
  const policy = { policy: 'cascade', stages: [PILOT_SAMPLES] };
  return { ...args, problems, policy, dropBelow: 0, name: args.name ?? 'pilot' };
}

function evidenceOf(
  planned: readonly PlanProblem[],
  { basis, problems, samples }: PopulationPrior,
): SamplingPlanReport['evidence'] {
  const sampled = planned.filter(({ earlier }) => earlier.attempts > 0).length;
  return { sampled, basis, problems, samples, restsOnPrior: basis === 'flat' && sampled < planned.length };
}

/** The plans by lowest and highest mean pass rate, swapped for values that fall as pass rates rise. */
function intervalOf(problems: readonly PlanProblem[], ...tables: readonly PlanTable[]): SamplingPlanReport['interval'] {
  const range = (value: (table: PlanTable) => number): { low: number; high: number } => {
    const values = tables.map(value);
    return { low: Math.min(...values), high: Math.max(...values) };
  };
  return {
    coveredAfter: range((table) => coverage(problems, table).coveredAfter),
    kept: range(({ total }) => total.kept),
    samples: range(({ total }) => total.samples),
  };
}

/** The model to sample: the fine-tuned one, or the base model when there is none and none was chosen. */
export function sampledModel(dataset: Dataset, chosen?: ModelRole): { model: ModelRef; role: ModelRole } {
  const { settings } = dataset;
  const role = chosen ?? (settings.fineTuned ? 'fine-tuned' : 'base');
  const model = modelOf(settings, role);
  if (model) return { model, role };
  throw new UserError('round', `The dataset has no ${role} model yet.`, CHOOSE_MODEL);
}

function samplingSettings(dataset: Dataset, args: Args, model: ModelRef, seed: number): SamplingSettings {
  const own = dataset.settings.sampling;
  const budget = { ...own.budget, ...args.budget };
  const parsed = SamplingSettings.safeParse({
    ...own,
    policy: policyFrom(own.policy, args.policy),
    budget: Object.fromEntries(Object.entries(budget).filter(([, limit]) => limit !== null)) satisfies z.input<
      typeof Budget
    >,
    samplesPerRequest: args.samplesPerRequest,
    dropBelow: args.dropBelow ?? own.dropBelow,
    selection: { ...own.selection, ...defined({ keep: args.keep }) },
    prices: pricesOf(dataset.settings, model),
    seed,
  });
  if (parsed.data) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UserError('round', `Invalid settings: ${issues.join('; ')}.`, 'Change them, or set them in longhand.json.');
}

/** A policy that the dataset already uses keeps its other settings. */
function policyFrom(own: SamplingSettings['policy'], policy: Args['policy']): unknown {
  if (policy === undefined) return own;
  const given = typeof policy === 'string' ? { policy } : policy;
  const name = given.policy ?? own.policy;
  return name === own.policy ? { ...own, ...given } : { ...given, policy: name };
}

function planProblems(
  rows: readonly ProblemRow[],
  prompts: Readonly<Record<string, string>>,
  tally: (id: string) => Tally,
): PlanProblem[] {
  const promptTokensOf = requestTokens(prompts);
  return rows.map(({ id, size }) => {
    const { attempts, successes, ungraded, truncated } = tally(id);
    return { problemId: id, earlier: { attempts, successes, ungraded, truncated }, promptTokens: promptTokensOf(size) };
  });
}

function coverage(
  problems: readonly PlanProblem[],
  { expected }: PlanTable,
): { covered: number; coveredAfter: number } {
  const covered = problems.filter(({ earlier }) => earlier.successes > 0).length;
  const newly = problems.reduce(
    (sum, { earlier }, i) => sum + (earlier.successes > 0 ? 0 : (expected[i]?.solved ?? 0)),
    0,
  );
  return { covered, coveredAfter: covered + newly };
}

type Needed = 'model' | 'sampling' | 'filters' | 'grading' | 'prompts' | 'seed';

/** A complete plan of a sampling round. */
export type SamplingRoundPlan = Omit<RoundPlan, Needed> & { [Key in Needed]: NonNullable<RoundPlan[Key]> };

/** @throws UserError `round` for an incomplete plan */
export function samplingRoundPlan(plan: RoundPlan): SamplingRoundPlan {
  const { model, sampling, filters, grading, prompts, seed } = plan;
  if (plan.kind === 'sampling' && model && sampling && filters && grading && prompts && seed !== undefined) {
    return { ...plan, model, sampling, filters, grading, prompts, seed };
  }
  throw new UserError(
    'round',
    `The plan of round ${plan.round} is incomplete.`,
    'Restore plan.json from git or a backup.',
  );
}
