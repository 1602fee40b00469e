// The classifier is not exported here: a bundle that imports this file must not carry its weights. See annotate.ts.
export { type CandidateAnswer, findCandidates, type GradedCandidate } from './candidates.ts';
export { type Equality, findEqualities } from './equalities.ts';
export { BEHAVIOUR_SCORES, ratesPer1000Tokens } from './rates.ts';
export { type Sentence, splitSentences } from './sentences.ts';
export { pieceSpans } from './spans.ts';
export { type Transition, transitions } from './transitions.ts';
export type { BehaviourScore } from './weights.ts';
