export type { Lock } from '../system/lock.ts';
export { planReview, reverseReview, writeBatch } from './batches.ts';
export {
  appendCalibration,
  countLabels,
  createCalibration,
  detectorScores,
  listCalibrations,
  readCalibration,
} from './calibrations.ts';
export { type ChainEntry, FoundChains } from './chain-index/chain-table.ts';
export type { PassRate } from './chain-index/dataset-index.ts';
export { countFacets, queryChains, queryPositions } from './chain-index/dataset-query.ts';
export { choiceColumn, numberColumn } from './chain-index/field-columns.ts';
export { choicesOf, numberOf } from './chain-index/fields.ts';
export { NO_TALLY } from './chain-index/grade-counts.ts';
export { dependsOnReviews, FACETS, type Facet, type Sort } from './chain-index/query.ts';
export { type ProblemRow, textHash } from './chain-index/rows.ts';
export { Dataset } from './dataset.ts';
export { checkOf, writeCheck } from './endpoint-checks.ts';
export { StoreError } from './errors.ts';
export { lockRound, roundStatus } from './lock.ts';
