export {
  appendCalibration,
  createCalibration,
  detectorScores,
  listCalibrations,
  readCalibration,
} from './calibrations.ts';
export { type CreateOptions, Dataset, type OpenOptions } from './dataset.ts';
export {
  type ChainEntry,
  type ChainReview,
  DatasetIndex,
  type IndexChange,
  type PassRate,
  type SuspectGold,
} from './dataset-index.ts';
export { checkOf, writeCheck } from './endpoint-checks.ts';
export { StoreError, type StoreProblem } from './errors.ts';
export { lockRound, type RoundLock, roundStatus } from './lock.ts';
export { type ChainQuery, countFacets, FACETS, type Facet, queryChains } from './query.ts';
export { type ChainRow, type ProblemRow, textHash } from './rows.ts';
