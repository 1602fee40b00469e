export { excerpt, FAR_BEFORE, NEAR_BEFORE } from './excerpt.ts';
export { type CalibrationState, foldCalibration } from './fold.ts';
export { type FrameSentence, frameSentences, type Reading, readingsOf } from './frame.ts';
export {
  CalibrationAct,
  CalibrationPlan,
  CalibrationReport,
  Detector,
  type DetectorScore,
  type KindScore,
} from './model.ts';
export { drawPlan, NothingToDraw } from './plan.ts';
export { type Calibration, calibrationReport } from './report.ts';
export { type DetectorScores, scoresOf } from './scores.ts';
export { type MeasuredPrecision, measuredPrecision } from './trust.ts';
export { reportCsv, reportMarkdown } from './words.ts';
