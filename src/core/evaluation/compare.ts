import { z } from 'zod';
import { averageAtK } from './at-k.ts';
import { bootstrapRatio, Ratio } from './bootstrap.ts';
import { PairedTest, pairedTest } from './paired.ts';
import { byProblem, type EvaluatedSample } from './sample.ts';
import { counted } from './words.ts';

/** Two evaluations held against each other, problem by problem. */
export const EvaluationComparison = z.object({
  test: PairedTest,
  before: z.number(),
  after: z.number(),
  /** after / before; null where before is 0. */
  ratio: Ratio.nullable(),
  /** The difference as a number of problems, which says more than a percentage where there are few. */
  inProblems: z.number(),
  /** Problems that only one side has. */
  onlyBefore: z.number().int().nonnegative(),
  onlyAfter: z.number().int().nonnegative(),
});
export type EvaluationComparison = z.infer<typeof EvaluationComparison>;

/**
 * Compares avg@k over the problems that both evaluations graded.
 * @throws RangeError when they have no problem in common.
 */
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

/** With fewer, even a difference in every problem has p > 0.05: 2 of the 2⁵ ways to swap five pairs are as large. */
const FEWEST = 6;

/** “This difference is 3 problems of 30”, and whether chance alone often makes one as large. */
export function differenceInWords({ test, inProblems }: EvaluationComparison): string {
  const size = Math.abs(inProblems);
  const rounded = Number.isInteger(size) ? String(size) : size.toFixed(1);
  const what = `This difference is ${rounded} ${rounded === '1' ? 'problem' : 'problems'} of ${test.problems}`;
  const few = test.problems < FEWEST ? ' These are too few problems to tell two models apart.' : '';
  if (inProblems === 0) return `There is no difference over ${counted(test.problems, 'problem')}.${few}`;
  const p = test.p < 0.001 ? 'p < 0.001' : `p = ${test.p.toFixed(3)}`;
  const chance =
    test.p < 0.05
      ? 'two equal models would rarely differ as much'
      : 'two equal models often differ as much by luck alone';
  return `${what}; ${chance} (paired test, ${p}).${few}`;
}
