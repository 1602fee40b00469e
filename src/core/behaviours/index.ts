export { type CandidateAnswer, findCandidates } from './candidates.ts';
export { type Sentence, splitSentences } from './sentences.ts';
export { pieceSpans, ruleSpans } from './spans.ts';
