export { type Bounds, bucketOf, countBuckets } from './buckets.ts';
export { BUDGET_KINDS, Budget, type BudgetKind, NO_USE, type Use } from './budget.ts';
export { equationKey, equationList } from './equations.ts';
export { type Merge, type MergedRow, type MergeRow, type MergeSource, mergeRows } from './merge.ts';
export { difficultyPicture, type PictureRow } from './picture.ts';
export { type PlanBucket, type PlanModel, type PlanProblem, type PlanRow, type PlanTable, planTable } from './plan.ts';
export { SamplingPolicy } from './policies/index.ts';
export { type Beta, chanceAbove, type PassRate, passRate, UNIFORM_PRIOR, update, worthSampling } from './posterior.ts';
export { fitPrior } from './prior.ts';
export {
  type Draw,
  type Idle,
  type ProblemState,
  type Sample,
  Sampler,
  type SamplerOptions,
  type SamplerProblem,
} from './sampler.ts';
export { type Response, type Selection, selectResponses } from './select.ts';
export {
  DifficultyEdges,
  SamplingChoices,
  SamplingSettings,
  SelectionSettings,
  SourceMarkers,
  TriageSettings,
} from './settings.ts';
export { addOutcome, addTallies, emptyTally, type SampleOutcome, Tally } from './tally.ts';
export { type SuspectGold, suspectGold, type TriageProblem } from './triage.ts';
export type { Expected } from './walk.ts';
