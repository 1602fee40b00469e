export { datasetCard, ROW_FILES } from './card.ts';
export { combineDecisions, combineOverrides } from './decision.ts';
export {
  type FileEntry,
  type Manifest,
  OFFSETS,
  roundLineage,
  SELECTION_RULES,
  Tally,
} from './manifest.ts';
export { type ExportedChain, exportChain } from './rows.ts';
export { isSelected, type ReviewedText, reviewedText } from './select.ts';
