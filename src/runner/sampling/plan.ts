import type { z } from 'zod';
import { resolvePolicy } from '../../core/answers/policies.ts';
import { seedOf } from '../../core/dialogue/index.ts';
import {
  type ModelRef,
  type ModelRole,
  modelOf,
  pricesOf,
  RESPONSE_OF_PROMPT_SET,
  type RoundPlan,
  Sampling,
  type SamplingPlan,
} from '../../core/model/index.ts';
import {
  type Budget,
  type PlanProblem,
  type PlanTable,
  planTable,
  SamplingSettings,
} from '../../core/sampling/index.ts';
import type { PlanSamplingArgs, SamplingPlanReport } from '../../protocol/sampling.ts';
import type { Dataset } from '../../store/index.ts';
import { slug } from '../../store/names.ts';
import type { ProblemRow } from '../../store/rows.ts';
import { RoundError } from '../error.ts';
import { chooseProblems, promptsHash } from '../plan.ts';
import { samplesPerRequestOf } from '../samples-per-request.ts';
import { assumedRate } from './rate.ts';
import { promptTokens, responsePrompts } from './response-call.ts';
import { roundsOf, talliesOf } from './tallies.ts';

type Args = Omit<PlanSamplingArgs, 'dataset'>;

/**
 * Decides everything about a sampling round before its first call, and what it is expected to cost and bring. Nothing is written. It reads
 * the index, the plans of earlier rounds and one summary, never a problem's text or a journal, so that a page can ask at each change.
 * @throws RoundError when there is no model, no problem that fits, or a setting out of range; PromptError when the prompt file can't be used.
 */
export async function planSampling(
  dataset: Dataset,
  args: Args,
): Promise<{ plan: RoundPlan & { sampling: SamplingPlan }; report: SamplingPlanReport }> {
  const { settings: own } = dataset;
  const { model, role } = sampledModel(dataset, args.role);
  const round = `${dataset.nextRoundNumber()}-${slug(args.name ?? 'sampling', 'round')}`;
  const seed = args.seed ?? seedOf(own.id, round);
  const concurrency = args.concurrency ?? own.sampling.concurrency;
  const samplesPerRequest =
    args.samplesPerRequest ??
    own.sampling.samplesPerRequest ??
    (await samplesPerRequestOf(dataset.folder, model, concurrency));
  const settings = samplingSettings(dataset, { ...args, samplesPerRequest }, model, seed);
  const response = Sampling.parse({
    ...(own.sampling.response ?? RESPONSE_OF_PROMPT_SET[own.promptSet]),
    ...args.response,
  });
  const prompts = await responsePrompts(dataset);
  const plans = await roundsOf(dataset, model);
  const tallies = talliesOf(dataset, plans);
  const attempts = (id: string): number => tallies.get(id)?.attempts ?? 0;
  const rows = chooseProblems(dataset, args, seed, attempts);
  const problems = planProblems(rows, prompts, (id) => tallies.get(id) ?? { attempts: 0, successes: 0 });
  const rate = await assumedRate(dataset, plans, response);
  const table = planTable(problems, settings, rate);
  const gone = new Set(table.dropped);
  const dropped = table.dropped.map((problemId) => ({ problemId, reason: 'not-worth-sampling' as const }));
  const kept = problems.filter(({ problemId }) => !gone.has(problemId));
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
      ...(prices ? { prices } : {}),
      response,
      concurrency,
      seed,
      problems: kept.length,
      dropped,
      ...coverage(problems, table),
      rate,
      buckets: table.buckets,
      total: table.total,
      ...(table.endedBy ? { endedBy: table.endedBy } : {}),
    },
  };
}

/** The model that is sampled: the fine-tuned one, or the base model where there is none and nothing else was asked for. */
export function sampledModel(dataset: Dataset, wanted?: ModelRole): { model: ModelRef; role: ModelRole } {
  const { settings } = dataset;
  const role = wanted ?? (settings.fineTuned ? 'fine-tuned' : 'base');
  const model = modelOf(settings, role);
  if (model) return { model, role };
  throw new RoundError(`The dataset has no ${role} model yet.`, 'Choose one with “Longhand: Select Model…”.');
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
    selection: { ...own.selection, ...(args.keep === undefined ? {} : { keep: args.keep }) },
    prices: pricesOf(dataset.settings, model),
    seed,
  });
  if (parsed.data) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RoundError(
    `These settings can't be used: ${issues.join('; ')}.`,
    'Change them, or set them in longhand.json.',
  );
}

/** Settings of a policy that the dataset uses already stay as they are there. */
function policyFrom(own: SamplingSettings['policy'], wanted: Args['policy']): unknown {
  if (wanted === undefined) return own;
  const given = typeof wanted === 'string' ? { policy: wanted } : wanted;
  const name = given.policy ?? own.policy;
  return name === own.policy ? { ...own, ...given } : { ...given, policy: name };
}

function planProblems(
  rows: readonly ProblemRow[],
  prompts: Readonly<Record<string, string>>,
  tally: (id: string) => { attempts: number; successes: number },
): PlanProblem[] {
  const promptTokensOf = promptTokens(prompts);
  return rows.map(({ id, size }) => {
    const { attempts, successes } = tally(id);
    return { problemId: id, earlier: { attempts, successes }, promptTokens: promptTokensOf(size) };
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
