import { z } from 'zod';
import { type BEHAVIOURS, Behaviour } from '../model/index.ts';
import { averageAtK, majorityAtK, passAtK } from './at-k.ts';
import { bootstrapMean, Interval } from './bootstrap.ts';
import { byProblem, type EvaluatedSample, isCorrect, type ProblemSamples, TransitionCounts } from './sample.ts';

const count = z.number().int().nonnegative();
const AtK = z.object({ k: z.number().int().positive(), score: Interval, problems: count });

/** What an evaluation found; shares and rates with 95 % bootstrap intervals over problems. */
export const EvaluationScores = z.object({
  problems: count,
  samples: count,
  /** Samples that speak of the grader and not of the model; left out of everything below. */
  ungraded: count,
  /** Samples a problem: the fewest and the most. */
  k: z.object({ least: count, most: count }),
  average: Interval,
  pass: z.array(AtK),
  majority: z.array(AtK),
  /** Share of samples that the token limit cut off. They count as not solved above. */
  truncated: Interval,
  /** Mean completion tokens; null without such a sample. */
  tokens: z.object({ right: Interval.nullable(), wrong: Interval.nullable(), all: Interval, estimated: z.boolean() }),
  /** Share of samples whose first candidate answer is right, among those where it can be told; null where there are none. */
  firstRight: Interval.nullable(),
  /** Steps between candidate answers, and per sample that has a candidate. */
  transitions: TransitionCounts,
  /** Of samples whose first answer is wrong, those whose final one is right; and the other way. Null where there are none. */
  wrongToRight: Interval.nullable(),
  rightToWrong: Interval.nullable(),
  /** Episodes per 1,000 completion tokens. */
  behaviours: z.record(Behaviour, z.number().nonnegative()).nullable(),
});
export type EvaluationScores = z.infer<typeof EvaluationScores>;

/**
 * Scores of one model on one set of problems. `ks`: for which k pass@k and maj@k are told; those above the samples of a problem leave it out.
 * @throws RangeError when no sample could be graded.
 */
export function evaluationScores(
  all: readonly EvaluatedSample[],
  ks: readonly number[] = [1, 2, 4, 8, 16, 32, 64],
): EvaluationScores {
  const { problems, ungraded } = byProblem(all);
  const samples = problems.flatMap((problem) => problem.samples);
  const sizes = problems.map((problem) => problem.samples.length);
  const average = bootstrapMean(problems.map(averageAtK));
  const told = samples.filter((sample) => sample.first !== undefined && !sample.truncated);
  return {
    problems: problems.length,
    samples: samples.length,
    ungraded,
    k: { least: Math.min(...sizes), most: Math.max(...sizes) },
    average,
    pass: atK(problems, ks, ({ samples: of }, k) => passAtK(of.length, of.filter(isCorrect).length, k)),
    majority: atK(problems, ks, majorityAtK),
    truncated: bootstrapMean(problems.map(({ samples: of }) => share(of, (sample) => sample.truncated))),
    tokens: {
      right: meanTokens(problems, isCorrect),
      wrong: meanTokens(problems, (sample) => !sample.truncated && !isCorrect(sample)),
      all: bootstrapMean(problems.map(({ samples: of }) => mean(of.map((sample) => sample.tokens)))),
      estimated: samples.some((sample) => sample.estimated),
    },
    firstRight: shareOf(told, (sample) => sample.first === 'right'),
    transitions: sumTransitions(samples),
    wrongToRight: shareOf(
      told.filter((sample) => sample.first === 'wrong'),
      isCorrect,
    ),
    rightToWrong: shareOf(
      told.filter((sample) => sample.first === 'right'),
      (sample) => !isCorrect(sample),
    ),
    behaviours: behaviourRates(samples),
  };
}

/** Each k once, ascending, while some problem has as many samples. */
function atK(
  problems: readonly ProblemSamples[],
  ks: readonly number[],
  score: (problem: ProblemSamples, k: number) => number,
): z.infer<typeof AtK>[] {
  const ascending = [...new Set(ks)].sort((a, b) => a - b);
  return ascending.flatMap((k) => {
    const enough = problems.filter(({ samples }) => samples.length >= k);
    if (enough.length === 0) return [];
    return [{ k, score: bootstrapMean(enough.map((problem) => score(problem, k))), problems: enough.length }];
  });
}

/** The mean over problems that have such samples of their mean length. */
function meanTokens(problems: readonly ProblemSamples[], which: (sample: EvaluatedSample) => boolean): Interval | null {
  const means = problems.flatMap(({ samples }) => {
    const tokens = samples.filter(which).map((sample) => sample.tokens);
    return tokens.length === 0 ? [] : [mean(tokens)];
  });
  return means.length === 0 ? null : bootstrapMean(means);
}

/** A share of samples, with problems drawn as wholes. */
function shareOf(samples: readonly EvaluatedSample[], which: (sample: EvaluatedSample) => boolean): Interval | null {
  if (samples.length === 0) return null;
  const groups = new Map<string, EvaluatedSample[]>();
  for (const sample of samples) groups.set(sample.problemId, [...(groups.get(sample.problemId) ?? []), sample]);
  return bootstrapMean([...groups.values()].map((of) => share(of, which)));
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
