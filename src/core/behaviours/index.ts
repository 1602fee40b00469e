export { type CandidateAnswer, findCandidates, type GradedCandidate } from './candidates.ts';
export { type Equality, findEqualities } from './equalities.ts';
export { type Sentence, splitSentences } from './sentences.ts';
export { pieceSpans, ruleSpans } from './spans.ts';
export { type Transition, transitions } from './transitions.ts';
