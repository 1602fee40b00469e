export { datasetCard, ROW_FILES } from './card.ts';
export { combineDecisions } from './decision.ts';
export {
  type FileEntry,
  type Manifest,
  OFFSETS,
  roundLineage,
  SELECTION_RULES,
  type Selection,
  Tally,
} from './manifest.ts';
export { type ExportedChain, exportChain } from './rows.ts';
export { type ReviewedText, reviewedText } from './select.ts';
