export { averageAtK, majorityAtK, passAtK } from './at-k.ts';
export { bootstrapMean, bootstrapRatio, Interval } from './bootstrap.ts';
export { compareEvaluations, differenceInWords, EvaluationComparison } from './compare.ts';
export { PairedTest, pairedTest } from './paired.ts';
export { byProblem, EvaluatedSample, isCorrect, type ProblemSamples, TransitionCounts } from './sample.ts';
export { EvaluationScores, evaluationScores } from './scores.ts';
