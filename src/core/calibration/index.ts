export { excerpt, FAR_BEFORE, NEAR_BEFORE } from './excerpt.ts';
export { type CalibrationState, foldCalibration } from './fold.ts';
export { type FrameSentence, frameSentences, type OfflineDetector, readingsOf } from './frame.ts';
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
export { reportCsv, reportMarkdown } from './words.ts';
