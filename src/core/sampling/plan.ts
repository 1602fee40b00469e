import { costOf } from '../model/cost.ts';
import { boundsOf, bucketOf } from './buckets.ts';
import { addUse, type BudgetKind, exceeded, NO_USE, type Use } from './budget.ts';
import { type Alike, expectFreely, expectWithin } from './expect.ts';
import { policyOf } from './policies/index.ts';
import { type Beta, UNIFORM_PRIOR, update, worthSampling } from './posterior.ts';
import type { SamplingSettings } from './settings.ts';
import { type Expected, NOTHING } from './walk.ts';

/** A problem that a round is planned for. */
export interface PlanProblem {
  problemId: string;
  /** Graded samples of earlier rounds. */
  earlier: { attempts: number; successes: number };
  /** Tokens of its request, prompt template and all. */
  promptTokens: number;
}

/** What is known of the model, from earlier rounds or a probe. */
export interface PlanModel {
  /** Mean completion tokens of a sample. */
  completionTokens: number;
  /** Completion tokens per second over all requests in flight; absent while nothing was measured. */
  tokensPerSecond?: number | undefined;
  /** Population of pass rates, as `fitPrior` tells; without it every pass rate is as likely as any other. */
  prior?: Beta;
}

/** A line of the plan table, all in expectation. */
export interface PlanRow extends Use {
  problems: number;
  /** Correct responses drawn. */
  correct: number;
  /** Correct responses after selection, at most `keep` of each problem (those that repeat equations are not foreseen). */
  kept: number;
  /** Problems with at least one correct response. */
  solved: number;
  /** In the currency of the prices; absent while they are unknown. */
  cost?: number;
  /** Absent while the rate is unknown. */
  seconds?: number;
}

/** A row for the problems whose mean pass rate lies in [from, to). */
export interface PlanBucket extends PlanRow {
  /** Both absent for problems that were never sampled. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface PlanTable {
  /** Never sampled first, then from hard to easy; buckets without problems are left out. */
  buckets: PlanBucket[];
  total: PlanRow;
  /** Problems not worth the samples that are left for them. */
  dropped: string[];
  /** The part of the budget that ends the round before its policy does. */
  endedBy?: BudgetKind;
  /** For every problem in the order given; a dropped problem is expected to cost and bring nothing. */
  expected: Expected[];
}

/** Problems that are alike, as indexes into those given. */
interface Group extends Alike {
  members: number[];
}

/**
 * What a round will cost and bring, before anything is asked. The expectation over a problem's pass rate and luck is exact. Two
 * things are settled by expected numbers of problems and not by every possible round: what a pilot tells of all problems together,
 * and where a budget ends; for hundreds of problems both are sharp.
 */
export function planTable(problems: readonly PlanProblem[], settings: SamplingSettings, model: PlanModel): PlanTable {
  const prior = model.prior ?? UNIFORM_PRIOR;
  const dropped = droppedOf(problems, settings, prior);
  const groups = groupsOf(problems, dropped, prior);
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
    ...bucketRows(problems, dropped, expected, settings, model),
    dropped: problems.filter((_, i) => dropped.has(i)).map(({ problemId }) => problemId),
    ...(endedBy ? { endedBy } : {}),
    expected,
  };
}

function droppedOf(problems: readonly PlanProblem[], settings: SamplingSettings, prior: Beta): Set<number> {
  const { budget, samplesPerRequest, dropBelow } = settings;
  const remaining = Math.min(
    policyOf(settings.policy).most(problems.length),
    budget.samples ?? Number.POSITIVE_INFINITY,
    (budget.requests ?? Number.POSITIVE_INFINITY) * samplesPerRequest,
  );
  const dropped = new Set<number>();
  problems.forEach(({ earlier }, i) => {
    if (!worthSampling(update(prior, earlier.attempts, earlier.successes), remaining, dropBelow)) dropped.add(i);
  });
  return dropped;
}

function groupsOf(problems: readonly PlanProblem[], dropped: ReadonlySet<number>, prior: Beta): Group[] {
  const groups = new Map<string, Group>();
  problems.forEach(({ earlier: { attempts, successes } }, i) => {
    if (dropped.has(i)) return;
    const key = `${attempts} ${successes}`;
    const belief = update(prior, attempts, successes);
    const group = groups.get(key) ?? { belief, problems: 0, earlier: { attempts, successes }, members: [] };
    groups.set(key, group);
    group.problems += 1;
    group.members.push(i);
  });
  return [...groups.values()];
}

/** The prompt is paid once per request, however many samples it brings. */
function useOf({ samples, requests }: Expected, promptTokens: number, { completionTokens }: PlanModel): Use {
  return { samples, requests, promptTokens: requests * promptTokens, completionTokens: samples * completionTokens };
}

function secondsOf({ completionTokens }: Use, { tokensPerSecond }: PlanModel): number | undefined {
  return tokensPerSecond === undefined ? undefined : completionTokens / tokensPerSecond;
}

function bucketRows(
  problems: readonly PlanProblem[],
  dropped: ReadonlySet<number>,
  expected: readonly Expected[],
  settings: SamplingSettings,
  model: PlanModel,
): Pick<PlanTable, 'buckets' | 'total'> {
  const { edges } = settings;
  const prior = model.prior ?? UNIFORM_PRIOR;
  const members = new Map<number, number[]>();
  problems.forEach(({ earlier }, i) => {
    if (dropped.has(i)) return;
    const bucket = bucketOf(edges, earlier, prior);
    const inBucket = members.get(bucket);
    if (inBucket) inBucket.push(i);
    else members.set(bucket, [i]);
  });
  const rowOf = (indexes: readonly number[]): PlanRow => {
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
    const cost = costOf(use, settings.prices);
    const seconds = secondsOf(use, model);
    return { ...row, ...use, ...(cost === undefined ? {} : { cost }), ...(seconds === undefined ? {} : { seconds }) };
  };
  const buckets = [...members]
    .sort(([one], [other]) => one - other)
    .map(([bucket, indexes]): PlanBucket => ({ ...boundsOf(edges, bucket), ...rowOf(indexes) }));
  return { buckets, total: rowOf([...members.values()].flat()) };
}
