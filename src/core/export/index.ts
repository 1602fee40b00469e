export { datasetCard } from './card.ts';
export {
  chainLabel,
  EXPORT_FORMS,
  type ExportForm,
  FORM_FILES,
  FORM_IDS,
  type FormId,
  ROW_FILES,
} from './forms/index.ts';
export {
  countReasons,
  type FileEntry,
  type Manifest,
  OFFSETS,
  roundLineage,
  SELECTION_RULES,
  Tally,
} from './manifest.ts';
export { pseudonyms } from './reviewers.ts';
export { type ExportedChain, exportChain } from './rows.ts';
export { combineDecisions, isSelected, type ReviewedText, reviewedText } from './select.ts';
export { LEFT_FILE, type LeftOut, type LeftReason, sourceOf, whyNot } from './sources.ts';
