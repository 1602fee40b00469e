export { datasetCard } from './card.ts';
export { type Feature, type FeatureType, FileFormats, featuresOf, parquetName } from './features.ts';
export {
  type ChainForm,
  chainLabel,
  defaultName,
  EXPORT_FORMS,
  type ExportForm,
  FORM_FILES,
  type FormId,
  type KnownProblem,
  type Pair,
  type PairChoices,
  type Paired,
  type PairForm,
  type ProblemChoices,
  type ProblemForm,
  pairUp,
  questionOf,
  ROW_FILES,
  unusedChoices,
  whyNoProblem,
} from './forms/index.ts';
export {
  countReasons,
  type FileEntry,
  LABEL_RULES,
  type Manifest,
  OFFSETS,
  PROBLEM_RULE,
  type RoundLineage,
  roundLineage,
  SELECTION_RULES,
  STEP_RULE,
  Tally,
} from './manifest.ts';
export { type MeasuredChain, type RowOverview, rowOverview } from './overview.ts';
export { type Candidate, DEFAULT_CHOICES, planRows, type RowChoices, type RowPlan } from './plan.ts';
export { type Examined, type PublishedFacts, statementsOf } from './published.ts';
export { MANIFEST_FILE, readManifest } from './read-manifest.ts';
export type { Reasoning } from './reasoning.ts';
export { pseudonyms, renameReviewers, withoutReviewTexts } from './reviewers.ts';
export { actsOfReview, PROBLEMS_FILE, REVIEWS_FILE, ReviewRow } from './reviews.ts';
export { type ExportedChain, exportChain, unmasked } from './rows.ts';
export { combineDecisions, isSelected, type ReviewedText, reviewedText, withoutMask } from './select.ts';
export { fileOfSet, ROW_SETS, type RowSet } from './sets.ts';
export { LEFT_FILE, type LeftOut, type LeftProblemReason, type LeftReason, sourceOf, whyNot } from './sources.ts';
