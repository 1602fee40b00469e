export { applyChanges, ChangesDoNotFit, changesFit, mapSegments, mapSpans } from './changes.ts';
export { changesFromField, diffToChanges } from './diff.ts';
export { foldActs, type ReviewedChain } from './fold.ts';
export { ReviewState } from './state.ts';
