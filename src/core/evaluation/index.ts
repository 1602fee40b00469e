export { averageAtK, majorityAtK, passAtK } from './at-k.ts';
export { bootstrapMean, bootstrapRatio, Interval, Ratio } from './bootstrap.ts';
export { compareEvaluations, differenceInWords, EvaluationComparison } from './compare.ts';
export { type ComparedSide, comparisonPicture, comparisonReport, otherSettings } from './comparison.ts';
export { PairedTest, pairedTest } from './paired.ts';
export { type ScoreRow, scoresPicture } from './picture.ts';
export {
  Contamination,
  type ContaminationHit,
  EvaluationPlan,
  EvaluationResult,
  EvaluationSet,
  ExpectedEvaluation,
} from './plan.ts';
export { evaluationPicture, evaluationReport } from './report.ts';
export { byProblem, EvaluatedSample, inOrder, isCorrect, type ProblemSamples, TransitionCounts } from './sample.ts';
export { EvaluationScores, evaluationScores } from './scores.ts';
export { percent, percentInterval } from './words.ts';
