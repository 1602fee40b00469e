// The classifier is not exported here: a bundle that imports this file must not carry its weights. See annotate.ts.
export { type CandidateAnswer, findCandidates, type GradedCandidate } from './candidates.ts';
export { findEqualities } from './equalities.ts';
export { BEHAVIOUR_SCORES, behaviourRates } from './rates.ts';
export { type Sentence, splitSentences } from './sentences.ts';
export { pieceSpans } from './spans.ts';
export { transitions } from './transitions.ts';
