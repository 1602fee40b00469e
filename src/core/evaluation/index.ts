export { answersDocument, namedProblems, shownAnswer } from './answers.ts';
export { majorityAtK, passAtK } from './at-k.ts';
export { bootstrap, bootstrapMean } from './bootstrap.ts';
export { compareEvaluations, EvaluationComparison, formatDifference } from './compare.ts';
export { comparisonPicture, comparisonReport, otherSettings } from './comparison.ts';
export {
  Contamination,
  type ContaminationHit,
  EvaluationPlan,
  EvaluationResult,
  EvaluationSet,
} from './evaluation-plan.ts';
export { pairedTest } from './paired.ts';
export { evaluationPicture, evaluationReport } from './report.ts';
export { byProblem, EvaluatedSample, inOrder, isCorrect, isTruncated, TransitionCounts } from './sample.ts';
export { EvaluationScores, evaluationScores } from './scores.ts';
