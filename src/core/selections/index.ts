export { type Drawable, drawMatched, type Matching, type Pool } from './draw.ts';
export { ArmDraw, type ArmName, armsOf, type SelectionArm, SelectionCheck, SelectionsPlan } from './plan.ts';
export { detectable, passSpread, spreadOf } from './power.ts';
export {
  ARM_NAMES,
  armText,
  differenceText,
  FEWEST_SEEDS,
  limitsOf,
  overlapText,
  problemsText,
  seedsText,
  selectionsReport,
  verdictText,
  workText,
} from './report.ts';
export { type ArmEvaluation, armComparisons, armResults, SelectionsResult } from './results.ts';
