import { addUse, type BudgetKind, costOf, exceeded, NO_USE, type Use } from './budget.ts';
import { type PilotState, type Policy, policyOf, stageEnds } from './policies/index.ts';
import { type Beta, UNIFORM_PRIOR, update, worthSampling } from './posterior.ts';
import type { Rule } from './rule.ts';
import type { SamplingSettings } from './settings.ts';
import { type BeliefGroup, survivorGates } from './survivors.ts';
import { type Expected, expectedOf, type Reached, type Walk, walk } from './walk.ts';

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
  tokensPerSecond?: number;
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
  from?: number;
  to?: number;
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

/** Problems that are alike for a policy. */
interface Group extends BeliefGroup {
  earlier: PlanProblem['earlier'];
  members: number[];
}

/** No sample below the priority `least` is drawn: in the pilot, and then nothing after it, or in the rest, after a whole pilot. */
interface Cut {
  in: 'pilot' | 'rest';
  least: number;
}

const NOTHING: Expected = { samples: 0, requests: 0, correct: 0, kept: 0, solved: 0 };

/**
 * What a round will cost and bring, before anything is asked. The expectation over a problem's pass rate and luck is exact. Two things are settled by expected numbers
 * of problems and not by every possible round: what a pilot tells of all problems together, and where a budget ends; for hundreds of problems both are sharp.
 */
export function planTable(problems: readonly PlanProblem[], settings: SamplingSettings, model: PlanModel): PlanTable {
  const policy = policyOf(settings.policy);
  const { kept, dropped } = sortOut(problems, policy, settings, model);
  const groups = groupsOf(problems, kept, model.prior ?? UNIFORM_PRIOR);
  const compute = (cut: Cut): Expected[] => expectAll(problems.length, groups, policy, settings, cut);
  const table = (expected: Expected[]): PlanTable => {
    const rows = bucketRows(problems, dropped, expected, settings, model);
    return { ...rows, dropped: problems.filter((_, i) => dropped.has(i)).map(({ problemId }) => problemId), expected };
  };
  const over = (expected: Expected[]): BudgetKind | undefined => {
    const use = problems.reduce(
      (sum, problem, i) => addUse(sum, useOf(expected[i] ?? NOTHING, problem, model)),
      NO_USE,
    );
    return exceeded(use, secondsOf(use, model), settings.budget, settings.prices);
  };
  const free = compute({ in: 'rest', least: Number.NEGATIVE_INFINITY });
  const endedBy = over(free);
  if (!endedBy) return table(free);
  const pilot = compute({ in: 'pilot', least: Number.NEGATIVE_INFINITY });
  const phase = over(pilot) ? 'pilot' : 'rest';
  const cut = cutToBudget((least) => compute({ in: phase, least }), over);
  return { ...table(cut), endedBy };
}

function sortOut(problems: readonly PlanProblem[], policy: Policy, settings: SamplingSettings, model: PlanModel) {
  const { budget, samplesPerRequest, dropBelow } = settings;
  const remaining = Math.min(
    policy.most(problems.length),
    budget.samples ?? Number.POSITIVE_INFINITY,
    (budget.requests ?? Number.POSITIVE_INFINITY) * samplesPerRequest,
  );
  const dropped = new Set<number>();
  problems.forEach(({ earlier }, i) => {
    const belief = update(model.prior ?? UNIFORM_PRIOR, earlier.attempts, earlier.successes);
    if (!worthSampling(belief, remaining, dropBelow)) dropped.add(i);
  });
  return { kept: problems.map((_, i) => i).filter((i) => !dropped.has(i)), dropped };
}

function groupsOf(problems: readonly PlanProblem[], kept: readonly number[], prior: Beta): Group[] {
  const groups = new Map<string, Group>();
  for (const i of kept) {
    const { attempts, successes } = problems[i]?.earlier ?? { attempts: 0, successes: 0 };
    const key = `${attempts} ${successes}`;
    const group = groups.get(key) ?? {
      belief: update(prior, attempts, successes),
      problems: 0,
      earlier: { attempts, successes },
      members: [],
    };
    groups.set(key, group);
    group.problems += 1;
    group.members.push(i);
  }
  return [...groups.values()];
}

