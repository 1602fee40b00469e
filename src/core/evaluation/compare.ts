import { z } from 'zod';
import { formatCount, plural, pluralAmount } from '../text/format.ts';
import { averageAtK } from './at-k.ts';
import { bootstrapRatio, Measure } from './bootstrap.ts';
import { PairedTest, pairedTest } from './paired.ts';
import { byProblem, type EvaluatedSample } from './sample.ts';

/** Comparison of two evaluations over their common problems. */
export const EvaluationComparison = z.object({
  test: PairedTest,
  before: z.number(),
  after: z.number(),
  /** after / before; null where before is 0. */
  ratio: Measure.nullable(),
  /** The difference as a number of problems. */
  inProblems: z.number(),
  /** Problems of only one evaluation. */
  onlyBefore: z.number().int().nonnegative(),
  onlyAfter: z.number().int().nonnegative(),
});
export type EvaluationComparison = z.infer<typeof EvaluationComparison>;

/** Compares avg@k over the problems that both evaluations graded. @throws RangeError without a common problem. */
export function compareEvaluations(
  before: readonly EvaluatedSample[],
  after: readonly EvaluatedSample[],
): EvaluationComparison {
  const a = shares(before);
  const b = shares(after);
  const common = [...a.keys()].filter((id) => b.has(id));
  const sharesA = common.map((id) => a.get(id) ?? 0);
  const sharesB = common.map((id) => b.get(id) ?? 0);
  const test = pairedTest(sharesA, sharesB);
  return {
    test,
    before: sharesA.reduce((sum, value) => sum + value, 0) / common.length,
    after: sharesB.reduce((sum, value) => sum + value, 0) / common.length,
    ratio: bootstrapRatio(sharesA, sharesB) ?? null,
    inProblems: test.difference.value * common.length,
    onlyBefore: a.size - common.length,
    onlyAfter: b.size - common.length,
  };
}

function shares(samples: readonly EvaluatedSample[]): Map<string, number> {
  return new Map(byProblem(samples).problems.map((problem) => [problem.problemId, averageAtK(problem)]));
}

/** With fewer problems p > 0.05 always: 2 of the 2⁵ sign patterns of five differences are as extreme as the observed one. */
const FEWEST = 6;

/** “This difference is 3 problems of 30”, and how likely it is by chance. */
export function formatDifference({ test, inProblems }: EvaluationComparison): string {
  const size = Math.abs(inProblems);
  const what = `This difference is ${pluralAmount(size, 'problem')} of ${formatCount(test.problems)}`;
  const few = test.problems < FEWEST ? ' These are too few problems to distinguish two models.' : '';
  if (inProblems === 0) return `There is no difference over ${plural(test.problems, 'problem')}.${few}`;
  const p = test.p < 0.001 ? 'p < 0.001' : `p = ${test.p.toFixed(3)}`;
  const chance =
    test.p < 0.05 ? 'two equal models would rarely differ as much' : 'two equal models often differ as much by chance';
  return `${what}; ${chance} (paired test, ${p}).${few}`;
}
