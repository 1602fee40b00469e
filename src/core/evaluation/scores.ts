import { z } from 'zod';
import { type BEHAVIOURS, Behaviour } from '../schemas/index.ts';
import { averageAtK, majorityAtK, passAtK } from './at-k.ts';
import { bootstrapMean, bootstrapShare, Interval, Measure } from './bootstrap.ts';
import {
  byProblem,
  type EvaluatedSample,
  isAnswered,
  isCorrect,
  isTruncated,
  type ProblemSamples,
  TransitionCounts,
} from './sample.ts';

const count = z.number().int().nonnegative();
const AtK = z.object({ k: z.number().int().positive(), score: Interval, problems: count });

/** Scores of an evaluation; shares and rates with 95 % bootstrap intervals over problems. */
export const EvaluationScores = z.object({
  problems: count,
  samples: count,
  /** Answers that could not be graded; excluded from all scores below. */
  ungraded: count,
  /** Other replies without an answer than truncated ones. They count as wrong, too. */
  blocked: count.optional(),
  refused: count.optional(),
  unfinished: count.optional(),
  empty: count.optional(),
  /** Minimum and maximum number of samples per problem. */
  k: z.object({ least: count, most: count }),
  average: Interval,
  pass: z.array(AtK),
  majority: z.array(AtK),
  /** Truncated samples count as wrong above. */
  truncated: Interval,
  /** Mean completion tokens of answers, and of all replies; null without such samples. */
  tokens: z.object({ right: Measure.nullable(), wrong: Measure.nullable(), all: Measure, estimated: z.boolean() }),
  /** Share of samples with a right first candidate answer, among those with a graded one; null without them. */
  firstRight: Interval.nullable(),
  /** Steps between candidate answers. */
  transitions: TransitionCounts,
  /** Share of right final answers after a wrong first one, and the reverse; null without such samples. */
  wrongToRight: Interval.nullable(),
  rightToWrong: Interval.nullable(),
  /** Spans per 1,000 completion tokens. */
  behaviours: z.record(Behaviour, z.number().nonnegative()).nullable(),
});
export type EvaluationScores = z.infer<typeof EvaluationScores>;

/**
 * Scores of one model on one set of problems.
 * @param ks Values of k for pass@k and maj@k; a problem with fewer samples is excluded from that k.
 * @throws RangeError if no sample is graded.
 */
export function evaluationScores(
  all: readonly EvaluatedSample[],
  ks: readonly number[] = [1, 2, 4, 8, 16, 32, 64],
): EvaluationScores {
  const { problems, ungraded } = byProblem(all);
  const samples = problems.flatMap((problem) => problem.samples);
  const sizes = problems.map((problem) => problem.samples.length);
  const average = bootstrapShare(problems.map(averageAtK));
  const withFirst = samples.filter((sample) => sample.first !== undefined && isAnswered(sample));
  const replies = (how: EvaluatedSample['reply']): number => samples.filter(({ reply }) => reply === how).length;
  return {
    problems: problems.length,
    samples: samples.length,
    ungraded,
    ...{ blocked: replies('blocked'), refused: replies('refused') },
    ...{ unfinished: replies('unfinished'), empty: replies('empty') },
    k: { least: Math.min(...sizes), most: Math.max(...sizes) },
    average,
    pass: atK(problems, ks, ({ samples: of }, k) => passAtK(of.length, of.filter(isCorrect).length, k)),
    majority: atK(problems, ks, majorityAtK),
    truncated: bootstrapShare(problems.map(({ samples: of }) => share(of, isTruncated))),
    tokens: {
      right: meanTokens(problems, isCorrect),
      wrong: meanTokens(problems, (sample) => isAnswered(sample) && !isCorrect(sample)),
      all: bootstrapMean(problems.map(({ samples: of }) => mean(of.map((sample) => sample.tokens)))),
      estimated: samples.some((sample) => sample.estimated),
    },
    firstRight: shareOf(withFirst, (sample) => sample.first === 'right'),
    transitions: sumTransitions(samples),
    wrongToRight: shareOf(
      withFirst.filter((sample) => sample.first === 'wrong'),
      isCorrect,
    ),
    rightToWrong: shareOf(
      withFirst.filter((sample) => sample.first === 'right'),
      (sample) => !isCorrect(sample),
    ),
    behaviours: behaviourRates(samples),
  };
}

/** The score for each k for which some problem has enough samples. */
function atK(
  problems: readonly ProblemSamples[],
  ks: readonly number[],
  score: (problem: ProblemSamples, k: number) => number,
): z.infer<typeof AtK>[] {
  const ascending = [...new Set(ks)].sort((a, b) => a - b);
  return ascending.flatMap((k) => {
    const enough = problems.filter(({ samples }) => samples.length >= k);
    if (enough.length === 0) return [];
    return [{ k, score: bootstrapShare(enough.map((problem) => score(problem, k))), problems: enough.length }];
  });
}

/** The mean over problems of the mean length of such samples. */
function meanTokens(problems: readonly ProblemSamples[], which: (sample: EvaluatedSample) => boolean): Measure | null {
  const means = problems.flatMap(({ samples }) => {
    const tokens = samples.filter(which).map((sample) => sample.tokens);
    return tokens.length === 0 ? [] : [mean(tokens)];
  });
  return means.length === 0 ? null : bootstrapMean(means);
}

/** A share of samples, resampled by problem. */
function shareOf(samples: readonly EvaluatedSample[], which: (sample: EvaluatedSample) => boolean): Interval | null {
  if (samples.length === 0) return null;
  const groups = new Map<string, EvaluatedSample[]>();
  for (const sample of samples) groups.set(sample.problemId, [...(groups.get(sample.problemId) ?? []), sample]);
  return bootstrapShare([...groups.values()].map((of) => share(of, which)));
}

function sumTransitions(samples: readonly EvaluatedSample[]): TransitionCounts {
  const sum: TransitionCounts = { 'right-right': 0, 'right-wrong': 0, 'wrong-right': 0, 'wrong-wrong': 0 };
  for (const { transitions } of samples) {
    if (!transitions) continue;
    for (const kind of TransitionCounts.keyof().options) sum[kind] += transitions[kind];
  }
  return sum;
}

function behaviourRates(samples: readonly EvaluatedSample[]): Record<Behaviour, number> | null {
  const marked = samples.flatMap(({ behaviours, tokens }) => (behaviours ? [{ behaviours, tokens }] : []));
  const tokens = marked.reduce((sum, sample) => sum + sample.tokens, 0);
  if (tokens === 0) return null;
  const rate = (kind: Behaviour): number =>
    (1000 * marked.reduce((sum, { behaviours }) => sum + (behaviours[kind] ?? 0), 0)) / tokens;
  return {
    verification: rate('verification'),
    backtracking: rate('backtracking'),
    subgoal: rate('subgoal'),
    backward: rate('backward'),
  } satisfies Record<(typeof BEHAVIOURS)[number], number>;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function share<T>(items: readonly T[], which: (item: T) => boolean): number {
  return items.filter(which).length / items.length;
}
