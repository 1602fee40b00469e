export { adviceText, funnelLine, lossesText, mainLoss, shortFunnelLine, stageName } from './format.ts';
export { roundFunnel } from './funnel.ts';
export { type AnswerCounts, type ChainTally, type FunnelInput, RoundFunnel } from './model.ts';