function expectAll(
  count: number,
  groups: readonly Group[],
  policy: Policy,
  settings: SamplingSettings,
  cut: Cut,
): Expected[] {
  const { samplesPerRequest: perRequest, selection } = settings;
  const results: Expected[] = Array.from({ length: count }, () => NOTHING);
  const share = ({ members }: Group, expected: Expected): void => {
    for (const member of members) results[member] = expected;
  };
  const least = cut.in === 'pilot' ? cut.least : Number.NEGATIVE_INFINITY;
  const pilots = groups.map(({ belief }) =>
    walk({ kind: 'total', total: policy.pilot }, belief, { perRequest, least }),
  );
  if (cut.in === 'pilot') {
    groups.forEach((group, g) => {
      const pilot = pilots[g];
      if (pilot) share(group, expectedOf(pilot, selection.keep));
    });
    return results;
  }
  const states = groups.flatMap((group, g) =>
    (pilots[g]?.ends ?? []).map((reached) => ({ g, reached, state: pilotState(group, reached) })),
  );
  const rules = policy.rules(states.map(({ state }) => state));
  const gates = gatesOf(groups, settings);
  groups.forEach((group, g) => {
    const { belief } = group;
    const whole: Walk = { samples: pilots[g]?.samples ?? 0, requests: pilots[g]?.requests ?? 0, ends: [] };
    states.forEach(({ g: of, reached }, s) => {
      if (of !== g) return;
      for (const { rule, chance } of roundings(rules[s], reached)) {
        const from = [{ ...reached, chance: reached.chance * chance }];
        const part = walk(rule, belief, { perRequest, least: cut.least, gates: gates[g] ?? [], from });
        whole.samples += part.samples;
        whole.requests += part.requests;
        whole.ends.push(...part.ends);
      }
    });
    share(group, expectedOf(whole, selection.keep));
  });
  return results;
}

function pilotState({ earlier, problems }: Group, { drawn, successes, chance }: Reached): PilotState {
  return { earlier, drawn, graded: drawn, successes, weight: problems * chance };
}

function gatesOf(groups: readonly Group[], { policy }: SamplingSettings): number[][] {
  if (policy.policy !== 'cascade') return [];
  const problems = groups.reduce((sum, group) => sum + group.problems, 0);
  return survivorGates(groups, stageEnds(policy.stages), policy.leastSurvivors * problems);
}

/** A share of a budget that isn't whole is met by one whole number or the next, as often as makes its mean. */
function roundings(rule: Rule | undefined, { drawn }: Reached): { rule: Rule; chance: number }[] {
  if (rule === undefined) return [];
  if (rule.kind !== 'total' || Number.isInteger(rule.total)) return [{ rule, chance: 1 }];
  const total = Math.max(drawn, rule.total);
  const part = total - Math.floor(total);
  return [
    { rule: { kind: 'total', total: Math.floor(total) }, chance: 1 - part },
    { rule: { kind: 'total', total: Math.ceil(total) }, chance: part },
  ];
}

/**
 * The round runs by priority, so that a budget cuts off what lies below some priority. Halving finds it; between the last plan that fits and the first that doesn't, as many
 * problems get the next sample as the budget allows.
 */
function cutToBudget(
  compute: (least: number) => Expected[],
  over: (expected: Expected[]) => BudgetKind | undefined,
): Expected[] {
  // No priority is above 1, so that nothing is drawn at 2 but a pilot that fits.
  let [high, low] = [2, -2];
  let fits = compute(high);
  let tooMuch = compute(low);
  while (over(tooMuch) === undefined) {
    [fits, high, low] = [tooMuch, low, low * 2];
    tooMuch = compute(low);
  }
  while (high - low > 1e-6 * Math.max(1e-3, Math.abs(low))) {
    const middle = (low + high) / 2;
    const expected = compute(middle);
    if (over(expected) === undefined) [fits, high] = [expected, middle];
    else [tooMuch, low] = [expected, middle];
  }
  let share = 0;
  for (let step = 0.5; step > 1e-9; step /= 2) {
    if (over(mix(fits, tooMuch, share + step)) === undefined) share += step;
  }
  return mix(fits, tooMuch, share);
}

function mix(one: readonly Expected[], other: readonly Expected[], share: number): Expected[] {
  return one.map((value, i) => {
    const further = other[i] ?? value;
    const at = (key: keyof Expected): number => value[key] + share * (further[key] - value[key]);
    return {
      samples: at('samples'),
      requests: at('requests'),
      correct: at('correct'),
      kept: at('kept'),
      solved: at('solved'),
    };
  });
}

/** The prompt is paid once per request, however many samples it brings. */
function useOf({ samples, requests }: Expected, { promptTokens }: PlanProblem, { completionTokens }: PlanModel): Use {
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
    const { a, b } = update(prior, earlier.attempts, earlier.successes);
    // −1 stands for those that were never sampled.
    const bucket =
      earlier.attempts === 0
        ? -1
        : Math.min(
            edges.length - 2,
            edges.findLastIndex((edge) => edge <= a / (a + b)),
          );
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
      use = addUse(use, useOf(one, problem, model));
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
    .map(([bucket, indexes]): PlanBucket => {
      const [from, to] = [edges[bucket], edges[bucket + 1]];
      return { ...(bucket < 0 || from === undefined || to === undefined ? {} : { from, to }), ...rowOf(indexes) };
    });
  return { buckets, total: rowOf([...members.values()].flat()) };
}
