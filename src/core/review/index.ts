export { answerPlace, type Place } from './answer-place.ts';
export { applyChanges, ChangesDoNotFit, changesFit, mapSegments, mapSpans } from './changes.ts';
export { changesFromField, diffToChanges } from './diff.ts';
export { foldActs, type ReviewedChain } from './fold.ts';
export {
  type Edge,
  edgeMoved,
  mergedWithNext,
  moved,
  overSentences,
  type Respan,
  relabelled,
  split,
} from './spans.ts';
export { Override, ReviewState } from './state.ts';
