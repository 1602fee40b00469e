export { answerPlace, type Place } from './answer-place.ts';
export { applyChanges, mapSegments, mapSpans } from './changes.ts';
export { type Anchor, alongAnchors, differencesOf, phaseAnchors } from './compare.ts';
export { ACTS_ON_SPANS, corrections } from './corrections.ts';
export { changesFromField, diffToChanges } from './diff.ts';
export { foldActs } from './fold.ts';
export {
  type Edge,
  edgeMoved,
  mergedWithNext,
  moved,
  overSentences,
  type Respan,
  relabelled,
  sentencePlace,
  split,
  takingIn,
} from './spans.ts';
export { Override, ReviewState } from './state.ts';
export { combineSteps, firstWrongStep, type LabelledStep, labelledSteps, type StepMark, splitSteps } from './steps.ts';
