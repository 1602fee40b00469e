import { z } from 'zod';
import { defined } from '../defined.ts';
import { Interval } from '../evaluation/bootstrap.ts';
import { compareEvaluations, EvaluationComparison } from '../evaluation/compare.ts';
import { Contamination } from '../evaluation/evaluation-plan.ts';
import type { EvaluatedSample } from '../evaluation/sample.ts';
import { EvaluationScores, evaluationScores } from '../evaluation/scores.ts';
import { betaQuantile } from '../maths/special.ts';
import { ArmName } from './plan.ts';

const count = z.number().int().nonnegative();

/** The mean over seeds with its 95 % t interval; low and high are null with one seed. */
const OverSeeds = z.object({
  seeds: count,
  mean: z.number(),
  /** Standard deviation between seeds. */
  deviation: z.number().nonnegative(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type OverSeeds = z.infer<typeof OverSeeds>;

const ArmResult = z.object({
  arm: ArmName,
  /** Over the answers of all seeds; intervals over problems. */
  scores: EvaluationScores,
  seeds: z.array(
    z.object({
      seed: count,
      evaluation: z.string(),
      run: z.string().optional(),
      export: z.string().optional(),
      /** Rows that the training truncated, and rows of which it trained no token; absent in older results. */
      cutRows: count.optional(),
      emptyRows: count.optional(),
      average: Interval,
    }),
  ),
  overSeeds: OverSeeds,
});
export type ArmResult = z.infer<typeof ArmResult>;

const ArmComparison = z.object({
  before: ArmName,
  after: ArmName,
  /** A problem’s value is the share of right answers over all seeds. */
  comparison: EvaluationComparison,
  /** The difference after − before in each seed; intervals over problems. */
  seeds: z.array(z.object({ seed: count, difference: Interval, p: z.number() })),
  overSeeds: OverSeeds,
});
export type ArmComparison = z.infer<typeof ArmComparison>;

/** What a set of held-out problems showed. */
const SetResult = z.object({
  /** As in the plan. */
  name: z.string(),
  arms: z.array(ArmResult),
  /** The first one is the question: `b` to `a`, or `control` to `a`, or as the plan has it. */
  comparisons: z.array(ArmComparison),
  contamination: Contamination,
});
export type SetResult = z.infer<typeof SetResult>;

/** `result.json` of a finished comparison. Replies without an answer count as wrong. */
export const SelectionsResult = z.object({
  version: z.literal(1),
  comparison: z.string(),
  finishedAt: z.string(),
  /** In the order of the plan. */
  sets: z.array(SetResult).min(1),
  /** Of all evaluations. */
  calls: count,
  completionTokens: count,
  cost: z.number().nonnegative().nullable(),
});

export type SelectionsResult = z.infer<typeof SelectionsResult>;

/** The finished evaluation of an arm in one seed, on one set of problems. */
export interface ArmEvaluation {
  arm: ArmName;
  seed: number;
  evaluation: string;
  run?: string | undefined;
  export?: string | undefined;
  cutRows?: number | undefined;
  emptyRows?: number | undefined;
  samples: readonly EvaluatedSample[];
}

/** Which arms are compared, the earlier one first. */
const PAIRS: readonly (readonly [ArmName, ArmName])[] = [
  ['b', 'a'],
  ['control', 'a'],
  ['control', 'b'],
  ['base', 'a'],
  ['base', 'b'],
  ['base', 'control'],
  ['prompted', 'a'],
  ['prompted', 'b'],
  ['base', 'prompted'],
];

/** The arms by their order. @throws RangeError for an arm without a graded answer. */
export function armResults(arms: readonly ArmName[], evaluations: readonly ArmEvaluation[]): ArmResult[] {
  return arms.map((arm) => {
    const seeds = evaluations
      .filter((one) => one.arm === arm)
      .map(({ seed, evaluation, run, export: exported, cutRows, emptyRows, samples }) => {
        const { average } = evaluationScores(samples);
        return { seed, evaluation, ...defined({ run, export: exported, cutRows, emptyRows }), average };
      });
    return {
      arm,
      scores: evaluationScores(pooled(evaluations, arm)),
      seeds,
      overSeeds: overSeeds(seeds.map(({ average }) => average.value)),
    };
  });
}

/**
 * Paired comparisons over problems. Seeds are repeated measures: the value of a problem is the share of right answers over all seeds, and the test and the
 * bootstrap are over problems. How trainings differ is shown by the differences of each seed, with a t interval over seeds.
 * @param against what A is compared with first
 */
export function armComparisons(
  arms: readonly ArmName[],
  evaluations: readonly ArmEvaluation[],
  against?: ArmName,
): ArmComparison[] {
  const pairs = PAIRS.filter(([before, after]) => arms.includes(before) && arms.includes(after));
  const isFirst = ([before, after]: (typeof PAIRS)[number]): boolean => before === against && after === 'a';
  return [...pairs.filter(isFirst), ...pairs.filter((pair) => !isFirst(pair))].map(([before, after]) => {
    const seeds = evaluations
      .filter(({ arm }) => arm === after)
      .flatMap(({ seed, samples }) => {
        const other = evaluations.find((one) => one.arm === before && one.seed === seed);
        if (other === undefined) return [];
        const { test } = compareEvaluations(other.samples, samples);
        return [{ seed, difference: test.difference, p: test.p }];
      });
    return {
      ...{ before, after, comparison: compareEvaluations(pooled(evaluations, before), pooled(evaluations, after)) },
      ...{ seeds, overSeeds: overSeeds(seeds.map(({ difference }) => difference.value)) },
    };
  });
}

/** The answers of all seeds of an arm. */
function pooled(evaluations: readonly ArmEvaluation[], arm: ArmName): EvaluatedSample[] {
  return evaluations.filter((one) => one.arm === arm).flatMap(({ samples }) => samples);
}

/** The mean of one value per seed with its t interval (Student, Biometrika 6, 1908). */
export function overSeeds(values: readonly number[]): OverSeeds {
  const seeds = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, seeds);
  if (seeds < 2) return { seeds, mean, deviation: 0, low: null, high: null };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (seeds - 1));
  const half = (studentQuantile(seeds - 1) * deviation) / Math.sqrt(seeds);
  return { seeds, mean, deviation, low: mean - half, high: mean + half };
}

/** The t with P(|T| > t) = 0.05: ν / (ν + t²) is a quantile of Beta(ν/2, 1/2). */
function studentQuantile(freedom: number): number {
  const x = betaQuantile(0.05, freedom / 2, 0.5);
  return Math.sqrt((freedom * (1 - x)) / x);
}
