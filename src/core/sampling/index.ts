export {
  bucketName,
  bucketOf,
  countBuckets,
  countKinds,
  kindsText,
  mostSampled,
  UNSOLVED_KINDS,
  unsolvedKind,
} from './buckets.ts';
export { BUDGET_KINDS, Budget, NO_USE, type Use } from './budget.ts';
export { equationKey, equationList } from './equations.ts';
export { type MergeSource, markProblem } from './merge.ts';
export { difficultyPicture, type PictureRow } from './picture.ts';
export { firstStage, SamplingPolicy } from './policies/index.ts';
export { type Beta, type PassRate, passRate, UNIFORM_PRIOR, update } from './posterior.ts';
export { fitPrior, type PopulationPrior, populationPrior } from './prior.ts';
export {
  type Draw,
  type Sample,
  Sampler,
  type SamplerProblem,
} from './sampler.ts';
export { type PlanProblem, type PlanTable, planTable } from './sampling-plan.ts';
export { selectResponses } from './select.ts';
export {
  SamplingChoices,
  SamplingSettings,
  SelectionSettings,
  SourceMarkers,
  TriageSettings,
} from './settings.ts';
export { addOutcome, addTallies, emptyTally, Tally } from './tally.ts';
export { suspectGold, type TriageProblem } from './triage.ts';
