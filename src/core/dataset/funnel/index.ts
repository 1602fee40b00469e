export { adviceText, funnelLine, mainLoss, shortFunnelLine } from './format.ts';
export { roundFunnel } from './funnel.ts';
export { lossQuery, stageQuery } from './links.ts';
export { type AnswerCounts, type ChainTally, type FunnelInput, RoundFunnel } from './model.ts';
