import { defined } from '../defined.ts';
import { estimated } from '../schemas/cost.ts';
import type { ExpectedSampling } from '../schemas/sampling.ts';
import { boundsOf, bucketOf, type Sampled, type UnsolvedKind } from './buckets.ts';
import { addUse, type BudgetKind, exceeded, NO_USE, type Use } from './budget.ts';
import { type Alike, expectFreely, expectWithin } from './expect.ts';
import { policyOf } from './policies/index.ts';
import { type Beta, UNIFORM_PRIOR, update, worthSampling } from './posterior.ts';
import type { SamplingSettings } from './settings.ts';
import { type Expected, NOTHING } from './walk.ts';

export interface PlanProblem {
  problemId: string;
  /** Samples of earlier rounds. */
  earlier: Sampled;
  /** Tokens of its request, prompt template included. */
  promptTokens: number;
}

/** Facts about the model from earlier rounds or a probe. */
export interface PlanModel {
  /** Mean completion tokens of a sample. */
  completionTokens: number;
  /** Completion tokens per second over all requests in flight; absent if not measured. */
  tokensPerSecond?: number | undefined;
  /** Population of pass rates, see `fitPrior`; uniform if absent. */
  prior?: Beta;
}

/** Problems with a mean pass rate in [from, to), or of one unsolved kind. Selection of repeated equations is not predicted. */
export interface PlanBucket extends ExpectedSampling {
  kind?: UnsolvedKind | undefined;
  /** Absent for unsolved problems. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface PlanTable {
  /** Unsolved problems first, then from hard to easy; empty buckets are not listed. */
  buckets: PlanBucket[];
  total: ExpectedSampling;
  /** Problems that are not worth the remaining samples. */
  dropped: string[];
  /** The part of the budget that ends the round before its policy does. */
  endedBy?: BudgetKind;
  /** For each problem in the given order; zero for a skipped problem. */
  expected: Expected[];
}

/** Problems with the same evidence, as indices. */
interface Group extends Alike {
  members: number[];
}

/**
 * The expected costs and results of a round. The expectation over a problem's pass rate and samples is exact. The result of a pilot and the
 * end of a budget are computed from expected numbers of problems, which is accurate for hundreds of problems.
 */
export function planTable(problems: readonly PlanProblem[], settings: SamplingSettings, model: PlanModel): PlanTable {
  const prior = model.prior ?? UNIFORM_PRIOR;
  const skipped = notWorthSampling(problems, settings);
  const groups = groupsOf(problems, skipped, prior);
  const prompts = groups.map(({ members }) => members.reduce((sum, i) => sum + (problems[i]?.promptTokens ?? 0), 0));
  const over = (expected: readonly Expected[]): BudgetKind | undefined => {
    let use = NO_USE;
    groups.forEach((group, g) => {
      const mean = (prompts[g] ?? 0) / group.problems;
      use = addUse(use, useOf(expected[g] ?? NOTHING, mean, model), group.problems);
    });
    return exceeded(use, secondsOf(use, model), settings.budget, settings.prices);
  };
  const free = expectFreely(groups, settings);
  const endedBy = over(free);
  const byGroup = endedBy ? expectWithin(groups, settings, (expected) => over(expected) !== undefined) : free;
  const expected: Expected[] = problems.map(() => NOTHING);
  groups.forEach(({ members }, g) => {
    for (const member of members) expected[member] = byGroup[g] ?? NOTHING;
  });
  return {
    ...bucketRows(problems, skipped, expected, settings, model),
    dropped: problems.filter((_, i) => skipped.has(i)).map(({ problemId }) => problemId),
    ...defined({ endedBy }),
    expected,
  };
}

/** Indices of skipped problems, by the evidence of each alone: the prior of the population excludes none. */
function notWorthSampling(problems: readonly PlanProblem[], settings: SamplingSettings): Set<number> {
  const { budget, samplesPerRequest, dropBelow } = settings;
  const remaining = Math.min(
    policyOf(settings.policy).most(problems.length),
    budget.samples ?? Number.POSITIVE_INFINITY,
    (budget.requests ?? Number.POSITIVE_INFINITY) * samplesPerRequest,
  );
  const skipped = new Set<number>();
  problems.forEach(({ earlier }, i) => {
    if (!worthSampling(update(UNIFORM_PRIOR, earlier.attempts, earlier.successes), remaining, dropBelow))
      skipped.add(i);
  });
  return skipped;
}

function groupsOf(problems: readonly PlanProblem[], skipped: ReadonlySet<number>, prior: Beta): Group[] {
  const groups = new Map<string, Group>();
  problems.forEach(({ earlier: { attempts, successes } }, i) => {
    if (skipped.has(i)) return;
    const key = `${attempts} ${successes}`;
    const belief = update(prior, attempts, successes);
    const group = groups.get(key) ?? { belief, problems: 0, earlier: { attempts, successes }, members: [] };
    groups.set(key, group);
    group.problems += 1;
    group.members.push(i);
  });
  return [...groups.values()];
}

/** A request pays for its prompt once, for any number of samples. */
function useOf({ samples, requests }: Expected, promptTokens: number, { completionTokens }: PlanModel): Use {
  return { samples, requests, promptTokens: requests * promptTokens, completionTokens: samples * completionTokens };
}

function secondsOf({ completionTokens }: Use, { tokensPerSecond }: PlanModel): number | undefined {
  return tokensPerSecond === undefined ? undefined : completionTokens / tokensPerSecond;
}

function bucketRows(
  problems: readonly PlanProblem[],
  skipped: ReadonlySet<number>,
  expected: readonly Expected[],
  settings: SamplingSettings,
  model: PlanModel,
): Pick<PlanTable, 'buckets' | 'total'> {
  const { edges } = settings;
  const members = new Map<number, number[]>();
  problems.forEach(({ earlier }, i) => {
    if (skipped.has(i)) return;
    const bucket = bucketOf(edges, earlier);
    const inBucket = members.get(bucket);
    if (inBucket) inBucket.push(i);
    else members.set(bucket, [i]);
  });
  const rowOf = (indexes: readonly number[]): ExpectedSampling => {
    let use = NO_USE;
    const row = { problems: indexes.length, correct: 0, kept: 0, solved: 0 };
    for (const i of indexes) {
      const problem = problems[i];
      const one = expected[i];
      if (!problem || !one) continue;
      use = addUse(use, useOf(one, problem.promptTokens, model));
      row.correct += one.correct;
      row.kept += one.kept;
      row.solved += one.solved;
    }
    return { ...row, ...estimated(use, settings.prices, model.tokensPerSecond) };
  };
  const buckets = [...members]
    .sort(([one], [other]) => one - other)
    .map(([bucket, indexes]): PlanBucket => ({ ...boundsOf(edges, bucket), ...rowOf(indexes) }));
  return { buckets, total: rowOf([...members.values()].flat()) };
}
