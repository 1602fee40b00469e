export { type Drawable, drawMatched, type Matching, type Pool } from './draw.ts';
export {
  ArmDraw,
  ArmName,
  armsOf,
  type HeldOutSet,
  type SelectionArm,
  SelectionCheck,
  SelectionsPlan,
  stepCount,
} from './plan.ts';
export { detectable, passSpread, spreadOf } from './power.ts';
export {
  ARM_NAMES,
  armText,
  correctedText,
  differenceText,
  drawText,
  FEWEST_SEEDS,
  heldOutText,
  limitsOf,
  noAnswerText,
  notCountedText,
  overlapText,
  problemsText,
  seedsText,
  selectionsReport,
  verdictText,
  workText,
} from './report.ts';
export { type ArmEvaluation, armComparisons, armResults, SelectionsResult, type SetResult } from './results.ts';
