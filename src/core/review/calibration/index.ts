export { excerpt, FAR_BEFORE, NEAR_BEFORE } from './excerpt.ts';
export { type CalibrationState, foldCalibration } from './fold.ts';
export { reportCsv, reportMarkdown } from './format.ts';
export { type FrameSentence, frameSentences, type Reading, readingsOf } from './frame.ts';
export type { Readable } from './learning.ts';
export {
  AutomaticSource,
  CalibrationAct,
  CalibrationPlan,
  CalibrationReport,
  type KindScore,
  type SourceScore,
} from './model.ts';
export { drawLearningPlan, drawPlan } from './plan.ts';
export { type Calibration, calibrationReport } from './report.ts';
export { type SourceScores, scoresOf } from './scores.ts';
export { measuredAccuracy } from './trust.ts';
