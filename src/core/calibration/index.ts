export { type Excerpt, excerpt, FAR_BEFORE, NEAR_BEFORE } from './excerpt.ts';
export { type CalibrationState, foldCalibration, type Label } from './fold.ts';
export { type FrameSentence, frameSentences } from './frame.ts';
export {
  CalibrationAct,
  CalibrationPlan,
  CalibrationReport,
  Detector,
  type DetectorScore,
  type KindScore,
} from './model.ts';
export { type DrawOptions, drawPlan, NothingToDraw } from './plan.ts';
export { type Calibration, calibrationReport } from './report.ts';
export { type DetectorScores, scoresOf } from './scores.ts';
export { decimal, estimateText, isWide, reportCsv, reportMarkdown } from './words.ts';
